"""CSV (RFC 4180) and TSV, for spreadsheets and data tools.

The first line names the columns, also where there are no rows. null is an empty field, empty text is "" (in a table of
one column, where an empty line would be lost, both are ""). true and false, integers with every digit, floats as JSON
writes them, NaN as null; all else is written as data.py says, nested values as table.py says. Lines end in CRLF. Read
back, every value is text or null; of a table with one column, blank lines are passed over.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterator
from functools import partial
from typing import Any, BinaryIO, ClassVar

from . import csv_records
from .base import LONGEST_RECORD, Malformed, Representation, chunked, sliced
from .csv_body import Reader
from .csv_lines import Writer
from .csv_records import Uneven
from .data import MAX_VALUES, REPLACE, TOO_MANY
from .json import BOM
from .metadata import PLAIN, Metadata
from .rows import Record, Rows
from .slices import Slice
from .structs import ATOMS
from .table import MAX_NESTED, flat, named, spread, table

SLICE = 1000
"""Rows of a list that are written together, so that little beside them and their lines is in memory."""


class CSV(Representation):
    """CSV. delimiter is one character that no number has in it, and no letter."""

    mediatype: ClassVar[str] = "text/csv"
    aliases: ClassVar[tuple[str, ...]] = ("application/csv", "text/comma-separated-values")
    suffixes: ClassVar[tuple[str, ...]] = ("csv",)
    charset = "utf-8"
    tabular = True
    delimiter = ","

    def __init__(self, delimiter: str | None = None) -> None:
        self.delimiter = delimiter or self.delimiter
        self._writer = Writer(self.delimiter)
        self._reader = Reader(self.delimiter)

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        if isinstance(data, Record):
            return b"".join(self.iter_encode(data.rows(), meta))
        columns, rows, *types = flat(data) or table(data)
        known = bool(types) and ATOMS.issuperset(*types)
        lines = partial(self._writer.lines, known=known)
        return b"".join([self._header(columns), *map(lines, sliced(rows, SLICE))])

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        paths, cells = spread(rows)
        if header := self._header(named(paths, rows.nested is not None)):
            yield header
        known = rows.types is not None and ATOMS.issuperset(rows.types) and not rows.nested
        values = map(cells, rows.tuples()) if rows.nested else rows.tuples()
        yield from chunked(values, partial(self._writer.lines, known=known))

    def decode(self, body: bytes) -> list[dict[str, Any]]:
        lines = self._reader.records(io.BytesIO(body), len(body), len(body))
        width, record, mappings = csv_records.headed(next(lines, (1, [])))
        records: list[dict[str, Any]] = []
        for line, values in csv_records.even(lines, width):
            if width * (len(records) + 2) > MAX_VALUES:
                raise Malformed(f"line {line}: {TOO_MANY}")
            if mappings * len(records) > MAX_NESTED:
                raise Malformed(f"line {line}: more than {MAX_NESTED} nested values")
            records.append(record(values))
        return records

    def iter_decode(
        self, file: BinaryIO, uneven: Uneven | None = None, known: Container[str] = ()
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Raises Malformed also where there is no header.

        known   names of columns in which a dot is no path
        uneven  is told the line of a row that has more or fewer fields than the header, how many, and how many that
                has; the row is passed over. Without it such a row is Malformed.
        """
        lines = self._reader.records(file, LONGEST_RECORD)
        width, record, _ = csv_records.headed(csv_records.first(lines), known, csv_records.MAX_MAPPINGS)
        for line, values in csv_records.even(lines, width, uneven):
            yield line, record(values)

    def iter_slices(self, file: BinaryIO, uneven: Uneven | None = None, known: Container[str] = ()) -> Iterator[Slice]:
        """The same records, many at a time."""
        return csv_records.in_slices(self._reader, file, uneven, known)

    def columns(self, file: BinaryIO, known: Container[str] = ()) -> tuple[str, ...]:
        """known is as for iter_decode(). As that does, it raises Malformed where there is no header."""
        header = csv_records.first(self._reader.records(file, LONGEST_RECORD))
        csv_records.headed(header, known)
        return csv_records.names(header, known)

    def _header(self, columns: tuple[str, ...]) -> bytes:
        if not columns:
            return b""
        line = self._writer.lines([columns], known=True)
        if line.startswith(BOM):  # which would be taken for the file's
            first = columns[0].encode("utf-8", REPLACE)
            return b'"' + first + b'"' + line.removeprefix(first)
        return line


class TSV(CSV):
    """Tab-separated values, with CSV's quoting."""

    mediatype = "text/tab-separated-values"
    aliases: ClassVar[tuple[str, ...]] = ("text/tsv",)
    suffixes = ("tsv", "tab")
    delimiter = "\t"
