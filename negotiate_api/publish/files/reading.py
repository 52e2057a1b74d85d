"""The first pass over a file: what its columns are, from every value that they have."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa

from . import storing
from .detecting import Layout
from .inferring import Column, Inferred
from .problems import Problems
from .progress import Progress
from .records import batches, is_textual
from .source import Source
from .spellings import TEXT


@dataclass(frozen=True)
class File:
    """A file whose columns are known.

    textual  its values are text without types of their own
    """

    source: Source
    layout: Layout
    textual: bool
    columns: tuple[Inferred, ...]
    rows: int


def read(source: Source, layout: Layout, engine: sa.Engine, problems: Problems, show: Progress) -> File:
    """The first pass: what the columns are. Raises Unloadable."""
    textual, columns, rows = is_textual(source, layout), dict[str, Column](), 0
    for batch in batches(source, layout, problems):
        for name, values in batch.columns.items():
            if name not in columns:
                columns[name] = Column(name, textual, layout.delimiter == ";", layout.unit)
            columns[name].see(values, batch.lines)
        rows += len(batch.lines)
        show("reading", source.done(), source.size, rows)
    if not columns:
        raise problems.fail(None, None, "it has no records, and so no columns")
    storing.check_names(engine, list(columns), problems)
    problems.end()
    inferred = (_kept(engine, column.inferred(rows)) for column in columns.values())
    return File(source, layout, textual, tuple(inferred), rows)


def _kept(engine: sa.Engine, column: Inferred) -> Inferred:
    """A column as the database has a type for it."""
    if storing.kind_on(engine, column.kind) is column.kind:
        return column
    reason = f"{column.kind.name}, for which this database has no type"
    return replace(column, kind=TEXT, nulls=column.nulls - column.empty, empty=0, reason=reason)
