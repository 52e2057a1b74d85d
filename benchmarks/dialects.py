"""The same exports from PostgreSQL and MariaDB, beside their own programs: python -m benchmarks.dialects [--save]

The limit is what psql's \\copy, as CSV, and `mariadb --batch --quick` take to write the table to /dev/null. The servers
of the tests are started, filled and ended. Rounds alternate; figures are medians. The CPU is that of our server, or of
the program: what the database spends is in the seconds alone.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from statistics import median
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, make_url

from negotiate_api.publish.databases import engines
from tests import databases

from . import flights, results
from .contestants import MEDIATYPES, ours
from .processes import run, serving

ROUNDS = 3
BATCH = 5_000
HEAD = ("export", "seconds", "CPU", "times of the database's program", "first byte ms", "MB above idle")


def psql(url: str) -> list[str]:
    """The program that came with the server, else one that is installed."""
    own = databases.packages() / databases.PostgreSQL.folder / "bin" / "psql"
    given = make_url(url)
    line = [str(own if own.exists() else shutil.which("psql")), "--no-psqlrc", "--host", str(given.query["host"])]
    copy = r"\copy flights to stdout (format csv, header)"
    return [*line, "--username", str(given.username), "--dbname", str(given.database), "--command", copy]


def mariadb(url: str) -> list[str]:
    given = make_url(url)
    socket = f"--socket={given.query['unix_socket']}"
    line = ["mariadb", "--no-defaults", "--batch", "--quick", socket, f"--user={given.username}"]
    return [*line, "--execute=SELECT * FROM flights", str(given.database)]


SERVERS = {
    "PostgreSQL": (databases.PostgreSQL, psql, r"psql \copy"),
    "MariaDB": (databases.MariaDB, mariadb, "mariadb --batch"),
}


@contextmanager
def filled(name: str, rows: int) -> Iterator[str]:
    """The URL of a database of so many flights."""
    server = SERVERS[name][0]()
    try:
        url = server.fresh("flights")
        fill(url, rows)
        yield url
    finally:
        server.stop()


def fill(url: str, rows: int) -> None:
    columns = [Column(one, String(30) if one in flights.TEXT else Integer) for one in flights.COLUMNS[1:]]
    table = Table("flights", MetaData(), Column("id", Integer, primary_key=True), *columns)
    source = create_engine(f"sqlite:///{flights.database(rows)}")
    target = create_engine(engines.url_of(url))
    with source.connect() as reading, target.begin() as writing:
        table.create(writing)
        read = reading.execution_options(stream_results=True).execute(table.select()).mappings()
        while batch := [dict(row) for row in islice(read, BATCH)]:
            writing.execute(table.insert(), batch)
    source.dispose()
    target.dispose()


def measure(name: str, rows: int, rounds: int) -> Iterator[dict[str, Any]]:
    """The limit, and each format."""
    _, program, title = SERVERS[name]
    with filled(name, rows) as url, serving(ours.command, BENCHMARK_DATABASE=url) as server:
        line = program(url)
        run(line)
        for format_, mediatype in MEDIATYPES.items():
            path = ours.asks[format_].path
            server.ask(f"{path}?limit=10", {}, mediatype)
            server.rest()
            pairs = [(run(line), server.ask(path, {}, mediatype)) for _ in range(rounds)]
            if format_ == "CSV":
                limit = {key: median(getattr(one, key) for one, _ in pairs) for key in ("wall", "cpu")}
                yield {"name": f"{name}: {title}", **limit}
            figures = {key: median(getattr(mine, key) for _, mine in pairs) for key in ("wall", "cpu", "first")}
            ratio = median(mine.wall / limit.wall for limit, mine in pairs)
            yield {"name": f"{name}: {format_}", **figures, "ratio": ratio, "grown": server.grown}


def row(found: Mapping[str, Any]) -> tuple[str, ...]:
    times = (found["name"], f"{found['wall']:.2f}", f"{found['cpu']:.2f}", f"{found.get('ratio', 1):.2f}")
    return (*times, f"{found['first'] * 1000:.0f}", f"{found['grown']:.0f}") if "first" in found else (*times, "", "")


def table(found: Mapping[str, Any]) -> str:
    """What was found, in Markdown."""
    return results.markdown(HEAD, [row(one) for one in found["exports"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SERVERS, help="one of the databases")
    parser.add_argument("--rows", type=int, default=flights.ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    print(results.markdown(HEAD, []))
    found = []
    for name in [options.only] if options.only else SERVERS:
        for one in measure(name, options.rows, options.rounds):
            found.append(one)
            print(results.line(row(one)), flush=True)
    if options.save:
        versions = {name: server.version() for name, (server, _, _) in SERVERS.items()}
        results.save("dialects", versions=versions, rows=options.rows, exports=found)


if __name__ == "__main__":
    sys.exit(main())
