"""What clients are told of a database that fails: what they can do, and nothing of SQL, paths or drivers.

The log has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import exc
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

SECONDS = 5
"""After which a client may try again."""

# SQLite says in words what the others have codes for: PostgreSQL's SQLSTATE, MariaDB's numbers.
_GONE_TEXT = re.compile(r"no such (table|column)|has no column named")
_GONE = frozenset(("42P01", "42703", "3F000", "42883", "42501", 1146, 1054, 1142, 1143))
_AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


@contextmanager
def answered() -> Iterator[None]:
    """Raises ServiceUnavailable or BadRequest in place of a database's error, which is logged."""
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        answer = answer_to(error)
        if answer is None:
            raise
        current_app.logger.exception("A database could not answer.")
        raise answer from None


def answer_to(error: exc.SQLAlchemyError) -> HTTPException | None:
    """What an error is answered with; None where it is a mistake of ours."""
    if is_gone(error):
        return _told(ServiceUnavailable(), "What is published here is no longer in the database as it was; try later.")
    if isinstance(error, _AWAY) or getattr(error, "connection_invalidated", False):
        return _told(ServiceUnavailable(retry_after=SECONDS), "The database cannot answer this now. Try again later.")
    if isinstance(error, exc.DataError):
        return _told(BadRequest(), "A parameter has a value that the database does not take.")
    return None


def is_gone(error: exc.SQLAlchemyError) -> bool:
    """Whether a table or a column is no more, or no more ours."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else None
    codes = {getattr(cause, "sqlstate", None), *getattr(cause, "args", ())[:1]}
    return not _GONE.isdisjoint(codes) or bool(_GONE_TEXT.match(str(cause)))


def _told(error: Any, message: str) -> HTTPException:
    error.description, error.data = message, {"message": message}
    return error  # type: ignore[no-any-return]
