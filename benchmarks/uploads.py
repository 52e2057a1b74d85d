"""Uploads to run.py's server beside .import of the sqlite3 shell: python -m benchmarks.uploads [--rows N] [--save]

CSV and NDJSON of the same rows are sent to the same empty table that the shell imports the CSV into, each in a database
of its own in WAL mode. All take turns, and medians are told. The shell checks nothing and makes numbers of text as
SQLite does; the service answers for each value, and in one transaction too. Memory is what the worker held at most
above what it held idle.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from flask import Flask

from negotiate_api import Api
from negotiate_api.publish import publish

from . import flights, results
from .processes import Answer, NotAnswered, Server, run, serving

SERVER = (sys.executable, "-m", "benchmarks.exporters.ours", "{port}", "benchmarks.uploads:create()")
FORMATS = {"CSV": ("csv", "text/csv"), "NDJSON": ("ndjson", "application/x-ndjson")}
THINGS = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number REAL, day DATE, note TEXT)"
HEAD = ("rows and how", "seconds", "CPU seconds", "rows/s", "seconds / .import", "CPU / .import", "MB above idle")


class Table(NamedTuple):
    """A table to be filled."""

    name: str
    create: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


def create() -> Flask:
    """The application: BENCHMARK_DATABASE, which may be written."""
    app, tables = Flask("uploads"), ("things", "flights")
    publish(Api(app), f"sqlite:///{os.environ['BENCHMARK_DATABASE']}", prefix="/", writable=tables)
    return app


def tables(count: int) -> Iterator[Table]:
    """Five columns made up, and the twenty of flights."""
    yield Table("things", THINGS, ("id", "name", "number", "day", "note"), things(count))
    with closing(sqlite3.connect(flights.database(min(count, flights.ROWS)))) as connection:
        found = connection.execute("SELECT * FROM flights LIMIT ?", (count,))
        (schema,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'flights'").fetchone()
        yield Table("flights", schema, [name for name, *_ in found.description], found)


def things(count: int) -> Iterator[tuple[Any, ...]]:
    """Rows of whole numbers, text, fractions and dates; the same in each run."""
    chance = random.Random(1)
    for number in range(1, count + 1):
        day = f"{2000 + number % 24}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        yield number, f"Name {number}", round(chance.random() * 1000, 2), day, f"note {chance.random():.8f}"


def prepare(folder: Path, count: int) -> dict[str, int]:
    """Write the bodies and two empty databases into a folder; how many rows there are by table."""
    rows = {}
    for table in tables(count):
        for name in ("ours", "shell"):
            with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(table.create)
        rows[table.name] = _write(folder, table)
    return rows


def _write(folder: Path, table: Table) -> int:
    path, count = folder / table.name, 0
    with path.with_suffix(".csv").open("w", newline="") as text, path.with_suffix(".ndjson").open("w") as lines:
        writer = csv.writer(text)
        writer.writerow(table.columns)
        for count, row in enumerate(table.rows, 1):  # noqa: B007 - how many there were
            writer.writerow(row)
            lines.write(json.dumps(dict(zip(table.columns, row, strict=True))) + "\n")
    return count


def empty(database: Path, table: str, rows: int | None = None) -> None:
    """Remove the rows of a table, which are so many. Raises NotAnswered."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        connection.execute(f"DELETE FROM {table}")
    if rows not in (None, count):
        raise NotAnswered(f"{table} has {count} rows of {rows}")


def send(server: Server, path: Path, mediatype: str) -> Answer:
    """A file as the body of a POST to the table of its name. Raises NotAnswered."""
    line = ["curl", "--fail", "--silent", "--show-error", "--request", "POST", "--upload-file", str(path)]
    before = server.spent
    answer = run([*line, "--header", f"Content-Type: {mediatype}", f"{server.url}/{path.stem}"])
    return Answer(answer.wall, server.spent - before)


def import_(folder: Path, table: str) -> Answer:
    """The shell's way. Raises NotAnswered."""
    source = f".import --csv --skip 1 {folder / table}.csv {table}"
    return run(["sqlite3", str(folder / "shell.db"), "PRAGMA synchronous = FULL", source])


def measured(server: Server, folder: Path, table: str, rows: int, rounds: int) -> dict[str, list[Answer]]:
    """What each of the ways took, round by round."""
    found: dict[str, list[Answer]] = {name: [] for name in (".import", *FORMATS)}
    for _ in range(rounds):
        found[".import"].append(import_(folder, table))
        empty(folder / "shell.db", table, rows)
        for name, (suffix, mediatype) in FORMATS.items():
            server.rest()
            answer = send(server, folder / f"{table}.{suffix}", mediatype)
            found[name].append(Answer(answer.wall, answer.cpu, size=int(server.grown)))
            empty(folder / "ours.db", table, rows)
    return found


def told(table: str, rows: int, found: dict[str, list[Answer]]) -> Iterator[tuple[str, ...]]:
    """The lines of a table."""
    shell = found[".import"]
    for name, answers in found.items():
        wall, cpu = median(answer.wall for answer in answers), median(answer.cpu for answer in answers)
        ratios = (median(one.wall / other.wall for one, other in zip(answers, shell, strict=True)),)
        ratios += (median(one.cpu / other.cpu for one, other in zip(answers, shell, strict=True)),)
        grown = f"{max(answer.size for answer in answers)}" if name in FORMATS else ""
        figures = (f"{wall:.2f}", f"{cpu:.2f}", f"{rows / wall:,.0f}", *(f"{ratio:.2f}" for ratio in ratios), grown)
        yield (f"{rows:,} of {table}, {name}", *figures)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    if not (shutil.which("sqlite3") and shutil.which("curl")):
        raise SystemExit("sqlite3 and curl are needed, from Debian's packages of these names")
    lines: list[tuple[str, ...]] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        counts = prepare(folder, options.rows)
        with serving(SERVER, BENCHMARK_DATABASE=str(folder / "ours.db")) as server:
            for table, rows in counts.items():
                lines += told(table, rows, measured(server, folder, table, rows, options.rounds))
    print(results.markdown(HEAD, lines))
    if options.save:
        results.save("uploads", head=HEAD, lines=lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
