"""The key of a table that is loaded: a column that tells its rows apart, by its name or its place.

A column named id, uuid, key, code or after the table (city_id of cities) is preferred, then the first column. It must
be a whole number, a date or short text, there in every row, and different in all. Where there is none, a column is
added that counts the rows as they are in the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

TRIED = 10_000
"""Different values of a column that are remembered; whether all differ, the database tells as they are loaded."""

LONGEST = 100
"""Characters of a value."""

ADDED = "row"

_WORDS = ("id", "uuid", "guid", "key", "code")


class Trial:
    """Whether a column may be a key, as far as its values have been seen."""

    def __init__(self) -> None:
        self.passed = True
        self._seen: set[Any] = set()

    def see(self, values: Collection[Any], count: int) -> None:
        """Take account of a column's next count values. values are those, or each of them once."""
        try:
            distinct = set(values)
        except TypeError:  # lists, mappings
            distinct = set()
        self.passed = self.passed and len(distinct) == count and self._are_new(distinct)
        if not self.passed:
            self._seen.clear()

    def _are_new(self, distinct: set[Any]) -> bool:
        if "" in distinct or not self._seen.isdisjoint(distinct):
            return False
        if any(isinstance(value, str) and len(value) > LONGEST for value in distinct):
            return False
        if len(self._seen) < TRIED:
            self._seen |= distinct
        return True


def candidates(table: str, columns: Sequence[str], fit: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The columns to try in order, and why each; fit are those that may be a key."""
    fit, names = set(fit), _names(table)
    named = [name for name in columns if _plain(name) in names]
    named.sort(key=lambda name: _plain(name) != "id")
    reasons = dict.fromkeys(named, "as its name says")
    reasons.setdefault(columns[0], "the first column")
    return tuple((name, reason) for name, reason in reasons.items() if name in fit)


def added(columns: Collection[str]) -> str:
    """The name of a column to add, which no column has."""
    taken, name, number = {column.casefold() for column in columns}, ADDED, 2
    while name in taken:
        name, number = f"{ADDED}_{number}", number + 1
    return name


def _names(table: str) -> set[str]:
    plain = _plain(table)
    tables = {plain, plain.removesuffix("s"), plain.removesuffix("es"), re.sub("ies$", "y", plain)}
    return {*_WORDS, *(f"{table}{mark}{word}" for table in tables for mark in ("_", "") for word in _WORDS)}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold())
