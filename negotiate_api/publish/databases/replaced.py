"""The file of an SQLite database that is written to: noticed where another one takes its place, or it is removed.

SQLite goes on with the file that it has open, which nobody else sees any more: what is written to it is lost. And its
log stays beside the new file, to which whoever opens that next adds what is in it. Who that log belongs to by then
nobody can tell: another program may have committed to it. So it is never touched; until it is gone nothing is answered.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError, OperationalError

from .sqlite_files import Identity, log

PLACE = "negotiate_api.place"
"""Key of the identity of a connection's file in the pool's record of it."""

NONE = (0, 0)


class Replaced(sqlite3.OperationalError):
    """The file that a connection has open is not the one at its path."""


class File:
    """The file at a path, which is made for its owner alone where it never was there."""

    def __init__(self, path: str, make: bool) -> None:
        self.path, self.make = path, make
        self.place, self.log = identity(path), NONE

    def opened(self, dialect: Any, record: Any, arguments: Any, options: Any) -> None:
        """Raises Replaced where SQLite would make a new file in place of one that was removed, or add an old log."""
        found, logged = identity(self.path), identity(log(self.path))
        if logged == NONE:
            self.log = NONE
        if found == NONE and self.place != NONE:
            raise Replaced(f"the file {self.path} was removed")
        if found != self.place and logged == self.log != NONE and size(log(self.path)):
            raise Replaced(
                f"the file {self.path} was replaced, and beside it is {log(self.path)}, which may have changes of the"
                " one before it: end all that has the file open, move the log away if it is there then, start again"
            )
        if self.make:
            keep_to_owner(self.path)
        record.info[PLACE] = identity(self.path)

    def connected(self, connection: Any, record: Any) -> None:
        if record.info[PLACE] == NONE:
            record.info[PLACE] = identity(self.path)
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA schema_version").fetchall()  # this opens the log
        self.place, self.log = record.info[PLACE], identity(log(self.path))

    def taken(self, connection: Any, record: Any, proxy: Any) -> None:
        """Raises InvalidatePoolError, at which SQLAlchemy connects anew.

        As it closes a file that is not at its place SQLite leaves the log as it is.
        """
        found = identity(self.path)
        if record.info.setdefault(PLACE, found) != found:
            raise InvalidatePoolError("the file is another one, or was removed")


def watch(engine: Engine, make: bool = False) -> None:
    """Let no connection of an engine go on with a file that is no more at its path."""
    path = engine.url.database
    if not path or path == ":memory:" or path.startswith("file:"):
        return
    file = File(path, make)
    event.listen(engine, "do_connect", file.opened)
    event.listen(engine, "connect", file.connected)
    event.listen(engine, "checkout", file.taken)
    event.listen(engine, "commit", check)


def check(connection: Connection) -> None:
    """Raises OperationalError where what a connection has written, or will, is lost."""
    path = str(connection.engine.url.database)
    if PLACE in connection.info and connection.info[PLACE] != identity(path):
        raise OperationalError(None, None, Replaced(f"the file {path} was replaced or removed"))


def keep_to_owner(path: str) -> None:
    """Make the file where there is none, so that it, and what SQLite puts beside it, is for the owner alone.

    One that is there is not opened: to close it would take away SQLite's locks.
    """
    with suppress(OSError):  # SQLite says why it cannot be
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def size(path: str) -> int:
    """Bytes of a file; 0 where there is none."""
    with suppress(OSError):
        return os.stat(path).st_size
    return 0


def identity(path: str) -> Identity:
    """Device and inode of a file; NONE where there is none."""
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return NONE
