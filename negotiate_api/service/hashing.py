"""Passwords hashed by scrypt (RFC 7914): slow on purpose, so few at once and beside gevent's loop.

A hash takes 32 MiB and a third of a second of one core. hashlib lets go of the interpreter meanwhile, so that under
gevent it runs in a thread of its own and the worker goes on answering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any, TypeVar

from gevent import get_hub
from gevent.monkey import is_module_patched
from werkzeug.security import check_password_hash, generate_password_hash

from .errors import Busy

T = TypeVar("T")

METHOD = "scrypt:32768:8:3"
"""N = 2^15, r = 8, p = 3: one of the equal choices of OWASP's Password Storage Cheat Sheet, that with least memory."""

NOBODY = f"{METHOD}$0000000000000000${'0' * 128}"
"""The hash of no password, compared with where there is no user, so that it takes as long."""

AT_ONCE = 2

PATIENCE = 10.0
"""Seconds that one waits for its turn."""

_turns = BoundedSemaphore(AT_ONCE)


def hash_of(password: str) -> str:
    """The salted hash of a password. Raises Busy."""
    with turn():
        return _aside(generate_password_hash, password, METHOD)


def matches(password: str, stored: str) -> bool:
    """Whether a password has this hash. It is for who holds a turn()."""
    return _aside(check_password_hash, stored, password)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until few enough are hashing. Raises Busy."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _turns.release()


def _aside(function: Callable[..., T], *args: Any) -> T:
    """What function gives; from a thread of gevent's pool, where gevent is what runs this."""
    if not is_module_patched("threading"):
        return function(*args)
    result: T = get_hub().threadpool.apply(function, args)
    return result
