"""What --publish names, as resources: the tables of databases and of files, below /data/."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from flask import current_app, request
from sqlalchemy import URL, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api import Api
from negotiate_api.publish import Kept, Publication, publish
from negotiate_api.publish.databases import engines
from negotiate_api.publish.publishing import list_at
from negotiate_api.publish.schema import settings
from negotiate_api.publish.schema.catalogs import OURS

from . import auth, sign_in
from .errors import Unusable
from .load_files import SQLITE
from .models import db
from .slots import Slots
from .sources import PREFIX, Database, Sources

EXTENSION = "negotiate_api.published"
"""Key of the application's publications in app.extensions."""

FILES = ""
"""Key of what is loaded from files, where a database has its prefix."""

SLOTS = "exports"
"""Folder of the locks that count exports, in the instance folder."""

KEPT = "kept"
"""Folder of finished exports, in the instance folder."""

SHOWN = 3
"""Tables of a publication whose addresses are told at the start."""


def register(api: Api, sources: Sources, own: URL, folder: Path) -> list[Publication]:
    """Publish what there is.

    own     the service's database, which is not published
    folder  of the database of files

    Raises Unusable.
    """
    given, how = of_sources(sources), _how(sources)
    how["exports"] = Slots(folder / SLOTS, sources.exports) if sources.exports else None
    how["keep"] = _kept(folder / KEPT, sources.keep)
    writable = _writable(sources, given)
    found: list[Publication] = []
    known: set[str] = set()
    for url, prefix, tables, key in _places(sources, own, folder):
        with _told(url, sources):
            engine = engines.create(url, bool(writable[key]))
            names = _names(engine)
            own_settings = replace(given, tables={name: given.tables[name] for name in names & given.tables.keys()})
            _check_kinds(own_settings, tables)
            if key == FILES:
                _check_files(sources, own_settings, found)
            written = _renamed(writable[key], names, own_settings)
            found.append(publish(api, engine, prefix, tables, written, settings=own_settings, **how))
        known |= names
    _check_settings(given, known)
    _check_paths(sources.databases, found)
    for one in found:
        if one.prefix != PREFIX:
            list_at(one, PREFIX)
    return found


def shown_name(publication: Publication, table: str) -> str:
    """The name of a table as --writable takes it: orders, or shop/orders."""
    return f"{publication.prefix}/{table}".removeprefix(f"{PREFIX}/")


def addresses(found: Iterable[Publication], url: str) -> list[str]:
    """Addresses to try, as a browser on this machine has them. Asked within a request."""
    shown = [(one, name) for one in found for name in islice(one.tables, SHOWN)]
    indexes = dict.fromkeys(f"{url}{one.prefix}/" for one, _ in shown)
    return [*indexes, *(f"{url}{one.url(name)}.csv" for one, name in shown)]


def index() -> list[dict[str, str]]:
    """What is published, for the index of the service."""
    found: Sequence[Publication] = current_app.extensions[EXTENSION]
    named = sorted({one.prefix for one in found} - {PREFIX})
    whole = [(PREFIX, "Everything that is published.")] if found else []
    told = whole + [(prefix, f"What is published as {prefix.removeprefix(f'{PREFIX}/')}.") for prefix in named]
    return [{"uri": f"{request.root_path}{prefix}/", "description": text} for prefix, text in told]


def confirm() -> None:
    """Raises Unauthorized or Forbidden where the caller may write no more; the accounts are let go of then."""
    try:
        sign_in.confirm()
    finally:
        db.session.rollback()


def _places(sources: Sources, own: URL, folder: Path) -> Iterator[tuple[URL, str, list[str] | None, str]]:
    """URL, path and tables of each database, and its key in _writable(). Raises Unusable."""
    for one in sources.databases:
        _check_other(one, own)
        yield one.url, one.prefix, None, one.prefix
    if sources.files:
        yield engines.sqlite(folder / SQLITE), PREFIX, [one.table for one in sources.files], FILES


def of_sources(sources: Sources) -> settings.Settings:
    """The settings of what is published. Raises Unusable."""
    return settings.read(sources.settings) if sources.settings else settings.NONE


def _names(engine: Engine) -> set[str]:
    """The tables and views of a database."""
    found = inspect(engine)
    return {*found.get_table_names(), *found.get_view_names()} - OURS


