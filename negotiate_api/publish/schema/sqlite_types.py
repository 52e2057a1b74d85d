"""Kinds and types of SQLite's columns, any of which may hold any value.

A column is written by the type it declares, and read as it comes. Dates are text there, in whatever layout who wrote
them chose; a column is written in the layout that it has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from . import kinds, readers
from . import sql_types as own
from .kinds import Kind

Resolved = tuple[Kind, sa.types.TypeEngine[Any]]

SQLALCHEMY = own.Layout(" ", 6)
"""How SQLAlchemy writes, and so how an empty column is written."""

_NUMERIC = re.compile(r"\s*(numeric|decimal|number|money|currency|fixed)\b", re.IGNORECASE)
_WRITTEN = re.compile(
    r"\d{4}-\d\d-\d\d(?:(?P<separator>[T ])\d\d:\d\d)?(?::\d\d(?P<fraction>\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d(?P<fraction>\.\d+)?)?")


def is_dated(type_: sa.types.TypeEngine[Any]) -> bool:
    """Whether the layout of the column matters."""
    return isinstance(type_, (sa.Date, sa.DateTime, sa.Time))


def resolve(type_: sa.types.TypeEngine[Any], declared: str, held: Sequence[Any] = ()) -> Resolved:
    """The kind of a column, and the type to read and write it with.

    declared  the type's name in the database
    held      some values of a column of dates or times
    """
    if is_dated(type_):
        return _dated(type_, held)
    for class_, resolved in _BY_CLASS:
        if isinstance(type_, class_):
            return resolved
    if isinstance(type_, sa.Enum):
        return kinds.enum(type_.enums), sa.String()
    if isinstance(type_, sa.String):
        return kinds.TEXT, sa.Text()
    return _number(type_) if _is_number(type_, declared) else (kinds.ANY, own.Plain("NUMERIC"))


def _number(type_: sa.types.TypeEngine[Any]) -> Resolved:
    """A number, with as many decimal places as the type declares."""
    scale = getattr(type_, "scale", None) or 0
    if 0 < scale <= own.MOST_PLACES:
        return kinds.PLACED, own.Plain("NUMERIC", own.Places(scale), _kept)
    return kinds.EXACT, own.Plain("NUMERIC")


def _is_number(type_: sa.types.TypeEngine[Any], declared: str) -> bool:
    """SQLAlchemy takes every type that it does not know for NUMERIC, as SQLite does."""
    return isinstance(type_, sa.Numeric) and bool(_NUMERIC.match(declared or "numeric"))


def _dated(type_: sa.types.TypeEngine[Any], held: Sequence[Any]) -> Resolved:
    """A column that holds numbers, seconds of Unix or Julian days, or text of other kinds, is one of values."""
    pattern = _CLOCK if isinstance(type_, sa.Time) else _WRITTEN
    matches = [match for value in held if isinstance(value, str) and (match := pattern.fullmatch(value))]
    if held and not matches:
        return kinds.ANY, own.Plain("NUMERIC")
    if isinstance(type_, sa.Time):
        return kinds.TIME, own.Plain("TIME", own.clock, own.Layout(digits=_digits(matches)))
    if isinstance(type_, sa.Date) and not any(match["separator"] for match in matches):
        return kinds.DATE, own.Plain("DATE", own.day, own.Layout())
    layout = _layout(matches)
    return kinds.moment(bool(layout.zone)), own.Plain("DATETIME", own.moment, layout)


def _layout(matches: Sequence[re.Match[str]]) -> own.Layout:
    """The layout of most."""
    timed = [match for match in matches if match["separator"]]
    if not timed:
        return SQLALCHEMY
    separators, zones = [match["separator"] for match in timed], [match["zone"] or "" for match in timed]
    zone = max(zones, key=zones.count)
    return own.Layout(max(separators, key=separators.count), _digits(timed), zone if zone in ("", "Z") else "+")


def _digits(matches: Sequence[re.Match[str]]) -> int:
    if not matches:
        return 6
    lengths = [len(match["fraction"] or ".") - 1 for match in matches]
    length = max(lengths, key=lengths.count)
    return length if length in (0, 3) else 6


def _uuid(value: Any) -> Any:
    return own.attempt(UUID, value)


def _document(value: Any) -> Any:
    """A JSON value; SQLite makes a number of the text of one, in a column of the type JSON."""
    found = readers.document(value)
    is_number = isinstance(found, (int, float, Decimal)) and not isinstance(found, bool)
    return readers.exact(found) if is_number else found


def _kept(value: Any) -> Any:
    """A decimal number as SQLite keeps it."""
    return own.attempt(readers.exact, value)


def _hex(value: Any) -> Any:
    return getattr(value, "hex", value)


_BY_CLASS: tuple[tuple[Any, Resolved], ...] = (
    (sa.Boolean, (kinds.BOOLEAN, own.Plain("BOOLEAN", own.boolean))),
    (sa.Integer, (kinds.WHOLE, sa.Integer())),
    (sa.Float, (kinds.NUMBER, own.Plain("REAL"))),
    (sa.JSON, (replace(kinds.JSON, read=_document), own.Plain("JSON", own.document, own.written))),
    (sa.LargeBinary, (kinds.BINARY, own.Plain("BLOB"))),
    (sa.Uuid, (kinds.UUID_, own.Plain("CHAR(32)", _uuid, _hex))),
    (sa.Interval, (kinds.TIMEDELTA, sa.Interval())),
)
