"""Values of a column read many at a time: what is plain to see of all of them is not asked of each.

What this does not know goes to the kind's own read(), value by value, and means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import isfinite
from types import NoneType
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from ..schema.kinds import EXACT, JSON, NUMBER, TEXT, WHOLE, Kind

Read = Callable[[Any], Any]
Many = Callable[[Sequence[Any]], Sequence[Any]]

Key = TypeVar("Key")

MOST = 10_000
"""Values that are remembered of a column."""

LONGEST = 40
"""Characters of a text that is remembered."""

DIGITS = 16
"""Characters of a number, a point among them, all digits of which a float keeps."""

WITHIN = 2**53
"""Whole numbers up to this one are the same as a float."""

_NUMBERS = frozenset((int, float, NoneType))
_LARGEST = 2**63 - 1


class Numbers:
    """Reads numbers of a type from text that is JSON's, without exponents, and takes numbers that are read."""

    def __init__(self, type_: Any) -> None:
        self._some: Any = list[type_ | None]
        self._decoders = msgspec.json.Decoder(list[type_]), msgspec.json.Decoder(self._some)

    def of(self, values: Sequence[Any], longest: int = 300) -> Sequence[Any] | None:
        """The numbers, null for null; None where that is not plain to see. Texts have at most longest characters."""
        try:
            return self._decoded(",".join(values), values, longest, nulls=0)
        except TypeError:
            types = set(map(type, values))
        if types == {str, NoneType}:
            texts = ["null" if value is None else value for value in values]
            return self._decoded(",".join(texts), texts, longest, values.count(None))
        return self._taken(values) if types <= _NUMBERS else None

    def _decoded(self, joined: str, texts: Sequence[str], longest: int, nulls: int) -> list[Any] | None:
        if "e" in joined or "E" in joined or (longest < len(joined) and max(map(len, texts)) > longest):
            return None
        try:
            found: list[Any] = self._decoders[nulls > 0].decode(f"[{joined}]")
        except (msgspec.MsgspecError, ValueError):
            return None
        return found if len(found) == len(texts) and (not nulls or found.count(None) == nulls) else None

    def _taken(self, values: Sequence[Any]) -> list[Any] | None:
        try:
            found: list[Any] = msgspec.convert(values, self._some)
        except msgspec.MsgspecError:
            return None
        return found


def reader(kind: Kind, read: Read) -> Many:
    """What reads values of a kind. It raises what read() does, of any of them."""
    if kind.name == TEXT.name and kind.textual and kind.bounds:
        return partial(_texts, read, kind.bounds[1])
    if kind.name == WHOLE.name and kind.bounds and kind.bounds[1] <= _LARGEST:
        low, high = kind.bounds
        return partial(_whole, read, Numbers(Annotated[int, msgspec.Meta(ge=low, le=high)]))
    if kind.read is NUMBER.read:
        return partial(_doubles, read)
    if kind.read is EXACT.read:
        return partial(_exact, read)
    return partial(_each, read) if kind.name == JSON.name else remembered(str, read)


class Known(dict[Any, Any], Generic[Key]):
    """What a function gives for keys of a type, which is not asked again for those that are there often.

    A key of another type is a TypeError: 1, 1.0 and True would be one.
    """

    def __init__(self, type_: type[Key], function: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self.type, self.function = type_, function

    def __missing__(self, key: Key) -> Any:
        if type(key) is not self.type:
            raise TypeError(key)
        value = self.function(key)
        if not isinstance(key, str) or len(key) <= LONGEST:
            self[key] = value
        return value

    def of(self, keys: Iterable[Key]) -> list[Any]:
        """The values for many keys."""
        if len(self) > MOST:
            self.clear()
            self[None] = None
        return list(map(self.__getitem__, keys))


def remembered(type_: type[Any], function: Read) -> Many:
    """A function for many values, most of them of a type and there often; null is null."""
    return partial(_remembered, Known(type_, function), function)


def _each(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else read(value) for value in values]


def _remembered(known: Known[Any], read: Read, values: Sequence[Any]) -> Sequence[Any]:
    try:
        return known.of(values)
    except TypeError:
        return _each(read, values)


def _texts(read: Read, most: int, values: Sequence[Any]) -> Sequence[Any]:
    try:
        joined = "".join(values)
    except TypeError:
        if set(map(type, values)) != {str, NoneType}:
            return _each(read, values)
        joined = "".join(filter(None, values))
    if "\0" in joined or not (joined.isascii() or _is_whole(joined)):
        return _each(read, values)
    if len(joined) > most and max(map(len, filter(None, values))) > most:
        return _each(read, values)
    return values


def _is_whole(text: str) -> bool:
    """Whether a text has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _whole(read: Read, numbers: Numbers, values: Sequence[Any]) -> Sequence[Any]:
    found = numbers.of(values)
    return _each(read, values) if found is None else found


def _doubles(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    found = _DOUBLES.of(values)
    if found is None or not isfinite(sum(filter(None, found))):
        return _each(read, values)
    if 0 in found and any(type(value) is str and value.strip() == "-0" for value in values):
        return _each(read, values)  # JSON knows a negative zero only with a point
    return found


def _exact(read: Read, values: Sequence[Any]) -> Sequence[Any]:
    found = _EITHER.of(values, DIGITS)
    present = list(filter(None, found or ()))
    if found is None or not present or not isfinite(sum(present)) or max(map(abs, present)) > WITHIN:
        return _each(read, values)
    if float not in set(map(type, found)):
        return found
    return [int(value) if type(value) is float and value.is_integer() else value for value in found]


_DOUBLES, _EITHER = Numbers(float), Numbers(int | float)
