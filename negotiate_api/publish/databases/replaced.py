"""The file of an SQLite database that is written to: noticed where another one takes its place, or it is removed.

SQLite goes on with the file that it has open, which nobody else sees any more: what is written to it is lost. And its
log stays beside the new file, to which whoever opens that next would add what is in it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError, OperationalError

from .sqlite_files import Identity

PLACE, LOG = "negotiate_api.place", "negotiate_api.log"
"""Keys of the identities of a connection's file, and of its log and the index of that, in the pool's record of it."""

NONE = (0, 0)


class Replaced(sqlite3.OperationalError):
    """The file that a connection has open is not the one at its path."""


class File:
    """The file at a path, which is made for its owner alone where it never was there."""

    def __init__(self, path: str, make: bool) -> None:
        self.path, self.make = path, make
        self.place, self.log = identity(path), (NONE, NONE)

    def opened(self, dialect: Any, record: Any, arguments: Any, options: Any) -> None:
        """Raises Replaced where SQLite would make a new file in place of one that was removed."""
        found = identity(self.path)
        if found == NONE and self.place != NONE:
            raise Replaced(f"the file {self.path} was removed")
        if found != self.place:
            leave_log(self.path, *self.log)
        if self.make:
            keep_to_owner(self.path)
        record.info[PLACE] = identity(self.path)

    def connected(self, connection: Any, record: Any) -> None:
        if record.info[PLACE] == NONE:
            record.info[PLACE] = identity(self.path)
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA schema_version").fetchall()  # this opens the log
        self.place, self.log = record.info[PLACE], (identity(f"{self.path}-wal"), identity(f"{self.path}-shm"))
        record.info[LOG] = self.log

    def taken(self, connection: Any, record: Any, proxy: Any) -> None:
        """Raises InvalidatePoolError, at which SQLAlchemy connects anew."""
        found = identity(self.path)
        if record.info.setdefault(PLACE, found) == found:
            return
        if found != NONE:
            merge_log(connection)
            leave_log(self.path, *record.info.get(LOG, (NONE, NONE)))
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


def merge_log(connection: Any) -> None:
    """Write what is in the log of the file that a connection has open to that file, if nobody else reads it."""
    with suppress(sqlite3.Error):
        connection.set_progress_handler(None, 0)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def leave_log(path: str, log: Identity, index: Identity) -> None:
    """Take the log of a file that was at a path away from the one that is; what is in it is kept beside, -wal.1234.

    Each process that finds the file replaced does so, in turn: the lock is of the log that is to go.
    """
    import fcntl  # noqa: PLC0415 - there is none on Windows, where no file is replaced that is open

    with suppress(OSError):
        descriptor = os.open(f"{path}-wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if identity(f"{path}-wal") != log:
                return
            if identity(f"{path}-shm") == index:
                os.unlink(f"{path}-shm")
            os.rename(f"{path}-wal", f"{path}-wal.{log[1]}")
            if not os.fstat(descriptor).st_size:
                os.unlink(f"{path}-wal.{log[1]}")
        finally:
            os.close(descriptor)


def keep_to_owner(path: str) -> None:
    """Make the file where there is none, so that it, and what SQLite puts beside it, is for the owner alone.

    One that is there is not opened: to close it would take away SQLite's locks.
    """
    with suppress(OSError):  # SQLite says why it cannot be
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def identity(path: str) -> Identity:
    """Device and inode of a file; NONE where there is none."""
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return NONE
