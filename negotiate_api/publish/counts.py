"""How many rows there are: counted, or as the database's planner takes it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from .queries.query import Query
from .schema.tables import Table

FEW = 10_000
"""Rows up to which counting costs next to nothing."""


def total(connection: Connection, query: Query) -> int | None:
    """The rows that a query has, counted or estimated as it asks; None where it does not."""
    if query.count is None:
        return None
    estimated = _number(connection, query.estimate()) if query.count == "estimated" else None
    return _number(connection, query.matching()) if estimated is None else estimated


def cheap(connection: Connection, table: Table) -> int | None:
    """The rows of a table, counted where they are few, else estimated; None where neither costs little."""
    if table.view:
        return None
    few = sa.select(sa.literal(1)).select_from(table.source).limit(FEW + 1).subquery()
    counted = connection.scalar(sa.select(sa.func.count()).select_from(few)) or 0
    return counted if counted <= FEW else _number(connection, Query.parse(table, (), connection.dialect).estimate())


def _number(connection: Connection, select: sa.Select[Any] | None) -> int | None:
    found = None if select is None else connection.scalar(select)
    return None if found is None else int(found)
