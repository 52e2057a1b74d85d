"""What is selected from what, in which order: the rows of a table, those of them that differ, or their groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from ..schema.kinds import WHOLE
from ..schema.tables import Table
from . import expansion, grouping
from .arguments import Arguments
from .expansion import Expansion
from .grouping import Grouping
from .ordering import Order, Term, completed, parse_sort, row_id, terms_of
from .parameters import BadParameter, truth
from .patterns import to_the_letter
from .selection import Output, Selection, chosen, outputs


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A SELECT, yet to be ordered.

    matching   the SELECT of how many rows it has
    order      as it is asked for; no two rows share a place in it where keyset
    otherwise  what pages are ordered by, after order, where they cannot begin after a place
    """

    select: sa.Select[Any]
    matching: sa.Select[Any]
    selection: Selection
    order: Order
    keyset: bool = True
    grouped: bool = False
    otherwise: Order = ()
    distinct: bool = False


def plan(table: Table, arguments: Arguments, dialect: sa.Dialect) -> Plan:
    """Raises BadParameter."""
    given = arguments.given
    groups = grouping.parse(given, table, dialect)
    if groups:
        _without(given, "group", ("fields", "expand", "distinct"))
        return _groups(groups, table, arguments)
    if "distinct" in given and truth("distinct", given["distinct"]):
        _without(given, "distinct", ("expand",))
        return _different(table, arguments, dialect)
    return _rows(table, arguments, dialect)


def _rows(table: Table, arguments: Arguments, dialect: sa.Dialect) -> Plan:
    given, where = arguments.given, arguments.where
    expansions = expansion.parse(given["expand"], table) if "expand" in given else []
    terms = terms_of(table.columns, dialect)
    key = _key(table, terms)
    order = completed(_sorted(given.get("sort", table.sort), terms), key)
    selection = Selection(_outputs(table, given, expansions), order if key else ())
    source = expansion.joined(table.source, expansions)
    return Plan(
        sa.select(*selection.labelled()).select_from(source).where(*where),
        sa.select(sa.func.count()).select_from(table.source).where(*where),
        selection,
        order,
        keyset=bool(key),
        otherwise=() if key else tuple(_exact(term, dialect) for term in terms.values() if term.kind.ordered),
    )


def _different(table: Table, arguments: Arguments, dialect: sa.Dialect) -> Plan:
    """Rows that differ, in text to the letter; they are their own key."""
    given, shown = arguments.given, _outputs(table, arguments.given)
    for name in (output.name for output in shown):
        column = table.by_name.get(name)
        if column is None or not column.kind.ordered:
            message = f"distinct cannot tell values of {name} apart; fields=-{name} leaves it out."
            raise BadParameter(message, "distinct", **({"type": column.kind.name} if column else {}))
    columns = [table.by_name[output.name] for output in shown]
    expressions = [to_the_letter(c.source, dialect) if c.kind.textual else c.source for c in columns]
    labelled = (expression.label(f"c{number}") for number, expression in enumerate(expressions))
    source = sa.select(*labelled).where(*arguments.where).distinct().subquery("different")
    terms = {c.name: Term(c.name, e, c.kind, c.nullable or c.loose) for c, e in zip(columns, source.c, strict=True)}
    order = completed(_sorted(given.get("sort", ""), terms, "column that fields names"), terms.values())
    told = (Output(one.name, (terms[one.name].expression,), one.make) for one in shown)
    selection = Selection(tuple(told), order)
    count = sa.select(sa.func.count()).select_from(source)
    return Plan(sa.select(*selection.labelled()).select_from(source), count, selection, order, distinct=True)


def _groups(groups: Grouping, table: Table, arguments: Arguments) -> Plan:
    order = completed(_sorted(arguments.given.get("sort", ""), groups.terms, "column of the groups"), groups.by)
    selection, by = Selection(groups.outputs), [term.expression for term in groups.by]
    counted = sa.select(sa.func.count().label("rows")).select_from(table.source).where(*arguments.where).group_by(*by)
    return Plan(
        sa.select(*selection.labelled()).select_from(table.source).where(*arguments.where).group_by(*by),
        sa.select(sa.func.count()).select_from(counted.subquery("groups")),
        selection,
        order,
        keyset=False,
        grouped=True,
    )


def _without(given: Mapping[str, str], name: str, others: Iterable[str]) -> None:
    """Raises BadParameter where a parameter is given that cannot be with another."""
    for other in others:
        if other in given:
            raise BadParameter(f"{other} cannot be asked for together with {name}.", other, given[other])


def _sorted(text: str, terms: Mapping[str, Term], what: str = "column") -> Order:
    return parse_sort(text, terms, what) if text else ()


def _outputs(table: Table, given: Mapping[str, str], expansions: Iterable[Expansion] = ()) -> tuple[Output, ...]:
    """The columns that are shown, all or those that fields names; a row that is nested takes the place of its name."""
    nested = {expansion.output.name: expansion.output for expansion in expansions}
    known = {output.name: output for output in outputs(table)} | nested
    names = chosen(given["fields"], known) if "fields" in given else tuple(known)
    return tuple(known[name] for name in dict.fromkeys((*names, *nested)))


def _exact(term: Term, dialect: sa.Dialect) -> Term:
    return replace(term, expression=to_the_letter(term.expression, dialect)) if term.kind.textual else term


def _key(table: Table, terms: Mapping[str, Term]) -> Order:
    """What tells rows apart: the key, and beside one that may be null SQLite's number of a row; () without either."""
    key = tuple(terms[name] for name in table.key)
    if key and not any(term.nullable for term in key):
        return key
    if "rowid" not in table.source.info or (table.source.primary_key.columns and not key):  # it may be a hidden key
        return ()
    return *key, Term("rowid", row_id(table.source), WHOLE, nullable=False)
