"""The parameters of a request: which are reserved, and which ask for rows by a column.

A reserved name is never a column's own: `page` is a page, and a column of that name is reached by `page__exact`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from ..schema.tables import Table
from . import filters, search
from .alternatives import Alternatives
from .filters import Condition, Filter
from .parameters import BadParameter, shown

GROUPING = ("group", "sum", "avg", "min", "max")
READING = ("fields", "sort", "limit", "page", "after", "before", "q", "count", "expand", "distinct", "or", *GROUPING)
WRITING = ("confirm", "dry_run", "missing")
RESERVED = frozenset(("format", *READING, *WRITING))

MOST = 100
"""How many parameters there may be, and how many conditions, with those in `or` and the words of `q`."""


@dataclass(frozen=True, slots=True, eq=False)
class Arguments:
    """Reserved parameters by name, and the conditions that the others make."""

    given: dict[str, str]
    where: tuple[Condition, ...]


def read(
    table: Table, arguments: Iterable[tuple[str, str]], dialect: sa.Dialect, allowed: Collection[str] = ()
) -> Arguments:
    """All arguments but `format`; allowed are those of WRITING that may be there. Raises BadParameter."""
    arguments = [(name, text) for name, text in arguments if name != "format"]
    if len(arguments) > MOST:
        message = f"There may be {MOST} parameters, and there are {len(arguments)}."
        raise BadParameter(message, arguments[MOST][0])

    leaves: list[Condition] = []

    def condition(name: str, text: str) -> Condition:
        leaves.append(filters.parse(name, text, table, dialect).condition())
        return leaves[-1]

    given: dict[str, str] = {}
    asked: dict[tuple[str, ...], Filter] = {}
    groups = [Alternatives(text, condition).condition() for name, text in arguments if name == "or"]
    for name, text in arguments:
        if name not in RESERVED:
            _ask(asked, filters.parse(name, text, table, dialect, READING))
        elif name != "or":
            _take(given, name, text, allowed)
    words = [search.parse(given["q"], table, dialect)] if "q" in given else []
    _check_count(len(asked) + len(leaves) + len(given.get("q", "").split()))
    return Arguments(given, (*(one.condition() for one in asked.values()), *groups, *words))


def _check_count(count: int) -> None:
    """Raises BadParameter: each row is held against each condition."""
    if count > MOST:
        message = f"There may be {MOST} conditions, those in or and the words of q among them, and there are {count}."
        raise BadParameter(message, "or")


def _take(given: dict[str, str], name: str, text: str, allowed: Collection[str]) -> None:
    if name in WRITING and name not in allowed:
        message = f"{name} is for writing, in a way that this is not; a column of that name is {name}__exact."
        raise BadParameter(message, name, text)
    if given.setdefault(name, text) != text:
        raise BadParameter(f"{name} is given twice, as {shown(given[name])} and {shown(text)}.", name, text)


def _ask(asked: dict[tuple[str, ...], Filter], one: Filter) -> None:
    """Take a filter in: the lists of `in` for a column are one list, and it has one exact value."""
    name, operator = one.column.name, one.operator
    place = (name, operator) if operator in ("exact", "in") else (name, operator, one.text)
    before = asked.setdefault(place, one)
    if operator == "in" and before is not one:
        asked[place] = replace(before, text=f"{before.text},{one.text}")
    elif before.text != one.text:
        values = f"{shown(before.text)} and {shown(one.text)}"
        message = f"{one.parameter} is given twice, as {values}; {name}__in=a,b finds rows that have either."
        raise BadParameter(message, one.parameter, one.text)
