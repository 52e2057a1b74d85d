"""Engines: the URL of a database, and how each kind is connected to, for reading alone or for writing too.

An SQLite database that is only read is not touched: neither its file nor the folder that it is in changes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ..errors import Unusable
from . import read_only, replaced, sqlite_files
from .spare import SparePool
from .turns import SECONDS, Turns, ask_again

DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""Names without a driver that a URL may begin with."""

NATIVE = "negotiate_api.native"
"""Execution option of an engine of SQLite whose driver gives values of SQLite's five types and no others."""

TYPES: frozenset[type] = frozenset((int, float, str, bytes, type(None)))
"""What these are in Python."""

EXTRAS = {"postgresql+psycopg": "postgresql", "mysql+pymysql": "mariadb", "mariadb+pymysql": "mariadb"}
"""What to install for each of these drivers: extras of this package."""

BEGIN = "sqlite_begin"
"""Execution option of a connection: "IMMEDIATE" takes SQLite's lock for writing as a transaction begins."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 0")
"""FULL, because what is answered must be on the disk: with NORMAL it is not after a loss of power. 0, see turns.py."""

_known: WeakSet[Engine] = WeakSet()


def url_of(text: str) -> URL:
    """The URL with its driver. Raises Unusable."""
    try:
        url = make_url(text)
    except (SQLAlchemyError, ValueError):
        example = "postgresql://user:password@host/name"
        raise Unusable(f"the database is given by a URL like {example} or sqlite:///path") from None
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    _check_driver(url)
    return url if url.get_backend_name() != "sqlite" else sqlite(_file(url))


def sqlite(path: Path) -> URL:
    """The URL of an SQLite file."""
    return URL.create("sqlite", database=str(path.absolute()))


def shown(url: URL) -> str:
    """url for people: without password and options."""
    return url.set(query={}).render_as_string(hide_password=True)


def create(url: str | URL, writable: bool = False) -> Engine:
    """An engine of a database that is there and answers. Raises Unusable."""
    url = url_of(url if isinstance(url, str) else url.render_as_string(hide_password=False))
    if url.get_backend_name() == "sqlite":
        _check_file(str(url.database))
    try:
        engine = create_engine(url, **(options(url) if writable else reading_options(url)))
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise unusable(url, error) from None
    (prepare if writable else prepare_to_read)(engine)
    try:
        check(engine, writable)
    except Unusable:
        engine.dispose()
        raise
    return engine


def options(url: URL) -> dict[str, Any]:
    """Arguments of create_engine(). A slow reader holds a connection, so that a small pool would be a queue.

    hide_parameters, because an error is logged, and what it was to write is a hash of a password or somebody's todo.
    """
    if url.get_backend_name() == "sqlite":
        found = {"hide_parameters": True, "pool_size": 10, "max_overflow": -1, "execution_options": {NATIVE: True}}
        return {**found, "poolclass": SparePool, "connect_args": {"timeout": SECONDS}}
    timeout = {"connect_timeout": 5} if url.drivername in EXTRAS and "connect_timeout" not in url.query else {}
    pool = {"pool_size": 5, "max_overflow": 35, "pool_timeout": 10, "pool_pre_ping": True}
    return {"hide_parameters": True, **pool, "connect_args": timeout}


def reading_options(url: URL) -> dict[str, Any]:
    """Arguments of create_engine() for an engine whose transactions may only read, where the database can see to it."""
    found, kind = options(url), url.get_backend_name()
    if kind == "sqlite":
        found["connect_args"] = {"timeout": 0, "uri": True}
    elif kind == "postgresql":
        found["execution_options"] = {"postgresql_readonly": True}
    elif url.drivername in EXTRAS and "init_command" not in url.query:
        found["connect_args"]["init_command"] = "SET SESSION TRANSACTION READ ONLY"
    return found


def prepare(engine: Engine) -> None:
    """Let every connection of an SQLite engine be durable, check foreign keys and leave transactions to SQLAlchemy.

    A file that is not there yet is made for its owner alone.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begin)
        ask_again(engine)
        _let_write(engine)
        replaced.watch(engine, make=True)
    _known.add(engine)


