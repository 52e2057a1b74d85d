"""Keys of an upload, and the line that each was first on: in a temporary file, as there may be millions."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from ..schema import keys

Token = str | int | bytes

TOGETHER = 500
"""Keys that are looked for in one statement."""

CACHE = 8 * 1024
"""Kilobytes of memory."""


class Seen:
    """Lines by key; repeated, whether one was added that was there."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # "" is a file that is gone when it is closed
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", f"PRAGMA cache_size = -{CACHE}"):
            self._database.execute(statement)
        self._database.execute("CREATE TABLE seen (key PRIMARY KEY, line) WITHOUT ROWID")
        self._database.execute("BEGIN")
        self.repeated = False

    def add(self, key: Token, line: int) -> int:
        """The line that the key was first on, which may be this one."""
        added = _with_room(self._database.execute, (key, line)).rowcount
        if added:
            return line
        self.repeated = True
        return self.line(key) or line

    def add_all(self, keys: Sequence[Token], lines: Sequence[int]) -> bool:
        """Add many, and tell whether all of them are new."""
        before = self._database.total_changes
        _with_room(self._database.executemany, zip(keys, lines, strict=True))
        are_new = self._database.total_changes - before == len(keys)
        self.repeated = self.repeated or not are_new
        return are_new

    def known(self, keys: Sequence[Token]) -> set[Token]:
        """Those of some keys that were on any line."""
        found = set[Token]()
        for start in range(0, len(keys), TOGETHER):
            some = keys[start : start + TOGETHER]
            marks = ", ".join("?" * len(some))
            rows = self._database.execute(f"SELECT key FROM seen WHERE key IN ({marks})", some)
            found.update(chain.from_iterable(rows))
        return found

    def line(self, key: Token) -> int | None:
        """The line that the key was first on, if it was on any."""
        found = self._database.execute("SELECT line FROM seen WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Remove the file."""
        self._database.close()


def _with_room(execute: Callable[..., sqlite3.Cursor], parameters: Any) -> sqlite3.Cursor:
    """Add what is not there. Raises OSError where the disk is full."""
    try:
        return execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", parameters)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, str(error)) from error
        raise


def token(values: Iterable[Any]) -> Token:
    """The values of a key as one that tells it apart, alike for equal ones: 1.10 and 1.1, 12:00Z and 13:00+01:00."""
    values = tuple(values)
    if len(values) == 1:
        value = values[0]
        if type(value) in (str, bytes) or (type(value) is int and -(2**63) <= value < 2**63):
            return value  # type: ignore[no-any-return]
    return keys.join(None if value is None else _text(value) for value in values)


def tokens(keys: Sequence[tuple[Any, ...]]) -> list[Token]:
    """Those of many keys."""
    values = [key[0] for key in keys]
    kinds = set(map(type, values))
    is_one = kinds == {str} or (kinds == {int} and min(values) >= -(2**63) and max(values) < 2**63)
    return values if is_one and len(keys[0]) == 1 else list(map(token, keys))


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        digits = f"{value or 0:f}"  # a zero has no sign
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC)
    return value.hex() if isinstance(value, bytes) else str(value)
