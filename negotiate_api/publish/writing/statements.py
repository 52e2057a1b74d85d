"""The statements that write a table, each made once, so that SQLAlchemy compiles it once.

Values are bound by their place, v0, v1, as names of columns may be anything; those of the key of the row to be changed
or removed as k0, k1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..schema import keys
from ..schema.tables import Column, Table
from . import changes
from .seen import Token, token

Row = tuple[Any, ...]
"""A row as it is stored, in the order of the table's columns."""

_COUNTED = {"preserve_rowcount": True}

BOUND = 30_000
"""Values that one statement binds at most; SQLite takes 32,766 and PostgreSQL 65,535."""


_VALUES = tuple(f"v{index}" for index in range(4096))
_KEYS = tuple(f"k{index}" for index in range(64))


class Statements:
    """Those of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.sources = tuple(column.source for column in table.columns)
        self._indexes = tuple(table.columns.index(column) for column in table.key_columns)
        self._inserts: dict[tuple[Column, ...], sa.Insert] = {}
        self._updates: dict[tuple[Column, ...], sa.Update] = {}

    def stored_key(self, row: Row) -> Row:
        """The key of a stored row."""
        return tuple(row[index] for index in self._indexes)

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """The key of a stored row, as kinds read it."""
        return self.read_key(self.stored_key(row))

    def key_text(self, key: Iterable[Any]) -> str:
        """A key as URLs have it."""
        pairs = zip(self.table.key_columns, key, strict=True)
        return keys.join(None if value is None else column.kind.text(value) for column, value in pairs)

    def read_key(self, values: Row) -> tuple[Any, ...]:
        """The values of a stored key, as kinds read them."""
        kinds = (column.kind for column in self.table.key_columns)
        return tuple(changes.read_back(kind, value) for kind, value in zip(kinds, values, strict=True))

    def stored(self, connection: sa.Connection, wanted: Iterable[tuple[Any, ...]]) -> dict[Token, Row]:
        """The rows with these keys, locked until the transaction ends."""
        rows: dict[Token, Row] = {}
        wanted, size = list(wanted), BOUND // len(self.table.key)
        for start in range(0, len(wanted), size):
            part = wanted[start : start + size]
            values = [key[0] for key in part] if len(self.table.key) == 1 else part
            for row in connection.execute(self._by_keys, {"keys": values}):
                rows[token(self.key_of(tuple(row)))] = tuple(row)
        return rows

    def insert(self, columns: tuple[Column, ...]) -> sa.Insert:
        """INSERT of values for these columns."""
        if columns not in self._inserts:
            values = {column.source: _bind(f"v{index}", column) for index, column in enumerate(columns)}
            self._inserts[columns] = sa.insert(self.table.source).values(values).execution_options(**_COUNTED)
        return self._inserts[columns]

    def update(self, columns: tuple[Column, ...]) -> sa.Update:
        """UPDATE of these columns of the row with a key."""
        if columns not in self._updates:
            values = {column.source: _bind(f"v{index}", column) for index, column in enumerate(columns)}
            self._updates[columns] = sa.update(self.table.source).where(self._is_key).values(values)
        return self._updates[columns]

    @cached_property
    def delete(self) -> sa.Delete:
        """DELETE of the row with a key."""
        return sa.delete(self.table.source).where(self._is_key)

    def keys_after(self, connection: sa.Connection, last: Row | None, size: int) -> list[Row]:
        """The next keys of the table in their order, as they are stored; none that is null somewhere."""
        sources = [column.source for column in self.table.key_columns]
        query = sa.select(*sources).where(*map(sa.not_, self.null_keys)).order_by(*sources).limit(size)
        if last is not None:
            query = query.where(_after(sources, last))
        return list(map(tuple, connection.execute(query)))

    def catch_up(self, connection: sa.Connection) -> bool:
        """Let PostgreSQL's sequence of a key go on after the highest number, and tell whether there is one.

        The others look at the rows themselves for the next number.
        """
        if connection.dialect.name != "postgresql" or len(self.table.key) != 1:
            return False
        source = self.table.key_columns[0].source
        table = connection.dialect.identifier_preparer.format_table(self.table.source)
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table, source.name)))
        if sequence:
            highest = sa.select(sa.func.max(source)).scalar_subquery()
            next_ = sa.func.nextval(sequence, type_=sa.BigInteger)
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.greatest(highest, next_))))
        return bool(sequence)

    @property
    def null_keys(self) -> list[sa.ColumnElement[bool]]:
        """What may be null of a row's key, as SQLite lets it be."""
        return [column.source.is_(None) for column in self.table.key_columns if column.loose]

    @cached_property
    def _by_keys(self) -> sa.Select[Any]:
        sources = [column.source for column in self.table.key_columns]
        key = sources[0] if len(sources) == 1 else sa.tuple_(*sources)
        return sa.select(*self.sources).where(key.in_(sa.bindparam("keys", expanding=True))).with_for_update()

    @property
    def _is_key(self) -> sa.ColumnElement[bool]:
        return sa.and_(*(c.source == _bind(f"k{index}", c) for index, c in enumerate(self.table.key_columns)))


def bound(values: Iterable[Any], key: Iterable[Any] = ()) -> dict[str, Any]:
    """The parameters of a statement."""
    parameters = dict(zip(_VALUES, values))  # noqa: B905 - there are more names than values
    return parameters | dict(zip(_KEYS, key)) if key else parameters  # noqa: B905


def _bind(name: str, column: Column) -> sa.BindParameter[Any]:
    type_ = column.source.type
    if isinstance(type_, sa.JSON):  # of which None would be JSON's null
        type_ = type_.adapt(type(type_), none_as_null=True)
    return sa.bindparam(name, type_=type_)


def _after(sources: Sequence[sa.Column[Any]], last: Row) -> sa.ColumnElement[bool]:
    """Whether a key comes after the last one, column by column."""
    first, *others = zip(sources, last, strict=True)
    more: sa.ColumnElement[bool] = first[0] > first[1]
    if not others:
        return more
    rest = _after([source for source, _ in others], tuple(value for _, value in others))
    return sa.or_(more, sa.and_(first[0] == first[1], rest))
