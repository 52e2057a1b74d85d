"""What clients are told of a database that fails: what they can do, and nothing of SQL, paths or drivers.

The log has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import exc
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

from . import transactions
from .replaced import Replaced

SECONDS = 5
"""After which a client may try again."""

# SQLite says in words what the others have codes for: PostgreSQL's SQLSTATE, MariaDB's numbers.
_GONE_TEXT = re.compile(r"no such (table|column)|has no column named")
_GONE = frozenset(("42P01", "42703", "3F000", "42501", 1146, 1054, 1142, 1143))
_LATE = frozenset(("57014", "SQLITE_INTERRUPT", 1969, 3024))
_NO_OPERATOR = "42883"
LATE = (
    "The database has not answered this in the time that it may take. Ask for less: a narrower filter, or an order and "
    "filters that an index serves. Who runs the service can give it more time, with --query-seconds."
)

_AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


@contextmanager
def answered() -> Iterator[None]:
    """Raises ServiceUnavailable or BadRequest in place of a database's error, which is logged in a line."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        answer = answer_to(error)
        if answer is None:
            raise
        current_app.logger.error("A database could not answer: %s", in_a_line(error))
        raise answer from None


def answer_to(error: exc.SQLAlchemyError) -> HTTPException | None:
    """What an error is answered with; None where it is a mistake of ours."""
    return next((_told(make(), message) for fits, make, message in _ANSWERS if fits(error)), None)


def later(message: str) -> HTTPException:
    """503, and when to try again."""
    return _told(_LATER(), message)


def is_gone(error: exc.SQLAlchemyError) -> bool:
    """Whether a table or a column is no more, or no more ours."""
    return not _GONE.isdisjoint(_codes(error)) or bool(_GONE_TEXT.match(str(getattr(error, "orig", ""))))


def is_late(error: exc.SQLAlchemyError) -> bool:
    """Whether a statement has taken longer than it may (see clocks.py)."""
    gave_up = getattr(error, "connection_invalidated", False) and "(timed out)" in str(getattr(error, "orig", ""))
    return gave_up or not _LATE.isdisjoint(_codes(error))


def in_a_line(error: BaseException) -> str:
    """What the driver says, without SQL and what was to be written."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def _codes(error: exc.SQLAlchemyError) -> set[Any]:
    return transactions.codes(error) if isinstance(error, exc.DBAPIError) else set()


def is_replaced(error: exc.SQLAlchemyError) -> bool:
    """Whether the file of a database is no more where it was (see replaced.py)."""
    return isinstance(getattr(error, "orig", None), Replaced)


def is_away(error: exc.SQLAlchemyError) -> bool:
    """Whether a database does not answer, or not now."""
    return isinstance(error, _AWAY) or bool(getattr(error, "connection_invalidated", False))


def _told(error: Any, message: str) -> HTTPException:
    error.description, error.data, error.is_logged = message, {"message": message}, True
    return error  # type: ignore[no-any-return]


_LATER = partial(ServiceUnavailable, retry_after=SECONDS)
_ANSWERS: tuple[tuple[Callable[[exc.SQLAlchemyError], bool], Callable[[], HTTPException], str], ...] = (
    (is_late, ServiceUnavailable, LATE),
    (is_replaced, _LATER, "The file of the database was replaced or removed meanwhile; nothing was stored. Try again."),
    (is_gone, ServiceUnavailable, "What is published here is no longer in the database as it was; try later."),
    (is_away, _LATER, "The database cannot answer this now. Try again later."),
    (
        lambda error: _NO_OPERATOR in _codes(error),
        BadRequest,
        "A parameter compares, groups or sorts values of a type for which the database cannot do so.",
    ),
    (
        lambda error: isinstance(error, exc.DataError),
        BadRequest,
        "A parameter has a value that the database does not take.",
    ),
)
