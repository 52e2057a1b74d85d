"""NDJSON, one JSON text a line, for programs that read a record at a time.

The data model is JSON's. A list is one line an item, anything else one line; a body gives a list. Blank lines are
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .base import PLAIN, Malformed, Metadata, Representation, Rows, chunked
from .data import MAX_VALUES, TOO_MANY, plain
from .json import BOM, compact_lines, loads


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
        lines = enumerate(body.removeprefix(BOM).split(b"\n"), 1)
        return [_line(number, line) for number, line in lines if line.strip()]


def _lines(records: list[Any]) -> bytes:
    return b"".join(line + b"\n" for line in compact_lines(records))


def _line(number: int, line: bytes) -> Any:
    try:
        return loads(line)
    except Malformed as error:
        raise Malformed(f"line {number}: {str(error).replace('line 1, ', '')}") from None
