"""What columns hold that a row is replaced without: null, or the default that the database says."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from ..schema.tables import Column, Table
from .changes import Change, is_same
from .shapes import Shape

_ON_UPDATE = re.compile(r"\s+ON UPDATE .*\Z", re.IGNORECASE | re.DOTALL)
_NUMBERED = re.compile(r"\bnextval\(", re.IGNORECASE)


class Defaults:
    """Those of a table, asked once a transaction."""

    def __init__(self, connection: sa.Connection, table: Table) -> None:
        self.connection, self.table = connection, table
        self._known: dict[Column, Any] = {}
        self._left_out: dict[Shape, tuple[Column, ...]] = {}

    def changes(self, shape: Shape, row: dict[str, Any]) -> tuple[Change, ...]:
        """The columns that a row is replaced without, and which hold anything but their default."""
        if shape not in self._left_out:
            self._left_out[shape] = tuple(c for c in self.table.columns if c not in shape.columns and self._has(c))
        pairs = ((column, self._value(column)) for column in self._left_out[shape])
        return tuple(
            Change(column, row[column.name], value)
            for column, value in pairs
            if not is_same(column.kind, row[column.name], value)
        )

    def _has(self, column: Column) -> bool:
        """Whether a column goes back to null or a default; it does not where the database numbers its rows."""
        if column.generated or column.source.identity or _NUMBERED.search(_expression(column)):
            return False
        return column.nullable or column.default

    def _value(self, column: Column) -> Any:
        if column not in self._known:
            self._known[column] = self._asked(column)
        return self._known[column]

    def _asked(self, column: Column) -> Any:
        default = column.source.default
        if isinstance(default, sa.ColumnDefault) and default.is_scalar:
            return default.arg
        expression = _expression(column)
        if not expression:
            return None
        return self.connection.scalar(sa.select(sa.type_coerce(sa.literal_column(expression), column.source.type)))


def _expression(column: Column) -> str:
    default = column.source.server_default
    text = str(getattr(default, "arg", "")) if default is not None else ""
    return _ON_UPDATE.sub("", text)
