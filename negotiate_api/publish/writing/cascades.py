"""What becomes of rows that refer to one that is removed: they are removed with it, or refer to nothing then.

The database is asked what its foreign keys say (ON DELETE). Only tables that are published are told of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import sqlalchemy as sa

from ..schema.readers import counted
from ..schema.tables import Reference, Table
from .constraints import referring

CASCADE = "CASCADE"

_OTHERS = ("SET NULL", "SET DEFAULT")

_SQLITE = sa.text('SELECT id, "from", "table", on_delete FROM pragma_foreign_key_list(:name) ORDER BY id')


class Cascade(NamedTuple):
    """A reference whose rows change as the row goes that they refer to."""

    table: Table
    reference: Reference
    action: str


class Cascades:
    """Those of the references to a table."""

    def __init__(self, connection: sa.Connection, table: Table) -> None:
        self.table, self._all = table, of(connection, table)
        self._more = [set(gone(connection, c.table)) - {c.table.name} for c in self._all]

    def counts(self) -> list[sa.ScalarSelect[int]]:
        """How many rows refer to a row, for each."""
        return [self._count(cascade) for cascade in self._all]

    def reason(self, counts: Sequence[int]) -> str | None:
        """What is told of a row that so many rows refer to."""
        found = zip(self._all, counts, self._more, strict=True)
        return "; ".join(_told(cascade, number, sorted(more)) for cascade, number, more in found if number) or None

    def _count(self, cascade: Cascade) -> sa.ScalarSelect[int]:
        sources = [self.table.by_name[name].source for name in cascade.reference.targets]
        rows = referring(self.table.source, sources, cascade.table, cascade.reference.columns)
        return rows.with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()


def of(connection: sa.Connection, table: Table) -> list[Cascade]:
    """The references to a table that say what becomes of their rows."""
    found = (Cascade(other, own, _action(connection, other, own)) for other, own in table.referrers)
    return [cascade for cascade in found if cascade.action in (CASCADE, *_OTHERS)]


def gone(connection: sa.Connection, table: Table) -> list[str]:
    """The tables that rows are removed from as some of a table are: those that refer to it, and so on."""
    names, left = set[str](), [table]
    while left:
        for cascade in of(connection, left.pop()):
            if cascade.action == CASCADE and cascade.table.name not in names:
                names.add(cascade.table.name)
                left.append(cascade.table)
    return sorted(names)


def _told(cascade: Cascade, number: int, more: Sequence[str]) -> str:
    name, rows = cascade.table.name, counted(number, "row")
    if cascade.action == CASCADE:
        return f"{rows} of {name} would go with it" + (
            f", and what refers to those in {', '.join(more)}" if more else ""
        )
    value = "null" if cascade.action == "SET NULL" else "the default"
    return f"{', '.join(cascade.reference.columns)} of {rows} of {name} would become {value}"


def _action(connection: sa.Connection, table: Table, reference: Reference) -> str:
    """What a reference says of rows that are removed; names are in any case on SQLite."""
    names = {table.by_name[name].source.name.lower() for name in reference.columns}
    target = table.tables[reference.table].source.name.lower()
    found = (action for own, other, action in _links(connection, table) if (own, other.lower()) == (names, target))
    return next(found, "").upper()


def _links(connection: sa.Connection, table: Table) -> Iterator[tuple[set[str], str, str]]:
    """Columns of each foreign key, the table that it refers to, and what it says of rows that are removed."""
    name = table.source.name
    if connection.dialect.name != "sqlite":
        for key in sa.inspect(connection).get_foreign_keys(name):
            columns = {column.lower() for column in key["constrained_columns"]}
            yield columns, key["referred_table"], key.get("options", {}).get("ondelete") or ""
        return
    for _, group in groupby(connection.execute(_SQLITE, {"name": name}), lambda row: row[0]):  # SQLAlchemy tells less
        rows = list(group)
        yield {row[1].lower() for row in rows}, rows[0][2], rows[0][3]
