"""Lines of CSV as records: what a header makes of the fields of each line, one by one or many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator
from itertools import chain
from typing import Any, BinaryIO

from .base import LONGEST_RECORD, Malformed
from .csv_body import BLOCK, Reader, Unquoted
from .csv_body import Record as Line
from .slices import Slice, by_columns, grouped
from .table import MAX_NESTED, nested, path

MAX_MAPPINGS = 10_000
"""Mappings nested in one record of a stream, so that it takes little memory."""

Uneven = Callable[[int, int, int], object]
"""Is told of a row: its line, its fields, and those of the header."""

Known = Container[str]
"""Names of columns in which a dot is no path."""

Fields = list[str | None]


def in_slices(
    reader: Reader, file: BinaryIO, uneven: Uneven | None = None, known: Known = (), block: int = BLOCK
) -> Iterator[Slice]:
    """The records of a file, many at a time. Raises Malformed."""
    runs = reader.runs(file, LONGEST_RECORD, block)
    start = next(filter(None, map(list, map(reader.of, runs))), [])
    header = first(iter(start))
    width, record, mappings = headed(header, known, MAX_MAPPINGS)
    own = names(header, known)
    is_flat = len(own) == width and not mappings
    for run in chain((start[1:],), runs):
        columns = reader.columns(run, width) if is_flat and isinstance(run, Unquoted) else None
        if columns and isinstance(run, Unquoted):
            yield Slice(own, range(run.line, run.line + run.lines), columns)
            continue
        rows = even(reader.of(run), width, uneven)
        yield from by_columns(own, rows) if is_flat else grouped((line, record(values)) for line, values in rows)


def first(lines: Iterator[Line]) -> Line:
    """The header. Raises Malformed where there is none."""
    header = next(lines, None)
    if header is None:
        raise Malformed("no header: the first line names the columns")
    return header


def headed(
    header: Line, known: Known = (), most: int = MAX_NESTED
) -> tuple[int, Callable[[Fields], dict[str, Any]], int]:
    """How many columns there are, what makes a record of as many values, and the mappings nested in that.

    Raises Malformed, also at more than most of these.
    """
    line, values = header
    columns = [name or "" for name in values]
    if len(set(columns)) != len(columns):
        raise Malformed(f"line {line}: the column {Counter(columns).most_common(1)[0][0]!r} is there twice")
    record, mappings = nested(columns, known)
    if mappings > most:
        raise Malformed(f"the columns nest more than {most} values in a record")
    return len(columns), record, mappings


def names(header: Line, known: Known) -> tuple[str, ...]:
    """The names in each record."""
    return tuple(dict.fromkeys(path(name or "", known)[0] for name in header[1]))


def even(lines: Iterator[Line], width: int, uneven: Uneven | None = None) -> Iterator[Line]:
    """The lines that have so many fields; uneven is told of the others. Raises Malformed where it is None."""
    for line, values in lines:
        if len(values) == width:
            yield line, values
        elif uneven:
            uneven(line, len(values), width)
        else:
            raise Malformed(f"line {line} has {len(values)} fields, the header has {width}")
