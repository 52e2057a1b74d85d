"""A row that the database refuses, in words: which column, and which other row it is at odds with.

The database is asked which of its rules the row breaks, as what drivers say of it differs, names columns as they are
stored and, on SQLite, often nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..schema.readers import as_text
from ..schema.tables import Column, Reference, Table
from . import refusals
from .changes import quoted, read_back
from .checks import Check, Checks
from .incoming import Problem

Named = Mapping[str, Any]
"""Values by the names of their columns, as published."""

Row = tuple[Any, ...]

TAKEN = "is another row's already"

MOST = 100
"""References to nothing that are looked for."""


class Constraints:
    """Those of a table."""

    def __init__(self, connection: sa.Connection, table: Table) -> None:
        self.connection, self.table = connection, table
        self.checks = Checks(connection, table)

    def problems(self, error: Exception, row: Named, old: Named | None = None) -> list[Problem]:
        """What is wrong with a row that was refused. old is what it is to take the place of."""
        rule = refusals.rule(error)
        found: list[Problem] = []
        if rule == refusals.UNIQUE:
            found = list(self._taken(error, row, old))
        elif rule == refusals.FOREIGN:
            found = list(self._astray(row)) or list(self.referred(old, row) if old else ())
        return list({(p.column, p.reason): p for p in found}.values()) or [self._told(rule, error, row)]

    def referred(self, old: Named, row: Named | None = None) -> Iterator[Problem]:
        """The tables whose rows refer to a row, and would to nothing were it changed to another or removed."""
        for table, reference in self.table.referrers:
            values = [old[name] for name in reference.targets]
            is_kept = row is not None and all(row.get(name, old[name]) == old[name] for name in reference.targets)
            if None not in values and not is_kept and self._exists(table, reference.columns, values):
                yield self._referred(table, reference, values)

    def removal(self, error: Exception, row: Named) -> list[Problem]:
        """Why a row cannot be removed."""
        return list(self.referred(row)) or [self._told(refusals.rule(error), error, row)]

    def is_referred(self) -> sa.ColumnElement[bool]:
        """Whether rows of other tables refer to a row."""
        return sa.or_(sa.false(), *(self._refers(table, reference) for table, reference in self.table.referrers))

    def astray(self) -> Iterator[tuple[Problem, Reference, Row]]:
        """References of the table to nothing, some of each, which the database may refuse only as the transaction ends.

        With each goes the reference and its values.
        """
        for reference in self.table.references:
            for values in self._loose(self.table, reference):
                yield self.no_such(reference, values), reference, values

    def bereft(self) -> Iterator[Problem]:
        """References to rows of the table that are no more, some of each."""
        for table, reference in self.table.referrers:
            for values in self._loose(table, reference):
                yield self._referred(table, reference, values)

    def _loose(self, table: Table, reference: Reference) -> Iterator[Row]:
        """The values of a reference, found in its table, that no row has which it refers to."""
        if (
            self.connection.dialect.name == "sqlite"
            and not self.connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
        ):
            return
        own = [table.by_name[name].source for name in reference.columns]
        target = self.table.tables[reference.table]
        query = sa.select(*own).distinct().where(*(source.is_not(None) for source in own))
        query = query.where(~_joined(table.source, own, target, reference.targets)).limit(MOST)
        yield from map(tuple, self.connection.execute(query))

    def _refers(self, table: Table, reference: Reference) -> sa.ColumnElement[bool]:
        own = [self.table.by_name[name].source for name in reference.targets]
        return _joined(self.table.source, own, table, reference.columns)

    def _referred(self, table: Table, reference: Reference, values: Sequence[Any]) -> Problem:
        names = ", ".join(f"{table.name}.{name}" for name in reference.columns)
        shown = values[0] if len(values) == 1 else None
        return Problem(", ".join(reference.targets), shown, f"is what other rows refer to: {names}", True)

    def no_such(self, reference: Reference, values: Sequence[Any]) -> Problem:
        """What is told of a reference to nothing."""
        shown = list(values)
        target = " and ".join(f"{name} {quoted(value)}" for name, value in zip(reference.targets, shown, strict=True))
        reason = f"refers to a row that is not there: {reference.table} has none with {target}"
        same = (reference.targets, tuple(values)) if reference.table == self.table.name else None
        return Problem(", ".join(reference.columns), shown[0] if len(shown) == 1 else None, reason, True, same)

    def _taken(self, error: Exception, row: Named, old: Named | None) -> Iterator[Problem]:
        """The unique columns whose values another row has."""
        for columns, name in unique(self.table, refusals.unique_columns(error)):
            values = [row.get(column.name) for column in columns]
            if None in values or (old and all(old[c.name] == v for c, v in zip(columns, values, strict=True))):
                continue
            names = [column.name for column in columns]
            if found := self._found(self.table, names, values):
                shown = values[0] if len(values) == 1 else None
                same = tuple(names), tuple(read_back(c.kind, value) for c, value in zip(columns, found, strict=True))
                yield Problem(", ".join(names), shown, f"{TAKEN}{_in(name)}", True, same)
                if tuple(names) == self.table.key:
                    return

    def _astray(self, row: Named) -> Iterator[Problem]:
        """The references of a row to what is not there."""
        for reference in self.table.references:
            values = [row.get(name) for name in reference.columns]
            if None not in values and not self._exists(self.table.tables[reference.table], reference.targets, values):
                yield self.no_such(reference, values)

    def _exists(self, table: Table, names: Sequence[str], values: Sequence[Any]) -> bool:
        """Whether a table has a row with these values."""
        return self._found(table, names, values) is not None

    def _found(self, table: Table, names: Sequence[str], values: Sequence[Any]) -> Row | None:
        """The values as a row has them: MariaDB takes 'b' and 'B' for the same."""
        sources = [table.by_name[name].source for name in names]
        equal = (source == value for source, value in zip(sources, values, strict=True))
        row = self.connection.execute(sa.select(*sources).where(*equal).limit(1)).first()
        return None if row is None else tuple(row)

    def _told(self, rule: str | None, error: Exception, row: Named) -> Problem:
        """What the database alone says of it."""
        check = self.checks.broken(error) if rule == refusals.CHECK else None
        if check:
            return self._broken(check, row)
        if rule in (refusals.DECLINED, refusals.MOVED):
            return Problem(*self._key(row), _WORDS[rule])
        column = self._published(refusals.column(error)) or self._quoted(refusals.value(error), row)
        shown = row.get(column.name) if column else None
        is_conflict = rule in (refusals.UNIQUE, refusals.FOREIGN)
        reason = _WORDS[rule or refusals.OTHER] + _in(refusals.constraint(error) if is_conflict else None)
        return Problem(column.name if column else None, shown, reason, is_conflict)

    def _broken(self, check: Check, row: Named) -> Problem:
        names = [column.name for column in check.columns]
        values = [row.get(name) for name in names]
        reason = f"breaks the rule {check.text}{_in(check.name)}"
        if len(names) == 1:
            return Problem(names[0], values[0], reason)
        pairs = (f"{name} is {quoted(value)}" for name, value in zip(names, values, strict=True) if value is not None)
        return Problem(", ".join(names) or None, None, ": ".join(filter(None, (reason, " and ".join(pairs)))))

    def _key(self, row: Named) -> tuple[str | None, Any]:
        """The names of the key and its value, for what is of the whole row."""
        values = [row[name] for name in self.table.key if row.get(name) is not None]
        if not values or len(values) < len(self.table.key):
            return None, None
        return ", ".join(self.table.key), values[0] if len(values) == 1 else ", ".join(map(as_text, values))

    def _published(self, source: str | None) -> Column | None:
        return next((column for column in self.table.columns if column.source.name == source), None)

    def _quoted(self, value: str | None, row: Named) -> Column | None:
        """The column that has a value, where one has."""
        found = [column for column in self.table.columns if value is not None and row.get(column.name) == value]
        return found[0] if len(found) == 1 else None


_WORDS = {
    refusals.UNIQUE: "is at odds with another row",
    refusals.FOREIGN: "refers to a row that is not there, or is referred to",
    refusals.NULL: "takes no null",
    refusals.CHECK: "breaks a rule of the table",
    refusals.VALUE: "is nothing that the column takes",
    refusals.OTHER: "is refused by a rule of the database",
    refusals.UNABLE: "has a value of a type that the database was built without",
    refusals.MOVED: "is not the key that the database then gives the row, which it numbers or computes",
    refusals.DECLINED: "is passed over by a trigger of the database",
}


def unique(table: Table, told: tuple[str, ...] = ()) -> Iterator[tuple[tuple[Column, ...], str | None]]:
    """The columns that are unique together, and the name of the constraint; the key first, then those told."""
    columns = {column.source.key: column for column in table.columns}
    sets: dict[tuple[str, ...], str | None] = {
        tuple(column.source.key for column in table.key_columns): None,
        told: None,
    }
    constraints = [c for c in table.source.constraints if isinstance(c, (sa.PrimaryKeyConstraint, sa.UniqueConstraint))]
    for constraint in (*constraints, *(i for i in table.source.indexes if i.unique and not _is_partial(i))):
        keys = tuple(column.key for column in constraint.columns)
        name = constraint.name if isinstance(constraint.name, str) else None
        if not sets.get(keys):
            sets[keys] = name
    for keys, name in sets.items():
        if keys and columns.keys() >= set(keys):
            yield tuple(columns[key] for key in keys), name


def _in(name: str | None) -> str:
    return f" (constraint {name})" if name else ""


def _joined(
    source: sa.Table, columns: Sequence[sa.Column[Any]], other: Table, names: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Whether another table, which may be the same one, has a row with the values of these columns."""
    return referring(source, columns, other, names).exists()


def referring(
    source: sa.Table, columns: Sequence[sa.Column[Any]], other: Table, names: Sequence[str]
) -> sa.Select[int]:
    """1 for each row of another table, which may be the same one, with the values of these columns."""
    alias = other.source.alias()
    pairs = zip(columns, names, strict=True)
    equal = (column == alias.c[other.by_name[name].source.key] for column, name in pairs)
    return sa.select(sa.literal(1)).select_from(alias).where(*equal).correlate(source)


def _is_partial(index: sa.Index) -> bool:
    """Whether an index is of some rows only."""
    return any(options.get("where") is not None for options in index.dialect_options.values())
