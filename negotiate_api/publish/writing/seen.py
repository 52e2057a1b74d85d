"""Keys of an upload, and the line that each was first on: in a temporary file, as there may be millions."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..schema import keys

Token = str | int | bytes

CACHE = 8 * 1024
"""Kilobytes of memory."""


class Seen:
    """Lines by key."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # "" is a file that is gone when it is closed
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", f"PRAGMA cache_size = -{CACHE}"):
            self._database.execute(statement)
        self._database.execute("CREATE TABLE seen (key PRIMARY KEY, line) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, key: Token, line: int) -> int:
        """The line that the key was first on, which may be this one."""
        try:
            added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, line)).rowcount
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OSError(errno.ENOSPC, str(error)) from error
            raise
        return line if added else self.line(key) or line

    def line(self, key: Token) -> int | None:
        """The line that the key was first on, if it was on any."""
        found = self._database.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Remove the file."""
        self._database.close()


def token(values: Iterable[Any]) -> Token:
    """The values of a key as one that tells it apart, alike for equal ones: 1.10 and 1.1, 12:00Z and 13:00+01:00."""
    values = tuple(values)
    if len(values) == 1:
        value = values[0]
        if type(value) in (str, bytes) or (type(value) is int and -(2**63) <= value < 2**63):
            return value  # type: ignore[no-any-return]
    return keys.join(None if value is None else _text(value) for value in values)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        digits = f"{value or 0:f}"  # a zero has no sign
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    return value.hex() if isinstance(value, bytes) else str(value)
