"""Where the values of a file go: the types of columns on each database, and rows in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from representations import data
from representations.table import json_text

from . import ledger
from .inferring import Inferred
from .key import LONGEST
from .problems import Problems
from .spellings import (
    BOOLEAN,
    COMMA,
    DATE,
    DAYS,
    DECIMAL,
    DECIMAL_COMMA,
    JSON,
    MOMENT,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    ZONED,
    Spelling,
)

MARIADB = ("mysql", "mariadb")

_TYPES: dict[Spelling, sa.types.TypeEngine[Any]] = {
    WHOLE: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),  # whose INTEGER has 64 bits
    NUMBER: sa.Double().with_variant(sa.REAL(), "sqlite"),
    COMMA: sa.Double().with_variant(sa.REAL(), "sqlite"),
    BOOLEAN: sa.Boolean(),
    **dict.fromkeys((DATE, *DAYS), sa.Date()),
    TIME: sa.Time().with_variant(mysql.TIME(fsp=6), *MARIADB),
    MOMENT: sa.DateTime().with_variant(mysql.DATETIME(fsp=6), *MARIADB),
    ZONED: sa.DateTime(timezone=True),
    TEXT: sa.Text().with_variant(mysql.LONGTEXT(), *MARIADB),
    JSON: sa.JSON(),
}

DIGITS = 20
"""That a decimal number has before its point."""

_WRITTEN = (COMMA, *DAYS, TIME, MOMENT, ZONED)
"""Kinds whose values are text also where values have types."""

_WIDTHS = {"postgresql": 1600, "mysql": 1017, "mariadb": 1017, "sqlite": 2000}
"""Columns that a table may have."""


def kind_on(engine: sa.Engine, kind: Spelling) -> Spelling:
    """What a kind is kept as: MariaDB has no type for dates and times with a zone."""
    return TEXT if kind is ZONED and engine.dialect.name in MARIADB else kind


def table(name: str, columns: Sequence[Inferred], key: str, added: bool) -> sa.Table[Any]:
    """The definition of a table. An added key is its first column, and counts the rows."""
    first = [sa.Column(key, _TYPES[WHOLE], primary_key=True)] if added else []
    return sa.Table(name, sa.MetaData(), *first, *(_column(column, key) for column in columns), **ledger.BINARY)


def _column(column: Inferred, key: str) -> sa.Column[Any]:
    type_ = _type(column)
    if column.name != key:
        return sa.Column(column.name, type_, nullable=column.nullable)
    if column.kind is TEXT:
        type_ = sa.Text().with_variant(mysql.VARCHAR(max(255, LONGEST)), *MARIADB)
    return sa.Column(column.name, type_, primary_key=True)


def _type(column: Inferred) -> sa.types.TypeEngine[Any]:
    if column.kind in (DECIMAL, DECIMAL_COMMA):
        return sa.Numeric(DIGITS + column.places, column.places)
    return _TYPES[column.kind]


def check_names(engine: sa.Engine, columns: Sequence[str], problems: Problems) -> None:
    """Tell of columns that a database cannot have."""
    kind = engine.dialect.name
    if len(columns) > _WIDTHS.get(kind, len(columns)):
        problems.add(None, None, f"it has {len(columns)} columns; a table here has at most {_WIDTHS[kind]}")
    seen: dict[str, str] = {}
    for name in columns:
        if reason := unfit(engine, name):
            problems.add(None, name, f"its name {reason}")
        other = seen.setdefault(name if kind == "postgresql" else name.casefold(), name)
        if other is not name:
            problems.add(
                None, name, f"it differs from {other!r} in upper and lower case only, which is no difference here"
            )


def unfit(engine: sa.Engine, name: str) -> str:
    """Why no table or column can have a name."""
    kind = engine.dialect.name
    if "\0" in name:
        return "has the character U+0000"
    if kind == "postgresql" and len(name.encode()) > 63:
        return "is longer than 63 bytes"
    if kind in MARIADB and len(name) > 64:
        return "is longer than 64 characters"
    if kind in MARIADB and (name.endswith(" ") or max(name) > "\uffff"):
        return "ends with a blank or has a character beyond U+FFFF"
    return ""


def converted(values: Sequence[Any], kind: Spelling, textual: bool) -> Sequence[Any]:
    """The values of a column as the driver takes them. Empty text is null where a column is no text."""
    if textual and kind is TEXT:
        return values
    convert = kind.value if textual or kind in _WRITTEN else _TYPED.get(kind, _itself)
    if None not in values and not (textual and "" in values):
        return list(map(convert, values))
    nothing = ("", None) if textual else (None,)
    return [None if value in nothing else convert(value) for value in values]


def _itself(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    return value if type(value) is str else data.text(data.plain(value))


_TYPED: dict[Spelling, Callable[[Any], Any]] = {
    NUMBER: float,
    TEXT: lambda value: json_text(value) if isinstance(value, (dict, list)) else _text(value),
    JSON: lambda value: json_text(data.plain(value)),
}
"""What values that have types of their own become."""


def put_in_place(connection: sa.Connection, name: str) -> None:
    """Let the table that was filled take the place of an earlier one of this name."""
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name not in MARIADB:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")
        connection.exec_driver_sql(f"ALTER TABLE {ledger.LOADING} RENAME TO {quote(name)}")
        return
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {ledger.OLD}")
    before = f"{quote(name)} TO {ledger.OLD}, " if sa.inspect(connection).has_table(name) else ""
    connection.exec_driver_sql(f"RENAME TABLE {before}{ledger.LOADING} TO {quote(name)}")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {ledger.OLD}")


def go_on_counting(connection: sa.Connection, name: str, column: str) -> None:
    """Let new rows be numbered after those that are there, as SQLite and MariaDB do by themselves."""
    if connection.dialect.name == "postgresql":
        source = sa.table(name, sa.column(column))
        sequence = sa.func.pg_get_serial_sequence('"' + name.replace('"', '""') + '"', column)
        last = sa.func.greatest(1, sa.func.max(source.c[column]))
        connection.execute(sa.select(sa.func.setval(sequence, last)).select_from(source))


def inserter(connection: sa.Connection, target: sa.Table) -> Callable[[Iterable[Sequence[Any]]], None]:
    """What inserts rows in a batch: COPY where psycopg is the driver, else executemany()."""
    preparer = connection.dialect.identifier_preparer
    names = ", ".join(preparer.quote(column.name) for column in target.columns)
    cursor: Any = connection.connection.cursor()
    if connection.dialect.driver == "psycopg":
        copy = f"COPY {preparer.format_table(target)} ({names}) FROM STDIN".replace("%%", "%")
        return lambda rows: _copy(cursor, copy, rows)
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    places = ", ".join(mark for _ in target.columns)
    insert = f"INSERT INTO {preparer.format_table(target)} ({names}) VALUES ({places})"
    return lambda rows: cursor.executemany(insert, list(rows))


def _copy(cursor: Any, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
