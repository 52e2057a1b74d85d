"""The first administrator, made where there is none: with a password that was given, or one that is made here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

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
    password: str | None = field(repr=False)


def check(name: str, password: str | None) -> None:
    """Raises Unusable where an administrator is to be made, and cannot be of this name and password."""
    if not _is_there():
        name = _name(name)
        _refuse_taken(name)
        _password(password or _new_password(), name)


def make(name: str, password: str | None) -> Administrator | None:
    """Make an administrator where there is none. Raises Unusable as check() does."""
    if _is_there():
        return None
    chosen, name = password or _new_password(), _name(name)
    made = _add(name, hashing.hash_of(_password(chosen, name)))
    return Administrator(name, None if password else chosen) if made else None


def _is_there() -> bool:
    return db.session.scalar(select(User.id).where(User.role == ADMINISTRATOR).limit(1)) is not None


def _new_password() -> str:
    return secrets.token_urlsafe(BYTES)


def _name(text: str) -> str:
    try:
        return names.username(text)
    except ValueError as error:
        raise Unusable(f"NEGOTIATE_ADMIN, the name of the first administrator, {error}") from None


def _password(text: str, name: str) -> str:
    try:
        return passwords.differing(passwords.password(text), name)
    except ValueError as error:
        raise Unusable(f"NEGOTIATE_ADMIN_PASSWORD, the password of the first administrator, {error}") from None


@retried
def _add(name: str, password_hash: str) -> bool:
    if _is_there():  # another process was quicker
        return False
    _refuse_taken(name)
    db.session.add(User(name=name, password_hash=password_hash, role=ADMINISTRATOR))
    return True


def _refuse_taken(name: str) -> None:
    """Raises Unusable where this is somebody's name, who is not to become an administrator by that."""
    if db.session.scalar(select(User.id).where(User.name == name)) is not None:
        way = "make one by `user add NAME --role administrator`, or name another in NEGOTIATE_ADMIN"
        raise Unusable(f"there is no administrator, and {name!r} is the name of an ordinary user; {way}")
