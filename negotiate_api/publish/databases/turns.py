"""Waiting for SQLite, which lets one connection write at a time, without holding up who else could go on.

SQLite waits with the whole thread asleep: under gevent that is every request of the worker, maybe the one that it waits
for among them. So it is told not to wait, and asked again after a moment in which others run. The transactions of a
process that begin to write queue before that, so that only the first asks.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event, exc

SECONDS = 30.0
"""How long is waited, in the queue and after it."""

PAUSE = 0.001


class Turns:
    """The queue of an engine. A turn is a transaction that writes, to its end."""

    def __init__(self) -> None:
        self._free = Lock()
        self._holder: Connection | None = None

    def begin(self, connection: Connection) -> None:
        """Begin a transaction that writes. Raises TimeoutError, or OperationalError where it waited for a process."""
        if not self._free.acquire(timeout=SECONDS):
            raise exc.TimeoutError(f"other transactions have been writing for {SECONDS:.0f} seconds")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            self._free.release()
            raise
        self._holder = connection

    def end(self, connection: Connection) -> None:
        """Let the next one begin, where it was this connection's turn."""
        if self._holder is connection:
            self._holder = None
            self._free.release()


def ask_again(engine: Engine) -> None:
    """Run each statement of an engine again while SQLite is busy."""
    event.listen(engine, "do_execute", lambda cursor, *call: ask(cursor.execute, *call))
    event.listen(engine, "do_executemany", lambda cursor, *call: ask(cursor.executemany, *call))
    event.listen(engine, "do_execute_no_params", lambda cursor, *call: ask(cursor.execute, *call))


def ask(execute: Callable[..., Any], statement: str, *parameters: Any) -> bool:
    """Run a statement. True, which tells SQLAlchemy that it has been run; the last of the parameters is its context."""
    end = time.monotonic() + SECONDS
    while not _has_run(execute, end, statement, *parameters[:-1]):
        time.sleep(PAUSE)
    return True


def _has_run(execute: Callable[..., Any], end: float, *call: Any) -> bool:
    try:
        execute(*call)
    except sqlite3.OperationalError as error:
        if not _is_busy(error) or time.monotonic() > end:
            raise
        return False
    return True


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether waiting helps: it does not where another has written after what this transaction has read."""
    code = error.sqlite_errorcode
    return code & 0xFF == sqlite3.SQLITE_BUSY and code != sqlite3.SQLITE_BUSY_SNAPSHOT
