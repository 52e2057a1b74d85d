"""Dates as text: RFC 5322 in UTC, as fields.DateTime writes them for Flask-RESTful, and ISO 8601."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from flask_restful import fields as base

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TWO = tuple(f"{number:02}" for number in range(60))


def rfc822(value: datetime) -> str:
    """A moment in UTC as Flask-RESTful writes it, by RFC 5322."""
    if value.tzinfo is not None and (offset := value.utcoffset()) is not None:
        value -= offset
    year = value.year if value.year > 999 else f"{value.year:04}"
    return (
        f"{_DAYS[value.weekday()]}, {_TWO[value.day]} {_MONTHS[value.month - 1]} {year} "
        f"{_TWO[value.hour]}:{_TWO[value.minute]}:{_TWO[value.second]} -0000"
    )


def rfc822_of_any(value: Any) -> str:
    """The same of a date, which is its midnight, and of all that has a utctimetuple()."""
    if type(value) is datetime:
        return rfc822(value)
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return str(base._rfc822(datetime.combine(value, time()) if is_day else value))


def iso8601(value: Any) -> str:
    """A moment, or a date, in ISO 8601."""
    return str(value.isoformat())


WRITERS: dict[str, Callable[[Any], str]] = {"rfc822": rfc822_of_any, "iso8601": iso8601}
"""By dt_format."""
