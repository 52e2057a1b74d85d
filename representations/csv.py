"""CSV (RFC 4180) and TSV, for spreadsheets and data tools.

The first line names the columns, also where there are no rows. null is an empty field, empty text is "" (in a table of
one column, where an empty line would be lost, both are ""). true and false, numbers with every digit, NaN as null; all
else is written as data.py says, nested values as table.py says. Lines end in CRLF. Read back, every value is text or
null; of a table with one column, blank lines are passed over.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO, ClassVar

from .base import LONGEST_RECORD, Malformed, Representation, chunked
from .csv_body import Reader
from .csv_body import Record as Line
from .data import MAX_VALUES, REPLACE, TOO_MANY, text
from .json import BOM
from .metadata import PLAIN, Metadata
from .rows import Record, Row, Rows
from .table import MAX_NESTED, cell_text, named, nested, path, spread, table, written

MAX_MAPPINGS = 10_000
"""Mappings nested in one record of a stream, so that it takes little memory."""


Uneven = Callable[[int, int, int], object]
"""Is told of a row: its line, its fields, and those of the header."""


class CSV(Representation):
    """CSV. delimiter is one character."""

    mediatype: ClassVar[str] = "text/csv"
    aliases: ClassVar[tuple[str, ...]] = ("application/csv", "text/comma-separated-values")
    suffixes: ClassVar[tuple[str, ...]] = ("csv",)
    charset = "utf-8"
    tabular = True
    delimiter = ","

    def __init__(self, delimiter: str | None = None) -> None:
        self.delimiter = delimiter or self.delimiter
        self._special = frozenset(f'"\r\n{self.delimiter}')
        self._reader = Reader(self.delimiter)

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        if isinstance(data, Record):
            return b"".join(self.iter_encode(data.rows(), meta))
        columns, rows = table(data)
        return b"".join(self._table(columns, iter(rows)))

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        paths, cells = spread(rows)
        names = named(paths, rows.nested is not None)
        return self._table(names, map(cells, rows.tuples()) if rows.nested else rows.tuples())

    def decode(self, body: bytes) -> list[dict[str, Any]]:
        lines = self._reader.records(io.BytesIO(body), len(body), len(body))
        width, record, mappings = _header(next(lines, (1, [])))
        records: list[dict[str, Any]] = []
        for line, values in _even(lines, width):
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
        width, record, mappings = _header(_first(lines), known)
        if mappings > MAX_MAPPINGS:
            raise Malformed(f"the columns nest more than {MAX_MAPPINGS} values in a record")
        for line, values in _even(lines, width, uneven):
            yield line, record(values)

    def columns(self, file: BinaryIO, known: Container[str] = ()) -> tuple[str, ...]:
        """known is as for iter_decode(). As that does, it raises Malformed where there is no header."""
        header = _first(self._reader.records(file, LONGEST_RECORD))
        _header(header, known)
        return tuple(dict.fromkeys(path(name or "", known)[0] for name in header[1]))

    def _table(self, header: tuple[str, ...], rows: Iterator[Row]) -> Iterator[bytes]:
        if header:
            line = self._lines([header])
            yield self._quoted(header).encode("utf-8", REPLACE) if line.startswith(BOM) else line
        yield from chunked(rows, self._lines)

    def _lines(self, rows: list[Row]) -> bytes:
        cells = list(written(rows, cell_text))
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=self.delimiter)
        try:
            for ordinary, run in groupby(cells, lambda row: "" not in row):
                if ordinary:
                    writer.writerows(run)
                else:
                    buffer.writelines(map(self._quoted, run))
        except ValueError:  # an integer that str() refuses
            return self._lines([tuple(map(_digits, row)) for row in cells])
        return buffer.getvalue().encode("utf-8", REPLACE)

    def _quoted(self, row: Iterable[Any]) -> str:
        """A row in which empty text is told from null, and a first heading from a byte order mark."""
        return self.delimiter.join(map(self._cell, row)) + "\r\n"

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        written = text(value)
        special = not written or written[0] == "\ufeff" or not self._special.isdisjoint(written)
        return '"' + written.replace('"', '""') + '"' if special else written


class TSV(CSV):
    """Tab-separated values, with CSV's quoting."""

    mediatype = "text/tab-separated-values"
    aliases: ClassVar[tuple[str, ...]] = ("text/tsv",)
    suffixes = ("tsv", "tab")
    delimiter = "\t"


def _digits(value: Any) -> Any:
    return text(value) if type(value) is int else value


def _first(lines: Iterator[Line]) -> Line:
    header = next(lines, None)
    if header is None:
        raise Malformed("no header: the first line names the columns")
    return header


def _header(header: Line, known: Container[str] = ()) -> tuple[int, Callable[[list[str | None]], dict[str, Any]], int]:
    """How many columns there are, what makes a record of as many values, and the mappings nested in that."""
    line, values = header
    columns = [name or "" for name in values]
    if len(set(columns)) != len(columns):
        raise Malformed(f"line {line}: the column {Counter(columns).most_common(1)[0][0]!r} is there twice")
    record, mappings = nested(columns, known)
    return len(columns), record, mappings


def _even(lines: Iterator[Line], width: int, uneven: Uneven | None = None) -> Iterator[Line]:
    for line, values in lines:
        if len(values) == width:
            yield line, values
        elif uneven:
            uneven(line, len(values), width)
        else:
            raise Malformed(f"line {line} has {len(values)} fields, the header has {width}")