def prepare_to_read(engine: Engine) -> None:
    """Let no connection of an SQLite engine change anything in the file's folder, whatever other programs do there."""
    if engine.dialect.name == "sqlite":
        read_only.watch(engine)
        event.listen(engine, "begin", _begin)
        ask_again(engine)
    _known.add(engine)


def adopt(engine: Engine) -> None:
    """Let an engine that somebody else has made take BEGIN. It stays what it is otherwise."""
    if engine.dialect.name == "sqlite" and engine not in _known:
        event.listen(engine, "begin", _begin_anew)
        _let_write(engine)
        replaced.watch(engine)
    _known.add(engine)


@contextmanager
def foreign_keys(connection: Connection) -> Iterator[None]:
    """Let SQLite check foreign keys in the transaction to come, and then no more where it did not before.

    An application's engine seldom asks for it. Within a transaction SQLite passes over such a change.
    """
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or raw.execute("PRAGMA foreign_keys").fetchone()[0]:
        yield
        return
    _set_foreign_keys(raw, "ON")
    try:
        yield
    finally:
        if not connection.invalidated:
            _set_foreign_keys(raw, "OFF")


def types_of(engine: Engine) -> frozenset[type] | None:
    """The types of all that the driver gives; None where they are not known."""
    return TYPES if engine.get_execution_options().get(NATIVE) else None


def check(engine: Engine, writable: bool = False) -> None:
    """Raises Unusable where the database does not answer, or SQLite's cannot be written to and should be."""
    try:
        with engine.connect().execution_options(**({BEGIN: "IMMEDIATE"} if writable else {})) as connection:
            connection.execute(select(1))
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1")
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        raise unusable(engine.url, error) from None


def unusable(url: URL, error: Exception) -> Unusable:
    """What is told of a failing database: its address and the first line of the driver's message."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_ROLLBACK:
        cause = ValueError("it was left in the middle of a change; open it once with a program that may write to it")
    reason = str(cause.args[-1] if cause.args else cause).strip().partition("\n")[0]
    reason = reason.replace(str(url.password), "***") if url.password else reason
    return Unusable(f"the database {shown(url)} cannot be used: {reason}")


def _check_driver(url: URL) -> None:
    """Raises Unusable where what connects to a database of this kind is not installed."""
    try:
        url.get_dialect().import_dbapi()
    except (SQLAlchemyError, ImportError) as error:
        extra = EXTRAS.get(url.drivername)
        way = f"pip install 'negotiate_api[{extra}]'" if extra else error
        raise Unusable(f"there is no driver for {url.drivername}: {way}") from None


def _file(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise Unusable("the database sqlite:// in memory cannot be shared by several processes; give it a path")
    return Path(str(url.database))


def _check_file(path: str) -> None:
    """Raises Unusable where SQLite would make a file, or tell of it less plainly."""
    try:
        if not os.path.isfile(path):
            raise Unusable(f"there is no file {path}")
        if os.path.getsize(path) and not sqlite_files.is_database(path):
            raise Unusable(f"the file {path} is no SQLite database")
    except OSError as error:
        raise Unusable(f"the file {path} cannot be read: {error.strerror}") from None


def _let_write(engine: Engine) -> None:
    turns = Turns()
    event.listen(engine, "begin", lambda connection: turns.begin(connection) if _writes(connection) else None)
    event.listen(engine, "commit", turns.end)
    event.listen(engine, "rollback", turns.end)


def _writes(connection: Connection) -> bool:
    return connection.get_execution_options().get(BEGIN) == "IMMEDIATE"


def _begin(connection: Connection) -> None:
    if not _writes(connection):
        connection.exec_driver_sql("BEGIN")


def _begin_anew(connection: Connection) -> None:
    """End the empty transaction that another listener or the driver has begun, where one is to begin to write."""
    dbapi_connection: Any = connection.connection.dbapi_connection
    if _writes(connection) and dbapi_connection.in_transaction:
        connection.exec_driver_sql("ROLLBACK")


def _set_foreign_keys(connection: Any, value: str) -> None:
    is_begun = getattr(connection, "autocommit", None) is False  # from Python 3.12 on: it always is in a transaction
    if is_begun:
        connection.execute("ROLLBACK")
    connection.execute(f"PRAGMA foreign_keys = {value}")
    if is_begun:
        connection.execute("BEGIN")


def _connected(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
