"""What --publish names, as resources: the tables of databases and of files, below /data/."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from flask import current_app, request
from sqlalchemy import URL, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api import Api
from negotiate_api.publish import Publication, publish
from negotiate_api.publish.databases import engines
from negotiate_api.publish.schema import settings

from . import auth, sign_in
from .errors import Unusable
from .load_files import SQLITE
from .models import db
from .sources import PREFIX, Database, Sources

EXTENSION = "negotiate_api.published"
"""Key of the application's publications in app.extensions."""

FILES = ""
"""Key of what is loaded from files, where a database has its prefix."""

SHOWN = 3
"""Tables of a publication whose addresses are told at the start."""


def register(api: Api, sources: Sources, own: URL, folder: Path) -> list[Publication]:
    """Publish what there is.

    own     the service's database, which is not published
    folder  of the database of files

    Raises Unusable.
    """
    writable, given, how = _writable(sources), _settings(sources), _how(sources)
    found, known = [], set()
    for url, prefix, tables, key in _places(sources, own, folder):
        with _told(url, sources):
            engine = engines.create(url, bool(writable[key]))
            names = _names(engine)
            own_settings = replace(given, tables={name: given.tables[name] for name in names & given.tables.keys()})
            found.append(publish(api, engine, prefix, tables, writable[key], settings=own_settings, **how))
        known |= names
    _check_settings(given, known)
    _check_paths(sources.databases, found)
    return found


def addresses(found: Iterable[Publication], url: str) -> list[str]:
    """Addresses to try, as a browser on this machine has them. Asked within a request."""
    shown = [(one, name) for one in found for name in islice(one.tables, SHOWN)]
    indexes = dict.fromkeys(f"{url}{one.prefix}/" for one, _ in shown)
    return [*indexes, *(f"{url}{one.url(name)}.csv" for one, name in shown)]


def index() -> list[dict[str, str]]:
    """What is published, for the index of the service."""
    found: Iterable[Publication] = current_app.extensions[EXTENSION]
    prefixes = dict.fromkeys(one.prefix for one in found)
    return [{"uri": f"{request.root_path}{prefix}/", "description": "What is published."} for prefix in prefixes]


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


def _settings(sources: Sources) -> settings.Settings:
    return settings.read(sources.settings) if sources.settings else settings.NONE


def _names(engine: Engine) -> set[str]:
    """The tables and views of a database."""
    found = inspect(engine)
    return {*found.get_table_names(), *found.get_view_names()}


def _check_settings(given: settings.Settings, known: set[str]) -> None:
    """Raises Unusable where a table has settings and is in none of the databases."""
    for name, table in given.tables.items():
        if known and name not in known:
            raise Unusable(f"{table.where}: no table {name!r} is published; {settings.nearest(name, known)}")


def _how(sources: Sources) -> dict[str, Any]:
    """Arguments of publish() that all have in common."""
    return {
        "reading": auth.required if sources.private else None,
        "writing": auth.required,
        "confirm": confirm,
        "require_match": sources.require_match,
        "cache_control": sources.cache_control,
    }


def _writable(sources: Sources) -> dict[str, list[str]]:
    """The tables of --writable, by the prefix of their database, or FILES. Raises Unusable."""
    found: dict[str, list[str]] = {FILES: [], **{one.prefix: [] for one in sources.databases}}
    for text in sources.writable:
        name, _, table = text.partition("/")
        if f"{PREFIX}/{name}" in found:
            found[f"{PREFIX}/{name}"].append(table)
        elif any(text == one.table for one in sources.files):
            found[FILES].append(text)
        elif PREFIX in found:
            found[PREFIX].append(text)
        else:
            raise Unusable(f"--writable has {text!r}, and no such table is published{_like(text, sources)}")
    return found


def _like(text: str, sources: Sources) -> str:
    known = [*(one.table for one in sources.files), *(f"{one.name}/TABLE" for one in sources.databases)]
    return f"; there is {', '.join(get_close_matches(text, known, 1) or known[:10])}" if known else ""


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
