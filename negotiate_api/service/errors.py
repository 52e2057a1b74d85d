"""Exceptions of the service."""

from __future__ import annotations

from typing import Any


class Unusable(Exception):
    """The service cannot start; the message says why, in one line for the terminal and without secrets."""


class NoSuchRow(LookupError):
    """A table has no row with this key. Answered with 404.

    noun  of one row: "country"
    """

    def __init__(self, noun: str, *key: Any) -> None:
        self.data = {"message": f"There is no {noun} {'/'.join(map(str, key))!r}."}
        super().__init__(self.data["message"])
