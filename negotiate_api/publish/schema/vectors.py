"""The tsvector columns of PostgreSQL: indexes of words, and no data of a row.

A word is found by the configuration that the vector was made with: to 'english', running is run. A generated column and
the trigger tsvector_update_trigger tell it; of another vector it is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.exc import DBAPIError

from . import columns

_GENERATED = sa.text("""
    SELECT c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid), ARRAY(
        SELECT DISTINCT b.attname::text
        FROM pg_depend p JOIN pg_attribute b ON b.attrelid = p.refobjid AND b.attnum = p.refobjsubid
        WHERE p.refclassid = 'pg_class'::regclass AND p.refobjid = c.oid AND b.attnum <> a.attnum AND (
            (p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid)
            OR (p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.objsubid = a.attnum)
        )
    )
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND a.attgenerated = 's' AND a.atttypid = 'tsvector'::regtype
""")
_TRIGGERS = sa.text("""
    SELECT c.relname, t.tgargs FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = current_schema()::regnamespace
    AND t.tgfoid = 'pg_catalog.tsvector_update_trigger'::regproc AND t.tgenabled <> 'D'
""")
_CONFIGURATION = re.compile(r"to_tsvector\('((?:[^']|'')+)'::regconfig")


class Making(NamedTuple):
    """The columns whose words are in a vector, and the configurations that they were split by."""

    columns: frozenset[str]
    configurations: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """A tsvector column, and the making of it; () of configurations where they are not known."""

    source: sa.Column[Any]
    columns: frozenset[str]
    configurations: tuple[str, ...] = ()


Makings = dict[tuple[str, str], Making]
"""By table and column."""


def read(connection: Connection) -> Makings:
    """What PostgreSQL tells, and databases that speak its protocol may not."""
    try:
        found = {
            (table, column): Making(frozenset(names), _configurations(expression))
            for table, column, expression, names in connection.execute(_GENERATED)
        }
        return found | dict(_triggered(table, bytes(given)) for table, given in connection.execute(_TRIGGERS))
    except DBAPIError:
        connection.rollback()
        return {}


def is_vector(source: sa.Column[Any]) -> bool:
    """Whether a column is an index of words beside columns of data."""
    own = source.table.columns
    others = any(not isinstance(column.type, TSVECTOR) for column in own)
    return isinstance(source.type, TSVECTOR) and others and source.name not in columns.key_of(source.table)


def of(source: sa.Table, makings: Makings) -> tuple[Vector, ...]:
    """The vectors of a table; one that nothing is known of may have words of any column."""
    found = [column for column in source.columns if is_vector(column)]
    others = frozenset(column.name for column in source.columns if column not in found)
    unknown = Making(others, ())
    return tuple(Vector(column, *makings.get((source.name, column.name), unknown)) for column in found)


def _configurations(expression: str) -> tuple[str, ...]:
    """Those of an expression; none where one of its vectors is made in another way."""
    found = [name.replace("''", "'") for name in _CONFIGURATION.findall(expression)]
    return tuple(dict.fromkeys(found)) if len(found) == expression.count("to_tsvector(") else ()


def _triggered(table: str, given: bytes) -> tuple[tuple[str, str], Making]:
    """What the trigger was given: the vector, the configuration and the columns, each ended by a zero."""
    vector, configuration, *names = given.decode().split("\0")[:-1]
    return (table, vector), Making(frozenset(names), (configuration,))
