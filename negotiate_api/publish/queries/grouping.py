"""group=country&sum=population: rows counted and summed by what they have in common.

A sum of whole numbers is exact, whatever its size, and one of decimal numbers as exact as the database keeps these; an
average is a floating-point number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..schema.kinds import DECIMAL, NUMBER, WHOLE
from ..schema.sql_types import As
from ..schema.tables import Column, Table
from .arguments import GROUPING
from .ordering import Order, Term
from .parameters import BadParameter, items, unknown
from .patterns import to_the_letter
from .selection import Output, output

_HALF = 32
_LOW = 2**_HALF - 1


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """What is grouped by, what comes out, and what that may be sorted by."""

    by: Order
    outputs: tuple[Output, ...]
    terms: Mapping[str, Term]


def parse(given: Mapping[str, str], table: Table, dialect: sa.Dialect) -> Grouping | None:
    """What the parameters of GROUPING among those given ask for; None without any. Raises BadParameter."""
    if not any(name in given for name in GROUPING):
        return None
    columns = _columns("group", given["group"], table) if "group" in given else []
    by = tuple(_by(column, dialect) for column in columns)
    found = [_made(term.name, term, output(column).make) for term, column in zip(by, columns, strict=True)]
    names = {term.name for term in by}
    found.append(_made(_free("count", names), Term("", sa.func.count(), WHOLE, nullable=False)))
    for function in (name for name in GROUPING[1:] if name in given):
        asked = ((_free(f"{function}_{c.name}", names), c) for c in _columns(function, given[function], table))
        found += [_aggregate(name, function, column, dialect) for name, column in asked]
    return Grouping(by, tuple(made for made, _ in found), {made.name: term for made, term in found})


def _columns(parameter: str, text: str, table: Table) -> list[Column]:
    """The columns that a list names, if they can be had. Raises BadParameter."""
    found = []
    for name in dict.fromkeys(items(parameter, text)):
        if name not in table.by_name:
            raise unknown(parameter, name, table.by_name, "column", text)
        column = table.by_name[name]
        if not _takes(parameter, column):
            message = f"{parameter}= cannot be had of {name}, which is {column.kind.described}."
            raise BadParameter(message, parameter, text, type=column.kind.name)
        found.append(column)
    return found


def _takes(parameter: str, column: Column) -> bool:
    kind = column.kind
    if parameter in ("min", "max"):
        return kind.numeric or kind.textual or kind.name in ("date", "time", "date and time", "word")
    return kind.ordered if parameter == "group" else kind.numeric


def _by(column: Column, dialect: sa.Dialect) -> Term:
    """Text is grouped to the letter, as it is compared."""
    expression: sa.ColumnElement[Any] = column.source
    if column.kind.textual:
        expression = to_the_letter(expression, dialect)
    return Term(column.name, expression, column.kind, column.nullable)


def _aggregate(name: str, function: str, column: Column, dialect: sa.Dialect) -> tuple[Output, Term]:
    source, kind = column.source, column.kind
    if function in ("min", "max"):
        return _made(name, Term(name, getattr(sa.func, function)(source), kind), output(column).make)
    double = _double(column)
    if function == "avg":
        return _made(name, Term(name, sa.func.avg(double), NUMBER))
    if kind is NUMBER:
        return _made(name, Term(name, sa.func.sum(double), NUMBER))
    if dialect.name == "sqlite":
        return Output(name, _parts(source), _joined), Term(name, sa.func.sum(double), kind)
    if kind.name == WHOLE.name:
        return _made(name, Term(name, sa.type_coerce(sa.func.sum(source), sa.Numeric()), kind), _whole)
    return _made(name, Term(name, sa.func.sum(source), kind))


def _double(column: Column) -> sa.ColumnElement[float]:
    """A number in double precision; PostgreSQL casts money to it only by way of a decimal number."""
    is_decimal = column.kind.name == DECIMAL.name and isinstance(column.source.type, As)
    return sa.cast(sa.cast(column.source, sa.Numeric()) if is_decimal else column.source, sa.Double())


def _made(name: str, term: Term, make: Callable[..., Any] | None = None) -> tuple[Output, Term]:
    return Output(name, (term.expression,), make), term


def _whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _parts(source: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    """Sums that SQLite does not fail at, as it does where one of whole numbers has more than 64 bits."""
    whole = sa.cast(source, sa.Integer)
    fraction = sa.func.round(source - whole, 15 - sa.func.length(whole))  # a number has 15 digits right
    rest = sa.func.nullif(sa.func.total(fraction), 0.0)
    return sa.func.sum(whole.bitwise_rshift(_HALF)), sa.func.sum(whole.bitwise_and(_LOW)), rest


def _joined(high: int | None, low: int | None, rest: float | None) -> int | Decimal | None:
    """The sum; its fraction to the decimal places that a sum of floating-point numbers has right."""
    if high is None or low is None:
        return None
    total = (high << _HALF) + low
    return total if rest is None else total + Decimal(repr(round(rest, 9)))


def _free(name: str, taken: set[str]) -> str:
    """The name, with as many underscores after it as make it one that is not taken yet, as it is then."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
