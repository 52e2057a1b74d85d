"""What a column of any database is: its kind, and the SQL type that it is read and written with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from . import mariadb_types, postgresql_types, sqlite_types
from .kinds import Kind

Type = sa.types.TypeEngine[Any]


def resolve(type_: Type, dialect: sa.Dialect, declared: str = "", held: Sequence[Any] = ()) -> tuple[Kind, Type]:
    """The kind and the type of a column.

    type_     as reflected, or as a model says it; a TypeDecorator stays what it is
    declared  the database's own name of the type, where SQLAlchemy may have none
    held      on SQLite, some values of a column of dates
    """
    if isinstance(type_, sa.types.TypeDecorator) and not isinstance(type_, (sa.Enum, sa.Interval)):
        return resolve(type_.load_dialect_impl(dialect), dialect, declared, held)[0], type_
    if dialect.name == "sqlite":
        return sqlite_types.resolve(type_, declared, held)
    if dialect.name == "postgresql":
        return postgresql_types.resolve(type_, declared, dialect)
    return mariadb_types.resolve(type_, declared, dialect)


def choices_of(type_: Type) -> tuple[str, ...]:
    """The words that a column takes, where its type lists them."""
    if isinstance(type_, sa.Enum):
        return tuple(type_.enums)
    return tuple(getattr(type_, "values", ())) if type_.__class__.__name__ == "SET" else ()
