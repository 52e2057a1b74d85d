"""Transactions that write: begun to write, and run anew where another transaction was quicker.

A function decorated with retried() sees what is stored now, not what was there when the user signed in. In a request it
begins with sign_in.confirm(), so that nobody writes who may no more. Its changes are on the disk before it is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from negotiate_api.publish.databases import engines

from . import sign_in
from .models import db

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 10

QUICKER = frozenset(("40001", "40P01", 1020, 1213))
"""PostgreSQL's and MariaDB's codes: not serializable, deadlock, read before it was changed."""


def retried(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function: it runs in a transaction of its own, anew where another one comes between."""

    @wraps(function)
    def attempts(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return _committed(lambda: function(*args, **kwargs))
            except (StaleDataError, IntegrityError):
                pass
            except DBAPIError as error:
                if not _was_slower(error):
                    raise
        return _committed(lambda: function(*args, **kwargs))

    return attempts


def _committed(function: Callable[[], T]) -> T:
    db.session.rollback()
    try:
        db.session.connection(execution_options={engines.BEGIN: "IMMEDIATE"})
        sign_in.confirm()
        result = function()
        db.session.flush()
        db.session.expunge_all()  # what is given out stays readable, as it was written
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return result


def _was_slower(error: DBAPIError) -> bool:
    codes = {getattr(error.orig, "sqlstate", None), *getattr(error.orig, "args", ())[:1]}
    return isinstance(error, OperationalError) and not codes.isdisjoint(QUICKER)
