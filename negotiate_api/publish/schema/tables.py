"""Tables as they are published: the names, kinds and keys of a database's own, less what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from .kinds import Kind


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column.

    name         as published
    source       of the database
    loose        of a key that SQLite lets be null, in several rows too
    default      the database has a value where none is given
    generated    the database computes it, and takes none
    choices      the only values it takes, where they are listed
    """

    name: str
    source: sa.Column[Any]
    kind: Kind
    nullable: bool = True
    loose: bool = False
    default: bool = False
    generated: bool = False
    choices: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A foreign key, from the table that has it.

    name     what expand= takes: "country" of country_code
    table    name of the table referred to, as published
    columns  its own columns, as published
    targets  the columns that these refer to, in the same order
    """

    name: str
    table: str
    columns: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What a declared field shows of a row.

    columns  what it is made of, which may be columns that are not published
    make     their values as they are read -> what is shown
    """

    name: str
    columns: tuple[Column, ...]
    make: Callable[..., Any]


class Tables(dict[str, "Table"]):
    """Tables by their published names."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table or view.

    columns     as published, in order
    key         names of the columns that tell rows apart; () without any
    references  foreign keys to tables that are published
    referrers   (table, reference) of tables that are published and refer to this one
    lacking     columns of the database that are left out here and of which each row needs a value: none can be added
    sort        default order, as sort= takes it
    fields      what rows show where that is declared (see declared.py); None where it is the columns
    tables      every table published with it, by name
    """

    name: str
    source: sa.Table
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    lacking: tuple[str, ...] = ()
    sort: str = ""
    title: str = ""
    description: str = ""
    view: bool = False
    writable: bool = False
    fields: tuple[Field, ...] | None = None
    tables: Tables = field(default_factory=Tables, repr=False)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def computed(self) -> frozenset[str]:
        """Names that rows show and that are no column's: they are read alone."""
        return frozenset(one.name for one in self.fields or ()).difference(self.by_name)

    @cached_property
    def key_columns(self) -> tuple[Column, ...]:
        return tuple(self.by_name[name] for name in self.key)

    @property
    def referrers(self) -> tuple[tuple[Table, Reference], ...]:
        return tuple((t, r) for t in self.tables.values() for r in t.references if r.table == self.name)
