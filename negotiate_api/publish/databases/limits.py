"""How many whole tables are read at once: a further one is 503, with the time after which it may be tried again.

What a batch holds is no export and always answered, as are rows and pages. The limit is an execution option of the
engine that limited() gives; it is counted until the last row is read, or nobody wants it any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Protocol

from sqlalchemy import Engine

from .unavailable import later

OPTION = "negotiate_api.exports"
"""Execution option of an engine: the Semaphore that its exports take."""

MANY = "So many tables are being sent whole that this one has to wait. Try again later, or ask for pages with limit=."


class Semaphore(Protocol):
    """What counts: threading's, or one of several processes."""

    def acquire(self, blocking: bool = True) -> bool: ...
    def release(self) -> None: ...


def limited(engine: Engine, exports: int | Semaphore | None) -> Engine:
    """The engine, of which so many tables are read at once."""
    if exports is None:
        return engine
    return engine.execution_options(**{OPTION: BoundedSemaphore(exports) if isinstance(exports, int) else exports})


@contextmanager
def counted(engine: Engine) -> Iterator[None]:
    """An export. Raises ServiceUnavailable where there are as many as there may be."""
    semaphore: Semaphore | None = engine.get_execution_options().get(OPTION)
    if semaphore is None:
        yield
    elif semaphore.acquire(blocking=False):
        try:
            yield
        finally:
            semaphore.release()
    else:
        raise later(MANY)
