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
from .json import LINES
from .metadata import PLAIN, Metadata
from .ndjson_body import Records, in_slices, one_by_one
from .rows import Rows
from .slices import Slice


class NDJSON(Representation):
    """NDJSON, also known as JSON Lines."""

    mediatype = "application/x-ndjson"
    aliases = ("application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines")
    suffixes = ("ndjson", "jsonl")
    tabular = True

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        if type(data) is not list:
            data = plain(data)
        return LINES.mappings(data if isinstance(data, list) else [data])

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        return chunked(*LINES.of(rows))

    def decode(self, body: bytes) -> list[Any]:
        if body.count(b"\n") + body.count(b",") > MAX_VALUES:
            raise Malformed(TOO_MANY)
        return [record for _, record in one_by_one(BytesIO(body), len(body), self.exact)]

    def iter_decode(self, file: BinaryIO) -> Iterator[tuple[int, Any]]:
        return one_by_one(file, LONGEST_RECORD, self.exact)

    def iter_slices(self, file: BinaryIO) -> Iterator[Slice | Records]:
        """The same, many lines at a time where these hold records of the same names."""
        return in_slices(file, LONGEST_RECORD, self.exact)
