"""Kinds of columns: what a value of each may be, read from text or data, and written.

What read() takes is text, of a parameter or of CSV, or a value of the data model, of JSON or YAML: both mean the same.
What it refuses it says in words that follow the value: "is no whole number".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal, localcontext
from typing import Any

from . import readers
from .readers import LONGEST, counted

LONGEST_TEXT = 2**63
"""Characters of a text that no text is longer than."""

_WITHOUT_ARTICLE = ("text", "base64 text")
_PLURALS = {"date and time": "dates and times"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What the values of a column are.

    name     as told to people: "whole number"
    read     text, or a value of the data model -> value for the driver; raises ValueError, "is no whole number"
    text     value as read from the database -> text that read() takes, for URLs
    textual  may be searched and matched in part
    numeric  may be summed
    ordered  may be compared and sorted
    bounds   whole numbers that are taken whatever they are, or the length of text that is
    """

    name: str
    read: Callable[[Any], Any]
    text: Callable[[Any], str] = str
    textual: bool = False
    numeric: bool = False
    ordered: bool = True
    bounds: tuple[int, int] | None = None

    @property
    def described(self) -> str:
        """The name as a sentence takes it: "a whole number", "text"."""
        return self.name if self.name in _WITHOUT_ARTICLE else f"a {self.name}"


def text(length: int | None = None, size: int | None = None) -> Kind:
    """Text of at most length characters, or of at most size bytes of UTF-8."""

    def read(value: Any) -> str:
        found = readers.characters(value)
        if length is not None and len(found) > length:
            raise ValueError(f"is longer than {counted(length, 'character')}")
        if size is not None and len(found) * 4 > size and len(found.encode()) > size:
            raise ValueError(f"is longer than {counted(size, 'byte')}")
        return found

    most = min(LONGEST_TEXT if length is None else length, LONGEST_TEXT if size is None else size // 4)
    return Kind("text", read, readers.as_text, textual=True, bounds=(0, most))


def whole(low: int = -(2**63), high: int = 2**63 - 1) -> Kind:
    """Whole numbers from low to high, as far as the column's type goes."""

    def read(value: Any) -> int:
        number = readers.whole(value)
        if not low <= number <= high:
            raise ValueError(f"is beyond {low if number < low else high}")
        return number

    return Kind("whole number", read, readers.as_text, numeric=True, bounds=(low, high))


def decimal(precision: int | None = None, scale: int | None = None) -> Kind:
    """Decimal numbers of so many digits, scale of them after the point."""
    places = LONGEST if scale is None and precision is None else scale or 0
    before = LONGEST if precision is None else precision - places

    def read(value: Any) -> Decimal:
        number = readers.decimal(value)
        exponent = number.as_tuple().exponent
        if number and number.adjusted() >= before:
            raise ValueError(_beyond(before, places))
        if isinstance(exponent, int) and -exponent > places and readers.places(number) > places:
            raise ValueError(f"has more than {counted(places, 'decimal place')}")
        return number

    return Kind("decimal number", read, readers.as_text, numeric=True)


def enum(choices: Sequence[str]) -> Kind:
    """One of some words."""
    known = frozenset(choices)

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"is none of {', '.join(map(repr, choices))}")
        return value

    return Kind("word", read)


def several(choices: Sequence[str]) -> Kind:
    """Some of some words, in their order; as text they are joined by commas, or a list in JSON."""
    one = enum(choices)

    def read(value: Any) -> list[str]:
        if isinstance(value, str) and value.startswith("[") and value not in choices:
            value = readers.parsed(value, "is no list in JSON")
        words = [word for word in value.split(",") if word] if isinstance(value, str) else value
        if not isinstance(words, (list, tuple)):
            raise ValueError("is no list of words")
        chosen = {one.read(word) for word in words}
        return [word for word in choices if word in chosen]

    return Kind("list of words", read, ",".join, ordered=False)


