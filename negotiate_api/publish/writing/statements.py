"""The statements that write a table, each made once, so that SQLAlchemy compiles it once.

Values are bound by their place, v0, v1, as names of columns may be anything; those of the key of the row to be changed
or removed as k0, k1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain, repeat
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..schema import keys
from ..schema.kinds import DATE, PLACED, Kind
from ..schema.tables import Column, Table
from . import bulk, changes
from .seen import Token, token, tokens

Row = tuple[Any, ...]
"""A row as it is stored, in the order of the table's columns."""

_COUNTED = {"preserve_rowcount": True}

BOUND = 30_000
"""Values that one statement binds at most; SQLite takes 32,766 and PostgreSQL 65,535."""

STEP = 500
"""Keys that are looked up in one statement are as many, twice or thrice as many, so that these statements are few."""

FEW = 100
"""Keys for which SQLAlchemy makes a statement."""

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
        self._lookup: Lookup | None = None
        self._plain: dict[tuple[Column, ...], Plain | None] = {}
        self._read_back = [_reader(column.kind) for column in table.key_columns]

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
            columns = self._columns(connection, wanted[start : start + size])
            keys = zip(*(columns[index] for index in self._indexes), strict=True) if columns else ()
            rows.update(zip(self.tokens(keys), zip(*columns, strict=True), strict=True))
        return rows

    def _columns(self, connection: sa.Connection, keys: Sequence[Row]) -> Sequence[Sequence[Any]]:
        """The same by columns; none where no row is found."""
        if len(keys) > FEW and connection.dialect.positional:
            self._lookup = self._lookup or Lookup(self._by_keys, self.table, connection.dialect)
            count = min(-(-len(keys) // STEP) * STEP, BOUND // len(self.table.key))
            return self._lookup.columns(connection, [*keys, *repeat(keys[0], count - len(keys))])
        values: Sequence[Any] = keys if len(self.table.key) > 1 else [key[0] for key in keys]
        return list(zip(*connection.execute(self._by_keys, {"keys": values}).all(), strict=True))

    def tokens(self, stored: Iterable[Row]) -> list[Token]:
        """What tells stored keys apart."""
        keys = list(stored)
        try:
            read = [many(values) for many, values in zip(self._read_back, zip(*keys, strict=True), strict=False)]
        except (ValueError, ArithmeticError):
            return [token(self.read_key(key)) for key in keys]
        return tokens(list(zip(*read, strict=True)))

    def add(self, connection: sa.Connection, columns: tuple[Column, ...], values: Sequence[Sequence[Any]]) -> int:
        """Add rows, of which values are those of each column, and tell how many were added."""
        if columns not in self._plain:
            self._plain[columns] = Plain.of(self.insert(columns), columns, connection.dialect)
        plain = self._plain[columns]
        if plain is None:
            return connection.execute(self.insert(columns), list(map(bound, zip(*values, strict=True)))).rowcount
        return connection.exec_driver_sql(plain.sql, plain.rows(values), execution_options=_COUNTED).rowcount

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
        return list(map(tuple, connection.execute(query).all()))

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


class Plain(NamedTuple):
    """A statement as the driver takes it, for many rows of values in their order."""

    sql: str
    writes: Sequence[bulk.Many | None]

    @classmethod
    def of(cls, insert: sa.Insert, columns: tuple[Column, ...], dialect: sa.Dialect) -> Plain | None:
        """None where a statement takes more than the values, as for defaults of a model, or takes them by name."""
        compiled: Any = insert.inline().compile(dialect=dialect)
        if list(compiled.positiontup or ()) != list(_VALUES[: len(columns)]):
            return None
        return cls(str(compiled), [_writer(column, dialect) for column in columns])

    def rows(self, values: Sequence[Sequence[Any]]) -> list[Row]:
        """Rows as the driver takes them, of the values of each column."""
        return list(zip(*_converted(self.writes, values), strict=True))


class Lookup:
    """The SELECT of rows by their keys as the driver takes it, for each number of keys."""

    def __init__(self, select: sa.Select[Any], table: Table, dialect: sa.Dialect) -> None:
        self.select, self.table, self.dialect = select, table, dialect
        self.binds = [_writer(column, dialect) for column in table.key_columns]
        self._texts: dict[int, str] = {}
        self._reads: list[bulk.Many | None] = []

    def columns(self, connection: sa.Connection, keys: Sequence[Row]) -> Sequence[Sequence[Any]]:
        """The values of the rows that are found, by columns; none where there are none."""
        bound = _converted(self.binds, zip(*keys, strict=True))
        values = tuple(chain.from_iterable(zip(*bound, strict=True)))
        result: Any = connection.exec_driver_sql(self._text(len(keys)), values)
        if not self._reads:
            pairs = zip(self.table.columns, result.cursor.description, strict=True)
            self._reads = [_result(column, self.dialect, described[1]) for column, described in pairs]
        found = list(zip(*result.cursor.fetchall(), strict=True))
        result.close()
        return _converted(self._reads, found) if found else ()

    def _text(self, count: int) -> str:
        if count not in self._texts:
            width = len(self.table.key)
            keys = [None] * count if width == 1 else [(None,) * width] * count
            options = {"render_postcompile": True}
            self._texts[count] = str(
                self.select.params(keys=keys).compile(dialect=self.dialect, compile_kwargs=options)
            )
        return self._texts[count]


def _converted(conversions: Sequence[bulk.Many | None], columns: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    return [many(values) if many else values for many, values in zip(conversions, columns, strict=True)]


def _result(column: Column, dialect: sa.Dialect, type_: Any) -> bulk.Many | None:
    """What makes SQLAlchemy's values of those of a column that are of a type of the driver; None where they are."""
    read = column.source.type.dialect_impl(dialect).result_processor(dialect, type_)
    if read is None:
        return None
    return bulk.remembered(str, read) if column.kind.name == DATE.name else lambda values: list(map(read, values))


def _reader(kind: Kind) -> bulk.Many:
    """What reads values of a key as they are stored: text of a kind that may be text is itself."""
    many = bulk.reader(kind, kind.read)
    return lambda values: values if kind.textual and set(map(type, values)) == {str} else many(values)


def _writer(column: Column, dialect: sa.Dialect) -> bulk.Many | None:
    """What makes of values of a column what the driver takes; None where these are."""
    write = _bind("", column).type.dialect_impl(dialect).bind_processor(dialect)
    if write is None:
        return None
    if column.kind.read is PLACED.read:
        return bulk.remembered(Decimal, write)
    return bulk.remembered(date, write) if column.kind.name == DATE.name else lambda values: list(map(write, values))


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
