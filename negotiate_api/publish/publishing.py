"""publish(): the tables of a database as resources of an Api."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Flask, current_app
from sqlalchemy import URL, Engine

from negotiate_api.api import Api
from negotiate_api.resource import Resource

from .databases import engines
from .publication import Publication
from .resources import Collection, Index, Item
from .schema import keys, reflection
from .schema.settings import Settings
from .schema.tables import Table, Tables
from .writing.resources import CollectionWrites, ItemWrites, RowWrites

R = TypeVar("R", bound=type[Resource])

Decorator = Callable[..., Any]

READS, WRITES = ("get", "head"), ("post", "put", "patch", "delete")

_indexes: WeakKeyDictionary[Api, dict[str, type[Index]]] = WeakKeyDictionary()
"""By the prefix that they are at."""


def publish(  # noqa: PLR0913 - one argument a choice
    api: Api,
    database: Engine | URL | str | Any,
    prefix: str = "/data",
    tables: Iterable[Any] | None = None,
    writable: Iterable[str] = (),
    *,
    settings: Settings | None = None,
    fields: Mapping[Any, Any] | None = None,
    reading: Decorator | Sequence[Decorator] | None = None,
    writing: Decorator | Sequence[Decorator] | None = None,
    confirm: Callable[[], Any] | None = None,
    require_match: bool = False,
    cache_control: str | None = None,
) -> Publication:
    """Answer with tables of a database: an index at prefix, and below it each table and each of its rows.

    database       an engine, a URL or its text, or Flask-SQLAlchemy's db, whose own models are published
    tables         names, Tables of SQLAlchemy or model classes; all of them without it
    writable       names of those that are written too
    settings       names, titles and what is left out (see settings.py)
    fields         a fields definition that rows are marshalled with; {table: definition} where there are several tables
    reading        decorators of what reads, as of any view: who may; writing likewise
    confirm        called at the start of each transaction that writes; it raises where the caller may no more
    require_match  writes need If-Match, and are 428 without
    cache_control  the Cache-Control field of what is read; "no-cache", and with reading "private, no-cache"

    Several may be at one prefix and share its index. Raises Unusable, ValueError.
    """
    writable = tuple(writable)
    engine = _engine(api, database, bool(writable))
    chosen = _models(database) if tables is None else list(tables)
    found = reflection.reflect(engine, settings, chosen)
    _declare(found, fields or {})
    _let_write(found, writable)
    publication = Publication(
        api,
        engine,
        found,
        "/" + prefix.strip("/") if prefix.strip("/") else "",
        reading=_listed(reading),
        writing=_listed(writing),
        confirm=confirm,
        require_match=require_match,
        cache_control=cache_control,
    )
    _check_names(publication)
    _route(publication)
    return publication


# What


def _engine(api: Api, database: Any, writable: bool) -> Engine:
    if isinstance(database, (str, URL)):
        return engines.create(database, writable)
    if not isinstance(database, Engine):
        app = api.app if isinstance(api.app, Flask) else current_app
        with app.app_context():
            database = database.engine
    engines.adopt(database)
    return database  # type: ignore[no-any-return]


def _models(database: Any) -> list[Any] | None:
    """The tables of Flask-SQLAlchemy's db that are in its main database; None for all of another one's."""
    metadata = getattr(database, "metadata", None)
    return None if metadata is None else list(metadata.sorted_tables)


def _declare(tables: Tables, fields: Mapping[Any, Any]) -> None:
    """Let tables have the fields that are given for them."""
    if not fields:
        return
    by_name = {_name(key): definition for key, definition in fields.items()}
    if len(tables) == 1 and not by_name.keys() <= tables.keys():
        by_name = {next(iter(tables)): fields}
    _check_known(by_name, tables, "fields")
    for name, definition in by_name.items():
        tables[name] = replace(tables[name], fields=definition)


def _name(key: Any) -> str:
    """What a key of fields= means: a name, a Table or a model class."""
    return str(getattr(getattr(key, "__table__", key), "name", key))


def _let_write(tables: Tables, names: Sequence[str]) -> None:
    _check_known(names, tables, "writable")
    for name in names:
        if tables[name].view:
            raise ValueError(f"writable has {name}, which is a view; write to the tables that it shows")
        tables[name] = replace(tables[name], writable=True)


def _check_known(names: Iterable[str], tables: Tables, argument: str) -> None:
    """Raises ValueError."""
    for name in names:
        if name not in tables:
            like = get_close_matches(name, tables, 1) or list(tables)[:10]
            raise ValueError(f"{argument} has {name!r}, and no such table is published; there is {', '.join(like)}")


def _listed(decorators: Decorator | Sequence[Decorator] | None) -> Sequence[Decorator]:
    return () if decorators is None else (decorators,) if callable(decorators) else decorators


# Where


def _check_names(publication: Publication) -> None:
    """Raises ValueError where another publication has one of the names."""
    index = _indexes.get(publication.api, {}).get(publication.prefix)
    for other in index.publications if index else ():
        if both := sorted(publication.tables.keys() & other.tables.keys()):
            raise ValueError(
                f"{publication.prefix}/ has {', '.join(both)} already; publish one of them with another prefix, "
                "or under another name by its settings"
            )


def _route(publication: Publication) -> None:
    _add_index(publication)
    for table in publication.tables.values():
        path = f"{publication.prefix}/{_segment(table.name)}"
        collection = _of(publication, table, Collection, CollectionWrites if table.key else RowWrites)
        collection.__doc__ = table.description
        publication.resources[table.name] = _add(publication, collection, path)
        if table.key:
            _add(publication, _of(publication, table, Item, ItemWrites), f"{path}/<key>")


def _of(publication: Publication, table: Table, reads: type[Resource], writes: type[Resource]) -> Any:
    """A resource of a table; it writes only where that is writable."""
    decorators = {**dict.fromkeys(READS, publication.reading), **dict.fromkeys(WRITES, publication.writing)}
    members = {"publication": publication, "table": table, "method_decorators": decorators, "__doc__": None}
    return type(reads.__name__, (writes, reads) if table.writable else (reads,), members)


def _add(publication: Publication, resource: R, path: str) -> R:
    """Route a resource; its endpoint is its path, in which Flask takes no full stop."""
    publication.api.add_resource(resource, path, endpoint=path.replace(".", "%2E"))
    return resource


def _add_index(publication: Publication) -> None:
    shared = _indexes.setdefault(publication.api, {})
    index = shared.get(publication.prefix)
    if index is None:
        index = shared[publication.prefix] = type("Index", (Index,), {"publications": [], "__doc__": Index.__doc__})
        _add(publication, index, f"{publication.prefix}/")
    index.publications.append(publication)
    guards = dict.fromkeys(guard for one in index.publications for guard in one.reading)
    index.method_decorators = dict.fromkeys(READS, tuple(guards))


def _segment(name: str) -> str:
    """The name of a table in a URL rule, where < would begin a variable."""
    return keys.segment(name).replace("<", "~3C").replace(">", "~3E")
