"""What an export and a page cost as the table grows: python -m benchmarks.growth [--save]

Time per row, and memory above idle, of each format from a thousand rows to five million; and the time of a page of 25
rows, reached by the key of the row before it, from the first page to the hundred thousandth. It fails where these grow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from statistics import median
from typing import Any

from . import latency, results
from .contestants import MEDIATYPES, ours
from .exports import LEAST, started

SIZES = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
DEPTHS = (1, 10, 100, 1_000, 10_000, 100_000)
PAGE = 25
SECONDS, TURNS = 0.3, 10
"""For how long a page is asked for, and how often."""

SETTLED = 100_000
"""Rows from which on a row is to cost the same: before, an answer's own cost counts."""

SLACK = 1.25
"""How many times as much a row of the largest table may cost, and the deepest page."""

GROWN = 30
"""MB above idle that an export may take, however long."""


def exports(size: int, formats: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """Format, seconds of CPU, and MB above what was held before. A short export is repeated, as ticks are coarse."""
    times = max(1, min(30, SETTLED // size))
    with started(ours, size) as server:
        for format_ in formats:
            ask = ours.asks[format_]
            server.ask(f"{ask.path}?limit=10", {}, ask.mediatype)
            server.rest()
            spent = [server.ask(ask.path, {}, ask.mediatype, least=LEAST * size).cpu for _ in range(times)]
            yield format_, sum(spent) / times, server.grown


def pages(size: int, depths: Sequence[int]) -> Iterator[tuple[int, float]]:
    """The number of a page, and the median of its seconds. All pages take turns."""
    found: dict[int, list[float]] = {depth: [] for depth in depths}
    with started(ours, size) as server:
        for _, depth in product(range(TURNS), depths):
            url = f"{server.url}/flights.json?limit={PAGE}&after={(depth - 1) * PAGE}"
            found[depth] += [one for one in latency.requests(url, SECONDS) if one is not None]
    for depth, seconds in found.items():
        yield depth, median(seconds)


def missed(found: Mapping[str, Any]) -> list[str]:
    """What grows and should not."""
    grown = []
    for format_, by_size in found["exports"].items():
        settled = [seconds / int(size) for size, (seconds, _) in by_size.items() if int(size) >= SETTLED]
        if settled and settled[-1] > SLACK * settled[0]:
            grown.append(f"a row of {format_} takes {settled[-1] / settled[0]:.2f} times as long in the largest table")
        most = max(mb for _, mb in by_size.values())
        grown += [f"{format_} takes {most:.0f} MB"] if most > GROWN else []
    first, *_, last = found["pages"].values()
    return [*grown, f"the deepest page takes {last / first:.2f} times as long"] if last > SLACK * first else grown


def table(found: Mapping[str, Any]) -> str:
    """What was found, in Markdown."""
    sizes = list(next(iter(found["exports"].values())))
    head = ("µs of CPU a row (MB above idle)", *(f"{int(size):,} rows" for size in sizes))
    rows = [
        (format_, *(f"{seconds / int(size) * 1e6:.2f} ({mb:.0f})" for size, (seconds, mb) in by_size.items()))
        for format_, by_size in found["exports"].items()
    ]
    depths = ("page", *(f"{int(depth):,}" for depth in found["pages"]))
    times = (f"ms a page of {PAGE} rows", *(f"{seconds * 1000:.1f}" for seconds in found["pages"].values()))
    return f"{results.markdown(head, rows)}\n\n{results.markdown(depths, [times])}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=SIZES[-1], help="the largest table")
    parser.add_argument("--only", choices=MEDIATYPES, help="one of the formats")
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    formats = [options.only] if options.only else list(MEDIATYPES)
    found: dict[str, Any] = {"exports": {format_: {} for format_ in formats}, "pages": {}}
    sizes = [size for size in SIZES if size <= options.rows]
    for size in sizes:
        for format_, seconds, mb in exports(size, formats):
            found["exports"][format_][str(size)] = (seconds, mb)
            print(f"{size:>9,} {format_:<11} {seconds / size * 1e6:6.2f} µs of CPU a row, {mb:.0f} MB", flush=True)
    for depth, seconds in pages(sizes[-1], [depth for depth in DEPTHS if depth * PAGE <= sizes[-1]]):
        found["pages"][str(depth)] = seconds
    print(f"\n{table(found)}\n\nGrows: {'; '.join(missed(found)) or 'nothing'}")
    if options.save:
        results.save("growth", **found)
    return int(bool(missed(found)))


if __name__ == "__main__":
    sys.exit(main())
