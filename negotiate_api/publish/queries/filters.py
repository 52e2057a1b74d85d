"""Filters: column=value and column__operator=value as conditions of SQL.

A value is always a bound parameter, typed by its column; a name is only looked up. Null equals no value: `ne` and
`notin` hold for it, and of the others `isnull` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from ..schema.tables import Column, Table
from .parameters import BadParameter, items, shown, truth, unknown
from .patterns import MYSQL, Pattern, Wild, imatches, matches, parse_like, to_the_letter

Condition = sa.ColumnElement[bool]

LONGEST_PATTERN = 1000
"""Characters that a text to search for may have: SQLite takes patterns of 50,000 bytes."""

MOST_ITEMS = 1000
"""Items that `in` takes."""


@dataclass(frozen=True, slots=True)
class Named:
    """In place of a value: the parameter of that name, which gets its value as the statement is run."""

    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter that asks something of a column."""

    parameter: str
    column: Column
    operator: str
    text: str
    dialect: sa.Dialect

    def condition(self) -> Condition:
        """What rows meet. Raises BadParameter."""
        kind = self.column.kind
        if self.operator != "isnull" and not kind.ordered:
            only = f"of {kind.described} only {self.column.name}__isnull=true and =false can be asked"
            raise BadParameter(f"{self.parameter}: {only}.", self.parameter, self.text, type=kind.name)
        return OPERATORS[self.operator](self)

    @property
    def subject(self) -> sa.ColumnElement[Any]:
        return comparable(self.column, self.dialect)

    def value(self) -> Any:
        return self.read(self.text)

    def values(self) -> list[Any]:
        texts = items(self.parameter, self.text)
        if len(texts) > MOST_ITEMS:
            message = f"{self.parameter} takes up to {MOST_ITEMS} items, and has {len(texts)}."
            raise BadParameter(message, self.parameter)
        return list(map(self.read, texts))

    def read(self, text: str) -> Any:
        """A value of the column. Raises BadParameter."""
        kind = self.column.kind
        try:
            return kind.read(text)
        except ValueError as error:
            wrong_type = f"{self.parameter} is {shown(text)}; it takes {kind.described}."
            wrong_value = f"{self.parameter} is {shown(text)}, which {error}."
            message = wrong_type if str(error).startswith("is no ") else wrong_value
            raise BadParameter(message, self.parameter, text, type=kind.name) from None

    def equals(self, *values: Any) -> Condition:
        return equals(self.column, values, self.dialect)

    def compares(self, compare: Callable[[Any, Any], Any], value: Any) -> Condition:
        found: Condition = compare(self.subject, bound(self.column, value, self.dialect))
        return found

    def fits(self, pattern: Callable[[str], Pattern], test: Callable[..., Condition] = matches) -> Condition:
        """Whether the column's text fits the pattern made of this one. Raises BadParameter."""
        kind = self.column.kind
        if not kind.textual:
            message = f"{self.parameter} is for text, and {self.column.name} is {kind.described}."
            raise BadParameter(message, self.parameter, self.text, type=kind.name)
        return test(self.column.source, pattern(searched(self.parameter, self.text)), self.dialect)

    def begins(self) -> Condition:
        """startswith, in a form that an index serves for where MariaDB has one."""
        exact = self.fits(lambda text: (*text, Wild.MANY))
        if self.dialect.name not in MYSQL:
            return exact
        return sa.and_(self.column.source.startswith(self.text, autoescape=True), exact)

    def is_null(self) -> Condition:
        source = self.column.source
        return source.is_(None) if truth(self.parameter, self.text) else source.is_not(None)

    def between(self) -> Condition:
        values = self.values()
        if len(values) != 2:
            message = f"{self.parameter} is {shown(self.text)}; it takes two values, the least and the greatest."
            raise BadParameter(message, self.parameter, self.text)
        return sa.and_(self.compares(ge, values[0]), self.compares(le, values[1]))

    def but(self, condition: Condition) -> Condition:
        """That a condition does not hold, as it does not for null."""
        return sa.or_(self.column.source.is_(None), sa.not_(condition))


OPERATORS: Mapping[str, Callable[[Filter], Condition]] = {
    "exact": lambda f: f.equals(f.value()),
    "ne": lambda f: f.but(f.equals(f.value())),
    "lt": lambda f: f.compares(lt, f.value()),
    "lte": lambda f: f.compares(le, f.value()),
    "gt": lambda f: f.compares(gt, f.value()),
    "gte": lambda f: f.compares(ge, f.value()),
    "in": lambda f: f.equals(*f.values()),
    "notin": lambda f: f.but(f.equals(*f.values())),
    "between": Filter.between,
    "contains": lambda f: f.fits(lambda text: (Wild.MANY, *text, Wild.MANY)),
    "startswith": Filter.begins,
    "endswith": lambda f: f.fits(lambda text: (Wild.MANY, *text)),
    "icontains": lambda f: f.fits(lambda text: (Wild.MANY, *text, Wild.MANY), imatches),
    "like": lambda f: f.fits(parse_like),
    "isnull": Filter.is_null,
}


def parse(parameter: str, text: str, table: Table, dialect: sa.Dialect, more: Iterable[str] = ()) -> Filter:
    """The filter that a parameter is. Raises BadParameter, which may name more parameters that there are."""
    column, operator = table.by_name.get(parameter), "exact"
    if column is None:
        name, _, operator = parameter.rpartition("__")
        column = table.by_name.get(name)
    if column is None:
        like = name if operator in OPERATORS else parameter
        raise unknown(parameter, like, (*table.by_name, *more), "parameter or column", text)
    if operator not in OPERATORS:
        raise unknown(parameter, operator, OPERATORS, "operator", text)
    return Filter(parameter, column, operator, text, dialect)


def equals(column: Column, values: Iterable[Any], dialect: sa.Dialect) -> Condition:
    """Whether a column has one of some values: text to the letter, whatever its collation."""
    operands = [bound(column, value, dialect) for value in values]
    found = _one_of(comparable(column, dialect), operands)
    if not column.kind.textual or dialect.name not in ("sqlite", *MYSQL):
        return found
    return sa.and_(found, _one_of(to_the_letter(column.source, dialect), operands))


def is_row(table: Table, values: Iterable[Any], dialect: sa.Dialect) -> list[Condition]:
    """The conditions that the row with these values of the key meets."""
    return [equals(column, (value,), dialect) for column, value in zip(table.key_columns, values, strict=True)]


def comparable(column: Column, dialect: sa.Dialect) -> sa.ColumnElement[Any]:
    """A column as what its order and its comparisons agree on."""
    if dialect.name in MYSQL and column.kind.name == "word":
        return sa.cast(column.source, mysql.CHAR())  # sorted by its place in the list else, and compared as text
    return column.source


def bound(column: Column, value: Any, dialect: sa.Dialect) -> sa.ColumnElement[Any]:
    """A value as a parameter that a column is compared with."""
    type_ = comparable(column, dialect).type
    return sa.bindparam(value.name, type_=type_) if isinstance(value, Named) else sa.literal(value, type_)


def searched(parameter: str, text: str) -> str:
    """A text to search for. Raises BadParameter where it is too long, or no database can hold it."""
    if len(text) > LONGEST_PATTERN:
        raise BadParameter(f"{parameter} takes up to {LONGEST_PATTERN} characters.", parameter)
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadParameter(f"{parameter} has a character that is in no text of a database.", parameter)
    return text


def _one_of(subject: sa.ColumnElement[Any], operands: list[Any]) -> Condition:
    return subject == operands[0] if len(operands) == 1 else subject.in_(operands)
