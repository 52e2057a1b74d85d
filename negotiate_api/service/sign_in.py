"""A name and password, or a token, and whose they are.

A wrong password and an unknown name take as long and are answered alike. The database is let go of while a password is
hashed, so that those who sign in keep no connection from those who read.

A body may come long after its fields: whoever writes is looked up once more, by confirm(), which every transaction that
writes begins with.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from flask import current_app
from sqlalchemy import select
from werkzeug.exceptions import Forbidden

from . import auth, failures, hashing, names, passwords
from .accounts import Token, User, now
from .auth import Caller
from .models import db
from .verified import Verified

PREFIX = "nga_"
"""What every token begins with, so that one in the wrong place is known for what it is."""

EXTENSION = "negotiate_api.verified"
"""Key of the application's Verified in app.extensions."""

BY_PASSWORD = select(User.id, User.name, User.role, User.password_hash)

BY_TOKEN = select(User.id, User.name, User.role, Token.digest, Token.scope, Token.expires).join(Token.user)
"""The columns of a Caller, as they are in BY_PASSWORD."""


@auth.basic.verify_password  # type: ignore[untyped-decorator]
def by_password(name: str, password: str) -> Caller | None:
    """Who has this name and password. Raises Busy, and RateLimitExceeded after too many failures."""
    if not name:
        return None
    name, password, address = names.normal(name), passwords.normal(password), failures.address_of_request()
    caller, stored = _stored(name)
    verified: Verified = current_app.extensions[EXTENSION]
    if caller and verified.has(stored, password, address):
        return caller
    failures.check(name)
    with hashing.turn():
        if caller and verified.has(stored, password, address):  # another request of theirs has been hashed meanwhile
            return caller
        failures.check(name)  # of those that waited too, only so many are let through
        if not hashing.matches(password, stored) or caller is None:
            failures.count()
            return None
        verified.add(stored, password, address)
    return caller


@auth.tokens.verify_token  # type: ignore[untyped-decorator]
def by_token(secret: str) -> Caller | None:
    """Who has this token."""
    row = db.session.execute(BY_TOKEN.where(Token.digest == digest(secret))).one_or_none()
    db.session.rollback()
    return _unexpired(row)


def confirm() -> None:
    """Lock the caller, if somebody signed in. Raises Unauthorized or Forbidden where less is allowed by now."""
    if not auth.signed_in():
        return
    caller = auth.caller()
    shown = Token.digest == caller.proof if caller.scope else User.password_hash == caller.proof
    query = (BY_TOKEN if caller.scope else BY_PASSWORD).where(User.id == caller.id, shown)
    again = _unexpired(db.session.execute(query.with_for_update()).one_or_none())
    if again is None:
        raise auth.Unauthorized("What you signed in with holds no more.", "invalid_token" if caller.scope else None)
    if again != caller:
        raise Forbidden("Your role has changed meanwhile. Try again.")


def new_secret() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a token; as it is random, nothing slower than SHA-256 is called for."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _stored(name: str) -> tuple[Caller | None, str]:
    legible = name.isprintable()  # PostgreSQL takes no U+0000
    row = db.session.execute(BY_PASSWORD.where(User.name == name)).one_or_none() if legible else None
    db.session.rollback()
    return (Caller(*row), row.password_hash) if row else (None, hashing.NOBODY)


def _unexpired(row: Any) -> Caller | None:
    caller = Caller(*row) if row else None
    return None if caller and caller.expires and caller.expires <= now() else caller
