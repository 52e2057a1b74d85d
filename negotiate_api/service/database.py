"""The service's own database: made by one process while others wait, and told of where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api.publish.databases.engines import BEGIN, shown, unusable

from .errors import Unusable

LOCKS = {
    "postgresql": "SELECT pg_advisory_xact_lock(7715423801)",
    "mysql": "SELECT GET_LOCK('negotiate_api', 600)",
    "mariadb": "SELECT GET_LOCK('negotiate_api', 600)",
}
"""What makes one process wait for another; SQLite waits as the transaction begins."""


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
