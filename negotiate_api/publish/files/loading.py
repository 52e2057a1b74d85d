"""A file into a database: read once to tell what its columns are, and once more to fill a table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..databases import engines
from . import detecting, ledger, storing
from .filling import Filling, Key
from .inferring import Inferred
from .problems import Problems
from .progress import Progress, silent
from .reading import read
from .report import Loaded, LoadedColumn
from .source import Source
from .spellings import WHOLE


def load(  # noqa: PLR0913 - one of these is the rule
    path: str | Path,
    engine: sa.Engine,
    name: str | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    kinds: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    replace: bool = False,
) -> Loaded:
    """Make a table of a file, all of it or nothing, in place of an earlier load of the same name.

    delimiter, encoding  as given, not detected
    kinds                of columns that are not to be what their values look like (see spellings.NAMED)
    replace              also where the table has been edited since

    Raises Unloadable where the file is not as it should be, Unusable where the database is not.
    """
    began, source = time.monotonic(), Source(Path(path))
    name, show = name or detecting.name_of(path), progress or silent
    problems = Problems(source.path.name)
    _check_name(engine, name, problems)
    layout = detecting.layout(source, delimiter, encoding, problems, show)
    problems.unit = layout.unit
    file = read(source, layout, engine, problems, show, kinds=kinds or {})
    digest, options = source.digest(show), _options(delimiter, encoding, kinds)
    with _told(engine):
        key, replaced = Filling(engine, name, file, digest, options, replace, show).run()
    seconds = time.monotonic() - began
    columns = tuple(_reported(file.columns, key))
    return Loaded(
        name, source.path.name, str(layout), columns, file.rows, key.name, key.reason, digest, seconds, replaced
    )


def current(  # noqa: PLR0913 - as load()
    engine: sa.Engine,
    path: str | Path,
    name: str | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    kinds: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> bool:
    """Whether a table was loaded from this very file, in the same way. Raises Unloadable, Unusable."""
    digest, options = Source(Path(path)).digest(progress or silent), _options(delimiter, encoding, kinds)
    with _told(engine), engine.connect() as connection:
        return ledger.holds(connection, name or detecting.name_of(path), digest, options)


def _options(delimiter: str | None, encoding: str | None, kinds: Mapping[str, str] | None) -> str:
    options: dict[str, Any] = {"delimiter": delimiter, "encoding": encoding}
    if kinds:
        options["kinds"] = dict(kinds)
    return json.dumps(options, sort_keys=True)


def _check_name(engine: sa.Engine, name: str, problems: Problems) -> None:
    reason = storing.unfit(engine, name)
    if not name or name.lower().startswith("sqlite_") or name.casefold() in ledger.NAMES:
        reason = "is the database's own" if name else "is empty"
    if reason:
        raise problems.fail(None, None, f"its table cannot be named {name!r}, as that {reason}; give another name")


def _reported(columns: Sequence[Inferred], key: Key) -> Iterator[LoadedColumn]:
    if key.added:
        yield LoadedColumn(key.name, WHOLE.name, 0, "added: it counts the rows of the file")
    for column in columns:
        empty = f'{column.empty:,} of the nulls are ""' if column.empty else ""
        yield LoadedColumn(column.name, column.kind.name, column.nulls, "; ".join(filter(None, (column.reason, empty))))


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    """Raises Unusable in place of what SQLAlchemy and the driver raise."""
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise engines.unusable(engine.url, error) from error
