"""The tables of a database as they are published: reflected, or those of the models that an application has.

Every column gets a type of ours (column_types.py), so that whatever the database holds can be read.
"""

from __future__ import annotations

import csv
import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Inspector
from sqlalchemy.exc import DBAPIError, SAWarning

from ..errors import Unusable
from . import catalogs, columns, sqlite_types, vectors
from .references import Link, links_of, referring, spelled
from .settings import NO_COLUMN, NO_TABLE, NONE, ColumnSettings, Settings, TableSettings, nearest
from .tables import Column, Table, Tables

Named: TypeAlias = "str | sa.Table | type[Any]"
"""A table by its name in the database, as SQLAlchemy's, or as a model of Flask-SQLAlchemy."""

log = logging.getLogger(__name__)


def reflect(engine: Engine, settings: Settings | None = None, tables: Iterable[Named] | None = None) -> Tables:
    """The tables and views of a database's default schema in the order of their names, or those of tables.

    Raises Unusable where settings or tables do not fit the database.
    """
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of types, indexes and names that SQLAlchemy does not know
        return _Reflection(connection, settings or NONE).tables(None if tables is None else tuple(tables))


class _Reflection:
    """One look at a database. What it knows of goes by the database's names."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.connection = connection
        self.settings = settings
        self.inspector: Inspector = sa.inspect(connection)
        self.views = _views(self.inspector)
        self.names = sorted({*self.inspector.get_table_names(), *self.views})
        self.catalog = catalogs.read(connection, self.names)
        self.vectors = vectors.read(connection) if connection.dialect.name == "postgresql" else {}

    def tables(self, named: tuple[Named, ...] | None) -> Tables:
        declared = [_source(one) for one in named or () if not isinstance(one, str)]
        names = [one for one in named if isinstance(one, str)] if named is not None else self._public()
        known = {*self.names, *(table.name for table in declared)}
        for name in names:
            _check(name, known, "table", "the database")
        for name, table in self.settings.tables.items():
            _check(name, known, "table", "the database", table.where)
        reflected, copies = self._reflected(names), self._copies(declared)
        links = {name: self._links(name) for name in reflected}
        if self.connection.dialect.name == "sqlite":
            links = {name: [spelled(link, name, reflected) for link in found] for name, found in links.items()}
        links.update((name, list(links_of(table))) for name, table in copies.items())
        sources = {name: table for name, table in {**reflected, **copies}.items() if not self._said(name).omit}
        return self._published(sources, links)

    def _public(self) -> list[str]:
        return [name for name in self.names if name not in self.catalog.passed]

    def _said(self, name: str) -> TableSettings:
        return self.settings.tables.get(name, NO_TABLE)

    def _reflected(self, names: Sequence[str]) -> dict[str, sa.Table]:
        readable = [name for name in names if self._is_readable(name)]
        for name in sorted(set(names).difference(readable)):
            log.warning("the table %r cannot be read, and is left out", name)
        return _tables(self.connection, readable)

    def _is_readable(self, name: str) -> bool:
        """Whether its rows may be selected, and it has columns; a view may be of what is no more there."""
        every = sa.select(sa.text("*")).select_from(sa.table(sa.quoted_name(name, quote=True))).limit(0)
        try:
            return bool(self.connection.execute(every).keys())
        except DBAPIError:
            self.connection.rollback()
            return False

    def _copies(self, tables: Iterable[sa.Table]) -> dict[str, sa.Table]:
        """Copies of an application's tables, as their types are to be ours."""
        metadata = sa.MetaData()
        return {table.name: table.to_metadata(metadata) for table in tables}

    def _links(self, name: str) -> list[Link]:
        """The foreign keys of a table."""
        schemas = (None, self.inspector.default_schema_name)
        return [
            Link(tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
            for key in self.inspector.get_foreign_keys(name)
            if key["referred_schema"] in schemas
        ]

    def _published(self, sources: Mapping[str, sa.Table], links: Mapping[str, Sequence[Link]]) -> Tables:
        tables = Tables()
        names = {name: self._said(name).name or name for name in sources}
        columns = {name: self._columns(source) for name, source in sources.items()}
        for name, source in sources.items():
            if names[name] in tables:
                raise Unusable(f"{self._said(name).where}: there are two tables of the name {names[name]!r}")
            table = self._table(source, columns[name], tables)
            tables[table.name] = replace(table, references=referring(name, links[name], names, columns))
        return tables

    def _table(self, source: sa.Table, own: Mapping[str, Column], tables: Tables) -> Table:
        said = self._said(source.name)
        source.info.update(self._marks(source))
        table = Table(
            name=said.name or source.name,
            source=source,
            columns=tuple(own.values()),
            key=tuple(own[name].name for name in columns.key_of(source)),
            lacking=tuple(c.name for c in source.columns if c.name not in own and self._needs_value(c)),
            sort=_sort(source, own, said),
            title=said.title,
            description=said.description or source.comment or "",
            view=source.name in self.views,
            tables=tables,
        )
        _check_columns(table, said)
        return table

    def _marks(self, source: sa.Table) -> dict[str, Any]:
        """How SQLite finds rows without a key, and how words are found."""
        name, said = source.name, self._said(source.name).columns
        found = [one for one in vectors.of(source, self.vectors) if not said.get(one.source.name, NO_COLUMN).omit]
        marks = {"rowid": self.catalog.rowids.get(name), "fts5": self.catalog.indexes.get(name), "vectors": found}
        return {mark: value for mark, value in marks.items() if value}

    def _columns(self, source: sa.Table) -> dict[str, Column]:
        """The columns that are published."""
        said = self._said(source.name).columns
        names = [column.name for column in source.columns]
        for name, one in said.items():
            _check(name, names, "column", repr(source.name), one.where)
            if one.omit and name in columns.key_of(source):
                raise Unusable(f"{one.where}: {name!r} tells the rows of {source.name!r} apart, and cannot be left out")
        data = [column for column in source.columns if not vectors.is_vector(column)]
        told = ((column, said.get(column.name, NO_COLUMN)) for column in data)
        return {column.name: self._column(column, one) for column, one in told if not one.omit}

    def _column(self, source: sa.Column[Any], said: ColumnSettings) -> Column:
        dialect = self.connection.dialect
        is_dated = dialect.name == "sqlite" and sqlite_types.is_dated(source.type)
        held = catalogs.held(self.connection, source) if is_dated else ()
        return columns.published(source, said, dialect, self._declared(source), held)

    def _needs_value(self, source: sa.Column[Any]) -> bool:
        given = columns.needs_value(source, self.connection.dialect, self._declared(source))
        return given and not vectors.is_vector(source)

    def _declared(self, source: sa.Column[Any]) -> str:
        return self.catalog.types.get((source.table.name, source.name), "")


def _tables(connection: Connection, names: Sequence[str]) -> dict[str, sa.Table]:
    """Tables without their foreign keys, which SQLAlchemy cannot make of names with dots or of another case."""
    inspector: Any = sa.inspect(connection)
    inspector.get_multi_foreign_keys = lambda **_: {}
    metadata = sa.MetaData()
    if connection.dialect.name in ("mysql", "mariadb"):
        sa.event.listen(metadata, "column_reflect", _unquote)
    tables = {name: sa.Table(name, metadata) for name in names}
    for table in tables.values():
        inspector.reflect_table(table, None, resolve_fks=False)
    return tables


def _unquote(inspector: Inspector, table: sa.Table, column: dict[str, Any]) -> None:
    """Let a column have its name, of which SQLAlchemy gives what it found between MariaDB's quotes."""
    column["name"] = column["name"].replace("``", "`")


def _source(table: Any) -> sa.Table:
    """The table of a model. Raises TypeError."""
    source = getattr(table, "__table__", table)
    if not isinstance(source, sa.Table):
        raise TypeError(f"tables are given by name, as sqlalchemy.Table or as models of it, not as {table!r}")
    return source


def _views(inspector: Inspector) -> set[str]:
    """Views of every kind, and PostgreSQL's foreign tables, whose rows are elsewhere."""
    names = set(inspector.get_view_names())
    if inspector.dialect.name == "postgresql":
        more: Any = inspector
        names.update(more.get_materialized_view_names(), more.get_foreign_table_names())
    return names


def _check(name: str, known: Iterable[str], noun: str, place: str, where: str = "") -> None:
    if name not in known:
        raise Unusable(f"{where and f'{where}: '}there is no {noun} {name!r} in {place}; {nearest(name, known)}")


def _check_columns(table: Table, said: TableSettings) -> None:
    """Raises Unusable where two columns have one name."""
    if len(table.by_name) < len(table.columns):
        names = [column.name for column in table.columns]
        name = next(name for name in names if names.count(name) > 1)
        raise Unusable(f"{said.where}: there are two columns of the name {name!r} in {table.source.name!r}")


def _sort(source: sa.Table, own: Mapping[str, Column], said: TableSettings) -> str:
    """The order of the settings by the names that columns are published by. Raises Unusable where one is not there."""
    published = {**{name: column.name for name, column in own.items()}, **{c.name: c.name for c in own.values()}}
    found = []
    for text in next(csv.reader([said.sort], skipinitialspace=True), []):
        name = text.strip().removeprefix("-")
        if name not in published:
            told = f"there is no column {name!r} in {source.name!r} to sort by; {nearest(name, published)}"
            raise Unusable(f"{said.sort_where}: {told}")
        found.append("-" * text.strip().startswith("-") + published[name])
    row = StringIO()
    csv.writer(row, lineterminator="").writerow(found)
    return row.getvalue()
