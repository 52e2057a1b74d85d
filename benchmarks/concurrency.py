"""Exports at the same time, and small requests beside them: python -m benchmarks.concurrency [--save]

The server is run.py's with as many workers as it has by default. Clients fetch the table in JSON without a pause, while
one asks for one row after the other. It fails where a hundredth of these waits ten times as long as it does idle.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from . import flights, latency, results
from .contestants import ours
from .processes import Server, serving

AT_ONCE = (1, 2, 4, 8, 32)
ROWS = 100_000
SECONDS = 8.0
MOST = 10
"""How many times of its idle value the p99 of a small request may be."""

WORKERS = min(2, os.cpu_count() or 1)
HEAD = ("exports at once", "1,000 rows/s", "503", "a row: p50 ms", "p99 ms", "× idle", "MB above idle")


def fetch(url: str, over: Event) -> list[str]:
    """Fetches until it is over; the statuses. Who is refused waits a moment."""
    line = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", url]
    statuses = []
    while not over.is_set():
        statuses.append(subprocess.run(line, capture_output=True, text=True, check=False).stdout)
        over.wait(0.2 if statuses[-1] == "503" else 0)
    return statuses


def measure(server: Server, at_once: int, seconds: float) -> dict[str, float]:
    """Rows a second, refusals, and percentiles of a small request, while so many fetch."""
    over = Event()
    server.rest()
    with ThreadPoolExecutor(max(1, at_once)) as pool:
        start = time.monotonic()
        fetching = [pool.submit(fetch, f"{server.url}/flights.json", over) for _ in range(at_once)]
        found = [one for one in latency.requests(f"{server.url}/flights/77.json", seconds) if one is not None]
        over.set()
        statuses = [status for one in fetching for status in one.result()]
        wall = time.monotonic() - start
    return {
        "rows": statuses.count("200") * ROWS / wall,
        "refused": statuses.count("503"),
        "failed": len(statuses) - statuses.count("200") - statuses.count("503"),
        "p50": latency.percentile(found, 50),
        "p99": latency.percentile(found, 99),
        "grown": server.grown,
    }


def row(at_once: str, found: Mapping[str, float], idle: float) -> tuple[str, ...]:
    refused = f"{found['refused']:.0f}{', {:.0f} failed'.format(found['failed']) if found['failed'] else ''}"
    times = (f"{found['p50'] * 1000:.1f}", f"{found['p99'] * 1000:.1f}", f"{found['p99'] / idle:.1f}")
    return (at_once, f"{found['rows'] / 1000:.0f}", refused, *times, f"{found['grown']:.0f}")


def table(found: Mapping[str, Any]) -> str:
    """What was found, in Markdown."""
    by_number = found["at once"]
    return results.markdown(HEAD, [row(number, one, by_number["0"]["p99"]) for number, one in by_number.items()])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each row")
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    database = flights.database(ROWS)
    command = (*ours.command, str(WORKERS))
    print(results.markdown(HEAD, []))
    found: dict[str, dict[str, float]] = {}
    with serving(command, BENCHMARK_DATABASE=str(database)) as server:
        server.ask("/flights.json", {}, "application/json")
        for number in (0, *AT_ONCE):
            found[str(number)] = measure(server, number, options.seconds)
            print(results.line(row(str(number), found[str(number)], found["0"]["p99"])), flush=True)
    if options.save:
        results.save("concurrency", **{"at once": found, "workers": WORKERS})
    most = max(one["p99"] for one in found.values())
    return int(most > MOST * found["0"]["p99"])


if __name__ == "__main__":
    sys.exit(main())