def array(item: Kind) -> Kind:
    """Lists of values of one kind, which may be nested; as text they are JSON."""

    def read(value: Any) -> list[Any]:
        if isinstance(value, str):
            value = readers.parsed(value, "is no list in JSON")
        if not isinstance(value, (list, tuple)):
            raise ValueError("is no list")
        return [_item(one) for one in value]

    def _item(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [_item(one) for one in value]
        return None if value is None else item.read(value)

    name = f"list of {_PLURALS.get(item.name, f'{item.name}s')}"
    return Kind(name, read, readers.as_json, ordered=item.ordered)


def moment(zone: bool, digits: int = 6) -> Kind:
    """Dates and times; where zone, one that has none is UTC. digits: of a second's fraction."""

    def read(value: Any) -> datetime:
        found = readers.moment(value)
        if not zone and found.tzinfo is not None:
            raise ValueError("has a time zone, and the column takes none")
        readers.check_digits(found.microsecond, digits)
        return found.replace(tzinfo=UTC) if zone and found.tzinfo is None else found

    return Kind("date and time", read, readers.as_iso)


def clock(zone: bool = False, digits: int = 6) -> Kind:
    """Times of a day."""

    def read(value: Any) -> time:
        found = readers.clock(value)
        if (found.tzinfo is not None) != zone:
            raise ValueError("has no time zone" if zone else "has a time zone, and the column takes none")
        readers.check_digits(found.microsecond, digits)
        return found

    return Kind("time", read, readers.as_iso)


def binary(size: int | None = None) -> Kind:
    """Bytes, at most size of them; as text they are base64 (RFC 4648, section 4)."""

    def read(value: Any) -> bytes:
        found = readers.octets(value)
        if size is not None and len(found) > size:
            raise ValueError(f"is longer than {counted(size, 'byte')}")
        return found

    return Kind("base64 text", read, readers.as_base64)


def digits(count: int, *, fewer: bool) -> Kind:
    """The bits of a bit string, as the digits 0 and 1."""

    def read(value: Any) -> str:
        found = readers.characters(value)
        if found.strip("01") or len(found) > count or (len(found) < count and not fewer):
            raise ValueError(f"is no {counted(count, 'digit')} of 0 and 1{' at most' if fewer else ''}")
        return found

    return Kind("text", read)


def also(kind: Kind, pattern: str) -> Kind:
    """kind, which takes texts of a pattern as they are, too: values of a database that Python's types have not."""
    other = re.compile(pattern)

    def read(value: Any) -> Any:
        try:
            return kind.read(value)
        except ValueError:
            if isinstance(value, str) and other.fullmatch(value):
                return value
            raise

    return replace(kind, read=read, bounds=None)


def held(kind: Kind, text: str, dialect: str) -> Any:
    """The value of a key, or of a row that a page begins after. Raises ValueError.

    A column of SQLite may hold any text, whatever its type: what is no value of the kind is the text.
    """
    try:
        return kind.read(text)
    except ValueError:
        if dialect == "sqlite":
            return readers.characters(text)
        raise


def _beyond(before: int, places: int) -> str:
    """Told of a number with more digits before its point than a column takes."""
    if before >= LONGEST:
        return f"has more than {LONGEST} digits"
    with localcontext() as context:
        context.prec = before + abs(places) + 1
        largest = Decimal(10) ** before - Decimal(10) ** -places
    return f"is beyond {largest:f}"


TEXT = text()
WHOLE = whole()
NUMBER = Kind("number", readers.double, readers.as_text, numeric=True)
EXACT = Kind("number", readers.exact, readers.as_text, numeric=True)
PLACED = Kind("decimal number", readers.placed, readers.as_text, numeric=True)
DECIMAL = decimal()
BOOLEAN = Kind("boolean", readers.boolean, readers.as_text)
FLAG = Kind("boolean", readers.flag, readers.as_text)
DATE = Kind("date", readers.day, readers.as_iso)
TIME = clock()
DATE_TIME = moment(zone=False)
DATE_TIME_WITH_ZONE = moment(zone=True)
UUID_ = Kind("UUID", readers.uuid)
BINARY = binary()
JSON = Kind("JSON value", readers.document, readers.as_json, ordered=False)
INTERVAL = Kind("duration", readers.duration, readers.as_text)
TIMEDELTA = Kind("duration", readers.length, readers.as_text)
OTHER = Kind("text", readers.characters, readers.as_text)
UNORDERED = Kind("value", readers.characters, readers.as_text, ordered=False)
ANY = Kind("value", readers.anything, readers.as_text, textual=True, numeric=True)
