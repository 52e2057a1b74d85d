"""Databases: their URLs, and how each kind is connected to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
    try:
        url.get_dialect().import_dbapi()
    except (SQLAlchemyError, ImportError) as error:
        raise Unusable(f"there is no driver for {url.drivername}: {error}") from None
    return url if url.get_backend_name() != "sqlite" else sqlite(_file(url))


def sqlite(path: Path) -> URL:
    """The URL of an SQLite file."""
    return URL.create("sqlite", database=str(path.absolute()))


def shown(url: URL) -> str:
    """url for people: without password and options."""
    return url.set(query={}).render_as_string(hide_password=True)


def engine_options(url: URL) -> dict[str, Any]:
    """Arguments of create_engine(). A slow reader holds a connection, so that a small pool would be a queue."""
    if url.get_backend_name() == "sqlite":
        return {"pool_size": 10, "max_overflow": -1, "connect_args": {"timeout": SECONDS}}
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    return {"pool_size": 5, "max_overflow": 35, "pool_timeout": 10, "pool_pre_ping": True, "connect_args": timeout}


def prepare(engine: Engine) -> None:
    """Let every connection of an SQLite engine be durable, check foreign keys and leave transactions to SQLAlchemy."""
    if engine.dialect.name == "sqlite":
        turns = Turns()
        ask_again(engine)
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


def _file(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise Unusable("the database sqlite:// in memory cannot be shared by several processes; give it a path")
    return Path(str(url.database))


def _connected(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, turns: Turns) -> None:
    if connection.get_execution_options().get(BEGIN) == "IMMEDIATE":
        turns.begin(connection)
    else:
        connection.exec_driver_sql("BEGIN")
