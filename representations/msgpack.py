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

An array begins with its length, so rows whose count is not known go to a temporary file first. A body is one value,
not nested deeper than data.MAX_DEPTH: names are text or integers, which become text, each there once in its map;
timestamps become ISO 8601 text; other extension types, NaN and the infinities are refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from math import isfinite
from tempfile import SpooledTemporaryFile
from typing import Any, NoReturn

import msgpack

from .base import CHUNK, Malformed, Representation, T, Unrepresentable, chunked
from .data import MAX_DEPTH, MAX_VALUES, REPLACE, TOO_MANY, number, plain
from .metadata import PLAIN, Metadata
from .rows import Rows

IN_MEMORY = 1024 * 1024
"""Bytes of uncounted rows that are held in memory, not in a file."""

_ATOMS = frozenset((str, int, bool, bytes, type(None)))
_EPOCH = datetime(1970, 1, 1)
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_REASONS: dict[type[BaseException], str] = {
    msgpack.OutOfData: "the body ends before its value does",
    msgpack.FormatError: "no MessagePack",
    msgpack.StackError: _TOO_DEEP,
    UnicodeDecodeError: "text is not UTF-8",
}


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
        return _packer()(data)

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        """Raises MiscountedRows where rows.count turns out not to be true."""
        count = rows.count
        return _uncounted(rows.dicts()) if count is None else _counted(rows.dicts(), count)

    def decode(self, body: bytes) -> Any:
        counted = _Counted()
        unpacker = msgpack.Unpacker(
            max_buffer_size=len(body) or 1,
            max_array_len=min(MAX_VALUES, len(body)),
            max_map_len=min(MAX_VALUES, len(body)),
            strict_map_key=False,
            list_hook=counted,
            object_pairs_hook=lambda pairs: _record(counted(pairs)),
            ext_hook=_refuse_extension,
        )
        unpacker.feed(body)
        try:
            data = unpacker.unpack()
        except (ValueError, msgpack.UnpackException) as error:
            raise Malformed(f"{_reason(error)}{_place(unpacker)}") from None
        if unpacker.tell() != len(body):
            raise Malformed(f"more than one value{_place(unpacker)}")
        return _checked(data, 0)


class _Counted:
    """Hands on the collections of a body, as long as they do not hold more than MAX_VALUES."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, items: list[T]) -> list[T]:
        self._count += 1 + len(items)
        if self._count > MAX_VALUES:
            raise Malformed(TOO_MANY)
        return items


def _packer() -> Callable[[Any], bytes]:
    """What writes one value, for one thread. Raises Unrepresentable."""
    write = msgpack.Packer(default=number, unicode_errors=REPLACE).pack

    def pack(data: Any) -> bytes:
        try:
            return write(plain(data, binary=True))  # type: ignore[no-any-return]
        except ValueError as error:  # nested deeper, or longer, than msgpack writes
            raise Unrepresentable(str(error)) from None

    return pack


def _array_header(count: int) -> bytes:
    if count > 0xFFFFFFFF:
        raise Unrepresentable(f"{count} rows are more than an array holds")
    return msgpack.Packer().pack_array_header(count)  # type: ignore[no-any-return]


def _counted(records: Iterator[Mapping[str, Any]], count: int) -> Iterator[bytes]:
    pack = _packer()
    chunks = chunked(_exactly(count, records), lambda batch: b"".join(map(pack, batch)))
    yield _array_header(count) + next(chunks, b"")
    yield from chunks


def _exactly(count: int, records: Iterator[T]) -> Iterator[T]:
    """records, if they are count. Raises MiscountedRows as soon as they are not."""
    seen = 0
    for seen, record in enumerate(records, 1):
        if seen > count:
            break
        yield record
    if seen != count:
        raise MiscountedRows(f"{count} rows were announced, there are {'more' if seen > count else seen}")


def _uncounted(records: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    pack, count = _packer(), 0
    with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        for count, record in enumerate(records, 1):  # noqa: B007 - read after the loop
            spool.write(pack(record))
        spool.seek(0)
        yield _array_header(count) + spool.read(CHUNK)
        while chunk := spool.read(CHUNK):
            yield chunk


def _record(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    record = {(name if type(name) is str else _name(name)): item for name, item in pairs}
    if len(record) != len(pairs):
        twice = Counter(str(name) for name, _ in pairs).most_common(1)[0][0]
        raise Malformed(f"the name {twice[:40]!r} is there twice in one map")
    return record


def _name(name: Any) -> str:
    if type(name) is not int:
        raise Malformed(f"a name is neither text nor an integer but {type(name).__name__}")
    return str(name)


def _refuse_extension(code: int, data: bytes) -> NoReturn:
    raise Malformed(f"the extension type {code} is not read")


def _checked(data: Any, depth: int) -> Any:
    """data with timestamps as text, below depth collections. Raises Malformed."""
    if type(data) is float and not isfinite(data):
        raise Malformed("NaN and the infinities are no numbers here")
    if isinstance(data, msgpack.Timestamp):
        return _instant(data)
    if not isinstance(data, (list, dict)):
        return data
    if depth == MAX_DEPTH:
        raise Malformed(_TOO_DEEP)
    if isinstance(data, list):
        return [item if type(item) in _ATOMS else _checked(item, depth + 1) for item in data]
    return {name: item if type(item) in _ATOMS else _checked(item, depth + 1) for name, item in data.items()}


def _instant(stamp: Any) -> str:
    """The ISO 8601 text of a timestamp, in nanoseconds only where it has them."""
    try:
        moment = _EPOCH + timedelta(seconds=stamp.seconds)
    except OverflowError:
        raise Malformed("a timestamp lies outside the years 1 to 9999") from None
    micros, nanos = divmod(stamp.nanoseconds, 1000)
    fraction = f".{micros:06}{nanos:03}" if nanos else f".{micros:06}" if micros else ""
    return f"{moment.isoformat()}{fraction}+00:00"


def _reason(error: BaseException) -> str:
    if isinstance(error, Malformed):
        return str(error)
    return _REASONS.get(type(error)) or f"no MessagePack: {str(error).rstrip('.')}"


def _place(unpacker: Any) -> str:
    """Where reading stopped; nothing where msgpack does not know, as without its C extension."""
    return f" at byte {unpacker.tell() + 1}" if unpacker.tell() else ""
