"""A column of a table of SQLAlchemy's as it is published, and the columns that tell its rows apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from . import column_types
from .settings import ColumnSettings
from .tables import Column


def published(
    source: sa.Column[Any], settings: ColumnSettings, dialect: sa.Dialect, declared: str, held: Sequence[Any]
) -> Column:
    """The column; its source gets the type that it is to be read with.

    declared  the database's name of its type
    held      on SQLite, some values of a column of dates
    """
    choices = column_types.choices_of(source.type)
    default = has_default(source, dialect, declared)
    kind, source.type = column_types.resolve(source.type, dialect, declared, held)
    return Column(
        name=str(settings.name or source.name),  # a quoted_name is no str to what writes rows quickly
        source=source,
        kind=kind,
        nullable=bool(source.nullable) and not source.primary_key,
        loose=_is_loose(source, dialect, declared),
        default=default,
        generated=is_generated(source, dialect),
        choices=choices,
        title=settings.title,
        description=settings.description or source.comment or "",
        unit=settings.unit,
    )


def needs_value(source: sa.Column[Any], dialect: sa.Dialect, declared: str) -> bool:
    """Whether no row can be added without a value for it."""
    return not (source.nullable or is_generated(source, dialect) or has_default(source, dialect, declared))


def is_generated(source: sa.Column[Any], dialect: sa.Dialect) -> bool:
    """Whether the database computes it, and takes none; SQLite and MariaDB have no identity, whatever a model says."""
    is_numbered = dialect.supports_identity_columns and source.identity is not None and bool(source.identity.always)
    return source.computed is not None or is_numbered


def has_default(source: sa.Column[Any], dialect: sa.Dialect, declared: str) -> bool:
    """Whether there is a value where none is given, of the database or of the application's model."""
    given = (source.server_default, source.default, source.identity)
    return any(one is not None for one in given) or _is_counted(source, dialect, declared)


def _is_counted(source: sa.Column[Any], dialect: sa.Dialect, declared: str) -> bool:
    """Whether the database counts it up, as SQLite does a key of one column where its type is called just INTEGER."""
    if dialect.name == "sqlite":
        alone = source.primary_key and len(source.table.primary_key.columns) == 1
        return alone and declared.upper() == "INTEGER"
    return source.table.autoincrement_column is source


def _is_loose(source: sa.Column[Any], dialect: sa.Dialect, declared: str) -> bool:
    """Whether it is of a key and may hold null, as in SQLite where neither NOT NULL nor WITHOUT ROWID is said."""
    is_key = dialect.name == "sqlite" and source.primary_key and bool(source.nullable)
    return is_key and not _is_counted(source, dialect, declared)


def key_of(source: sa.Table) -> tuple[str, ...]:
    """The names of the primary key's columns, or of the shortest unique ones that are never null, or none."""
    if source.primary_key.columns:
        return tuple(column.name for column in source.primary_key.columns)
    positions = {column: index for index, column in enumerate(source.columns)}
    found = [columns for columns in _unique(source) if columns and not any(column.nullable for column in columns)]
    found.sort(key=lambda columns: (len(columns), [positions[column] for column in columns]))
    return tuple(column.name for column in found[0]) if found else ()


def _unique(source: sa.Table) -> list[list[sa.Column[Any]]]:
    constraints = [list(one.columns) for one in source.constraints if isinstance(one, sa.UniqueConstraint)]
    return constraints + [list(one.columns) for one in source.indexes if one.unique and _is_whole(one)]


def _is_whole(index: sa.Index) -> bool:
    """Whether an index is of columns alone, and of all rows."""
    partial = any(index.dialect_kwargs.get(f"{name}_where") is not None for name in ("sqlite", "postgresql"))
    return not partial and len(index.expressions) == len(index.columns)
