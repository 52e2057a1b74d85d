"""Foreign keys as references between published tables, and the names that they go by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import NoReferenceError

from .tables import Column, Reference

_SUFFIX = re.compile(r"(?<=[^_])(?:_(?:id|code|key|uuid)|(?<=[a-z])(?:Id|ID|Code|Key|Uuid))$")


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key in the database's names: its columns, the table that it refers to, and that one's columns."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


def links_of(source: sa.Table) -> Iterator[Link]:
    """The foreign keys that a table of SQLAlchemy's declares, to tables that are there."""
    for constraint in sorted(source.foreign_key_constraints, key=lambda one: tuple(one.column_keys)):
        try:
            targets = [element.column for element in constraint.elements]
        except NoReferenceError:
            continue
        yield Link(tuple(constraint.columns.keys()), targets[0].table.name, tuple(c.name for c in targets))


def spelled(link: Link, source: str, tables: Mapping[str, sa.Table]) -> Link:
    """A foreign key of SQLite's, whose names may be in any case; without columns it refers to the primary key."""
    table = next((name for name in tables if name.lower() == link.table.lower()), None)
    if table is None:
        return link
    targets = link.targets or tuple(column.name for column in tables[table].primary_key.columns)
    return Link(_spelled(link.columns, tables[source]), table, _spelled(targets, tables[table]))


def _spelled(names: Sequence[str], table: sa.Table) -> tuple[str, ...]:
    same = {column.name.lower(): column.name for column in table.columns}
    return tuple(same.get(name.lower(), name) for name in names)


def referring(
    source: str, links: Sequence[Link], names: Mapping[str, str], columns: Mapping[str, Mapping[str, Column]]
) -> tuple[Reference, ...]:
    """The references of a table, without those that lead to what is not published.

    names    the published name of each table
    columns  the published columns of each table, by their names in the database
    """
    own = columns[source]
    usable = [link for link in dict.fromkeys(links) if _is_published(link, own, columns)]
    translated = [
        Reference(
            name="",
            table=names[link.table],
            columns=tuple(own[name].name for name in link.columns),
            targets=tuple(columns[link.table][name].name for name in link.targets),
        )
        for link in usable
    ]
    return tuple(
        Reference(name, reference.table, reference.columns, reference.targets)
        for name, reference in zip(_names(translated, {c.name for c in own.values()}), translated, strict=True)
    )


def _is_published(link: Link, own: Mapping[str, Column], columns: Mapping[str, Mapping[str, Column]]) -> bool:
    targets = columns.get(link.table, {})
    whole = len(link.columns) == len(link.targets) > 0
    return whole and all(name in own for name in link.columns) and all(name in targets for name in link.targets)


def _names(references: Sequence[Reference], columns: set[str]) -> list[str]:
    """country_code is called country; where another has that name, the table's; where that is taken, the column's."""
    candidates = [_candidates(reference) for reference in references]
    chosen = [0] * len(references)
    for _ in range(2):
        count = Counter(names[level] for names, level in zip(candidates, chosen, strict=True))
        for index, (reference, names) in enumerate(zip(references, candidates, strict=True)):
            name = names[chosen[index]]
            if chosen[index] < 2 and (count[name] > 1 or name in columns.difference(reference.columns)):
                chosen[index] += 1
    taken = [names[level] for names, level in zip(candidates, chosen, strict=True)]
    return [name if name not in taken[:index] else f"{name}_{index + 1}" for index, name in enumerate(taken)]


def _candidates(reference: Reference) -> tuple[str, str, str]:
    own = "_".join(reference.columns)
    short = _SUFFIX.sub("", own) if len(reference.columns) == 1 else reference.table
    return short, reference.table, own
