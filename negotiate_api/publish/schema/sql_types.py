"""SQL types of our own: they take what a database holds as it comes, so that no value can end an export.

SQLAlchemy's raise, round or cut where a database holds more than Python's types do: a date column of SQLite with any
text in it, 'infinity' of PostgreSQL, 100 hours of MariaDB. With these, what cannot be read is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from math import isfinite
from struct import pack
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import UserDefinedType

from representations import JSON
from representations.json import read_stored

Reader = Callable[[Any], Any]
Expression = Callable[[Any], sa.ColumnElement[Any]]

MOST_PLACES = 30
"""Decimal places of a column of SQLite that are kept up."""

LARGEST_PLACED = 1e25
"""From here on numbers get no zeros."""

_JSON = JSON()
_PLACED = Context(prec=60)
_TRUTHS = {0: False, 1: True}
_FRACTION = re.compile(r"\.[0-9]{7}")
_INTERVAL = re.compile(
    r"(?:(?P<Y>-?\d+) years? ?)?(?:(?P<M>-?\d+) mons? ?)?(?:(?P<D>[+-]?\d+) days? ?)?"
    r"(?:(?P<sign>[+-])?(?P<h>\d+):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?))?"
)


class Plain(UserDefinedType[Any]):
    """What the driver gives and takes, but for read and write, which are never given None.

    sql_name  of the type, for casts
    """

    cache_ok = True

    def __init__(self, sql_name: str, read: Reader | None = None, write: Reader | None = None) -> None:
        self.sql_name = sql_name
        self.read = read
        self.write = write

    def get_col_spec(self, **_: Any) -> str:
        return self.sql_name

    def bind_processor(self, dialect: sa.Dialect) -> Reader | None:
        return self.write and _but_none(self.write)

    def result_processor(self, dialect: sa.Dialect, coltype: Any) -> Reader | None:
        return self.read and _but_none(self.read)


class Cast(Plain):
    """The same; given, a value is cast to the type, or goes through another expression."""

    cache_ok = True

    def __init__(
        self, sql_name: str, read: Reader | None = None, write: Reader | None = None, given: Expression | None = None
    ) -> None:
        super().__init__(sql_name, read, write)
        self.given = given

    def bind_expression(self, bindvalue: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
        return self.given(bindvalue) if self.given else sa.cast(bindvalue, self)


class As(Cast):
    """The same; selected, it is cast to text, or goes through another expression."""

    cache_ok = True

    def __init__(
        self,
        sql_name: str,
        read: Reader | None = None,
        write: Reader | None = None,
        given: Expression | None = None,
        selected: Expression | None = None,
    ) -> None:
        super().__init__(sql_name, read, write, given)
        self.selected = selected

    def column_expression(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        selected = self.selected(column) if self.selected else sa.cast(column, sa.Text)
        return sa.type_coerce(selected, self)


@dataclass(frozen=True)
class Layout:
    """How a column of SQLite, which has no type for them, writes its dates and times.

    zone  "" none, "Z", or "+" as +00:00
    """

    separator: str = " "
    digits: int = 0
    zone: str = ""

    def __call__(self, value: Any) -> Any:
        if isinstance(value, datetime):
            text = value.isoformat(self.separator, self._timespec(value.microsecond))
            return text.replace("+00:00", "Z") if self.zone == "Z" else text
        if isinstance(value, time):
            return value.isoformat(self._timespec(value.microsecond))
        return value.isoformat() if isinstance(value, date) else value

    def _timespec(self, microsecond: int) -> str:
        """Nothing is cut for the sake of the layout."""
        if self.digits == 0 and not microsecond:
            return "seconds"
        return "milliseconds" if self.digits == 3 and not microsecond % 1000 else "microseconds"


@dataclass(frozen=True)
class Places:
    """A number of SQLite, which keeps no zeros after its point, with as many places as its column declares.

    One that has more is itself.
    """

    scale: int

    def __call__(self, value: Any) -> Any:
        if type(value) not in (int, float) or not isfinite(value):
            return value
        number = Decimal(repr(value))
        has_fewer = int(number.as_tuple().exponent) > -self.scale and abs(value) < LARGEST_PLACED
        return number.quantize(Decimal(1).scaleb(-self.scale), context=_PLACED) if has_fewer else number


def attempt(parse: Reader, value: Any) -> Any:
    """What parse gives; a value that it refuses is itself."""
    try:
        return parse(value)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return value


def boolean(value: Any) -> Any:
    """0 and 1 as false and true; any other value is itself."""
    return _TRUTHS.get(value, value)


def day(value: Any) -> Any:
    """A date; what is none of the calendar's is itself."""
    return attempt(date.fromisoformat, value) if isinstance(value, str) and len(value) == 10 else value


def moment(value: Any) -> Any:
    """A date and time; what is none of the calendar's, or finer than microseconds, is itself."""
    if not isinstance(value, str) or len(value) <= 10 or (len(value) > 26 and _FRACTION.search(value)):
        return value
    return attempt(datetime.fromisoformat, value)


def clock(value: Any) -> Any:
    """A time; what is none of a day's, or finer than microseconds, is itself."""
    if isinstance(value, timedelta):
        return _clock_of(value)
    if not isinstance(value, str) or ":" not in value or (len(value) > 15 and _FRACTION.search(value)):
        return value
    return attempt(time.fromisoformat, value)


def document(value: Any) -> Any:
    """JSON; what is none is itself."""
    return attempt(read_stored, value) if isinstance(value, str) else value


def written(value: Any) -> str:
    """The text of JSON."""
    return _JSON.dumps(value)


def duration(text: str) -> str:
    """An interval as PostgreSQL writes it, in ISO 8601: "1 mon 02:30:00" is "P1MT2H30M"."""
    match = _INTERVAL.fullmatch(text)
    if not match:
        return text
    days = "".join(f"{int(match[unit])}{unit}" for unit in "YMD" if match[unit])
    sign = "-" if match["sign"] == "-" else ""
    amounts = ((match["h"], "H"), (match["m"], "M"), (match["s"], "S"))
    hours = "".join(f"{sign}{_digits(amount)}{unit}" for amount, unit in amounts if amount and float(amount))
    return f"P{days}T{hours}".removesuffix("T") if days or hours else "PT0S"


def bits(value: Any) -> Any:
    """The number that a BIT column of MariaDB holds."""
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


def bit(value: Any) -> Any:
    """The same of BIT(1), as false or true."""
    return bool(bits(value))


def single(value: Any) -> Any:
    """A number of single precision by the fewest digits that tell it apart, as it was written."""
    for digits in range(6, 10):
        shortest = float(f"{value:.{digits}g}")
        if shortest == value or (abs(shortest) < 3.4028235e38 and pack("f", shortest) == pack("f", value)):
            return shortest
    return value


def each(read: Reader) -> Reader:
    """read for each item of a list, however deep."""

    def items(value: Any) -> Any:
        if isinstance(value, list):
            return [items(one) for one in value]
        return value if value is None else read(value)

    return items


def _but_none(process: Reader) -> Reader:
    return lambda value: None if value is None else process(value)


def _clock_of(value: timedelta) -> Any:
    """A time of a day, or the hours beyond it as MariaDB writes them."""
    if timedelta(0) <= value < timedelta(days=1):
        return (datetime.min + value).time()
    seconds, micros = divmod(abs(value) // timedelta(microseconds=1), 1_000_000)
    sign, fraction = "-" if value < timedelta(0) else "", f".{micros:06}" if micros else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _digits(amount: str) -> str:
    whole, point, fraction = amount.partition(".")
    return f"{int(whole)}{point}{fraction}"
