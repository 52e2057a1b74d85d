"""A name and password, or a token, and whose they are.

A wrong password and an unknown name take as long and are answered alike. The database is let go of while a password is
hashed, so that those who sign in keep no connection from those who read.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import current_app
from sqlalchemy import select

from . import auth, failures, hashing, names, passwords
from .accounts import Token, User, now
from .auth import Caller
from .models import db
from .verified import Verified

PREFIX = "nga_"
"""What every token begins with, so that one in the wrong place is known for what it is."""

EXTENSION = "negotiate_api.verified"
"""Key of the application's Verified in app.extensions."""


@auth.basic.verify_password  # type: ignore[untyped-decorator]
def by_password(name: str, password: str) -> Caller | None:
    """Who has this name and password. Raises Busy, and RateLimitExceeded after too many failures."""
    if not name:
        return None
    name, password = names.normal(name), passwords.opaque(password[: 2 * passwords.MOST])  # longer ones are nobody's
    caller, stored = _stored(name)
    verified: Verified = current_app.extensions[EXTENSION]
    if caller and verified.has(stored, password):
        return caller
    failures.check(name)
    with hashing.turn():
        if caller and verified.has(stored, password):  # another request of theirs has been hashed meanwhile
            return caller
        failures.check(name)  # of those that waited too, only so many are let through
        if not hashing.matches(password, stored) or caller is None:
            failures.count()
            return None
    verified.add(stored, password)
    return caller


@auth.tokens.verify_token  # type: ignore[untyped-decorator]
def by_token(secret: str) -> Caller | None:
    """Who has this token."""
    query = select(User.id, User.name, User.role, Token.scope, Token.expires).join(Token.user)
    row = db.session.execute(query.where(Token.digest == digest(secret))).one_or_none()
    db.session.rollback()
    if row is None or (row.expires and row.expires <= now()):
        return None
    return Caller(*row)


def new_secret() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a token; as it is random, nothing slower than SHA-256 is called for."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _stored(name: str) -> tuple[Caller | None, str]:
    legible = name.isprintable()  # PostgreSQL takes no U+0000
    query = select(User.id, User.name, User.role, User.password_hash).where(User.name == name)
    row = db.session.execute(query).one_or_none() if legible else None
    db.session.rollback()
    return (Caller(row.id, row.name, row.role), row.password_hash) if row else (None, hashing.NOBODY)
