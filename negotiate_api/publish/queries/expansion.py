"""expand=country: the row that a foreign key refers to, nested in the row that has it, by one LEFT JOIN."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from ..schema.tables import Column, Reference, Table
from .parameters import BadParameter, items, unknown
from .selection import Output, outputs


@dataclass(frozen=True, slots=True, eq=False)
class Expansion:
    """A row that is nested: its table under a name of its own, and when it is the one that is meant."""

    source: sa.FromClause
    on: sa.ColumnElement[bool]
    output: Output


def parse(text: str, table: Table) -> list[Expansion]:
    """The references that a list names. Raises BadParameter."""
    references = {reference.name: reference for reference in table.references}
    names = list(dict.fromkeys(items("expand", text)))
    for name in names:
        if name not in references:
            raise unknown("expand", name, references, "reference to another table", text)
    return [_expansion(table, references[name], number) for number, name in enumerate(names)]


def joined(source: sa.FromClause, expansions: Iterable[Expansion]) -> sa.FromClause:
    """The table and all that is nested in its rows."""
    for expansion in expansions:
        source = source.outerjoin(expansion.source, expansion.on)
    return source


def _expansion(table: Table, reference: Reference, number: int) -> Expansion:
    other = table.tables[reference.table]
    if not _is_one(other, reference.targets):
        raise BadParameter(f"expand: {reference.name} may mean several rows of {other.name}.", "expand", reference.name)
    alias = other.source.alias(f"expanded{number}")

    def there(column: Column) -> sa.ColumnElement[Any]:
        return alias.c[column.source.key]

    pairs = zip(reference.columns, reference.targets, strict=True)
    on = sa.and_(*(table.by_name[own].source == there(other.by_name[target]) for own, target in pairs))
    targets = [there(other.by_name[name]) for name in reference.targets]
    return Expansion(alias, on, _nested(reference.name, targets, [_there(alias, one) for one in outputs(other)]))


def _there(alias: sa.FromClause, one: Output) -> Output:
    return Output(one.name, tuple(alias.c[str(source.key)] for source in one.expressions), one.make)


def _nested(name: str, targets: list[sa.ColumnElement[Any]], shown: list[Output]) -> Output:
    """The row as a mapping; null where there is none, as it is where a value that is referred to is null."""
    ends = list(accumulate((len(one.expressions) for one in shown), initial=len(targets)))
    parts = [(one.name, one.make, slice(*ends[index : index + 2])) for index, one in enumerate(shown)]

    def mapping(*values: Any) -> dict[str, Any] | None:
        if any(value is None for value in values[: len(targets)]):
            return None
        return {name: make(*values[part]) if make else values[part.start] for name, make, part in parts}

    expressions = (*targets, *(expression for one in shown for expression in one.expressions))
    return Output(name, expressions, mapping, tuple(one.name for one in shown))


def _is_one(table: Table, names: tuple[str, ...]) -> bool:
    """Whether no two rows have the same values in these columns."""
    columns = {table.by_name[name].source.name for name in names}
    constraints = (sa.UniqueConstraint, sa.PrimaryKeyConstraint)
    unique = [one.columns for one in table.source.constraints if isinstance(one, constraints)]
    unique += [index.columns for index in table.source.indexes if index.unique]
    sets = [set(table.key), *({column.name for column in one} for one in unique)]
    return any(one and one <= columns for one in sets)
