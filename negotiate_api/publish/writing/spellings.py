"""Numbers and dates as spreadsheets of many countries write them: not read here, but told how they are."""

from __future__ import annotations

from typing import Any

from ..files.spellings import DAY_FIRST, DAYS, DECIMAL_COMMA, MONTH_FIRST, pointed
from ..schema.kinds import DATE, Kind

_GROUPED = 3
"""Digits after a comma that may be between thousands and hundreds as well."""


def hint(kind: Kind, value: Any) -> str:
    """What is added to the reason why a value is none of a kind."""
    if not isinstance(value, str):
        return ""
    if kind.numeric and "," in value and DECIMAL_COMMA.fits([value]):
        return _number(value)
    if kind.name == DATE.name and any(spelling.fits([value]) for spelling in DAYS):
        return _date(value)
    return ""


def _number(value: str) -> str:
    before, _, after = value.partition(",")
    if len(after) == _GROUPED and "." not in before:
        return "; write a point before the decimals, and nothing between thousands"
    return f"; write {pointed(value)}"


def _date(value: str) -> str:
    found = {spelling.value(value) for spelling in (DAY_FIRST, MONTH_FIRST) if spelling.fits([value])}
    return f"; write {' or '.join(sorted(found))}"