def _check_settings(given: settings.Settings, known: set[str]) -> None:
    """Raises Unusable where a table has settings and is in none of the databases."""
    for name, table in given.tables.items():
        if known and name not in known:
            raise Unusable(f"{table.where}: no table {name!r} is published; {settings.nearest(name, known)}")


def _check_kinds(given: settings.Settings, files: Collection[str] | None) -> None:
    """Raises Unusable where the columns of a database's table have kinds, which it settles itself."""
    for name, table in given.tables.items():
        for column in table.columns.values():
            if column.kind and (files is None or name not in files):
                raise Unusable(f"{column.where}: kind is for the columns of files, and {name!r} is a database's table")


def _check_files(sources: Sources, given: settings.Settings, found: Iterable[Publication]) -> None:
    """Raises Unusable where a file's table has the name of one of the database that is at PREFIX, too."""
    taken = {name for one in found if one.prefix == PREFIX for name in one.tables}
    for one in sources.files:
        if (name := _public(one.table, given)) in taken:
            place = next(other for other in sources.databases if other.prefix == PREFIX)
            raise Unusable(f"both {one} and {place} have a table {name}; name one as in --publish NAME={one}")


def _public(name: str, given: settings.Settings) -> str:
    """The name that a table is published by."""
    return given.tables.get(name, settings.NO_TABLE).name or name


def _renamed(written: Iterable[str], names: Iterable[str], given: settings.Settings) -> list[str]:
    """The names that tables are published by, where --writable has those of the database or the file."""
    public = {_public(name, given) for name in names}
    return [name if name in public else _public(name, given) for name in written]


def _how(sources: Sources) -> dict[str, Any]:
    """Arguments of publish() that all have in common."""
    return {
        "reading": auth.required if sources.private else None,
        "writing": auth.required,
        "confirm": confirm,
        "require_match": sources.require_match,
        "cache_control": sources.cache_control,
        "query_seconds": sources.query_seconds,
    }


def _kept(folder: Path, size: int) -> Kept | None:
    """Where exports are kept; where they are no more, those of before are removed."""
    found = Kept(folder, size) if size or folder.exists() else None
    return found if size else None


def _writable(sources: Sources, given: settings.Settings) -> dict[str, list[str]]:
    """The tables of --writable, by the prefix of their database, or FILES. Raises Unusable."""
    found: dict[str, list[str]] = {FILES: [], **{one.prefix: [] for one in sources.databases}}
    of_files = {name for one in sources.files for name in (one.table, _public(one.table, given))}
    for text in sources.writable:
        name, _, table = text.partition("/")
        if f"{PREFIX}/{name}" in found:
            found[f"{PREFIX}/{name}"].append(table)
        elif text in of_files:
            found[FILES].append(text)
        elif PREFIX in found:
            found[PREFIX].append(text)
        else:
            raise Unusable(f"--writable has {text!r}, and no such table is published{_like(text, sources)}")
    return found


def _like(text: str, sources: Sources) -> str:
    known = [*(one.table for one in sources.files), *(f"{one.name}/TABLE" for one in sources.databases)]
    return f"; {settings.nearest(text, known)}" if known else ""


def _check_other(one: Database, own: URL) -> None:
    """Raises Unusable where it is the service's database, which has what nobody is to read."""
    if _place(one.url) == _place(own):
        raise Unusable(f"{one} is the service's own database, with its users; give one of them another with --database")


def _place(url: URL) -> tuple[Any, ...]:
    """What two URLs of one database have in common."""
    if url.get_backend_name() == "sqlite":
        return (os.path.realpath(str(url.database)),)
    return url.get_backend_name(), url.host or url.query.get("host") or "localhost", url.port, url.database


def _check_paths(databases: Iterable[Database], found: Iterable[Publication]) -> None:
    """Raises Unusable where a table and a database's tables would be at one path."""
    tables = {name for one in found if one.prefix == PREFIX for name in one.tables}
    for one in databases:
        if one.name in tables:
            raise Unusable(f"{one.prefix} is a table, and the tables of {one} would be below it; give it another NAME")


@contextmanager
def _told(url: URL, sources: Sources) -> Iterator[None]:
    """Raises Unusable in place of what publish() raises of a database."""
    try:
        yield
    except ValueError as error:
        more = [one.table for one in sources.files] if str(error).startswith("writable") else []
        beside = f"; and of files, {', '.join(more)}" if more else ""
        raise Unusable(f"{engines.shown(url)}: {error}{beside}") from None
    except SQLAlchemyError as error:
        raise engines.unusable(url, error) from None
