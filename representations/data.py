"""The one data model: what each Python value becomes, in every format alike.

| Python                                              | becomes                                          |
|-----------------------------------------------------|--------------------------------------------------|
| None, bool, int, str                                | themselves; ints of any size, every digit        |
| float                                               | itself; NaN and the infinities are null          |
| Decimal                                             | a number with its digits: 1.10                   |
| datetime, date, time                                | ISO 8601 text, the zone kept                     |
| timedelta                                           | ISO 8601 duration: "P1DT2H"                      |
| UUID, Fraction                                      | text                                             |
| bytes, bytearray, memoryview                        | base64 text (MessagePack: binary)                |
| Enum                                                | its value                                        |
| dict, Mapping, dataclass, namedtuple, database row  | mapping, in declared order                       |
| list, tuple, set, generator, any other iterable     | sequence (a set in sorted order, where it has one) |

Text that Unicode cannot hold, a lone surrogate, is written as U+FFFD. A key that is not text becomes the text of its
value; should that give one key twice, the later one is marked "1~2".
"""

from __future__ import annotations

import codecs
import dataclasses
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from io import IOBase
from math import isfinite
from typing import Any
from uuid import UUID

import msgspec

from .base import Malformed, Unrepresentable

MAX_DEPTH = 64
"""Levels of nesting that a body may have."""

MAX_VALUES = 1_000_000
"""Values that a body may hold: small ones take many times the memory and time of their bytes."""

TOO_MANY = f"more than {MAX_VALUES:,} values"

MAX_DIGITS = 4300
"""Digits of a number in a body, as for int()."""

LONG = 14_000
"""Bits of an integer up to which str() writes it."""

REPLACE = "negotiate_api.replace"
"""Error handler for str.encode: U+FFFD for each lone surrogate."""

_ATOMS = frozenset((str, int, bool, type(None)))
_FLOAT, _SHORTEST = msgspec.json.Decoder(float).decode, msgspec.json.Encoder().encode

codecs.register_error(REPLACE, lambda error: ("\ufffd".encode() * (error.end - error.start), error.end))  # type: ignore[attr-defined]


def plain(value: Any, binary: bool = False) -> Any:
    """value in None, bool, int, finite float, finite Decimal, str, list and dict with text keys only.

    binary keeps bytes as they are. Raises Unrepresentable for a value outside the data model.
    """
    try:
        return _plain(value, binary)
    except RecursionError:
        raise Unrepresentable("the data is nested too deeply or contains itself") from None


def text(value: Any) -> str:
    """One atom of plain data as text: "" for None, "true", "1.10"."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    return number(value)


def number(value: int | float | Decimal) -> str:
    """The digits of a finite number, every one of them: a float's as JSON has them.

    A Decimal has an exponent only beyond 64 places.
    """
    if type(value) is float:
        return _SHORTEST(value).decode()
    if type(value) is int and value.bit_length() > LONG:
        value = Decimal(value)
    digits = str(value)
    if "E" not in digits or type(value) is not Decimal:
        return digits
    short = -64 <= value.adjusted() <= 20_000 and value.as_tuple().exponent <= 0  # type: ignore[operator]
    return f"{value:f}" if short else digits


def exact(digits: str) -> float | Decimal:
    """A number that is not whole: a float where that keeps its digits, else a Decimal. Raises Malformed."""
    try:  # msgspec takes a third of the time of float() and repr()
        value = _FLOAT(digits)
        if (len(digits) < 17 and 1e-300 < abs(value) < 1e300) or _SHORTEST(value).decode() == digits:
            return value  # a float keeps 15 digits
    except msgspec.MsgspecError:
        pass
    return _exact(digits)


def _exact(digits: str) -> float | Decimal:
    try:
        value, number = float(digits), Decimal(digits)
    except InvalidOperation:
        raise Malformed(f"the number {digits[:40]} has too large an exponent") from None
    if number == Decimal(repr(value)):
        return value
    if len(digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise Malformed(f"the number {digits[:40]} has too many digits")
    return number


def check_depth(data: Any) -> Any:
    """data, if no more than MAX_DEPTH levels deep. Raises Malformed."""
    level, depth = [data], 0
    while level := [child for item in level if isinstance(item, (list, dict)) for child in _children(item)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise Malformed(f"nested deeper than {MAX_DEPTH} levels")
    return data


def _children(item: list[Any] | dict[str, Any]) -> Iterable[Any]:
    return item.values() if isinstance(item, dict) else item


def _plain(value: Any, binary: bool) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return _mapping(value, binary)
    if kind is list or kind is tuple:
        return [item if type(item) in _ATOMS else _plain(item, binary) for item in value]
    return _atom(value, binary) if isinstance(value, _ATOMIC) else _compound(value, binary)


def _mapping(value: Mapping[Any, Any], binary: bool) -> dict[str, Any]:
    result = {
        (key if type(key) is str else _key(key)): (item if type(item) in _ATOMS else _plain(item, binary))
        for key, item in value.items()
    }
    return result if len(result) == len(value) else _distinct(value, binary)


def _distinct(value: Mapping[Any, Any], binary: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        name, number_ = _key(key), 2
        while name in result:
            name, number_ = f"{_key(key)}~{number_}", number_ + 1
        result[name] = _plain(item, binary)
    return result


def _key(key: Any) -> str:
    if isinstance(key, tuple):
        return ",".join(map(_key, key))
    return "null" if key is None else text(_atom(key, False)) if isinstance(key, _ATOMIC) else str(key)


_ATOMIC = (
    *(str, int, float, Decimal, Enum, datetime, date, time, timedelta, UUID, Fraction),
    *(bytes, bytearray, memoryview, type(None)),
)


def _atom(value: Any, binary: bool) -> Any:  # noqa: PLR0911 - one line a type
    if isinstance(value, Enum):
        return _plain(value.value, binary)
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    if isinstance(value, Decimal):
        return Decimal(value) if value.is_finite() else None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value) if binary else b64encode(value).decode()
    return str(value)


def _compound(value: Any, binary: bool) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # namedtuple, SQLAlchemy row
        return _mapping(value._asdict(), binary)
    if isinstance(value, Mapping):
        return _mapping(value, binary)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _mapping({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, binary)
    if isinstance(value, (set, frozenset)):
        return [_plain(item, binary) for item in _ordered(value)]
    if isinstance(value, Iterable) and not isinstance(value, IOBase):
        return [_plain(item, binary) for item in value]
    raise Unrepresentable(f"{type(value).__qualname__} has no form in the data model")


def _ordered(items: Iterable[Any]) -> Iterable[Any]:
    try:
        return sorted(items)
    except TypeError:
        return items


def _duration(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    seconds, micros = divmod(abs(value // timedelta(microseconds=1)), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    fraction = f".{micros:06}".rstrip("0") if micros else ""
    clock = _parts((hours, "H"), (minutes, "M"), (f"{seconds}{fraction}", "S"))
    return f"{sign}P{_parts((days, 'D'))}T{clock}".removesuffix("T") if days or clock else "PT0S"


def _parts(*amounts: tuple[int | str, str]) -> str:
    return "".join(f"{amount}{unit}" for amount, unit in amounts if amount not in (0, "0"))
