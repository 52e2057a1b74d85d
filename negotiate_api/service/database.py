"""Databases: their URLs, and how each kind is connected to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .errors import Unusable

DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""Names without a driver that a DATABASE_URL may begin with."""

BEGIN = "sqlite_begin"
"""Execution option of a connection: "IMMEDIATE" takes SQLite's lock for writing as a transaction begins."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
"""FULL, because what is answered must be on the disk: with NORMAL it is not after a loss of power."""


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
        return {"pool_size": 10, "max_overflow": -1, "connect_args": {"timeout": 30}}
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": 5}
    return {"pool_size": 5, "max_overflow": 35, "pool_timeout": 10, "pool_pre_ping": True, "connect_args": timeout}


def prepare(engine: Engine) -> None:
    """Let every connection of an SQLite engine be durable, check foreign keys and leave transactions to SQLAlchemy."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)


def check(engine: Engine) -> None:
    """Raises Unusable where the database does not answer."""
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except (SQLAlchemyError, OSError, TypeError, ValueError) as error:
        raise unusable(engine.url, error) from None


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


def _begun(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(BEGIN, 'DEFERRED')}")
