"""MessagePack read: what a body may hold, and why it is refused."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, NoReturn

import msgpack

from .base import Malformed, T
from .data import MAX_DEPTH, MAX_VALUES, TOO_MANY

_ATOMS = frozenset((str, int, bool, bytes, type(None)))
_EPOCH = datetime(1970, 1, 1)
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_REASONS: dict[type[BaseException], str] = {
    msgpack.OutOfData: "the body ends before its value does",
    msgpack.FormatError: "no MessagePack",
    msgpack.StackError: _TOO_DEEP,
    UnicodeDecodeError: "text is not UTF-8",
}


def read(body: bytes) -> Any:
    """The one value in body. Raises Malformed."""
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
