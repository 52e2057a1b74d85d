"""Rows from a SELECT: the database is asked as the first row is wanted, and then for a batch at a time.

Each has a connection of its own, which is given back with its last row, or as it is closed before that. Batches are the
lists of tuples that the driver gives: where no type of SQLAlchemy makes something else of its values, nothing here is
done for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, CursorResult, Dialect, Engine, Select
from sqlalchemy.exc import OperationalError

from negotiate_api.sharing import take_turn
from representations import Rows

from .databases import clocks, engines, limits
from .databases.unavailable import answered

BATCH = 500

Row = tuple[Any, ...]
Shape = Callable[[Sequence[Any]], list[Row]]
Process = Callable[[Any], Any]


def rows(  # noqa: PLR0913 - what Rows take
    engine: Engine,
    select: Select[Any],
    columns: Iterable[str] | None = None,
    *,
    shape: Shape | None = None,
    links: Mapping[str, str | Callable[[Row], str]] | None = None,
    nested: Mapping[str, Iterable[str]] | None = None,
    counted: bool = False,
) -> Rows:
    """The rows of a SELECT, whose columns may get other names; shape makes of rows what is shown of them.

    counted  the database counts them for formats that need to know
    """
    names = tuple(select.selected_columns.keys() if columns is None else columns)
    if shape is None and len(names) != len(select.selected_columns):
        raise ValueError(f"there are {len(names)} names for {len(select.selected_columns)} columns")
    types = None if shape else types_of(engine, select)
    source = Batches(engine, select, shape)
    count = source.count if counted else None
    return Rows(names, source, batched=True, types=types, count=count, links=links, nested=nested)


class Batches:
    """The rows of a SELECT as lists of tuples, read once; and how many there are, in the same transaction."""

    def __init__(self, engine: Engine, select: Select[Any], shape: Shape | None = None) -> None:
        self._engine, self._select, self._shape = engine, select, shape
        self._connected = ExitStack()
        self._connection: Connection | None = None
        self._found = self._read()

    def __iter__(self) -> Iterator[list[Row]]:
        return self

    def __next__(self) -> list[Row]:
        return next(self._found)

    def count(self) -> int:
        """How many rows will come, asked before the first of them. Raises ServiceUnavailable."""
        options = {} if self._engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with answered():
            self._connection = self._connected.enter_context(self._engine.execution_options(**options).connect())
            counted = self._select.order_by(None).subquery()
            return self._connection.scalar(sa.select(sa.func.count()).select_from(counted)) or 0

    def close(self) -> None:
        """Let go of the connection."""
        self._found.close()
        self._connected.close()

    def _read(self) -> Generator[list[Row], None, None]:
        """The lists. Raises ServiceUnavailable."""
        take_turn()  # so many may begin at once that nobody else would be answered
        with answered(), self._connected, ExitStack() as export:
            connection = self._connection or self._connected.enter_context(self._engine.connect())
            is_counted = False
            with closing(_decoded(connection, self._select)) as found:
                for batch in found:
                    if not is_counted and len(batch) == BATCH:
                        export.enter_context(limits.counted(self._engine))
                        is_counted = True
                    yield self._shape(batch) if self._shape else batch


def fetched(engine: Engine, select: Select[Any], values: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows at once, with values of the parameters that have none. Raises ServiceUnavailable."""
    with answered(), engine.connect() as connection:
        try:
            return list(map(tuple, connection.execute(select, values)))
        except OperationalError as error:
            with _decodable(connection, error):
                return list(map(tuple, connection.execute(select, values)))


def types_of(engine: Engine, select: Select[Any]) -> frozenset[type] | None:
    """The types that all values of the rows are of, where the driver has no others; else None."""
    known = engines.types_of(engine)
    return None if known is None or _processes(engine.dialect, select, ()) else known


def _decoded(connection: Connection, select: Select[Any]) -> Generator[list[Row], None, None]:
    """The rows, U+FFFD in them for what is no UTF-8."""
    given = 0
    try:
        with closing(_batches(connection, select)) as found:
            for batch in found:
                yield batch
                given += len(batch)
    except OperationalError as error:
        with _decodable(connection, error), closing(_batches(connection, select.offset(given))) as found:
            yield from found


def _batches(connection: Connection, select: Select[Any]) -> Generator[list[Row], None, None]:
    result = connection.execution_options(stream_results=True).execute(select)
    processes = _processes(connection.dialect, select, result.cursor.description)
    is_read = False
    try:
        while batch := _fetched(result):
            yield _processed(batch, processes) if processes else batch
            clocks.restart(connection)  # as what a reader takes does not count
        is_read = True
    finally:
        if not is_read:
            abandon(connection, result)


def _fetched(result: CursorResult[Any]) -> list[Row]:
    """The next tuples of the driver, among them the one that SQLAlchemy has read ahead, and its errors as SQLAlchemy's.

    result.fetchmany() makes a Row of each; result.cursor.fetchmany() loses the first.
    """
    batch: list[Row] = result.cursor_strategy.fetchmany(result, result.cursor, BATCH)
    return batch if not batch or type(batch[0]) is tuple else list(map(tuple, batch))


def _processes(dialect: Dialect, select: Select[Any], description: Sequence[Any]) -> list[tuple[int, Process]]:
    """The columns whose type makes something else of what the driver gives, and what does so."""
    codes = [told[1] for told in description] or [None] * len(select.selected_columns)
    types = [column.type.dialect_impl(dialect) for column in select.selected_columns]
    made = [type_.result_processor(dialect, code) for type_, code in zip(types, codes, strict=True)]
    return [(index, process) for index, process in enumerate(made) if process]


def _processed(batch: list[Row], processes: Iterable[tuple[int, Process]]) -> list[Row]:
    columns: list[Iterable[Any]] = list(zip(*batch, strict=True))
    for index, process in processes:
        columns[index] = map(process, columns[index])
    return list(zip(*columns, strict=True))


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
