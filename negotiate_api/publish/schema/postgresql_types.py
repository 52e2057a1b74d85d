"""Kinds and types of PostgreSQL's columns.

Dates, times and whatever psycopg makes objects of its own of are selected as text: psycopg raises for 'infinity', for
years before Christ and for 24:00, takes a month for 30 days, and gives ranges that no format knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from . import kinds
from . import sql_types as own
from .kinds import Kind

Resolved = tuple[Kind, sa.types.TypeEngine[Any]]

_BEYOND = r"-?infinity|[0-9]{4,}-[0-9]{2}-[0-9]{2}[^'\\]* BC|[0-9]{5,}-[0-9]{2}-[0-9]{2}[^'\\]*"
"""Dates that Python's type has not."""


_UNORDERED = frozenset(
    ("point", "line", "lseg", "box", "path", "polygon", "circle", "xml", "jsonpath", "pg_snapshot", "txid_snapshot")
)
"""Types of PostgreSQL's own that it neither sorts nor groups by."""


class Vector(pg.TSVECTOR):
    """A tsvector; what it is compared with is cast to one."""

    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self

    def bind_expression(self, bindvalue: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
        return sa.cast(bindvalue, pg.TSVECTOR)


def resolve(type_: sa.types.TypeEngine[Any], declared: str, dialect: sa.Dialect) -> Resolved:
    """The kind of a column, and the type to read and write it with; declared is the type's name where it has one."""
    while isinstance(type_, pg.DOMAIN):
        type_, declared = type_.data_type, ""
    if isinstance(type_, sa.ARRAY):
        return _array(type_, declared, dialect)
    if isinstance(type_, sa.Enum):
        return _enum(type_, dialect)
    for class_, function in _BY_CLASS:
        if isinstance(type_, class_):
            return function(type_)
    kind = kinds.UNORDERED if declared in _UNORDERED else kinds.OTHER
    return kind, own.As(declared or type_.compile(dialect=dialect)) if _is_named(type_, declared) else type_


def _is_named(type_: sa.types.TypeEngine[Any], declared: str) -> bool:
    return bool(declared) or not isinstance(type_, sa.types.NullType)


def _enum(type_: Any, dialect: sa.Dialect) -> Resolved:
    """The words as the database has them: a type that knows them raises for one that is new."""
    if not type_.native_enum:
        return kinds.enum(type_.enums), sa.String()
    return kinds.enum(type_.enums), own.Cast(type_.compile(dialect=dialect))


def _array(type_: sa.ARRAY[Any], declared: str, dialect: sa.Dialect) -> Resolved:
    """Lists; of what is selected as text, they are selected as lists of texts."""
    kind, item = resolve(type_.item_type, declared.removesuffix("[]"), dialect)
    if not isinstance(item, own.Plain):
        return kinds.array(kind), pg.ARRAY(item)
    read, write = item.read and own.each(item.read), item.write and own.each(item.write)
    return kinds.array(kind), own.As(f"{item.sql_name}[]", read, write, selected=_texts)


def _texts(column: Any) -> sa.ColumnElement[Any]:
    return sa.cast(column, pg.ARRAY(sa.Text))


def _whole(bits: int) -> Callable[[Any], Resolved]:
    kind = kinds.whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return lambda type_: (kind, type_)


def _decimal(type_: Any) -> Resolved:
    return kinds.decimal(type_.precision, type_.scale), sa.Numeric()


def _text(type_: Any) -> Resolved:
    return kinds.text(type_.length), sa.Text() if not isinstance(type_, pg.CITEXT) else type_


def _padded(type_: Any) -> Resolved:
    """Blanks at the end mean nothing. Told to be text, a value would pass by the column's index."""
    return kinds.text(type_.length), own.Cast("BPCHAR", lambda value: value.rstrip(" "))


def _timestamp(type_: Any) -> Resolved:
    digits = getattr(type_, "precision", None)
    kind = kinds.moment(type_.timezone, 6 if digits is None else digits)
    return kinds.also(kind, _BEYOND), own.As(f"TIMESTAMP WITH{'' if type_.timezone else 'OUT'} TIME ZONE", own.moment)


def _time(type_: Any) -> Resolved:
    digits = getattr(type_, "precision", None)
    kind = kinds.clock(type_.timezone, 6 if digits is None else digits)
    name = f"TIME WITH{'' if type_.timezone else 'OUT'} TIME ZONE"
    return kinds.also(kind, r"24:00:00([+-][0-9:]+)?"), own.As(name, own.clock)


def _money(type_: Any) -> Resolved:
    """Text would have the currency and the commas of the server's language."""
    return kinds.decimal(19, 2), own.As("MONEY", selected=lambda column: sa.cast(column, sa.Numeric()))


def _bits(type_: Any) -> Resolved:
    length = type_.length or (2**31 if type_.varying else 1)
    name = "BIT VARYING" if type_.varying else f"BIT({length})"
    return kinds.digits(length, fewer=type_.varying), own.As(name)


def _json(type_: Any) -> Resolved:
    name = "JSONB" if isinstance(type_, pg.JSONB) else "JSON"
    return kinds.JSON, own.As(name, own.document, own.written)


def _inet(type_: Any) -> Resolved:
    """A host without /32, which a cast to text would add."""
    return kinds.OTHER, own.As("INET", selected=sa.func.abbrev)


_BY_CLASS: tuple[tuple[Any, Callable[[Any], Resolved]], ...] = (
    (sa.Boolean, lambda type_: (kinds.BOOLEAN, sa.Boolean())),
    (sa.SmallInteger, _whole(16)),
    (sa.BigInteger, _whole(64)),
    (sa.Integer, _whole(32)),
    (sa.REAL, lambda type_: (kinds.NUMBER, own.Cast("REAL", float))),
    (sa.Float, lambda type_: (kinds.NUMBER, sa.Double())),
    (sa.Numeric, _decimal),
    (sa.CHAR, _padded),
    (sa.Uuid, lambda type_: (kinds.UUID_, sa.Uuid())),
    (sa.JSON, _json),
    (sa.LargeBinary, lambda type_: (kinds.BINARY, sa.LargeBinary())),
    (sa.Date, lambda type_: (kinds.also(kinds.DATE, _BEYOND), own.As("DATE", own.day))),
    (sa.DateTime, _timestamp),
    (sa.Time, _time),
    ((sa.Interval, pg.INTERVAL), lambda type_: (kinds.INTERVAL, own.As("INTERVAL", own.duration))),
    (pg.MONEY, _money),
    (pg.BIT, _bits),
    (pg.INET, _inet),
    (sa.String, _text),
    (pg.TSVECTOR, lambda type_: (kinds.OTHER, Vector())),
)
