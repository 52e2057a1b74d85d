"""The order of rows, and the place in it at which a page begins.

Rows are ordered by what `sort` names and then by their key, so that no two share a place; nulls are last, up or down,
but for those of a key, which SQLite's index has first. A page begins after a row's place and not after a number of
rows: it costs the same at any depth, and rows that come or go meanwhile move no other to another page.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import ge, le
from typing import Any

import sqlalchemy as sa

from ..schema import keys, kinds
from ..schema.tables import Column
from .filters import Condition, comparable
from .parameters import BadParameter, items, shown, unknown
from .patterns import MYSQL

Place = tuple[Any, ...]
"""What a row has for each term of an order; None for null."""

_NO_NUMBERS = ("nan", "inf", "-inf", "infinity", "-infinity")
"""What PostgreSQL has among numbers, in its order, and a filter does not take."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A part of an order.

    least  its nulls are less than any value; SQLite's number of the row is the last term of such an order
    """

    name: str
    expression: sa.ColumnElement[Any]
    kind: kinds.Kind
    nullable: bool = True
    descending: bool = False
    least: bool = False


Order = tuple[Term, ...]


def terms_of(columns: Iterable[Column], dialect: sa.Dialect) -> dict[str, Term]:
    """The terms that columns make, ascending, by name."""
    return {c.name: Term(c.name, comparable(c, dialect), c.kind, c.nullable or c.loose, least=c.loose) for c in columns}


def row_id(source: sa.Table) -> sa.ColumnElement[int]:
    """What SQLite tells rows of a table apart by."""
    found: sa.ColumnClause[int] = sa.column(source.info["rowid"], sa.Integer)
    found.table = source
    return found


def parse_sort(text: str, terms: Mapping[str, Term], what: str = "column") -> Order:
    """The order that a list such as -population,name tells. Raises BadParameter."""
    found: dict[str, Term] = {}
    for item in items("sort", text):
        name = item if item in terms else item.removeprefix("-")
        if name not in terms:
            raise unknown("sort", name, terms, what, text)
        if not terms[name].kind.ordered:
            ordered = ", ".join(one for one, term in terms.items() if term.kind.ordered)
            message = f"sort: {name} is {terms[name].kind.described}, which has no order; there are {ordered}."
            raise BadParameter(message, "sort", text, type=terms[name].kind.name)
        found.setdefault(name, replace(terms[name], descending=name != item))
    return tuple(found.values())


def completed(order: Order, key: Iterable[Term]) -> Order:
    """An order and after it a key, in the direction of the last term, so that one index may serve for all."""
    named = {term.name for term in order}
    descending = bool(order) and order[-1].descending
    return order + tuple(replace(term, descending=descending) for term in key if term.name not in named)


def order_by(order: Order, dialect: sa.Dialect, backwards: bool = False) -> list[sa.ColumnElement[Any]]:
    """The clauses of ORDER BY; backwards from the last row to the first."""
    return [clause for term in order for clause in _clauses(term, dialect, backwards)]


def beyond(order: Order, place: Place, dialect: sa.Dialect, backwards: bool = False) -> Condition:
    """What rows after a place meet; backwards those before it.

    A key in one direction is compared as a whole where the database takes such a comparison to an index; MariaDB does
    not, and takes one that is written out.
    """
    order = order[: len(place)]
    values = [sa.literal(value, term.expression.type) for term, value in zip(order, place, strict=True)]
    one_way = len({term.descending for term in order}) == 1
    has_null = None in place or any(_ends_with_null(term, backwards) for term in order)
    if one_way and not has_null and len(order) > 1 and dialect.name not in MYSQL:
        row, other = sa.tuple_(*(term.expression for term in order)), sa.tuple_(*values)
        return row < other if order[0].descending != backwards else row > other
    found: Condition | None = None
    for term, value, known in reversed(list(zip(order, values, place, strict=True))):
        found = _then(term, None if known is None else value, found, backwards)
    return sa.false() if found is None else sa.and_(_bound(order, values[0], backwards), found)


def place_of(name: str, text: str, order: Order, dialect: sa.Dialect) -> Place:
    """The place that after= or before= names. Raises BadParameter."""
    try:
        order = _told(order, keys.NULL in text.split(","))
        texts = keys.split(text, len(order))
        return tuple(_value(term, part, dialect) for term, part in zip(order, texts, strict=True))
    except ValueError as error:
        wanted = ", ".join(term.name for term in order)
        message = f"{name} is {shown(text)}, which {error}; it takes what a row has for {wanted}."
        raise BadParameter(message, name, text) from None


def text_of(order: Order, place: Sequence[Any]) -> str:
    """What place_of() takes."""
    return keys.join(_text(term, value) for term, value in zip(_told(order, None in place), place, strict=False))


def _told(order: Order, is_null: bool) -> Order:
    """What of an order tells a place: a key that is not null needs no number of the row beside it."""
    return order[:-1] if any(term.least for term in order) and not is_null else order


def _clauses(term: Term, dialect: sa.Dialect, backwards: bool) -> list[sa.ColumnElement[Any]]:
    """Plain where it can be, so that an index serves. Null is the greatest to PostgreSQL, to others the least."""
    expression, descending = term.expression, term.descending != backwards
    clause = expression.desc() if descending else expression.asc()
    native = (not descending) == (dialect.name == "postgresql")
    if not term.nullable or term.least or native != backwards:
        return [clause]
    if dialect.name in MYSQL:
        return [expression.is_not(None) if backwards else expression.is_(None), clause]
    return [clause.nulls_first() if backwards else clause.nulls_last()]


def _bound(order: Order, value: Any, backwards: bool) -> Condition:
    """What follows from a place for the first of several terms: MariaDB, or a mixed order, takes it to an index."""
    first, *others = order
    if not others or first.nullable:
        return sa.true()
    found: Condition = (le if first.descending != backwards else ge)(first.expression, value)
    return found


def _then(term: Term, value: Any, rest: Condition | None, backwards: bool) -> Condition:
    """Beyond value in this term, or equal in it and beyond in the rest; value None is null."""
    expression, terms = term.expression, [] if rest is None else [rest]
    if value is None:
        same = sa.and_(expression.is_(None), *(terms or [sa.false()]))
        return same if _ends_with_null(term, backwards) else sa.or_(expression.is_not(None), same)
    past = expression < value if term.descending != backwards else expression > value
    if _ends_with_null(term, backwards):
        past = sa.or_(past, expression.is_(None))
    return sa.or_(past, sa.and_(expression == value, *terms)) if terms else past


def _ends_with_null(term: Term, backwards: bool) -> bool:
    """Whether null comes after the values, on the way from the first row to the last or backwards."""
    return term.nullable and backwards == (term.least and not term.descending)


def _value(term: Term, text: str | None, dialect: sa.Dialect) -> Any:
    if text is None:
        if not term.nullable:
            raise ValueError(f"has null for {term.name}, which takes none")
        return None
    if term.kind is kinds.ANY and text[:1] in ('"', "*"):
        return text[1:] if text[0] == '"' else b64decode(text[1:], validate=True)
    if term.kind.numeric and text in _NO_NUMBERS:
        return float(text)
    return kinds.held(term.kind, text, dialect.name)


def _text(term: Term, value: Any) -> str | None:
    """A value as text; where a column holds anything, text that reads as something else is marked, and bytes are."""
    if value is None:
        return None
    if term.kind.numeric and str(value).lower() in _NO_NUMBERS:
        return str(float(value))
    text = term.kind.text(value)
    if term.kind is kinds.ANY and isinstance(value, bytes):
        return "*" + b64encode(value).decode()
    if term.kind is kinds.ANY and isinstance(value, str) and (text[:1] in ('"', "*") or term.kind.read(text) != text):
        return f'"{text}'
    return text
