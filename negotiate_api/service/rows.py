"""A SELECT as Rows: the database is asked when a format wants the first row, and then for a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, func, select

from negotiate_api import Rows

from .models import Base, db, table_of

BATCH = 1000

PREFIX = "/api/world"


def rows_of(model: type[Base], *where: ColumnElement[bool], order: tuple[Any, ...] = ()) -> Rows:
    """The rows of a model in the order of its key, or in another."""
    table = table_of(model)
    query = select(*table.columns).where(*where).order_by(*(order or table.primary_key))
    return Rows(
        table.columns.keys(),
        lambda: stream(query),
        count=lambda: count(model, *where),
        links=links(model),
        window=lambda offset, size: stream(query.offset(offset).limit(size)),
    )


def stream(query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples; closing it closes the cursor."""
    result = db.session.execute(query, execution_options={"yield_per": BATCH})
    try:
        for batch in result.partitions():
            yield from map(tuple, batch)
    finally:
        result.close()


def count(model: type[Base], *where: ColumnElement[bool]) -> int:
    """How many rows of a model there are."""
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def links(model: type[Base]) -> dict[str, str]:
    """Column -> URL template: foreign keys lead to their rows, the first of the other columns to the row itself."""
    table, path = table_of(model), request.root_path + PREFIX
    keys = "/".join(f"{{{column.name}}}" for column in table.primary_key)
    own = next(column.name for column in table.columns if not column.foreign_keys)
    foreign = {
        column.name: f"{path}/{key.column.table.name}/{{{column.name}}}"
        for column in table.columns
        for key in column.foreign_keys
    }
    return {own: f"{path}/{table.name}/{keys}", **foreign}
