"""What databases tell of their tables beyond what SQLAlchemy reflects, each in its own words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

OURS = {"negotiate_api_files", "negotiate_api_loading", "negotiate_api_replaced", "alembic_version"}
"""Tables that keep what others are loaded from, and how far they are migrated."""

SPATIAL = re.compile(
    r"spatial_ref_sys.*|spatialite_history|(geometry|geography|raster|vector)_(columns|overviews|layers).*|"
    r"(views|virts)_geometry_columns.*|sql_statements_log|data_licenses|ElementaryGeometries|SpatialIndex|KNN2?|"
    r"(gpkg|rtree)_.*",
    re.IGNORECASE,
)
"""Tables that extensions for maps keep for themselves."""

ROWIDS = ("rowid", "_rowid_", "oid")

SAMPLE = 100
"""Values of a column that its layout is found from."""

PATIENCE = 0.2
"""Seconds that finding them may take; of a view that computes for minutes nothing is found."""

_FTS5 = re.compile(r"CREATE\s+VIRTUAL\s+TABLE\b.*?\bUSING\s+fts5\s*\((?P<options>.*)\)", re.IGNORECASE | re.DOTALL)
_OPTION = r"\b{}\s*=\s*(?:'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|(\w+))"

_POSTGRESQL_TYPES = sa.text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
""")
_POSTGRESQL_PARTS = sa.text("""
    SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relispartition
""")
_MARIADB_TYPES = sa.text("""
    SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = DATABASE()
""")
_MARIADB_CHECKS = sa.text("""
    SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()
""")
_JSON_VALID = re.compile(r"json_valid\(`((?:[^`]|``)*)`\)")


class FTS5(NamedTuple):
    """An FTS5 table of SQLite and its columns; in the info of the sa.Table that is its content, by rowid."""

    name: str
    columns: tuple[str, ...]


@dataclass
class Catalog:
    """What a database tells.

    types    the database's names of the columns' types, by table and column
    passed   tables that are nobody's business: a database's own, and those that are part of others
    rowids   tables of SQLite that have a rowid -> the name that it can be asked by
    indexes  tables of SQLite -> an FTS5 table that indexes it, and its columns
    """

    types: dict[tuple[str, str], str] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    rowids: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, FTS5] = field(default_factory=dict)


def read(connection: Connection, names: Sequence[str]) -> Catalog:
    """What is told of the tables and views of these names."""
    catalog = Catalog(passed={name for name in names if name in OURS or SPATIAL.fullmatch(name)})
    if connection.dialect.name == "sqlite":
        _read_sqlite(connection, names, catalog)
    elif connection.dialect.name == "postgresql":
        catalog.types = {(table, column): name for table, column, name in connection.execute(_POSTGRESQL_TYPES)}
        catalog.passed.update(connection.scalars(_POSTGRESQL_PARTS))
    else:
        catalog.types = {(table, column): name for table, column, name in connection.execute(_MARIADB_TYPES)}
        _read_checks(connection, catalog)
    return catalog


def held(connection: Connection, column: sa.Column[Any]) -> Sequence[Any]:
    """Some values of a column of SQLite, as they are kept; none where they are not found quickly."""
    source = sa.type_coerce(column, sa.types.NullType()).label("held")
    first = sa.select(source).limit(10 * SAMPLE).subquery()
    try:
        with _patience(connection):
            return connection.scalars(sa.select(first.c.held).where(first.c.held.is_not(None)).limit(SAMPLE)).all()
    except DBAPIError:
        return ()


@contextmanager
def _patience(connection: Connection) -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > end, 1000)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _read_sqlite(connection: Connection, names: Sequence[str], catalog: Catalog) -> None:
    for name in names:
        with suppress(DBAPIError):  # a view of what is no more there
            for _, column, declared, *_ in connection.exec_driver_sql(f"PRAGMA main.table_xinfo({_quoted(name)})"):
                catalog.types[name, column] = declared
    for schema, name, type_, _, without_rowid, _ in connection.exec_driver_sql("PRAGMA table_list"):
        if schema == "main" and type_ in ("virtual", "shadow"):
            catalog.passed.add(name)
        elif schema == "main" and type_ == "table" and not without_rowid and (rowid := _rowid(name, catalog.types)):
            catalog.rowids[name] = rowid
    statements = connection.exec_driver_sql("SELECT name, sql FROM main.sqlite_master WHERE type = 'table'")
    catalog.indexes = dict(filter(None, (_indexed(name, sql, catalog.types) for name, sql in statements)))


def _rowid(table: str, types: Mapping[tuple[str, str], str]) -> str | None:
    taken = {column.lower() for name, column in types if name == table}
    return next((name for name in ROWIDS if name not in taken), None)


def _indexed(name: str, sql: str | None, types: Mapping[tuple[str, str], str]) -> tuple[str, FTS5] | None:
    """A table, and the FTS5 table that was made to index it by its rowid."""
    match = _FTS5.match(sql or "")
    table = match and _option("content", match["options"])
    if not match or not table:
        return None
    rowid = _option("content_rowid", match["options"]) or "rowid"
    is_rowid = rowid.lower() in ROWIDS or types.get((table, rowid), "").upper() == "INTEGER"
    columns = tuple(column for other, column in types if other == name and (table, column) in types)
    return (table, FTS5(name, columns)) if is_rowid else None


def _option(name: str, options: str) -> str | None:
    """The value of an option of a virtual table, which may be quoted either way."""
    match = re.search(_OPTION.format(name), options, re.IGNORECASE)
    if not match:
        return None
    single, double, bare = match.groups()
    return bare or (single or "").replace("''", "'") or (double or "").replace('""', '"') or None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read_checks(connection: Connection, catalog: Catalog) -> None:
    """MySQL, whose JSON is a type, has no names of tables with its checks."""
    if not getattr(connection.dialect, "is_mariadb", False):
        return
    for table, clause in connection.execute(_MARIADB_CHECKS):
        if match := _JSON_VALID.fullmatch(clause):
            catalog.types[table, match[1].replace("``", "`")] = "json"
