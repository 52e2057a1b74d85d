"""SELECTs that are asked again and again: written once, and where it is quick asked of SQLite's driver itself.

SQLAlchemy takes a tenth of a millisecond for what SQLite does in a few microseconds. It is asked where there is more to
do than that, where somebody listens to its events, and where the driver fails, as it knows what to do then.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, Select, exc
from sqlalchemy.sql.compiler import SQLCompiler

from . import rows
from .databases import clocks
from .databases.spare import SparePool
from .databases.unavailable import answered
from .queries import filters
from .queries.query import Query

OWN_LISTENERS = 1
"""Listeners to statements that an engine has of ours (see clocks.py)."""

Process = Callable[[Any], Any]


@lru_cache(maxsize=256)
def row_of(engine: Engine, query: Query) -> Prepared:
    """What gives a row as a query shows it, by the values of its key: key0=..., key1=...."""
    names = [filters.Named(f"key{number}") for number in range(len(query.table.key))]
    return Prepared(engine, query.select().where(*filters.is_row(query.table, names, query.dialect)))


@lru_cache(maxsize=256)
def window_of(engine: Engine, query: Query, size: int) -> Prepared:
    """What gives size rows of a query and one more."""
    return Prepared(engine, query.window(size))


class Prepared:
    """A SELECT of an engine, some of whose parameters get their values as it is asked."""

    def __init__(self, engine: Engine, select: Select[Any]) -> None:
        self._engine, self._select = engine, select
        self._seconds = engine.get_execution_options().get(clocks.OPTION)
        self._statement: _Statement | None = None
        self._is_new = True

    def fetched(self, **values: Any) -> list[rows.Row]:
        """The rows. Raises ServiceUnavailable."""
        if self._statement and not _is_heard(self._engine):
            found = self._quickly(self._statement, values)
            if found is not None:
                return found
        elif self._is_new:  # what is asked once is not worth writing
            self._is_new = False
        elif _is_own(self._engine):
            self._statement = _Statement.of(self._engine, self._select)
        return rows.fetched(self._engine, self._select, values)

    def _quickly(self, statement: _Statement, values: dict[str, Any]) -> list[rows.Row] | None:
        """The rows; None where SQLAlchemy is to ask. It needs no transaction, as one statement sees one state."""
        pool: Any = self._engine.pool
        try:
            connection = pool.take()
        except (exc.SQLAlchemyError, sqlite3.Error):
            return None
        found = None
        try:
            if clock := connection.info.get(clocks.CLOCK):
                found = _fetched(connection.dbapi_connection, statement, values, clock, self._seconds)
            return found
        finally:
            connection.close() if found is None else pool.give_back(connection)


class _Statement:
    """SQL as the driver takes it.

    names    of the parameters, in their order, and what the driver gets for a value of each
    known    their values, as far as they are known
    results  what is made of the values of columns, by index
    """

    def __init__(
        self,
        text: str,
        names: Sequence[tuple[str, Process | None]],
        known: dict[str, Any],
        results: Mapping[int, Process],
    ) -> None:
        self.text, self._names, self._known, self._results = text, names, known, results

    @classmethod
    def of(cls, engine: Engine, select: Select[Any]) -> _Statement | None:
        """None for what is only written once values are there, as lists are."""
        dialect, compiled = engine.dialect, select.compile(engine)
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params or compiled.positiontup is None:
            return None
        types = [(name, compiled.binds[name].type.dialect_impl(dialect)) for name in compiled.positiontup]
        names = [(name, type_.bind_processor(dialect)) for name, type_ in types]
        given = [column.type.dialect_impl(dialect) for column in select.selected_columns]
        results = [type_.result_processor(dialect, None) for type_ in given]
        made = {index: process for index, process in enumerate(results) if process}
        return cls(str(compiled), names, dict(compiled.params), made)

    def parameters(self, values: dict[str, Any]) -> list[Any]:
        given = {**self._known, **values}
        return [process(given[name]) if process else given[name] for name, process in self._names]

    def shown(self, row: rows.Row) -> rows.Row:
        """A row of the driver, as SQLAlchemy gives it."""
        values = list(row)
        for index, process in self._results.items():
            values[index] = process(values[index])
        return tuple(values)


def _is_own(engine: Engine) -> bool:
    """Whether an engine is as we have made it: of SQLite, with a connection for each request, without a log."""
    return isinstance(engine.pool, SparePool) and not engine.logger.isEnabledFor(logging.INFO)


def _is_heard(engine: Engine) -> bool:
    """Whether somebody wants to know of each statement."""
    return len(engine.dispatch.before_cursor_execute) > OWN_LISTENERS


def _fetched(
    connection: Any, statement: _Statement, values: dict[str, Any], clock: clocks.Clock, seconds: float | None
) -> list[rows.Row] | None:
    clock.start(seconds)
    try:
        found = connection.execute(statement.text, statement.parameters(values)).fetchall()
    except sqlite3.Error as error:
        if clock.thrown:
            thrown, clock.thrown = clock.thrown, None
            raise thrown from None
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_INTERRUPT:
            return None
        with answered():
            raise exc.OperationalError(statement.text, None, error) from None
    return list(map(statement.shown, found))
