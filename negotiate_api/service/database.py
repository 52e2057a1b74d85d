"""Databases: their URLs, and how each kind is connected to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .errors import Unusable
from .turns import SECONDS, Turns, ask_again

DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""Names without a driver that a DATABASE_URL may begin with."""

EXTRAS = {"postgresql+psycopg": "postgresql", "mysql+pymysql": "mariadb", "mariadb+pymysql": "mariadb"}
"""What to install for each of these drivers: extras of this package."""

BEGIN = "sqlite_begin"
"""Execution option of a connection: "IMMEDIATE" takes SQLite's lock for writing as a transaction begins."""

LOCKS = {
    "postgresql": "SELECT pg_advisory_xact_lock(7715423801)",
    "mysql": "SELECT GET_LOCK('negotiate_api', 600)",
    "mariadb": "SELECT GET_LOCK('negotiate_api', 600)",
}
"""What makes one process wait for another; SQLite waits as the transaction begins."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 0")
"""FULL, because what is answered must be on the disk: with NORMAL it is not after a loss of power. 0, see turns.py."""


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


def engine_options(url: URL) -> dict[str, Any]:
    """Arguments of create_engine(). A slow reader holds a connection, so that a small pool would be a queue.

    hide_parameters, because an error is logged, and what it was to write is a hash of a password or somebody's todo.
    """
    if url.get_backend_name() == "sqlite":
        return {"hide_parameters": True, "pool_size": 10, "max_overflow": -1, "connect_args": {"timeout": SECONDS}}
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    pool = {"pool_size": 5, "max_overflow": 35, "pool_timeout": 10, "pool_pre_ping": True}
    return {"hide_parameters": True, **pool, "connect_args": timeout}


def prepare(engine: Engine) -> None:
    """Let every connection of an SQLite engine be durable, check foreign keys and leave transactions to SQLAlchemy.

    A file that is not there yet is made for its owner alone.
    """
    if engine.dialect.name == "sqlite":
        turns = Turns()
        ask_again(engine)
        event.listen(engine, "do_connect", _keep_to_owner)
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", lambda connection: _begin(connection, turns))
        event.listen(engine, "commit", turns.end)
        event.listen(engine, "rollback", turns.end)


def check(engine: Engine) -> None:
    """Raises Unusable where the database does not answer."""
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        raise unusable(engine.url, error) from None


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Raises Unusable in place of SQLAlchemyError."""
    try:
        yield
    except SQLAlchemyError as error:
        raise unusable(engine.url, error) from None


@contextmanager
def alone(engine: Engine, *pragmas: str) -> Iterator[Connection]:
    """A transaction on a connection of its own, which waits for one like it in any other process, on any host.

    pragmas  what is set before, on SQLite
    """
    with engine.connect() as connection:
        connection.detach()  # so that its end is the end of MariaDB's lock and of the pragmas
        for pragma in pragmas if engine.dialect.name == "sqlite" else ():
            connection.connection.cursor().execute(f"PRAGMA {pragma}")
        with connection.execution_options(**{BEGIN: "IMMEDIATE"}).begin():
            if (lock := LOCKS.get(engine.dialect.name)) and connection.scalar(text(lock)) == 0:
                raise Unusable(f"the database {shown(engine.url)} is being prepared by another process for too long")
            yield connection


def check_names(connection: Connection, mark: str, names: Iterable[str]) -> None:
    """Raises Unusable where tables of these names are not ours, which the table mark tells apart."""
    there = set(inspect(connection).get_table_names())
    if mark not in there and (taken := there.intersection(names)):
        named = ", ".join(sorted(taken))
        raise Unusable(f"the database {shown(connection.engine.url)} has tables of its own named {named}")


def unusable(url: URL, error: Exception) -> Unusable:
    """What is told of a failing database: its address and the first line of the driver's message."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
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


def _keep_to_owner(dialect: Any, record: Any, arguments: Any, options: Any) -> None:
    """Make the file where there is none, so that it, and what SQLite puts beside it, is for the owner alone.

    One that is there is not opened: to close it would take away SQLite's locks.
    """
    with suppress(OSError):  # SQLite says why it cannot be
        os.close(os.open(arguments[0], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _connected(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, turns: Turns) -> None:
    if connection.get_execution_options().get(BEGIN) == "IMMEDIATE":
        turns.begin(connection)
    else:
        connection.exec_driver_sql("BEGIN")
