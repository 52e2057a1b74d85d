"""The table of ratios, a row printed as it is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .rounds import Ratio, Times, compare

HEAD = """\
| ours / theirs | times as fast | quartiles | ours µs | theirs µs | target |
|---|--:|--:|--:|--:|---|"""


@dataclass(frozen=True, slots=True)
class Case:
    """Ours and theirs, named "ours / theirs".

    target  the least number of times that ours is to be as fast
    limit   the most microseconds that ours is to take
    """

    name: str
    ours: Times
    theirs: Times
    target: float | None = None
    limit: float | None = None

    @property
    def ratio(self) -> Ratio:
        """Measured anew."""
        return compare(self.ours, self.theirs)


def show(cases: Iterable[Case]) -> int:
    """Measures and prints; how many cases missed their target."""
    return sum(row(case.name, case.ratio, case.target, case.limit) for case in cases)


def row(name: str, ratio: Ratio, target: float | None = None, limit: float | None = None) -> bool:
    """Prints a row; whether a target was missed."""
    too_slow = target is not None and ratio.median < target
    too_long = limit is not None and ratio.ours * 1e6 > limit
    aims = [f"≥ {target:g}" if target else "", f"≤ {limit:g} µs" if limit else "", "missed" * (too_slow or too_long)]
    low, high = ratio.quartiles
    figures = f"{ratio.median:.2f} | {low:.2f}–{high:.2f} | {ratio.ours * 1e6:.1f} | {ratio.theirs * 1e6:.1f}"
    print(f"| {name} | {figures} | {' '.join(filter(None, aims))} |", flush=True)
    return too_slow or too_long
