"""MessagePack, for programs that want small documents and exact types.

| Data                         | MessagePack                               |
|------------------------------|-------------------------------------------|
| None, bool, str              | nil, bool, str                            |
| int                          | int; beyond 64 bits text with every digit |
| float                        | float 64; NaN and the infinities are nil  |
| Decimal                      | text with its digits: "1.10"              |
| bytes, bytearray, memoryview | bin                                       |
| dict, list                   | map in declared order, array              |
| all else                     | as data.py says                           |

msgspec writes what it writes in the same bytes as msgpack, which writes the rest and reads. An array begins with its
length, so rows whose count is not known go to a temporary file first. A body is one value, not nested deeper than
data.MAX_DEPTH: names are text or integers, which become text, each there once in its map; timestamps become ISO 8601
text; other extension types, NaN and the infinities are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import Any

import msgpack
import msgspec

from .base import CHUNK, Representation, T, Unrepresentable, chunked
from .data import REPLACE, number, plain
from .metadata import PLAIN, Metadata
from .msgpack_body import read
from .rows import Rows
from .structs import ISO, REFUSED, RecordWriter, are_written

IN_MEMORY = 1024 * 1024
"""Bytes of uncounted rows that are held in memory, not in a file."""

_NOT_FINITE = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]").search
"""Finds NaN and the infinities, which are nil here; seldom something else within a number or bytes."""


class MiscountedRows(RuntimeError):
    """Rows were more or fewer than their count. What is sent by then is no document."""


class MessagePack(Representation):
    """MessagePack."""

    mediatype = "application/vnd.msgpack"
    aliases = ("application/msgpack", "application/x-msgpack")
    suffixes = ("msgpack",)
    binary = True
    counts_rows = True

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        try:
            if are_written((data,)):
                return _encoded(data)
        except REFUSED:
            pass
        return _packed(data)

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        """Raises MiscountedRows where rows.count turns out not to be true."""
        count = rows.count
        items, write = _RECORDS.of(rows)
        return _uncounted(items, write) if count is None else _counted(items, write, count)

    def decode(self, body: bytes) -> Any:
        return read(body)


def _packed(data: Any) -> bytes:
    """data as MessagePack. Raises Unrepresentable."""
    try:
        packer = msgpack.Packer(default=number, unicode_errors=REPLACE)
        return packer.pack(plain(data, binary=True))  # type: ignore[no-any-return]
    except ValueError as error:  # nested deeper, or longer, than msgpack writes
        raise Unrepresentable(str(error)) from None


def _encoded(data: Any) -> bytes:
    """Plain data, of no Decimal, as _packed() writes it and faster. Raises REFUSED."""
    document = _ENCODER.encode(data)
    if _NOT_FINITE(document):
        raise ValueError
    return document


def _records(records: list[Any]) -> bytes:
    return _encoded(records)[len(_array_header(len(records))) :]


def _value(value: Any) -> Any:
    convert = _VALUES.get(type(value))
    return convert(value) if convert else _spelled(plain(value, binary=True))


def _spelled(value: Any) -> Any:
    """Plain data with the text of each Decimal."""
    if isinstance(value, dict):
        return {name: _spelled(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return number(value) if isinstance(value, Decimal) else value


def _array_header(count: int) -> bytes:
    if count < 1 << 4:
        return bytes((0x90 | count,))
    if count < 1 << 16:
        return b"\xdc" + count.to_bytes(2)
    if count < 1 << 32:
        return b"\xdd" + count.to_bytes(4)
    raise Unrepresentable(f"{count} rows are more than an array holds")


def _counted(items: Iterator[T], write: Callable[[list[T]], bytes], count: int) -> Iterator[bytes]:
    chunks = _exactly(count, items, write)
    yield _array_header(count) + next(chunks, b"")
    yield from chunks


def _exactly(count: int, items: Iterator[T], write: Callable[[list[T]], bytes]) -> Iterator[bytes]:
    """What is written of items, if they are count. Raises MiscountedRows as soon as they are not."""
    seen = 0

    def write_counted(batch: list[T]) -> bytes:
        nonlocal seen
        seen += len(batch)
        if seen > count:
            raise MiscountedRows(f"{count} rows were announced, there are more")
        return write(batch)

    yield from chunked(items, write_counted)
    if seen < count:
        raise MiscountedRows(f"{count} rows were announced, there are {seen}")


def _uncounted(items: Iterator[T], write: Callable[[list[T]], bytes]) -> Iterator[bytes]:
    count = 0

    def write_counting(batch: list[T]) -> bytes:
        nonlocal count
        count += len(batch)
        return write(batch)

    with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        for chunk in chunked(items, write_counting):
            spool.write(chunk)
        spool.seek(0)
        yield _array_header(count) + spool.read(CHUNK)
        while chunk := spool.read(CHUNK):
            yield chunk


_ENCODER = msgspec.msgpack.Encoder()
_VALUES: dict[type, Callable[[Any], Any]] = {**ISO, Decimal: lambda value: number(value) if value.is_finite() else None}
_RECORDS = RecordWriter(_records, _value, _packed)
