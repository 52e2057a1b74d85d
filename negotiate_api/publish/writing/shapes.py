"""What follows from the names that records of an upload have: the columns they fill, and how these are read.

Most records of an upload have the same names, so that it is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import cached_property
from typing import Any

from ..schema import kinds
from ..schema.tables import Column, Table
from . import bulk


class Shape:
    """The columns that a record has values for.

    columns    those that are read: what can be stored, and all of the key, by which rows are found
    added      where in them the values of a new row are; None where all are
    generated  other columns that the database computes, which are there besides
    numbered   columns that the database numbers, and lets nobody else
    unknown    names that are no columns
    missing    columns that a new row cannot do without
    places     where in the names the columns are
    required   which of the columns take no null
    filled     in which of these an empty field is empty text
    """

    def __init__(self, table: Table, names: Iterable[str], tabular: bool = False) -> None:
        names = tuple(names)
        found = tuple(table.by_name[name] for name in names if name in table.by_name)
        self.table, self.tabular = table, tabular
        self.columns = tuple(column for column in found if not column.generated or column.name in table.key)
        self.generated = tuple(column for column in found if column not in self.columns)
        stored = tuple(index for index, column in enumerate(self.columns) if not column.generated)
        self.added = None if len(stored) == len(self.columns) else stored
        self.numbered = tuple(c for c in found if c.generated and c.source.computed is None)
        self.unknown = tuple(name for name in names if name not in table.by_name and name not in table.computed)
        self.missing = tuple(column for column in table.columns if column not in found and _is_needed(column))
        self.reads = tuple(reader(column, tabular) for column in self.columns)
        self.bulk = tuple(bulk.reader(c.kind, read) for c, read in zip(self.columns, self.reads, strict=True))
        self.required = frozenset(index for index, column in enumerate(self.columns) if not column.nullable)
        self.filled = frozenset(index for index in self.required if tabular and _is_text(self.columns[index]))
        indexes = {name: index for index, name in enumerate(names)}
        self.places = tuple(indexes[column.name] for column in self.columns)

    @property
    def is_whole(self) -> bool:
        """Whether it has all that a new row takes, and nothing else."""
        return bool(self.columns) and self.added is None and not (self.generated or self.missing or self.numbered)

    @cached_property
    def key(self) -> tuple[int, ...] | None:
        """Where the values of the key are, where all of it is there."""
        names = [column.name for column in self.columns]
        own = self.table.key
        return tuple(map(names.index, own)) if own and set(own) <= set(names) else None

    def without(self, indexes: Container[int]) -> tuple[str, ...]:
        """The names of a record that lacks some of the columns."""
        left = [column for index, column in enumerate(self.columns) if index not in indexes]
        return tuple(column.name for column in (*left, *self.generated))

    def may_lack(self, index: int) -> bool:
        """Whether null in a column that takes none means that it has its default."""
        column = self.columns[index]
        return column.default and (self.tabular or column.name in self.table.key)


def reader(column: Column, tabular: bool) -> Callable[[Any], Any]:
    """What reads the values of a column. Where formats tell text from data, text in a JSON column is itself."""
    read = column.kind.read
    if tabular or column.kind.name != kinds.JSON.name:
        return read
    return lambda value: kinds.TEXT.read(value) if type(value) is str else read(value)


def _is_needed(column: Column) -> bool:
    return not (column.nullable or column.default or column.generated)


def _is_text(column: Column) -> bool:
    """Whether an empty field is empty text, where the column takes no null."""
    return column.kind.textual and not (column.choices or column.generated)
