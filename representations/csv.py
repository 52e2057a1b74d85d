"""CSV (RFC 4180) and TSV, for spreadsheets and data tools.

The first line names the columns, also where there are no rows. null is an empty field, empty text is "" (in a table of
one column, where an empty line would be lost, both are ""). true and false, numbers with every digit, NaN as null; all
else is written as data.py says, nested values as table.py says. Lines end in CRLF. Read back, every value is text or
null; of a table with one column, blank lines are passed over.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, ClassVar

from .base import PLAIN, Malformed, Metadata, Representation, Row, Rows, chunked
from .data import MAX_VALUES, REPLACE, TOO_MANY, text
from .json import BOM
from .table import MAX_NESTED, cell_text, names, nested, table, written


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
        mark = re.escape(self.delimiter)
        self._field = re.compile(rf'(?:"((?:[^"]|"")*+)"|([^"\r\n{mark}]*+))({mark}|\r\n|\n|\r|\Z)')

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        columns, rows = table(data)
        return b"".join(self._table(columns, iter(rows)))

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        return self._table(names(rows.columns), rows.tuples())

    def decode(self, body: bytes) -> list[dict[str, Any]]:
        lines = self._records(_text(body))
        columns = [name or "" for name in next(lines, (1, []))[1]]
        if len(set(columns)) != len(columns):
            raise Malformed(f"the column {Counter(columns).most_common(1)[0][0]!r} is there twice")
        record, mappings = nested(columns)
        records: list[dict[str, Any]] = []
        for line, values in lines:
            if len(values) != len(columns):
                raise Malformed(f"line {line} has {len(values)} fields, the header has {len(columns)}")
            if mappings * len(records) > MAX_NESTED:
                raise Malformed(f"line {line}: more than {MAX_NESTED} nested values")
            records.append(record(values))
        return records

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

    def _records(self, body: str) -> Iterator[tuple[int, list[str | None]]]:
        """Line number and fields of each record. Raises Malformed."""
        position, line, values, count = 0, 1, list[str | None](), 0
        start = line
        while position < len(body) or values:
            match = self._field.match(body, position)
            if match is None:
                raise Malformed(f"line {line}, field {len(values) + 1}: a quotation mark out of place or not closed")
            quoted, bare, end = match.groups()
            values.append(bare or None if quoted is None else quoted.replace('""', '"'))
            count += 1
            if count > MAX_VALUES:
                raise Malformed(f"line {line}: {TOO_MANY}")
            line += match[0].count("\n") + match[0].count("\r") - match[0].count("\r\n")
            position = match.end()
            if end != self.delimiter:
                if values != [None]:
                    yield start, values
                start, values = line, []


class TSV(CSV):
    """Tab-separated values, with CSV's quoting."""

    mediatype = "text/tab-separated-values"
    aliases: ClassVar[tuple[str, ...]] = ("text/tsv",)
    suffixes = ("tsv", "tab")
    delimiter = "\t"


def _digits(value: Any) -> Any:
    return text(value) if type(value) is int else value


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Malformed(f"line {line}: not UTF-8 at byte {error.start + 1}") from None
