"""Files that are published, loaded into a database in the instance folder: once, and anew as they change."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api.publish import files
from negotiate_api.publish.databases import engines
from negotiate_api.publish.files import ledger
from negotiate_api.publish.schema import settings

from .errors import Unusable
from .sources import File

SQLITE = "published.sqlite"
"""The file of the database, in the instance folder."""


def load_files(  # noqa: PLR0913 - one argument an option
    folder: Path,
    given: Iterable[File],
    anew: Collection[str] = (),
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    told: settings.Settings = settings.NONE,
) -> None:
    """Load the files that are not loaded as they are now; tell of each what its columns are. Raises Unusable.

    anew  tables that are loaded even so, and though they were written to
    told  settings, which may say of what kinds columns are
    """
    sources = tuple(given)
    _check_anew(anew, sources)
    if not sources:
        return
    engine = engines.create(engines.sqlite(_made(folder)), writable=True)
    try:
        for source in sources:
            how = {"delimiter": delimiter, "encoding": encoding, "kinds": _kinds(source, told)}
            _load(engine, source, source.table in anew, how)
    except SQLAlchemyError as error:
        raise engines.unusable(engine.url, error) from None
    finally:
        engine.dispose()


def _kinds(source: File, given: settings.Settings) -> dict[str, str]:
    """The kinds that settings say the columns of a file are of. Raises Unusable."""
    columns = given.tables.get(source.table, settings.NO_TABLE).columns
    for one in columns.values():
        if one.kind and one.kind not in files.KINDS:
            raise Unusable(f"{one.where}: there is no kind {one.kind!r}; {settings.nearest(one.kind, files.KINDS)}")
    return {name: one.kind for name, one in columns.items() if one.kind}


def _load(engine: Engine, source: File, anew: bool, how: dict[str, Any]) -> None:
    path = source.path
    try:
        with files.progress.bar(sys.stderr, path.name) as show:
            if not anew and files.current(engine, path, source.table, progress=show, **how):
                return
            _check_edited(engine, source, anew)
            loaded = files.load(path, engine, source.table, progress=show, replace=anew, **how)
    except files.Unloadable as error:
        raise Unusable(f"{error}{_kept(engine, source)}") from None
    except OSError as error:
        raise Unusable(f"the file {path} cannot be read: {error.strerror or error}") from None
    click.echo(loaded.report())


def _check_edited(engine: Engine, source: File, anew: bool) -> None:
    """Raises Unusable where loading a file would lose what was written to its table."""
    with engine.connect() as connection:
        if not anew and source.table in files.loaded(connection) and ledger.is_edited(connection, source.table):
            raise Unusable(
                f"the file {source}, or how it is to be read, is another since the table {source.table} was loaded "
                "and then written to; "
                f"--load-anew {source.table} loads it, and what was written is lost"
            )


def _kept(engine: Engine, source: File) -> str:
    """What is to be said of an earlier load."""
    with engine.connect() as connection:
        if source.table not in files.loaded(connection):
            return ""
    return (
        f"\nThe table {source.table} is kept as it was loaded before. To go on with it, put the earlier file back; "
        "else put this one right"
    )


def _check_anew(anew: Collection[str], sources: Iterable[File]) -> None:
    known = [source.table for source in sources]
    if unknown := sorted(set(anew).difference(known)):
        raise Unusable(f"--load-anew names {', '.join(unknown)}; tables of files are {', '.join(known) or 'none'}")


def _made(folder: Path) -> Path:
    """The path of the database, whose file is made for its owner alone. Raises Unusable."""
    path = folder / SQLITE
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise Unusable(f"the database {path} cannot be made: {error.strerror}") from None
    return path
