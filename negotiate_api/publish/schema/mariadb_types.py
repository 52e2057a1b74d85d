"""Kinds and types of MariaDB's and MySQL's columns.

BOOLEAN is TINYINT(1) there, so TINYINT(1) is taken for a boolean, as frameworks take it; a number in it other than 0
and 1 stays that number, and may be written. JSON is LONGTEXT that is checked to be JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from . import kinds, readers
from . import sql_types as own
from .kinds import Kind

Resolved = tuple[Kind, sa.types.TypeEngine[Any]]

GEOMETRIES = {
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
    "geometrycollection",
}

_ZERO = r"[0-9]{4}-(00-[0-9]{2}|[0-9]{2}-00)( [0-9:.]+)?"
"""Dates with a month or a day of zero, which MariaDB keeps where its mode allows."""

_LONG = r"-?[0-9]{2,3}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
"""A TIME has up to 838 hours."""

_SIZES = {mysql.TINYTEXT: 255, sa.TEXT: 65_535, mysql.TEXT: 65_535, mysql.MEDIUMTEXT: 2**24 - 1}
_BINARY_SIZES = {mysql.TINYBLOB: 255, sa.BLOB: 65_535, mysql.MEDIUMBLOB: 2**24 - 1}


def resolve(type_: sa.types.TypeEngine[Any], declared: str, dialect: sa.Dialect) -> Resolved:
    """The kind of a column, and the type to read and write it with.

    declared  the type's name: "json" where text is checked to be JSON
    """
    if declared == "json" or isinstance(type_, sa.JSON):
        return kinds.JSON, own.Plain("JSON", own.document, own.written)
    for class_, function in _BY_CLASS:
        if isinstance(type_, class_):
            return function(type_)
    if declared in GEOMETRIES:
        return kinds.OTHER, own.As(declared, None, None, sa.func.ST_GeomFromText, sa.func.ST_AsText)
    return kinds.OTHER, own.Plain(declared or "TEXT")


def _tiny(type_: Any) -> Resolved:
    if type_.display_width == 1 and not type_.unsigned:
        return kinds.FLAG, own.Plain("BOOLEAN", own.boolean)
    return _whole(8)(type_)


def _whole(bits: int) -> Callable[[Any], Resolved]:
    def resolved(type_: Any) -> Resolved:
        if getattr(type_, "unsigned", False):
            return kinds.whole(0, 2**bits - 1), sa.Integer()
        return kinds.whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1), sa.Integer()

    return resolved


def _year(value: Any) -> int:
    """A year, or 0 as MariaDB has it where it was given none."""
    found = readers.whole(value)
    return kinds.whole(1901, 2155).read(found) if found else found


def _bits(type_: Any) -> Resolved:
    length = type_.length or 1
    if length == 1:
        return kinds.BOOLEAN, own.Plain("BIT(1)", own.bit)
    return kinds.whole(0, 2**length - 1), own.Plain(f"BIT({length})", own.bits)


def _single(type_: Any) -> Resolved:
    """FLOAT is shown with six digits, and equals nothing that is of double precision, unless it is told."""
    if (type_.precision or 0) > 24 or isinstance(type_, (sa.Double, sa.DOUBLE_PRECISION, mysql.DOUBLE)):
        return kinds.NUMBER, sa.Double()

    def given(value: Any) -> sa.ColumnElement[Any]:
        return sa.cast(sa.type_coerce(value, sa.Double()), sa.FLOAT())

    return kinds.NUMBER, own.As("FLOAT", own.single, None, given, lambda column: sa.cast(column, sa.Double()))


def _decimal(type_: Any) -> Resolved:
    return kinds.decimal(type_.precision or 10, type_.scale or 0), sa.Numeric()


def _text(type_: Any) -> Resolved:
    size = None if type_.length else _SIZES.get(type(type_))
    return kinds.text(type_.length, size), sa.Text()


def _binary(type_: Any) -> Resolved:
    size = getattr(type_, "length", None) or _BINARY_SIZES.get(type(type_))
    return kinds.binary(size), own.Plain("BLOB")


def _moment(type_: Any) -> Resolved:
    kind = kinds.moment(False, getattr(type_, "fsp", None) or 0)
    return kinds.also(kind, _ZERO), own.Plain("DATETIME")


def _time(type_: Any) -> Resolved:
    return kinds.also(kinds.clock(False, getattr(type_, "fsp", None) or 0), _LONG), own.Plain("TIME", own.clock)


def _set(type_: Any) -> Resolved:
    return kinds.several(type_.values), own.Plain("SET", lambda value: value.split(",") if value else [], ",".join)


_BY_CLASS: tuple[tuple[Any, Callable[[Any], Resolved]], ...] = (
    (sa.Boolean, lambda type_: (kinds.FLAG, own.Plain("BOOLEAN", own.boolean))),
    (mysql.BIT, _bits),
    (mysql.YEAR, lambda type_: (replace(kinds.whole(), read=_year, bounds=None), sa.Integer())),
    (mysql.TINYINT, _tiny),
    (mysql.MEDIUMINT, _whole(24)),
    (sa.SmallInteger, _whole(16)),
    (sa.BigInteger, _whole(64)),
    (sa.Integer, _whole(32)),
    (sa.Float, _single),
    (mysql.DOUBLE, _single),
    (sa.Numeric, _decimal),
    (mysql.SET, _set),
    (sa.Enum, lambda type_: (kinds.also(kinds.enum(type_.enums), ""), own.Plain("ENUM"))),
    (sa.Uuid, lambda type_: (kinds.UUID_, type_)),
    (sa.String, _text),
    (sa.types._Binary, _binary),
    (sa.DateTime, _moment),
    (sa.Date, lambda type_: (kinds.also(kinds.DATE, _ZERO), own.Plain("DATE"))),
    (sa.Time, _time),
    (sa.Interval, lambda type_: (kinds.TIMEDELTA, type_)),
)
