"""Whether an error of the database is a row's fault, and which kind of rule the row breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from ..databases.transactions import codes

UNIQUE, FOREIGN, NULL, CHECK, VALUE, OTHER = "unique", "foreign", "null", "check", "value", "other"
UNABLE = "unable"
DECLINED, MOVED = "declined", "moved"

_RULES: Mapping[object, str] = {
    # PostgreSQL (appendix A of its manual)
    "23505": UNIQUE,
    "23503": FOREIGN,
    "23001": FOREIGN,
    "23502": NULL,
    "23514": CHECK,
    "44000": CHECK,
    "23P01": CHECK,
    "P0001": OTHER,
    "428C9": OTHER,
    "0A000": UNABLE,
    # SQLite
    "SQLITE_CONSTRAINT_UNIQUE": UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": UNIQUE,
    "SQLITE_CONSTRAINT_ROWID": UNIQUE,
    "SQLITE_CONSTRAINT_FOREIGNKEY": FOREIGN,
    "SQLITE_CONSTRAINT_NOTNULL": NULL,
    "SQLITE_CONSTRAINT_CHECK": CHECK,
    "SQLITE_CONSTRAINT_DATATYPE": VALUE,
    "SQLITE_CONSTRAINT_TRIGGER": OTHER,
    "SQLITE_MISMATCH": VALUE,
    "SQLITE_TOOBIG": VALUE,
    # MariaDB
    **dict.fromkeys((1022, 1062, 1169, 1586), UNIQUE),
    **dict.fromkeys((1216, 1217, 1451, 1452), FOREIGN),
    **dict.fromkeys((1048, 1364), NULL),
    **dict.fromkeys((1369, 3819, 4025), CHECK),
    **dict.fromkeys((1264, 1265, 1292, 1366, 1367, 1406, 1411, 1690), VALUE),
    **dict.fromkeys((1644, 1906), OTHER),
}

_NAMES = (
    re.compile(r"CHECK constraint failed: (.+)$", re.DOTALL),
    re.compile(r"CONSTRAINT `([^`]+)` failed"),
    re.compile(r"for key '(?:[^']*\.)?([^'.]+)'"),
    re.compile(r"CONSTRAINT `([^`]+)` FOREIGN KEY"),
)
_COLUMNS = (
    re.compile(r"NOT NULL constraint failed: .*\.([^.]+)$"),
    re.compile(r"value in .* column .*\.([^.]+)$"),
    re.compile(r"(?:Column|Field|column) '([^']+)'"),
    re.compile(r"for column (?:`[^`]*`\.)*`([^`]+)`"),
)

_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")
_VALUE = re.compile(r': "(.*)"\Z', re.DOTALL)


class Declined(Exception):
    """A trigger kept the database from what it was told to do, and the database says nothing of it."""


class Moved(Exception):
    """The database gave a row another key than it was to have."""


def rule(error: Exception) -> str | None:
    """The kind of rule that a row breaks; None where it is no row's fault, as with a lost connection."""
    if isinstance(error, Declined):
        return DECLINED
    if isinstance(error, Moved):
        return MOVED
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return None
        found = next((_RULES[code] for code in codes(error) if code in _RULES), None)
        state = getattr(error.orig, "sqlstate", None) or ""
        return found or (VALUE if state.startswith("22") or type(error).__name__ == "DataError" else None)
    if isinstance(error, StatementError):  # of SQLAlchemy's own, about a value
        return VALUE
    is_value = isinstance(error, (ValueError, OverflowError)) and not isinstance(error, SQLAlchemyError)
    return VALUE if is_value else None


def constraint(error: Exception) -> str | None:
    """The name of the constraint, where the database says it."""
    return _said(error, "constraint_name", _NAMES)


def column(error: Exception) -> str | None:
    """The name of the column, where the database says it."""
    return _said(error, "column_name", _COLUMNS)


def value(error: Exception) -> str | None:
    """The text of the value, where the database says that and no column: PostgreSQL does."""
    match = _VALUE.search(getattr(getattr(getattr(error, "orig", None), "diag", None), "message_primary", None) or "")
    return match and match[1]


def unique_columns(error: Exception) -> tuple[str, ...]:
    """The names of the columns that are unique together, where the database says them: SQLite does."""
    match = _UNIQUE.search(str(getattr(error, "orig", "")))
    return tuple(name.rpartition(".")[2] for name in match[1].split(", ")) if match else ()


def _said(error: Exception, attribute: str, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    original = getattr(error, "orig", None)
    if diagnosis := getattr(original, "diag", None):
        return getattr(diagnosis, attribute, None)
    text = " ".join(map(str, getattr(original, "args", ())))
    found = (pattern.search(text) for pattern in patterns)
    return next((match[1] for match in found if match), None)
