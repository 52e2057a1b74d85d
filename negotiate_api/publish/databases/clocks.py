"""How long a statement may take: what no database answers in time is ended, and others are served meanwhile.

The time is the database's: each part of an answer that is fetched has it anew, and what its reader takes does not
count, so that an export may last for hours. It is an execution option of the engine that limited() gives.

SQLite: runs within this thread, under gevent every request's; as it works it calls a handler, which lets others run
PostgreSQL: statement_timeout, which is of each FETCH where rows are streamed
MariaDB, MySQL: max_statement_time, which would count what a reader of a stream takes; so there the connection is given
    up where nothing arrives, and the statement ended by another one
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from flask import has_request_context, request
from sqlalchemy import Connection, Engine, ExceptionContext, SingletonThreadPool, StaticPool, event
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api.sharing import TURN, is_shared

SECONDS = 60.0

OPTION = "query_seconds"
"""Execution option of an engine or a connection; without it a statement may take as long as it does."""

CLOCK = "negotiate_api.clock"
"""Key of the Clock of a connection of SQLite in its info; of the others, of the seconds that the server was told."""

STEPS = 5000
"""Steps of SQLite's machine between two calls of the handler, a fraction of a millisecond."""

SLICE = 0.005
"""Seconds for which a statement runs before others do."""

LOOK = 1.0
"""Seconds between two looks whether the client is still there."""

ESTABLISHED = b"\1"
"""The state of a connection that neither side has closed, as Linux tells it first in its struct tcp_info."""

_watched: WeakSet[Engine] = WeakSet()


def limited(engine: Engine, seconds: float | None) -> Engine:
    """The engine, whose statements may take so long each."""
    if engine not in _watched:
        _watched.add(engine)
        _watch(engine)
    return engine.execution_options(**{OPTION: seconds})


def restart(connection: Connection) -> None:
    """Let the time of a statement that gives its rows in parts begin anew."""
    clock = connection.info.get(CLOCK)
    if isinstance(clock, Clock):
        clock.start(_seconds(connection))


class Clock:
    """The handler of a connection of SQLite.

    shared  others use the connection too, so that none may run while it works
    """

    def __init__(self, shared: bool) -> None:
        self.yields = is_shared() and not shared
        self.thrown: BaseException | None = None
        self.start(None)

    def start(self, seconds: float | None) -> None:
        """A statement begins, or goes on."""
        now = time.monotonic()
        self.end = now + seconds if seconds else float("inf")
        self.slice, self.look = now + SLICE, now + LOOK

    def __call__(self) -> bool:
        """Whether SQLite is to end the statement."""
        now = time.monotonic()
        if now < self.slice:
            return False
        try:
            return self._is_over(now)
        except BaseException as error:  # the sqlite3 module would lose it
            self.thrown = error
            return True

    def _is_over(self, now: float) -> bool:
        if self.yields:
            time.sleep(TURN)
        is_over = now > self.end
        if now > self.look:
            self.look, is_over = now + LOOK, is_over or client_is_gone()
        self.slice = time.monotonic() + SLICE
        return is_over


def _watch(engine: Engine) -> None:
    name = engine.dialect.name
    if name == "sqlite":
        event.listen(engine, "before_cursor_execute", _execute)
        event.listen(engine, "handle_error", _failed)
    elif name == "postgresql":
        event.listen(engine, "begin", _tell_postgresql)
    elif engine.dialect.driver == "pymysql":
        event.listen(engine, "begin", _tell_mariadb)
        event.listen(engine, "handle_error", _end_mariadb)


def _seconds(connection: Connection) -> float | None:
    found: float | None = connection.get_execution_options().get(OPTION)
    return found


def _execute(connection: Connection, cursor: Any, *call: Any) -> None:
    clock = connection.info.get(CLOCK)
    if clock is None:
        clock = connection.info[CLOCK] = Clock(isinstance(connection.engine.pool, (StaticPool, SingletonThreadPool)))
        cursor.connection.set_progress_handler(clock, STEPS)
    clock.start(_seconds(connection))


def _failed(context: ExceptionContext) -> None:
    """Raises what was thrown at the greenlet while it let others run."""
    clock = context.connection and context.connection.info.get(CLOCK)
    if clock and clock.thrown:
        thrown, clock.thrown = clock.thrown, None
        raise thrown


def _tell_postgresql(connection: Connection) -> None:
    if seconds := _seconds(connection):
        _tell(connection, f"SET LOCAL statement_timeout = {round(seconds * 1000)}")


def _tell_mariadb(connection: Connection) -> None:
    options, seconds = connection.get_execution_options(), _seconds(connection) or 0
    streams = bool(options.get("stream_results") or options.get("yield_per"))
    driver: Any = connection.connection.driver_connection
    told, patience = connection.info.setdefault(CLOCK, (0, driver._read_timeout))
    driver._read_timeout = (seconds or patience) if streams else patience
    wanted = 0 if streams else seconds
    if wanted != told:
        is_mariadb = getattr(connection.dialect, "is_mariadb", False)
        setting = f"max_statement_time = {wanted}" if is_mariadb else f"max_execution_time = {round(wanted * 1000)}"
        _tell(connection, f"SET SESSION {setting}")
        connection.info[CLOCK] = wanted, patience


def _end_mariadb(context: ExceptionContext) -> None:
    """End the statement of a connection that was given up: the server may not notice before it has rows."""
    if context.connection and context.is_disconnect and "(timed out)" in str(context.original_exception):
        driver: Any = context.connection.connection.driver_connection
        with suppress(SQLAlchemyError), context.connection.engine.connect() as other:
            other.exec_driver_sql(f"KILL {driver.thread_id()}")


def _tell(connection: Connection, setting: str) -> None:
    """Make a setting, which is no statement whose rows could be streamed, as those of the connection may be."""
    connection.exec_driver_sql(setting, execution_options={"stream_results": False, "yield_per": None})


def client_is_gone() -> bool:
    """Whether the client of the request has closed its connection, where gunicorn tells which that is."""
    found = request.environ.get("gunicorn.socket") if has_request_context() else None
    with suppress(OSError, AttributeError):  # no connection of TCP, no Linux
        return found is not None and found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) != ESTABLISHED
    return False
