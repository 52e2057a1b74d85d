"""How values of each kind are written in a file, and what they are: what is not written so stays text.

| Kind                    | written                                                      |
|-------------------------|--------------------------------------------------------------|
| whole number            | 0, 12, -3 within 64 bits; no leading zeros, no +             |
| number                  | 1.5, -0.25, 1e-07; a float holds every digit of it           |
| number, decimal comma   | 1,5 and 1.234,56 where semicolons separate the fields        |
| decimal number          | a number with a zero that would be lost, 4.20: all values    |
|                         | get as many places                                           |
| boolean                 | true, false; True, False; TRUE, FALSE                        |
| date                    | 2024-12-31 (ISO 8601); 31.12.2024, 31/12/2024, 12/31/2024    |
|                         | where a day after the 12th tells which is the month          |
| time                    | 23:59:00, 23:59:00.5                                         |
| date and time           | 2024-12-31T23:59, 2024-12-31 23:59:00.123456                 |
| date and time with zone | 2024-12-31T23:59:00Z, 2024-12-31T23:59:00+02:00 (RFC 3339)   |

So 007, +47, 1e5, 1,234, NA, NaN, yes, 31.12.24 and a number of more than 64 bits stay text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

LOW, HIGH = -(2**63), 2**63 - 1

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")
_PLAIN = re.compile(r"(?!-0\Z)-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER = re.compile(r"(?!-0\Z)-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-][0-9]{1,3})?")
_COMMA = re.compile(r"(?!-0\Z)-?(?:0|[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[1-9][0-9]*)(?:,[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
_TIME = re.compile(_CLOCK)
_MOMENT = re.compile(rf"{_DATE.pattern}[T ](?:{_CLOCK}|[0-9]{{2}}:[0-9]{{2}})")
_ZONED = re.compile(rf"{_MOMENT.pattern}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})")
_TRUTHS = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """A kind of values.

    name   as told to people
    fits   whether all of some texts are of this kind
    value  text -> what the database is handed
    """

    name: str
    fits: Callable[[Collection[str]], bool]
    value: Callable[[str], Any]

    def __repr__(self) -> str:
        return self.name


def are_short(texts: Collection[str]) -> bool:
    """Whether a float holds every digit of numbers as long as these."""
    return max(map(len, texts)) <= 15


def is_exact(text: str) -> bool:
    """Whether a float holds a number as it is written, each digit of it."""
    return Decimal(repr(float(text))) == Decimal(text)


def _whole(texts: Collection[str]) -> bool:
    return all(map(_WHOLE.fullmatch, texts)) and all(LOW <= int(text) <= HIGH for text in texts if len(text) > 18)


def _number(texts: Collection[str]) -> bool:
    if are_short(texts) and all(map(_PLAIN.fullmatch, texts)):
        return True
    return all(map(_NUMBER.fullmatch, texts)) and all(map(is_exact, texts))


def _comma(texts: Collection[str]) -> bool:
    return all(map(_COMMA.fullmatch, texts)) and _number([pointed(text) for text in texts])


def pointed(text: str) -> str:
    """1.234,56 as 1234.56."""
    return text.replace(".", "").replace(",", ".")


def _calendar(pattern: re.Pattern[str], read: Callable[[str], Any]) -> Callable[[Collection[str]], bool]:
    def fits(texts: Collection[str]) -> bool:
        if not all(map(pattern.fullmatch, texts)):
            return False
        try:
            return all(read(text) is not None for text in texts)
        except (ValueError, OverflowError):  # the latter of year 1 in UTC
            return False

    return fits


def _day_first(text: str) -> str:
    day, _, month, year = _DAYS.fullmatch(text).groups()  # type: ignore[union-attr]
    return date(int(year), int(month), int(day)).isoformat()


def _month_first(text: str) -> str:
    month, _, day, year = _DAYS.fullmatch(text).groups()  # type: ignore[union-attr]
    return date(int(year), int(month), int(day)).isoformat()


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _boolean(texts: Collection[str]) -> bool:
    return _TRUTHS.keys() >= set(texts)


def _same(text: str) -> str:
    return text


WHOLE = Spelling("whole number", _whole, int)
NUMBER = Spelling("number", _number, float)
COMMA = Spelling("number", _comma, lambda text: float(pointed(text)))
DECIMAL = Spelling("decimal number", _number, _same)
DECIMAL_COMMA = Spelling("decimal number", _comma, pointed)
BOOLEAN = Spelling("boolean", _boolean, _TRUTHS.__getitem__)
DATE = Spelling("date", _calendar(_DATE, date.fromisoformat), _same)
DAY_FIRST = Spelling("date", _calendar(_DAYS, _day_first), _day_first)
MONTH_FIRST = Spelling("date", _calendar(_DAYS, _month_first), _month_first)
TIME = Spelling(
    "time", _calendar(_TIME, time.fromisoformat), lambda text: time.fromisoformat(text).isoformat("microseconds")
)
MOMENT = Spelling(
    "date and time",
    _calendar(_MOMENT, datetime.fromisoformat),
    lambda text: datetime.fromisoformat(text).isoformat(" ", "microseconds"),
)
ZONED = Spelling(
    "date and time with zone",
    _calendar(_ZONED, _utc),
    lambda text: _utc(text).isoformat(" ", "microseconds"),
)
TEXT = Spelling("text", lambda texts: True, _same)
JSON = Spelling("JSON", lambda texts: False, _same)

MOMENTS = (DATE, TIME, MOMENT, ZONED)

DAYS = (DAY_FIRST, MONTH_FIRST)

NAMED = {
    "text": TEXT,
    "whole number": WHOLE,
    "number": NUMBER,
    "number with comma": COMMA,
    "boolean": BOOLEAN,
    "date": DATE,
    "date with day first": DAY_FIRST,
    "date with month first": MONTH_FIRST,
    "time": TIME,
    "date and time": MOMENT,
    "date and time with zone": ZONED,
}
"""What settings call them, where a column is not to be what its values look like."""
