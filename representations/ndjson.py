"""NDJSON, one JSON text a line, for programs that read a record at a time.

The data model is JSON's. A list is one line an item, anything else one line; a body gives a list. Blank lines are
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from .base import LONGEST_RECORD, Malformed, Representation, chunked
from .data import MAX_VALUES, TOO_MANY, plain
from .json import BOM, compact_lines, loads
from .metadata import PLAIN, Metadata
from .rows import Rows


class NDJSON(Representation):
    """NDJSON, also known as JSON Lines."""

    mediatype = "application/x-ndjson"
    aliases = ("application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines")
    suffixes = ("ndjson", "jsonl")
    tabular = True

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        data = plain(data)
        return _lines(data if isinstance(data, list) else [data])

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        return chunked(rows.dicts(), _lines)

    def decode(self, body: bytes) -> list[Any]:
        if body.count(b"\n") + body.count(b",") > MAX_VALUES:
            raise Malformed(TOO_MANY)
        return [record for _, record in _records(BytesIO(body), len(body), self.exact)]

    def iter_decode(self, file: BinaryIO) -> Iterator[tuple[int, Any]]:
        return _records(file, LONGEST_RECORD, self.exact)


def _lines(records: list[Any]) -> bytes:
    return b"".join(line + b"\n" for line in compact_lines(records))


def _records(file: BinaryIO, longest: int, exactly: bool) -> Iterator[tuple[int, Any]]:
    """Line number and record, of lines of at most longest bytes. Raises Malformed."""
    for number, line in enumerate(iter(lambda: file.readline(longest + 1), b""), 1):
        if len(line) > longest:
            raise Malformed(f"line {number}: longer than {longest:,} bytes")
        record = (line if number > 1 else line.removeprefix(BOM)).removesuffix(b"\n")
        if record.strip():
            yield number, _line(number, record, exactly)


def _line(number: int, line: bytes, exactly: bool) -> Any:
    try:
        return loads(line, exactly)
    except Malformed as error:
        raise Malformed(f"line {number}: {str(error).replace('line 1, ', '')}") from None
