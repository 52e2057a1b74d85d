"""Values of a column read many at a time: what is plain to see of all of them is not asked of each.

What this does not know goes to the kind's own read(), value by value, and means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..schema.kinds import DATE, TEXT, WHOLE, Kind

Read = Callable[[Any], Any]
Many = Callable[[Sequence[Any]], Sequence[Any]]

DIGITS = 18
"""Of whole numbers within 64 bits, whatever they are."""


def reader(kind: Kind, read: Read) -> Many:
    """What reads values of a kind. It raises what read() does, of any of them."""
    if kind.name == TEXT.name and kind.textual:
        return partial(_texts, read)
    if kind.name == WHOLE.name:
        return partial(_numbers, read)
    return partial(_remembered if kind.name == DATE.name else _each, read)


def _each(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else read(value) for value in values]


def _remembered(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    """Those that are there often are read once."""
    try:
        known = {value: None if value is None else read(value) for value in set(values)}
    except TypeError:
        return _each(read, values)
    return [known[value] for value in values]


def _texts(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    try:
        joined = "".join(values)
    except TypeError:
        return _each(read, values)
    if not joined.isascii() or "\0" in joined:
        return _each(read, values)
    read(max(values, key=len))  # a longer one there is not
    return values


def _numbers(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    kinds = set(map(type, values))
    if kinds == {str}:
        joined = "".join(values)
        if not (joined.isascii() and joined.isdigit()) or max(map(len, values)) > DIGITS or "" in values:
            return _each(read, values)
        values = list(map(int, values))
    elif kinds != {int}:
        return _each(read, values)
    read(min(values))
    read(max(values))
    return values
