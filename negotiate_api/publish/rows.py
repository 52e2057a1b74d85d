"""Rows from a SELECT: the database is asked as the first row is wanted, and then for a batch at a time.

Each has a connection of its own, which is given back with its last row, or as it is closed before that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import OperationalError

from representations import Rows

from .databases import clocks
from .databases.unavailable import answered

BATCH = 1000

Row = tuple[Any, ...]
Shape = Callable[[Any], Row]


def rows(  # noqa: PLR0913 - what Rows take
    engine: Engine,
    select: Select[Any],
    columns: Iterable[str] | None = None,
    *,
    shape: Shape | None = None,
    links: Mapping[str, str | Callable[[Row], str]] | None = None,
    nested: Mapping[str, Iterable[str]] | None = None,
) -> Rows:
    """The rows of a SELECT, whose columns may get other names; shape makes of a row what is shown."""
    names = select.selected_columns.keys() if columns is None else columns
    return Rows(names, lambda: stream(engine, select, shape), links=links, nested=nested)


def stream(engine: Engine, select: Select[Any], shape: Shape | None = None) -> Iterator[Row]:
    """The rows as tuples. Raises ServiceUnavailable."""
    given = 0
    with answered(), engine.connect() as connection:
        try:
            with closing(_batches(connection, select)) as batches:
                for batch in batches:
                    yield from map(shape or tuple, batch)
                    given += len(batch)
        except OperationalError as error:
            with _decodable(connection, error), closing(_batches(connection, select.offset(given))) as batches:
                for batch in batches:
                    yield from map(shape or tuple, batch)


def fetched(engine: Engine, select: Select[Any]) -> list[Row]:
    """The rows at once. Raises ServiceUnavailable."""
    with answered(), engine.connect() as connection:
        try:
            return list(map(tuple, connection.execute(select)))
        except OperationalError as error:
            with _decodable(connection, error):
                return list(map(tuple, connection.execute(select)))


def _batches(connection: Connection, select: Select[Any]) -> Generator[Sequence[Any], None, None]:
    result = connection.execution_options(yield_per=BATCH).execute(select)
    is_read = False
    try:
        for batch in result.partitions():
            yield batch
            clocks.restart(connection)  # as what a reader takes does not count
        is_read = True
    finally:
        if not is_read:
            abandon(connection, result)


@contextmanager
def _decodable(connection: Connection, error: OperationalError) -> Iterator[None]:
    """Let SQLite, which holds any bytes as text, give U+FFFD for what is no UTF-8; raises any other error again.

    To read all text so would cost a third more.
    """
    if "Could not decode to UTF-8" not in str(error.orig):
        raise error
    driver: Any = connection.connection.driver_connection
    driver.text_factory = lambda data: data.decode(errors="replace")
    try:
        yield
    finally:
        driver.text_factory = str


def abandon(connection: Connection, result: Any) -> None:
    """Close a result that has rows left.

    PyMySQL would read them all first, for as long as it takes; so the connection is ended under it.
    """
    cursor = result.cursor
    if connection.dialect.driver != "pymysql" or cursor is None or cursor.connection is None:
        result.close()
        return
    received, cursor.connection = cursor._result, None
    received.unbuffered_active = False
    connection.invalidate()
    result.close()
