"""inputs: Flask-RESTful's types of arguments, each a function that gives the value meant by what arrived.

They refuse by ValueError alone, with a message fit for the client, whatever arrives: a JSON body holds numbers, lists
and null where text is expected, and dates may lie outside the calendar. A number with a fraction is no integer.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_restful import inputs as base
from flask_restful.inputs import END_OF_DAY, START_OF_DAY, url_regex

__all__ = [
    "END_OF_DAY",
    "START_OF_DAY",
    "boolean",
    "date",
    "datetime_from_iso8601",
    "datetime_from_rfc822",
    "int_range",
    "iso8601interval",
    "natural",
    "positive",
    "regex",
    "url",
    "url_regex",
]

_UNREADABLE = (TypeError, AttributeError, LookupError, ArithmeticError, NotImplementedError)
"""What the parsers raise beside ValueError."""


def url(value: str) -> str:
    """value, if it is an absolute URL."""
    return _read(base.url, value, f"{value!r} is not a valid URL")


class regex(base.regex):  # type: ignore[misc]  # noqa: N801
    """Gives a text that a pattern is found in; ^ and $ hold it to the whole."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        super().__init__(pattern, flags)
        self.flags = flags

    def __call__(self, value: str) -> str:
        return _read(super().__call__, value, f'Value does not match pattern: "{self.pattern}"')

    def __deepcopy__(self, memo: Any) -> regex:
        return type(self)(self.pattern, self.flags)


def iso8601interval(value: str, argument: str = "argument") -> tuple[datetime, datetime]:
    """Start and end in UTC of an interval of ISO 8601, or of the day, hour, minute or second that a single time is."""
    message = f"Invalid {argument}: {value}. {argument} must be a valid ISO8601 date/time interval."
    return _read(lambda text: base.iso8601interval(text, argument), value, message)


def date(value: str) -> datetime:
    """Midnight of a day: "2013-01-31"."""
    return _read(base.date, value, f"{value!r} is not a date of the form YYYY-MM-DD")


def natural(value: int | str, argument: str = "argument") -> int:
    """An integer from 0."""
    return int(base.natural(_integer(value), argument))


def positive(value: int | str, argument: str = "argument") -> int:
    """An integer from 1."""
    return int(base.positive(_integer(value), argument))


class int_range(base.int_range):  # type: ignore[misc]  # noqa: N801
    """Gives an integer from low to high, both included."""

    def __init__(self, low: int, high: int, argument: str = "argument") -> None:
        super().__init__(low, high, argument)

    def __call__(self, value: int | str) -> int:
        return int(super().__call__(_integer(value)))


def boolean(value: bool | str) -> bool:
    """The truth value of "true", "false" in any case, "1" and "0", and of itself."""
    return _read(base.boolean, value, f"Invalid literal for boolean(): {value!r}")


def datetime_from_rfc822(datetime_str: str) -> datetime:
    """The moment, in UTC, of "Wed, 02 Oct 2002 08:00:00 EST"."""
    return _read(base.datetime_from_rfc822, datetime_str, f"{datetime_str!r} is not a date of RFC 822")


def datetime_from_iso8601(datetime_str: str) -> datetime:
    """The moment of "2012-01-01T23:30:00+02:00", in its own zone."""
    return _read(base.datetime_from_iso8601, datetime_str, f"{datetime_str!r} is not a date and time of ISO 8601")


def _read(parse: Callable[[Any], Any], value: Any, message: str) -> Any:
    """What parse gives; a failure that is no ValueError becomes one with a message."""
    try:
        return parse(value)
    except _UNREADABLE:
        raise ValueError(message) from None


def _integer(value: Any) -> int:
    message = f"{value} is not a valid integer"
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(message)
    return _read(base._get_integer, value, message)
