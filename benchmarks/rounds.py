"""Two ways to do the same, timed against each other: in turn, in short blocks, in one process.

The speed of a shared machine drifts, so a time says little. Neighbours in time share the drift: each round times a
block of one and a block of the other and gives one ratio, and the median and quartiles of these are what is told.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles
from time import process_time_ns

Times = Callable[[int], object]
"""Does the thing as many times as it is told."""

ROUNDS = 25
BLOCK = 8_000_000
"""Nanoseconds that a block aims at; what takes longer is done once."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as fast ours is as theirs, round by round, and the seconds of CPU that each takes once."""

    rounds: tuple[float, ...]
    ours: float
    theirs: float

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def quartiles(self) -> tuple[float, float]:
        low, _, high = quantiles(self.rounds, n=4)
        return low, high


def compare(ours: Times, theirs: Times, rounds: int = ROUNDS, block: int = BLOCK) -> Ratio:
    """The ratio of theirs to ours by CPU time. Who goes first changes from round to round."""
    sizes = {contestant: _size(contestant, block) for contestant in (ours, theirs)}
    spent: dict[Times, list[float]] = {ours: [], theirs: []}
    order = [ours, theirs]
    gc.collect()
    for _ in range(rounds):
        for contestant in order:
            spent[contestant].append(seconds(contestant, sizes[contestant]))
        order.reverse()
    ratios = tuple(their / own for own, their in zip(spent[ours], spent[theirs], strict=True))
    return Ratio(ratios, median(spent[ours]), median(spent[theirs]))


def seconds(contestant: Times, times: int) -> float:
    """CPU seconds that one of so many times takes."""
    start = process_time_ns()
    contestant(times)
    return (process_time_ns() - start) / times / 1e9


def _size(contestant: Times, block: int) -> int:
    """How often a block does it. What is made at the first use is made here."""
    contestant(1)
    size, spent = 1, 0.0
    while spent * 1e9 < block / 2:
        size *= 2
        spent = seconds(contestant, size) * size
    return max(1, round(size * block / (spent * 1e9)))
