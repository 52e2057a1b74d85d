"""Records read many at a time: by columns, so that nothing has to be done for each value of each.

A body is read so where it is written to a table; iter_decode() gives the same records one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, repeat
from typing import Any, NamedTuple

Place = tuple[int, dict[str, Any]]
"""A record, and the line on which it starts or its number."""

MOST = 1000
"""Records of a slice that is made of single ones."""


class Slice(NamedTuple):
    """Records with the same names that follow one another.

    names    in the order that the first of the records has them
    lines    on which the records start, or their numbers
    columns  the values of all records, name by name
    """

    names: tuple[str, ...]
    lines: Sequence[int]
    columns: Sequence[Sequence[Any]]

    def records(self) -> Iterator[Place]:
        """The records one by one."""
        rows: Iterable[tuple[Any, ...]] = zip(*self.columns, strict=True) if self.columns else repeat(())
        names = self.names
        return ((line, dict(zip(names, row, strict=True))) for line, row in zip(self.lines, rows, strict=False))

    def part(self, start: int, stop: int) -> Slice:
        """Some of them."""
        return Slice(self.names, self.lines[start:stop], [column[start:stop] for column in self.columns])


def by_columns(names: tuple[str, ...], rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[Slice]:
    """Rows of values for these names, in slices."""
    rows = iter(rows)
    while some := list(islice(rows, MOST)):
        yield Slice(names, [line for line, _ in some], list(zip(*(values for _, values in some), strict=True)))


def grouped(records: Iterable[Place]) -> Iterator[Slice]:
    """Single records in slices."""
    for names, run in groupby(records, lambda record: tuple(record[1])):
        yield from by_columns(names, ((line, tuple(record.values())) for line, record in run))
