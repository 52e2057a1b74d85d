"""An SQLite engine that changes nothing: not the file, nor the folder, whatever other programs do with them meanwhile.

SQLite would make a log and its index beside a database in WAL mode for whoever reads it. Where another program has made
them they are read as they are, without a write to them. Where nobody has, no log is needed, and the file is read as one
that does not change; each connection looks whether that still holds as it is taken, and after each read of rows.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from . import apsw_reader, clocks, sqlite_files
from .turns import ask

FOUND = "negotiate_api.found"
"""Key of what was found of the file as a connection was made, in the pool's record of it."""

Found = tuple[str, tuple[int, ...]]


class Watched(sqlite3.Connection):
    """A connection that gives no rows which another program may have written over while they were read."""

    is_unchanged: Callable[[], bool] | None = None

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or Cursor)


class Cursor(sqlite3.Cursor):
    """A cursor that looks at the file after each read. Raises OperationalError where it has changed.

    reader  what gives the rows in place of the driver
    """

    connection: Watched
    reader: apsw_reader.Reader | None = None

    @property
    def description(self) -> Any:
        return self.reader.description if self.reader else super().description

    def execute(self, *call: Any) -> Any:
        return self._checked(super().execute, *call)

    def fetchone(self) -> Any:
        return self._checked(super().fetchone)

    def fetchmany(self, *size: Any) -> Any:
        return self._checked(self.reader.fetchmany if self.reader else super().fetchmany, *size)

    def fetchall(self) -> Any:
        return self._checked(super().fetchall)

    def __next__(self) -> Any:
        return self._checked(super().__next__)

    def close(self) -> None:
        try:
            if self.reader:
                self.reader.close()
        finally:
            super().close()

    def _checked(self, read: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return read(*arguments)
        finally:
            if self.connection.is_unchanged and not self.connection.is_unchanged():
                raise sqlite3.OperationalError("another program has begun to write to the database")


def watch(engine: Engine) -> None:
    """Let every connection of an engine be of this kind."""
    path = str(engine.url.database)
    event.listen(engine, "do_connect", partial(_open, path))
    event.listen(engine, "connect", partial(_connected, path))
    event.listen(engine, "checkout", partial(_taken, path))
    event.listen(engine, "do_execute", partial(_read, path))


def _read(path: str, cursor: Cursor, statement: str, parameters: Any, context: Any) -> bool:
    """Let apsw read what is streamed; True where it does, which tells SQLAlchemy that the statement has been run."""
    connection, info = cursor.connection, context.root_connection.info
    if not (context.compiled and context.execution_options.get("stream_results") and connection.text_factory is str):
        return False
    if not (
        apsw_reader.is_installed() and connection.in_transaction and apsw_reader.is_stored(context.invoked_statement)
    ):
        return False
    ask(cursor.execute, "SELECT 1 FROM sqlite_master", (), context)  # now the transaction has its snapshot
    cursor.reader = apsw_reader.opened(path, info[FOUND][1][0], statement, parameters, info.get(clocks.CLOCK))
    return cursor.reader is not None


def _found(path: str) -> Found:
    """The way to open a file, and what would make it another. Raises OSError."""
    way = sqlite_files.way(path)
    if way != sqlite_files.IMMUTABLE:
        return way, (os.stat(path).st_ino,)
    state = sqlite_files.state(path)
    return sqlite_files.way(path), state  # again, for who has begun to write before the state was read


def _open(path: str, dialect: Any, record: Any, arguments: list[Any], options: Any) -> None:
    """Raises sqlite3.OperationalError, which SQLAlchemy takes for the driver's."""
    try:
        record.info[FOUND] = _found(path)
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror or str(error)) from None
    arguments[0] = f"file:{quote(path)}?{record.info[FOUND][0]}"
    options["factory"] = Watched


def _connected(path: str, connection: Any, record: Any) -> None:
    connection.isolation_level = None
    if record.info[FOUND][0] == sqlite_files.IMMUTABLE:
        connection.is_unchanged = partial(_is_unwritten, record.info[FOUND], path)


def _taken(path: str, connection: Any, record: Any, proxy: Any) -> None:
    """Raises DisconnectionError, at which SQLAlchemy connects anew."""
    if not _is(record.info[FOUND], path):
        raise DisconnectionError("the file is another one, or another program has begun to write to it")


def _is(found: Found, path: str) -> bool:
    """Whether a file would be opened in the same way."""
    try:
        return _found(path) == found
    except OSError:
        return False


def _is_unwritten(found: Found, path: str) -> bool:
    """Whether a file, and the log that another program may have begun meanwhile, are still without a change."""
    try:
        return sqlite_files.state(path) == found[1]
    except OSError:
        return False
