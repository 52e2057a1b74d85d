"""The first pass over a file: what its columns are, from every value that they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import sqlalchemy as sa

from . import storing
from .detecting import Layout
from .inferring import Column, Inferred
from .problems import Problems
from .progress import Progress
from .records import batches, is_textual
from .source import Source
from .spellings import NAMED, TEXT


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


def read(  # noqa: PLR0913 - what load() is given
    source: Source,
    layout: Layout,
    engine: sa.Engine,
    problems: Problems,
    show: Progress,
    *,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> File:
    """The first pass: what the columns are; kinds are those that are asked for. Raises Unloadable."""
    _check_kinds(kinds.values(), problems)
    textual, columns, rows = is_textual(source, layout), dict[str, Column](), 0
    for batch in batches(source, layout, problems):
        for name, values in batch.columns.items():
            if name not in columns:
                asked = NAMED[kinds[name]] if name in kinds else None
                columns[name] = Column(name, textual, layout.delimiter == ";", layout.unit, asked)
            columns[name].see(values, batch.lines)
        rows += len(batch.lines)
        show("reading", source.done(), source.size, rows)
    if not columns:
        raise problems.fail(None, None, "it has no records, and so no columns")
    storing.check_names(engine, list(columns), problems)
    _check_asked(columns, kinds, problems)
    problems.end()
    inferred = (_kept(engine, column.inferred(rows)) for column in columns.values())
    return File(source, layout, textual, tuple(inferred), rows)


def _check_kinds(kinds: Iterable[str], problems: Problems) -> None:
    for kind in kinds:
        if kind not in NAMED:
            raise problems.fail(None, None, f"there is no kind {kind!r}; there is {', '.join(NAMED)}")


def _check_asked(columns: Mapping[str, Column], kinds: Mapping[str, str], problems: Problems) -> None:
    """Tell of columns that are not there, and of values that are not of the kind asked for."""
    for name, kind in kinds.items():
        if name not in columns:
            problems.add(None, name, f"it is to be of the kind {kind!r}, and the file has no such column")
        elif refused := columns[name].refused:
            problems.add(refused[1], name, f"{refused[0]} is not of the kind {kind!r}, which it is to be")


def _kept(engine: sa.Engine, column: Inferred) -> Inferred:
    """A column as the database has a type for it."""
    if storing.kind_on(engine, column.kind) is column.kind:
        return column
    reason = f"{column.kind.name}, for which this database has no type"
    return replace(column, kind=TEXT, nulls=column.nulls - column.empty, empty=0, reason=reason)
