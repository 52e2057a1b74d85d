"""Users added, changed and removed: the rules that hold for HTTP and for the command line.

A name is there once. One administrator is always left: whoever changes or removes an administrator locks all of them
first, in one order, so that two who remove each other come one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import or_, select

from . import hashing, names, passwords
from .accounts import ADMINISTRATOR, User
from .errors import LastAdministrator, NoSuchRow, UserAlreadyExistsError
from .models import db
from .transactions import retried

Check = Callable[[User], None]
"""Raises where the user, as locked, is not to be written to."""


def hashed(values: dict[str, Any], name: str) -> dict[str, Any]:
    """values with the hash of their password in its place. Raises ValueError where it is the name; Busy."""
    if "password" not in values:
        return values
    password = passwords.differing(values["password"], values.get("name", name))
    rest = {key: value for key, value in values.items() if key != "password"}
    return {**rest, "password_hash": hashing.hash_of(password)}


@retried
def add(values: dict[str, Any]) -> User:
    """A new user, of hashed() values. Raises UserAlreadyExistsError."""
    _refuse_taken(values["name"])
    user = User(**values)
    db.session.add(user)
    return user


@retried
def change(user_id: int, values: dict[str, Any], check: Check) -> User:
    """The user with hashed() values. Raises NoSuchRow, UserAlreadyExistsError, LastAdministrator, and as check does."""
    user, others = _locked(user_id)
    check(user)
    if values.get("name", user.name) != user.name:
        _refuse_taken(values["name"])
    if values.get("role", user.role) != user.role:
        _spare(user, others)
    for name, value in values.items():
        setattr(user, name, value)
    return user


@retried
def remove(user_id: int, check: Check) -> None:
    """Remove a user with todos and tokens. Raises NoSuchRow, LastAdministrator, and as check does."""
    user, others = _locked(user_id)
    check(user)
    _spare(user, others)
    db.session.delete(user)


def named(name: str) -> User:
    """The user of a name. Raises NoSuchRow."""
    user = db.session.scalar(select(User).where(User.name == names.normal(name)))
    if user is None:
        raise NoSuchRow("user", name)
    return user


def _refuse_taken(name: str) -> None:
    if db.session.scalar(select(User.id).where(User.name == name)) is not None:
        raise UserAlreadyExistsError


def _locked(user_id: int) -> tuple[User, list[User]]:
    """A user, and the other administrators, locked. Raises NoSuchRow."""
    query = select(User).where(or_(User.role == ADMINISTRATOR, User.id == user_id)).order_by(User.id)
    users = db.session.scalars(query.with_for_update()).all()
    user = next((user for user in users if user.id == user_id), None)
    if user is None:
        raise NoSuchRow("user", user_id)
    return user, [other for other in users if other is not user]


def _spare(user: User, others: list[User]) -> None:
    if user.role == ADMINISTRATOR and not others:
        raise LastAdministrator
