"""The conditions that a database sets for the rows of a table, and which of them it says that a row breaks."""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedCheckConstraint

from ..schema.tables import Column, Table
from . import refusals

_OF_A_COLUMN = sa.text(
    "SELECT check_clause FROM information_schema.check_constraints"
    " WHERE constraint_schema = DATABASE() AND table_name = :table AND constraint_name = :name"
)


class Check(NamedTuple):
    """A condition.

    text     as the database has it
    columns  those that it is about
    """

    name: str | None
    text: str
    columns: tuple[Column, ...]


class Checks:
    """Those of a table, asked of the database where a row breaks one: a model may say them in other words, or not."""

    def __init__(self, connection: sa.Connection, table: Table) -> None:
        self.connection, self.table = connection, table

    def broken(self, error: Exception) -> Check | None:
        """The one that an error names, where all columns that it is about are published."""
        name = refusals.constraint(error)
        found = next((c for c in self._known if name in (c["name"], c["sqltext"])), None) if name else None
        if found is not None:
            return _about(self.table, found["name"], found["sqltext"])
        is_mysql = self.connection.dialect.name in ("mysql", "mariadb")
        return _of_a_column(self.connection, self.table, name) if name and is_mysql else None

    @cached_property
    def _known(self) -> list[ReflectedCheckConstraint]:
        return sa.inspect(self.connection).get_check_constraints(self.table.source.name)


def _of_a_column(connection: sa.Connection, table: Table, name: str) -> Check | None:
    """One that MariaDB has with a column, not with the table: SQLAlchemy does not reflect it."""
    column = name.removeprefix(f"{table.source.name}.")
    text = connection.scalar(_OF_A_COLUMN, {"table": table.source.name, "name": column})
    return _about(table, None, text) if text else None


def _about(table: Table, name: str | None, text: str) -> Check | None:
    mentioned = {source.name for source in table.source.columns if _mentions(text, source.name)}
    columns = tuple(column for column in table.columns if column.source.name in mentioned)
    return Check(name, text, columns) if len(columns) == len(mentioned) else None


def _mentions(text: str, name: str) -> bool:
    """Whether a name is in SQL, in which case does not matter."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
