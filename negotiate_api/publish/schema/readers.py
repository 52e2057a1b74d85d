"""What kinds read values with, and write them as text with. All of them take text or a value of the data model.

They refuse by ValueError alone, in words that follow the value: "is no whole number".
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

from representations import JSON, data
from representations.json import read_stored

LONGEST = 1000
"""Digits that a decimal number may have before its point, and after it, where its column sets no bound."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_ZONE = r"[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?"
_MOMENT = re.compile(rf"({_DATE})(?:[Tt ]({_TIME}) ?({_ZONE})?)?")
_CLOCK = re.compile(rf"({_TIME})({_ZONE})?")
_DURATION = re.compile(
    r"[+-]?P(?=[0-9T+-])(?:[+-]?[0-9]+(?:\.[0-9]+)?[YMWD])*(?:T(?:[+-]?[0-9]+(?:\.[0-9]+)?[HMS])+)?", re.IGNORECASE
)
_AMOUNT = r"(?:([+-]?[0-9]+(?:\.[0-9]+)?)%s)?"
_DAYS_AND_HOURS = re.compile("([+-]?)P{}{}(?:T{}{}{})?".format(*(_AMOUNT % unit for unit in "WDHMS")))
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_SURROGATE = re.compile("[\ud800-\udfff]")
_JSON = JSON()

_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def characters(value: Any) -> str:
    """Text; a number or a date is what it is written as."""
    if not isinstance(value, str):
        if value is None or isinstance(value, (list, tuple, dict, bytes)):
            raise ValueError("is no text")
        value = data.text(data.plain(value))
    if "\0" in value:
        raise ValueError("has the character U+0000, which not every database can hold in text")
    if not value.isascii() and _SURROGATE.search(value):
        raise ValueError("has half a character, a lone surrogate")
    return str(value)


def decimal(value: Any) -> Decimal:
    """A finite number, every digit of it."""
    if isinstance(value, str):
        value = value.strip()
        found = Decimal(value) if _NUMBER.fullmatch(value) else None
    elif isinstance(value, float):
        found = Decimal(repr(value))
    else:
        is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        found = Decimal(value) if is_number else None
    if found is None or not found.is_finite():
        raise ValueError("is no number")
    return found if found or abs(found.adjusted()) <= LONGEST else Decimal(0)


def places(number: Decimal) -> int:
    """The decimal places of a number, without zeros at the end; below zero where zeros come before the point."""
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return -exponent - zeros if isinstance(exponent, int) and number else 0


def whole(value: Any) -> int:
    """A whole number; one that is beyond every column's bounds is 10**40, or its negative."""
    if type(value) is int:
        return value
    if type(value) is str and len(value) < 20 and value.isascii() and value.isdigit():
        return int(value)
    try:
        number = decimal(value)
    except ValueError:
        raise ValueError("is no whole number") from None
    if number.adjusted() > 40:
        return 10**40 if number > 0 else -(10**40)
    if places(number) > 0:
        raise ValueError("is no whole number")
    return int(number)


def double(value: Any) -> float:
    """A number of double precision."""
    found = value if type(value) is float else float(decimal(value))
    if not isfinite(found):
        raise ValueError("is no number" if found is value else "is beyond 1.7976931348623157e308")
    return found


def exact(value: Any) -> int | float:
    """A number as SQLite keeps it, with all its digits: whole within 64 bits, or of double precision."""
    number = decimal(value)
    if number.adjusted() < 19 and places(number) <= 0 and -(2**63) <= int(number) < 2**63:
        return int(number)
    if Decimal(repr(found := double(number))) != number:
        raise ValueError("has more digits than the database keeps")
    return found


def placed(value: Any) -> Decimal:
    """The same as a decimal number."""
    return decimal(exact(value))


def boolean(value: Any) -> bool:
    """true and false; 1 and 0, yes and no in their place."""
    if isinstance(value, bool):
        return value
    found = _TRUTHS.get(str(value).strip().lower()) if isinstance(value, (str, int)) else None
    if found is None:
        raise ValueError("is neither true nor false")
    return found


def flag(value: Any) -> bool | int:
    """The same, and the other whole numbers of a TINYINT of MariaDB."""
    try:
        return boolean(value)
    except ValueError:
        if isinstance(value, (int, str)) and re.fullmatch("-?[0-9]{1,3}", str(value)) and -128 <= int(value) < 128:
            return int(value)
        raise


def day(value: Any) -> date:
    """A date; a time beside it may be midnight alone."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        found = moment(value)
    except ValueError:
        raise ValueError("is no date, such as 2024-12-31") from None
    if found.timetz() != time():
        raise ValueError("has a time, and the column takes a date")
    return found.date()


def moment(value: Any) -> datetime:
    """A date and time; a date is its midnight."""
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("is no date and time, such as 2024-12-31T23:59:00")
    day, clock, zone = match.groups()
    _check_fraction(clock)
    try:
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}{(zone or '').upper()}")
    except ValueError:
        raise ValueError("is no date and time of the calendar") from None


def clock(value: Any) -> time:
    """A time of a day."""
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("is no time, such as 23:59:00")
    _check_fraction(match[1])
    try:
        return time.fromisoformat(value.strip().upper())
    except ValueError:
        raise ValueError("is no time of a day") from None


def check_digits(microsecond: int, digits: int) -> None:
    """Raises ValueError where a fraction of a second has more than so many digits."""
    if digits < 6 and microsecond % 10 ** (6 - digits):
        raise ValueError(f"has more than {counted(digits, 'digit')} of a second's fraction")


def _check_fraction(clock: str | None) -> None:
    """The same of what is finer than Python's times."""
    if clock and clock.partition(".")[2][6:].strip("0"):
        raise ValueError("has more than 6 digits of a second's fraction")


def duration(value: Any) -> str:
    """A duration of ISO 8601."""
    if isinstance(value, timedelta):
        return str(data.plain(value))
    found = characters(value).strip()
    if not _DURATION.fullmatch(found):
        raise ValueError("is no duration, such as P1DT2H30M")
    return found.upper()


def length(value: Any) -> timedelta:
    """The same as a number of seconds."""
    if isinstance(value, timedelta):
        return value
    match = _DAYS_AND_HOURS.fullmatch(duration(value))
    if not match:
        raise ValueError("has years or months, which are of no fixed length")
    amounts = zip(_UNITS, match.groups()[1:], strict=True)
    try:
        found = timedelta(**{unit: float(amount) for unit, amount in amounts if amount})
    except OverflowError:
        raise ValueError("is beyond 999999999 days") from None
    return -found if match[1] == "-" else found


def uuid(value: Any) -> UUID:
    """A UUID (RFC 9562), with hyphens or without."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(characters(value).strip())
    except ValueError:
        raise ValueError("is no UUID, such as 6ba7b810-9dad-11d1-80b4-00c04fd430c8") from None


def octets(value: Any) -> bytes:
    """Bytes, of base64 (RFC 4648, section 4) where they are text."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    try:
        return b64decode(characters(value).strip(), validate=True)
    except ValueError:
        raise ValueError("is no base64") from None


def document(value: Any) -> Any:
    """JSON's values. Text that begins as a list, a mapping or quoted text does is JSON; other text is itself."""
    if not isinstance(value, str):
        return value
    found = characters(value)
    return parsed(found, "is no JSON") if found.lstrip()[:1] in ("{", "[", '"') else found


def parsed(text: str, refusal: str) -> Any:
    """What a text of JSON means. Raises ValueError with refusal."""
    try:
        return read_stored(text)
    except (ValueError, RecursionError):
        raise ValueError(refusal) from None


def anything(value: Any) -> Any:
    """A single value. Text that is a number as it is written here is one: "5", "1.5"; "005" and "1.50" stay text."""
    if isinstance(value, (list, dict)):
        raise ValueError("is no single value")
    if isinstance(value, (int, Decimal)):
        return exact(int(value) if isinstance(value, bool) else value)
    if not isinstance(value, str):
        return value
    found = characters(value)
    if len(found) > 25 or not _NUMBER.fullmatch(found):
        return found
    number = float(found) if "." in found or "e" in found.lower() else int(found)
    is_kept = isinstance(number, float) or -(2**63) <= number < 2**63
    return number if is_kept and data.number(number) == found else found


def as_text(value: Any) -> str:
    """A single value as text."""
    return data.text(data.plain(value))


def as_iso(value: Any) -> str:
    """A date or time in ISO 8601; what is none, as a column may hold it, as text."""
    return str(value.isoformat()) if isinstance(value, (date, time)) else as_text(value)


def as_base64(value: Any) -> str:
    """Bytes in base64; what is none as text."""
    return b64encode(value).decode() if isinstance(value, (bytes, bytearray, memoryview)) else as_text(value)


def as_json(value: Any) -> str:
    """The text of JSON."""
    return _JSON.dumps(value)


def counted(count: int, noun: str) -> str:
    """ "1 digit", "2 digits"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
