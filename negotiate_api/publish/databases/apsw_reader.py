"""Whole tables of SQLite read through apsw, where that is installed: it gives rows in a third of the driver's time.

apsw brings an SQLite of its own, which knows nothing of the locks of the other one. POSIX takes them all away as either
closes the file; so this one opens no file: it reads through what sqlite_files.py keeps open, locks nothing, and takes
the file for one that does not change. That it is in a transaction of the other whose snapshot is in the file alone:

    with a rollback journal, as whoever writes to the file waits for the transaction's lock
    in WAL mode while the log is empty: with rows of the snapshot in it, it could not have become so, and without any
        the transaction's lock keeps everybody from copying later ones into the file
    where nobody writes at all, and there are no locks, as the file is looked at after each read (see read_only.py)

What apsw does not take, such as a function that it does not have, is left to the driver. So is what SQLite computes, in
views or columns: its versions write and add floats in ways of their own, and a table is the same whoever reads it.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import quote

from sqlalchemy import Label, Select, Table

from . import sqlite_files
from .clocks import STEPS

try:
    import apsw
except ImportError:
    apsw = None  # type: ignore[assignment]

VFS = "negotiate_api"
"""The name of what opens files for apsw."""

DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")

FLOOR: Any = math.floor
"""SQLAlchemy gives it to the driver, and SQLite's own gives floats."""

Description = tuple[tuple[Any, ...], ...]


class Reader:
    """The rows of a SELECT, as a cursor gives them. Raises sqlite3.Error as the driver would, but apsw's when made.

    inode  of the file that the transaction reads
    clock  called as SQLite works (see clocks.py)
    """

    def __init__(
        self, path: str, inode: int, statement: str, parameters: Sequence[Any], clock: Callable[[], bool] | None
    ) -> None:
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_NOMUTEX
        self.description: Description = ()
        self._connection = apsw.Connection(f"file:{quote(path)}?immutable=1&inode={inode}", flags, vfs=_vfs())
        self._connection.create_scalar_function("floor", FLOOR, 1, deterministic=True)
        self._connection.set_progress_handler(clock, STEPS)
        self._cursor = self._connection.cursor()
        self._cursor.exec_trace = self._described
        try:
            self._cursor.execute(statement, parameters)
        except BaseException:
            self.close()
            raise

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """The next rows."""
        try:
            return list(islice(self._cursor, size))
        except UnicodeDecodeError:
            raise sqlite3.OperationalError("Could not decode to UTF-8") from None
        except apsw.Error as error:
            raise as_drivers(error) from None

    def close(self) -> None:
        """Let go of the file; rows may be left."""
        self._cursor.close(True)
        self._connection.close(True)

    def _described(self, cursor: Any, statement: str, parameters: Any) -> bool:
        self.description = tuple((name, *[None] * 6) for name, _ in cursor.get_description())
        return True


def is_installed() -> bool:
    """Whether there is apsw."""
    return apsw is not None


def is_stored(statement: Any) -> bool:
    """Whether a statement is a SELECT of what rows of tables hold, with nothing in it that is computed."""
    if not isinstance(statement, Select):
        return False
    shown = [column.element if isinstance(column, Label) else column for column in statement.selected_columns]
    return all(_is_stored(getattr(column, "table", None)) for column in shown)


def _is_stored(table: Any) -> bool:
    return isinstance(table, Table) and "rowid" in table.info and not any(column.computed for column in table.columns)


def opened(
    path: str, inode: int, statement: str, parameters: Sequence[Any], clock: Callable[[], bool] | None
) -> Reader | None:
    """The rows of a SELECT in a transaction that has read from the file; None where the driver is to read them.

    Raises sqlite3.OperationalError where the clock ends it.
    """
    if sqlite_files.logged(path):
        return None
    try:
        return Reader(path, inode, statement, parameters, clock)
    except apsw.InterruptError as error:
        raise as_drivers(error) from None
    except (apsw.Error, OSError, TypeError, ValueError, OverflowError):
        return None


def as_drivers(error: Any) -> sqlite3.Error:
    """An error of apsw as the sqlite3 module has it."""
    name = str(apsw.mapping_result_codes[error.result])
    found = (sqlite3.DatabaseError if name in DAMAGED else sqlite3.OperationalError)(str(error))
    found.sqlite_errorcode, found.sqlite_errorname = error.extendedresult, name
    return found


@cache
def _vfs() -> str:
    """The name of what opens files here."""

    class File:
        """A file that is open already, stays so, and has no locks."""

        def __init__(self, path: str, inode: int) -> None:
            self.descriptor = sqlite_files.hold(path, inode)

        def xRead(self, size: int, offset: int) -> bytes:  # noqa: N802 - SQLite's names
            return os.pread(self.descriptor, size, offset)

        def xFileSize(self) -> int:  # noqa: N802
            return os.fstat(self.descriptor).st_size

        def xClose(self) -> None:  # noqa: N802
            sqlite_files.let_go(self.descriptor)

        def xDeviceCharacteristics(self) -> int:  # noqa: N802
            return int(apsw.SQLITE_IOCAP_IMMUTABLE)

        def xSectorSize(self) -> int:  # noqa: N802
            return 4096

        def xFileControl(self, *call: Any) -> bool:  # noqa: N802
            return False

    class Files(apsw.VFS):
        def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
            if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:  # what SQLite sorts by
                return super().xOpen(name, flags)
            flags[1] = flags[0]
            return File(name.filename(), name.uri_int("inode", 0))

    _vfs.files = Files(VFS, "")  # type: ignore[attr-defined]
    return VFS
