"""Transactions that write: begun to write, run anew where another was quicker, on the disk before they are answered.

Nothing is looked up before one begins and then believed: what is stored, and whether the caller may still write, is
asked within.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from . import engines, replaced

T = TypeVar("T")

ATTEMPTS = 10

QUICKER = frozenset(("40001", "40P01", 1020, 1213))
"""PostgreSQL's and MariaDB's codes: not serializable, deadlock, read before it was changed."""


class Writable(Protocol):
    """What of a publication a transaction needs.

    confirm  is called as each transaction begins, and raises where the caller may not write any more
    """

    @property
    def engine(self) -> Engine: ...
    @property
    def confirm(self) -> Callable[[], object]: ...


def run(publication: Writable, function: Callable[[Connection], T], *, keep: bool = True) -> T:
    """What function gives in a transaction of its own, which is undone unless keep; anew where another was quicker."""
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction(publication, keep=keep) as connection:
                return function(connection)
        except DBAPIError as error:
            if not was_slower(error):
                raise
    with transaction(publication, keep=keep) as connection:
        return function(connection)


@contextmanager
def transaction(publication: Writable, *, keep: bool = True) -> Iterator[Connection]:
    """One transaction that writes: it is confirmed, and ends with the block."""
    engine = publication.engine
    with engine.connect().execution_options(**_options(engine)) as connection:
        with engines.foreign_keys(connection), connection.begin() as begun:
            publication.confirm()
            yield connection
            if not keep:
                begun.rollback()
        replaced.check(connection)


def was_slower(error: DBAPIError) -> bool:
    """Whether to run it anew helps."""
    return not QUICKER.isdisjoint(codes(error))


def codes(error: DBAPIError) -> set[Any]:
    """What the database calls an error: PostgreSQL's SQLSTATE, MariaDB's number, SQLite's name."""
    names = (getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None))
    return {*names, *getattr(error.orig, "args", ())[:1]}


def _options(engine: Engine) -> dict[str, Any]:
    """On MariaDB what others have committed is seen, as on PostgreSQL, and no gap between rows is locked."""
    level = {"isolation_level": "READ COMMITTED"} if engine.dialect.name in ("mysql", "mariadb") else {}
    return {engines.BEGIN: "IMMEDIATE", **level}
