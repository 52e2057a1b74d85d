"""Peak memory of a process that streams a large table, format by format: python -m benchmarks.memory [--rows N]

Every format runs in a process of its own, which makes the rows one by one, writes them and throws the bytes away. Idle
is what the process holds before the first row, peak the most it ever held (VmHWM of /proc/self/status, Linux only).
The requirement is a peak below LIMIT. It prints a table in Markdown, and fails where a format needs more.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from representations import DEFAULTS, Representation, Rows

LIMIT = 100
"""Megabytes (of 10^6 bytes) that a process may hold."""

COLUMNS = ("id", "name", "email", "city", "balance", "rate", "active", "born", "seen", "note")
ROOT = Path(__file__).parent.parent


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    """count rows of ten columns and seven types, no two alike."""
    born, seen = date(1950, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)
    for n in range(count):
        yield (
            n,
            f"Person {n}",
            f"person.{n}@example.org",
            "Åsgårdstrand" if n % 3 else 'São Paulo, <Centro> & "Sé"',
            Decimal(n) / 100,
            n / 7,
            n % 2 == 0,
            born + timedelta(days=n % 20_000),
            seen + timedelta(seconds=n),
            None if n % 5 else "a note\nof two lines",
        )


def memory(field: str) -> float:
    """VmRSS, what this process holds now, or VmHWM, the most it ever held, in MB."""
    status = Path("/proc/self/status").read_text()
    match = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    assert match
    return int(match[1]) * 1024 / 1e6


def measure(representation: Representation, count: int, counted: bool) -> dict[str, float]:
    """Streams count rows; counted tells the format how many there are."""
    sum(map(len, representation.iter_encode(Rows(COLUMNS, rows(10)))))  # what is loaded at first use is idle memory
    idle, start = memory("VmRSS"), time.perf_counter()
    table = Rows(COLUMNS, rows(count), count=count if counted else None)
    size = sum(map(len, representation.iter_encode(table)))
    return {"size": size / 1e6, "seconds": time.perf_counter() - start, "idle": idle, "peak": memory("VmHWM")}


def in_fresh_process(suffix: str, count: int, counted: bool) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.memory", "--rows", str(count), "--only", suffix]
    done = subprocess.run([*command, *["--counted"] * counted], cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", metavar="SUFFIX", help="measure one format, in this process, and print JSON")
    parser.add_argument("--counted", action="store_true", help="with --only: tell the format how many rows there are")
    options = parser.parse_args()
    formats = {format_.suffixes[0]: format_ for format_ in DEFAULTS}
    if options.only:
        print(json.dumps(measure(formats[options.only](), options.rows, options.counted)))
        return 0
    print(f"{options.rows:,} rows of {len(COLUMNS)} columns, MB of 10^6 bytes\n")
    print("| format | output MB | seconds | idle MB | peak MB | above idle MB |")
    print("|---|--:|--:|--:|--:|--:|")
    peaks = []
    for suffix, format_ in formats.items():
        for counted in (False, True) if suffix == "msgpack" else (False,):
            found = in_fresh_process(suffix, options.rows, counted)
            name = format_.__name__ + (", rows counted" if counted else "")
            figures = (found["size"], found["seconds"], found["idle"], found["peak"], found["peak"] - found["idle"])
            print(f"| {name} | {' | '.join(f'{figure:.1f}' for figure in figures)} |", flush=True)
            peaks.append(found["peak"])
    return int(max(peaks) >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
