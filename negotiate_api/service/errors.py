"""Exceptions of the service."""

from __future__ import annotations

from typing import Any

from negotiate_api.publish import errors as _published

Unusable = _published.Unusable


class NoSuchRow(LookupError):
    """A table has no row with this key. Answered with 404.

    noun  of one row: "country"
    """

    def __init__(self, noun: str, *key: Any) -> None:
        self.data = {"message": f"There is no {noun} {'/'.join(map(str, key))!r}."}
        super().__init__(self.data["message"])


class NoSuchTodo(LookupError):
    """A user has no todo with this id. Answered with 404."""

    def __init__(self, todo_id: str) -> None:
        self.data = {"message": f"Todo {todo_id} doesn't exist"}
        super().__init__(self.data["message"])


class UserAlreadyExistsError(Exception):
    """A name is taken. Answered with 409."""


class LastAdministrator(Exception):
    """Nobody would be left to administer. Answered with 409."""


class Busy(Exception):
    """Too many passwords are being hashed at once. Answered with 503."""
