"""Versions of a database: text that any committed change makes another, whoever commits it, read without its tables.

A version is read before the rows that it is told with, which so may be newer than it, never older. Where nothing sound
can be read there is none.

SQLite, in WAL mode: the header of the wal-index, beside the database, which every commit writes
    (its file format, section 4.4; the checksum in it is of all that is in the log)
SQLite, while there is nothing in the log, and with a rollback journal: when the file was written last, once that was
    long enough ago for any later moment to be another
PostgreSQL: which transactions can be seen (pg_current_snapshot), and after which checkpoint, as a crash may take some
    away and others get their numbers; on a replica how far it is
others, MariaDB among them: none
"""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import time
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from . import sqlite_files

HEADER = 48
"""Bytes of the wal-index header, of which there are two copies, alike but while it is written."""

TICK = 0.05
"""Seconds that files' times are apart at least; they are those of the kernel's clock."""

SECOND = 2.5
"""The same of file systems that keep seconds, or two at a time."""


class Versions:
    """The versions of a database, of a kind that has none."""

    def read(self, connection: Connection) -> str | None:
        """The version that is committed now, on a connection whose transaction begins with this, or is to write."""
        return None

    def modified(self) -> float | None:
        """When the database was written last, in seconds of the epoch, where that is known and some seconds ago."""
        return None


def of(engine: Engine) -> Versions:
    """The versions of an engine's database."""
    if engine.dialect.name == "sqlite":
        return SQLite()
    return PostgreSQL() if engine.dialect.name == "postgresql" else Versions()


class SQLite(Versions):
    """Those of the files of a database, and of those attached to it."""

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        self.inodes: list[int] = []
        self.replaced = 0.0

    def read(self, connection: Connection) -> str | None:
        schemas = [(name, path) for _, name, path in _asked(connection, "PRAGMA database_list") if name != "temp"]
        self.paths = tuple(path for _, path in schemas if path)
        if len(self.paths) < len(schemas) or not hasattr(os, "pread"):  # in memory
            return None
        for name, _ in schemas:  # this reads it, so that what a crash has left is in order
            _asked(connection, f"PRAGMA {connection.dialect.identifier_preparer.quote(name)}.schema_version")
        try:
            self._note([os.stat(path).st_ino for path in self.paths])
            found = [_file(path) for path in self.paths]
        except OSError:
            return None
        return None if None in found else "/".join(map(str, found))

    def modified(self) -> float | None:
        try:
            latest = (
                max(_written(p) for path in self.paths for p in (path, sqlite_files.log(path)) if os.path.exists(p))
                / 1e9
            )
        except (OSError, ValueError):
            return None
        latest = max(latest, self.replaced)
        return latest if time.time() - latest > SECOND else None

    def _note(self, inodes: list[int]) -> None:
        """Remember when the files were found to be others, which may be older."""
        if self.inodes and inodes != self.inodes:
            self.replaced = time.time()
        self.inodes = inodes


def _asked(connection: Connection, pragma: str) -> list[Any]:
    """What the driver itself answers, which needs no transaction; what it refuses is asked as every statement is."""
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(pragma).fetchall()  # type: ignore[no-any-return]
    except sqlite3.Error:
        return list(connection.exec_driver_sql(pragma))


def _file(path: str) -> str | None:
    """The version of a file; None where it is being written. Raises OSError."""
    inode = os.stat(path).st_ino
    header = _logged(path)
    if header:
        return f"{inode}-{header.hex()}"
    settled = None if header is None else _settled(path)
    return settled and f"{inode}-{settled}"


def _logged(path: str) -> bytes | None:
    """The wal-index header; b"" where nothing is in the log, None where that cannot be told."""
    index = f"{os.path.realpath(path)}-shm"
    if not os.path.exists(index):
        return None if sqlite_files.logged(path) else b""
    for _ in range(5):
        copies = sqlite_files.peek(index, 2 * HEADER)
        header = copies[:HEADER]
        if len(copies) == 2 * HEADER and header == copies[HEADER:]:
            frames = struct.unpack_from("=I", header, 16)[0]
            return header if frames else b""
        time.sleep(0)
    return None


def _settled(path: str) -> str | None:
    """When a file was written last, and its size, as soon as that is over."""
    for _ in range(2):
        found, now = os.stat(path), time.time_ns()
        apart = SECOND if found.st_mtime_ns % 10**6 == 0 else TICK
        age = (now - found.st_mtime_ns) / 1e9
        if age > apart:
            return f"{found.st_mtime_ns}-{found.st_size}"
        if apart > TICK or age < 0:
            return None
        time.sleep(apart - age + 0.001)
    return None


def _written(path: str) -> int:
    """When a file was written, or put where it is with the time of what it is a copy of."""
    found = os.stat(path)
    return max(found.st_mtime_ns, found.st_ctime_ns)


class PostgreSQL(Versions):
    """Those of a server of PostgreSQL's own, 13 or newer; what speaks its protocol alone counts otherwise.

    Where a process of it dies the server begins anew by itself, with the same numbers, and may have lost transactions
    and all rows of unlogged tables; it ends with a checkpoint.
    """

    STATEMENT = """
        SELECT pg_postmaster_start_time(), CASE WHEN pg_is_in_recovery()
        THEN pg_last_wal_replay_lsn()::text
        ELSE (SELECT checkpoint_lsn FROM pg_control_checkpoint())::text || ' ' || pg_current_snapshot()::text END
    """
    ASKED = "SELECT version(), NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"
    OWN = re.compile(r"PostgreSQL \d+(\.\d+|beta\d+|rc\d+)? (?!.*(Greenplum|Redshift))")

    def __init__(self) -> None:
        self.is_sound: bool | None = None

    def read(self, connection: Connection) -> str | None:
        if self.is_sound is None:
            self.is_sound = self._asked(connection.engine)
        if not self.is_sound:
            return None
        started, seen = connection.exec_driver_sql(self.STATEMENT).one()
        return f"{started.timestamp()}-{seen}"

    def _asked(self, engine: Engine) -> bool:
        try:
            with engine.connect() as connection:
                said, is_alone = connection.exec_driver_sql(self.ASKED).one()
                connection.exec_driver_sql(self.STATEMENT)
        except ProgrammingError:
            return False
        version: Any = engine.dialect.server_version_info
        return bool(version and version >= (13,) and self.OWN.match(said) and is_alone)
