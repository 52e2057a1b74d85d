"""The tables of exports and of small requests, of one run: make bench. It fails where a target is missed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

from . import accept, database, exports, flights, marshalling, peers, requests, results, served
from .contestants import SERVERS
from .table import HEAD, Case, row, show

MARSHALLED = 1000


class Tee(StringIO):
    """What is printed, shown as it comes, and kept."""

    def write(self, text: str) -> int:
        if sys.__stdout__:
            sys.__stdout__.write(text)
            sys.__stdout__.flush()
        return super().write(text)


def cases() -> Iterator[Case]:
    """All small requests that are measured in process."""
    for module in (requests, database, peers, accept):
        yield from module.cases()


def show_marshalling() -> int:
    """Measures and prints; how many targets were missed."""
    dicts = [marshalling.person(number) for number in range(MARSHALLED)]
    kinds = {"dicts": dicts, "objects": [marshalling.as_object(record) for record in dicts]}
    return sum(
        row(f"marshal, 1,000 {kind} / Flask-RESTful", marshalling.measured(data, marshalling.PLAIN), target=8)
        for kind, data in kinds.items()
    )


def show_requests(only: str, save: bool) -> int:
    """Measures and prints small requests; how many targets were missed."""
    chosen = [case for case in cases() if only.lower() in case.name.lower()]
    if not chosen:
        return 0
    print(f"\n{HEAD}")
    with redirect_stdout(Tee()) as printed:
        missed = show(chosen) + (0 if only else show_marshalling() + served.show())
    if save:
        results.save("requests", lines=printed.getvalue().splitlines())
    return missed


def listed() -> str:
    """The names that --only knows."""
    names = [f"{format_}: {one.name}" for one in SERVERS for format_ in one.asks]
    return "\n".join([*names, *(case.name for case in cases())])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds, and of slow peers one row in twenty at most")
    parser.add_argument("--only", metavar="TEXT", default="", help="what has this in its name")
    parser.add_argument("--part", choices=("exports", "requests"), help="one of the two tables")
    parser.add_argument("--rounds", type=int, default=5, help="of the exports that take no longer than some seconds")
    parser.add_argument("--rows", type=int, default=flights.ROWS, help="of the exports")
    parser.add_argument("--list", action="store_true", help="show the names of all that is measured")
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    if options.list:
        print(listed())
        return 0
    print(f"{results.machine()}, load {os.getloadavg()[0]:.1f}\n{results.versions()}\n")
    how = exports.Run(options.rows, 2 if options.quick else options.rounds, options.quick)
    missed = exports.show(how, options.only, options.save) if options.part != "requests" else 0
    missed += show_requests(options.only, options.save) if options.part != "exports" else 0
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
