"""About how many rows a table has, from what the database knows of it for its own planning."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..schema.tables import Table
from .patterns import MYSQL


def estimate(table: Table, dialect: sa.Dialect) -> sa.Select[Any] | None:
    """A SELECT of the number, which is null where the database does not know; None where it never does."""
    if table.view:
        return None
    if dialect.name == "postgresql":
        return _postgresql(table.source, dialect)
    return _mariadb(table.source) if dialect.name in MYSQL else None


def _postgresql(source: sa.Table, dialect: sa.Dialect) -> sa.Select[Any]:
    """reltuples is -1 until the table is analysed, and 0 of one that has only partitions."""
    name = dialect.identifier_preparer.format_table(source)
    known = sa.table("pg_class", sa.column("oid"), sa.column("reltuples"), sa.column("relkind"), schema="pg_catalog")
    rows = sa.cast(known.c.reltuples, sa.BigInteger)
    return sa.select(rows).where(known.c.oid == sa.func.to_regclass(name), rows >= 0, known.c.relkind == "r")


def _mariadb(source: sa.Table) -> sa.Select[Any]:
    names = ("table_schema", "table_name", "table_rows")
    known = sa.table("tables", *map(sa.column, names), schema="information_schema")
    schema = sa.literal(source.schema) if source.schema else sa.func.database()
    return sa.select(known.c.table_rows).where(known.c.table_schema == schema, known.c.table_name == source.name)
