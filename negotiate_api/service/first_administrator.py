"""The first administrator, made when there is no user yet: with a password that was given, or one that is made here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from . import hashing, names, passwords
from .accounts import ADMINISTRATOR, User
from .errors import Unusable
from .models import db
from .transactions import retried

BYTES = 16
"""Randomness of a password that is made here."""


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who was made; password is the one made here, None where it was given."""

    name: str
    password: str | None


def make(name: str, password: str | None) -> Administrator | None:
    """Make an administrator where there is no user. Raises Unusable where name or password cannot be one."""
    if not _is_first():
        return None
    chosen = password or secrets.token_urlsafe(BYTES)
    try:
        name = names.username(name)
        prepared = passwords.differing(passwords.password(chosen), name)
    except ValueError as error:
        raise Unusable(f"NEGOTIATE_ADMIN_PASSWORD or NEGOTIATE_ADMIN, the name, {error}") from None
    made = _add(name, hashing.hash_of(prepared))
    return Administrator(name, None if password else chosen) if made else None


def _is_first() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is None


@retried
def _add(name: str, password_hash: str) -> bool:
    if not _is_first():  # another process was quicker
        return False
    db.session.add(User(name=name, password_hash=password_hash, role=ADMINISTRATOR))
    return True
