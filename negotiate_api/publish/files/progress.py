"""How far a load is: what load() calls, and a bar for a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Progress = Callable[[str, int, int, int], None]
"""Called with a phase, the bytes of the file done, all its bytes, and the rows done.

The phases are "comparing" (with what is loaded), "looking at" (its encoding), "reading" and "loading".
"""

WIDTH = 24

EVERY = 0.1
"""Seconds between two drawings."""


def silent(phase: str, done: int, size: int, rows: int) -> None:
    """Show nothing."""


@contextmanager
def bar(stream: TextIO, label: str = "", clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """A line that is drawn again and again, and gone at the end; nothing where stream is no terminal."""
    if not stream.isatty():
        yield silent
        return
    drawn, phase_of, began = -EVERY, "", clock()

    def show(phase: str, done: int, size: int, rows: int) -> None:
        nonlocal drawn, phase_of, began
        now = clock()
        if phase != phase_of:
            phase_of, began, drawn = phase, now, -EVERY
        if now - drawn >= EVERY or done >= size:
            drawn = now
            stream.write(f"\r\x1b[K{line(label, phase, min(1.0, done / max(size, 1)), rows, now - began)}")
            stream.flush()

    try:
        yield show
    finally:
        stream.write("\r\x1b[K")
        stream.flush()


def line(label: str, phase: str, share: float, rows: int, seconds: float) -> str:
    """cities: loading [########----]  50%  120,000 rows/s"""
    full = int(share * WIDTH)
    speed = f"  {rows / seconds:,.0f} rows/s" if seconds > 0 and rows else ""
    lead = f"{label}: {phase}" if label else phase.capitalize()
    return f"{lead} [{'#' * full}{'-' * (WIDTH - full)}] {share:4.0%}{speed}"
