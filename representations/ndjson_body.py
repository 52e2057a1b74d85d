"""NDJSON read many lines at a time, and line by line where that might mean another thing.

msgspec reads objects many times as fast as json does, and keeps the last of two members of the same name. That there
are none is counted: all members of an object but the first have a comma, and all of them a colon. So a block is read at
once where each of its lines is one object, and either are as many as what was read takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

import msgspec

from .base import Malformed
from .data import exact
from .json import BOM, loads
from .slices import Slice, grouped

BLOCK = 64 * 1024
"""Bytes that are read at once, unless a line is longer."""

FEW = 16
"""Lines that are read one by one where they cannot be together."""

Records = list[tuple[int, Any]]
"""What lines hold, and their numbers."""

Columns = Sequence[Sequence[Any]]

WIDEST = 200
"""Members of an object that a type is made for."""

Decoders = tuple[msgspec.json.Decoder[Any], msgspec.json.Decoder[Any]]

_BEFORE_COLON = (b" :", b"\t:", b"\r:")
_SPACED = re.compile(rb'"[ \t\r]+:')


def in_slices(file: BinaryIO, longest: int, exactly: bool) -> Iterator[Slice | Records]:
    """What lines of at most longest bytes hold. Raises Malformed."""
    number, rest = 1, b""
    while data := file.read(BLOCK):
        rest += data
        end = rest.rfind(b"\n") + 1
        if end:
            yield from _read(rest[:end], number, longest, exactly)
            number, rest = number + rest.count(b"\n"), rest[end:]
        if len(rest) > longest:
            break
    if rest:
        yield from _read(rest, number, longest, exactly)


def one_by_one(file: BinaryIO, longest: int, exactly: bool, start: int = 1) -> Iterator[tuple[int, Any]]:
    """The same, of lines numbered from start."""
    for number, line in enumerate(iter(lambda: file.readline(longest + 1), b""), start):
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


def _read(block: bytes, number: int, longest: int, exactly: bool) -> Iterator[Slice | Records]:
    """What whole lines hold, the first of which has that number."""
    lines = range(number, number + block.count(b"\n") + (not block.endswith(b"\n")))
    found = list(_together(block, lines, exactly)) if len(block) <= longest else None
    if found:
        yield from found
        return
    middle = block.find(b"\n", len(block) // 2) + 1 if len(lines) > FEW else 0
    if 0 < middle < len(block):
        yield from _read(block[:middle], number, longest, exactly)
        yield from _read(block[middle:], number + block.count(b"\n", 0, middle), longest, exactly)
    else:
        yield list(one_by_one(BytesIO(block), longest, exactly, number))


def _together(block: bytes, lines: range, exactly: bool) -> Iterator[Slice]:
    """The objects of these lines, where each is one whose members have names and single values of their own."""
    if not block.startswith(b"{") or block.count(b"}\n{") + block.count(b"}\r\n{") < len(lines) - 1:
        return
    try:
        names = tuple(_DECODERS[exactly].decode(block[: block.find(b"\n") + 1 or None]))
        columns = _columns(block, names, exactly)
        if columns is None:
            records = _DECODERS[exactly].decode_lines(block)
            if len(records) == len(lines) and _are_plain(block, len(lines), sum(map(len, records)), _values(records)):
                yield from grouped(zip(lines, records, strict=True))
        elif len(columns[0]) == len(lines) and _are_plain(block, len(lines), len(names) * len(lines), columns):
            yield Slice(names, lines, columns)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return


def _columns(block: bytes, names: tuple[str, ...], exactly: bool) -> Columns | None:
    """The values of objects by name, where all have the same names; else None."""
    decoders = _decoders(names)
    if decoders is None:
        return None
    try:
        return list(zip(*map(msgspec.structs.astuple, decoders[exactly].decode_lines(block)), strict=True))
    except msgspec.MsgspecError:
        return None


def _values(records: list[dict[str, Any]]) -> Columns:
    return [tuple(record.values()) for record in records]


def _are_plain(block: bytes, objects: int, members: int, values: Columns) -> bool:
    """Whether objects have no more members than were read of them, and these no values within values."""
    is_plain = block.count(b",") == members - objects or block.count(b":") == members
    if not is_plain and (block.count(b'":') != members or _is_spaced(block)):
        return False
    is_nested = block.count(b"{") > objects or b"[" in block
    return not is_nested or _NESTED.isdisjoint(map(type, chain.from_iterable(values)))


def _is_spaced(block: bytes) -> bool:
    """Whether white space is between a name and its colon."""
    return any(space in block for space in _BEFORE_COLON) and _SPACED.search(block) is not None


@lru_cache(maxsize=64)
def _decoders(names: tuple[str, ...]) -> Decoders | None:
    """What reads objects with all of these names and no others; None where no type can have them."""
    if not 0 < len(names) <= WIDEST:
        return None
    own = {f"f{index}": name for index, name in enumerate(names)}
    try:
        fields = [(name, Any) for name in own]
        type_ = msgspec.defstruct("Object", fields, rename=own, forbid_unknown_fields=True, gc=False)
    except ValueError:  # a quotation mark or a control character in a name
        return None
    return _made(type_)


def _made(type_: Any) -> Decoders:
    """Decoders of a type: one that reads floats, and one that reads numbers with every digit."""
    return msgspec.json.Decoder(type_), msgspec.json.Decoder(type_, float_hook=_fraction)


def _fraction(digits: str) -> Any:
    """exact(), but that most numbers are plain to see."""
    if len(digits) < 17 and 1e-300 < abs(value := float(digits)) < 1e300:
        return value
    return exact(digits)


_NESTED = frozenset((dict, list))
_DECODERS = _made(dict[str, Any])
