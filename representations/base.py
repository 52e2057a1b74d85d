"""What a format is: how it is named, written and read. What it is handed is in rows.py and metadata.py.

Each format is one module of this package with one Representation subclass.
Nothing here knows of Flask, of HTTP requests or of a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Self, TypeVar

from .metadata import PLAIN, Metadata

if TYPE_CHECKING:
    from .rows import Rows

T = TypeVar("T")

CHUNK = 64 * 1024
"""Bytes that a chunk of a stream aims at: one-row chunks cost a server more than the rows do."""

LONGEST_RECORD = 1024 * 1024
"""Characters, or bytes, that a record may have in a body that is read record by record."""


class Malformed(ValueError):
    """A body is not valid in its format; the message says what is wrong and where. Answered with 400."""


class Unrepresentable(ValueError):
    """The data has no form in this format. The next acceptable offer is tried."""


def chunked(items: Iterator[T], write: Callable[[list[T]], bytes]) -> Iterator[bytes]:
    """What write() makes of successive slices of items, each slice as long as gives about CHUNK bytes."""
    size = 1
    while batch := list(islice(items, size)):
        chunk = write(batch)
        yield chunk
        size = max(1, min(1000, len(batch) * CHUNK // (len(chunk) or 1)))


def sliced(items: list[T], size: int) -> Iterator[list[T]]:
    """items, size at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


class Representation:
    """One format: how it is named, written and read. Instances are immutable and shared between threads.

    mediatype   sent as Content-Type
    aliases     other media types that mean this format
    suffixes    names in ?format= and the URL, the first one used in links
    charset     added to Content-Type for text formats (never to JSON)
    page_size   rows a response holds at most, the rest on further pages; None sends all
    exact       decode() gives a Decimal for a number with a fraction that a float would not keep all digits of
    binary      a body is bytes and has no charset
    counts_rows iter_encode() needs to know how many rows there are
    tabular     decode() always gives a list of records, even of one
    decode      None for formats that are only written; raises Malformed. A text format is handed UTF-8,
                which may begin with a byte order mark
    """

    mediatype: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    suffixes: ClassVar[tuple[str, ...]] = ()
    charset: ClassVar[str | None] = None
    binary: ClassVar[bool] = False
    counts_rows: ClassVar[bool] = False
    tabular: ClassVar[bool] = False
    page_size: int | None = None
    exact: bool = False
    decode: Callable[[bytes], Any] | None = None

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        """Write any data of the data model (see data.py). Raises Unrepresentable."""
        raise NotImplementedError

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        """Write a table in chunks. Raises Unrepresentable.

        Joined they are the document that encode(list(rows.dicts())) is; in JSON the white space may differ, and in CSV
        a nested value is one cell, as its columns are not declared.
        """
        yield self.encode(list(rows.dicts()), meta)

    def iter_decode(self, file: BinaryIO) -> Iterator[tuple[int, Any]]:
        """The records that decode() gives of a body, each with its place: the line on which it starts, or its number.

        CSV, TSV and NDJSON are read a record at a time, which may be up to LONGEST_RECORD long, in memory that does not
        grow with their length; the others are read whole, and one value is one record. Raises Malformed.
        """
        assert self.decode, f"{self!r} is only written"
        data = self.decode(file.read())
        yield from enumerate(data if isinstance(data, list) else [data], 1)

    def columns(self, file: BinaryIO) -> tuple[str, ...] | None:
        """The names in each record of a body that begins with them, as CSV and TSV do. Raises Malformed."""
        return None

    def exactly(self) -> Self:
        """The same format, exact."""
        twin = copy(self)
        twin.exact = True
        return twin

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.mediatype}>"
