"""What each stage of an export costs, in µs of CPU a row: python -m benchmarks.stages [--save]

Reading is the table fetched by Python's sqlite3 and thrown away; writing is a format alone, of rows in memory;
answering is the application called in this process, which reads and writes; serving is its server asked by curl.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from statistics import median
from time import process_time
from typing import Any

from werkzeug.test import EnvironBuilder

from representations import DEFAULTS, HTML, Representation, Rows

from . import flights, results
from .contestants import MEDIATYPES, ours
from .exports import started

ROUNDS = 3
BATCH = 500
SQL = "SELECT * FROM flights"
"""What an export reads."""

TYPES = (int, float, str, bytes, type(None))
"""Of SQLite's values."""

HEAD = ("µs of CPU a row", "read", "written", "answered", "served")


def read(database: Any) -> list[list[tuple[Any, ...]]]:
    """All rows, in batches."""
    with closing(sqlite3.connect(database)) as connection:
        cursor = connection.execute(SQL)
        return list(iter(lambda: cursor.fetchmany(BATCH), []))


def drop(database: Any) -> None:
    with closing(sqlite3.connect(database)) as connection:
        cursor = connection.execute(SQL)
        while cursor.fetchmany(BATCH):
            pass


def write(format_: Representation, batches: list[list[tuple[Any, ...]]]) -> None:
    for _ in format_.iter_encode(Rows(flights.COLUMNS, batches, batched=True, types=TYPES)):
        pass


def application(database: Any) -> Any:
    """Ours, in this process, with the driver of the standard library."""
    os.environ["BENCHMARK_DATABASE"] = str(database)
    from .exporters import plain  # noqa: PLC0415 - it hides apsw from all that is imported after it

    return plain.create()


def answer(app: Any, path: str) -> None:
    statuses: list[str] = []
    chunks = app(EnvironBuilder(path).get_environ(), lambda status, *_: statuses.append(status))
    for _ in chunks:
        pass
    chunks.close()
    assert statuses == ["200 OK"], (path, statuses)


def spent(work: Callable[[], object]) -> float:
    """Median seconds of CPU of this process."""
    found = []
    for _ in range(ROUNDS):
        start = process_time()
        work()
        found.append(process_time() - start)
    return median(found)


def measure(rows: int) -> dict[str, dict[str, float]]:
    """µs of CPU a row, by format and stage."""
    database = flights.database(rows)
    batches, app = read(database), application(database)
    writers = {format_.mediatype: format_() for format_ in DEFAULTS} | {HTML.mediatype: HTML(page_size=None)}
    found = {}
    with started(ours, rows) as server:
        for format_, mediatype in MEDIATYPES.items():
            path, writer = ours.asks[format_].path, writers[mediatype]
            seconds = {
                "read": spent(lambda: drop(database)),
                "written": spent(lambda writer=writer: write(writer, batches)),
                "answered": spent(lambda path=path: answer(app, path)),
                "served": median(server.ask(path, {}, mediatype).cpu for _ in range(ROUNDS)),
            }
            found[format_] = {stage: one / rows * 1e6 for stage, one in seconds.items()}
            print(results.line(row(format_, found[format_])), flush=True)
    return found


def row(format_: str, found: Mapping[str, float]) -> tuple[str, ...]:
    return (format_, *(f"{microseconds:.2f}" for microseconds in found.values()))


def table(found: Mapping[str, Any]) -> str:
    """What was found, in Markdown."""
    return results.markdown(HEAD, [row(format_, one) for format_, one in found["stages"].items()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=flights.ROWS)
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    print(results.markdown(HEAD, []))
    found = measure(options.rows)
    if options.save:
        results.save("stages", rows=options.rows, stages=found)


if __name__ == "__main__":
    sys.exit(main())
