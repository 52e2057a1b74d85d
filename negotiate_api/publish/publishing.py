"""publish(): the tables of a database as resources of an Api."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Flask, current_app
from sqlalchemy import URL, Engine

from negotiate_api.api import Api
from negotiate_api.resource import Resource

from . import reasons
from .databases import clocks, engines, limits
from .kept import Kept
from .publication import Publication
from .resources import Collection, Index, Item
from .schema import declared, keys, models, reflection
from .schema.settings import NONE, Settings, nearest
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
    query_seconds: float | None = clocks.SECONDS,
    exports: int | limits.Semaphore | None = None,
    keep: Kept | None = None,
) -> Publication:
    """Answer with tables of a database: an index at prefix, and below it each table and each of its rows.

    database       an engine, a URL or its text; a model of Flask-SQLAlchemy, several, or db, which is all of them
    tables         names, Tables of SQLAlchemy or models; all of them without it
    writable       names of those that are written too
    settings       names, titles and what is left out (see settings.py)
    fields         what rows show, as fields definitions: {table: definition}, or one where there is one table; what no
                   field shows cannot be asked for either (see declared.py)
    reading        decorators of what reads, as of any view: who may; writing likewise
    confirm        called at the start of each transaction that writes; it raises where the caller may no more
    require_match  writes need If-Match, and are 428 without
    cache_control  the Cache-Control field of what is read; "no-cache", and with reading "private, no-cache"
    query_seconds  how long the database may take until it has rows, or further ones; 503 after that. None: as it does
    exports        how many tables are sent whole at once, or a semaphore that counts them in several processes; a
                   further one is 503. None: as many as are asked for
    keep           where finished exports of whole tables are kept, for all who may read: Kept(folder, bytes)

    Several may be at one prefix and share its index. Raises Unusable, ValueError.
    """
    writable, prefix = tuple(writable), "/" + prefix.strip("/") if prefix.strip("/") else ""
    engine = _engine(api, database, bool(writable))
    chosen = _models(database) if tables is None else list(tables)
    found = reflection.reflect(engine, models.named(settings or NONE, chosen or ()), chosen)
    _declare(found, fields or {}, prefix)
    _let_write(found, writable)
    publication = Publication(
        api,
        engine,
        found,
        prefix,
        reading=_listed(reading),
        writing=_listed(writing),
        confirm=confirm,
        require_match=require_match,
        cache_control=cache_control,
        query_seconds=query_seconds,
        exports=exports,
        keep=keep,
    )
    _check_names(publication)
    _route(publication)
    _entitle(publication, settings or NONE)
    return publication


# What


def _engine(api: Api, database: Any, writable: bool) -> Engine:
    if isinstance(database, (str, URL)):
        return engines.create(database, writable)
    if not isinstance(database, Engine):
        app = api.app if isinstance(api.app, Flask) else current_app
        own = models.given(database)
        with app.app_context():
            database = models.engine_of(own) if own else database.engine
    engines.adopt(database)
    return database  # type: ignore[no-any-return]


def _models(database: Any) -> list[Any] | None:
    """What to publish of a database that is models, or Flask-SQLAlchemy's db; None for all of another one's."""
    return models.given(database) or (models.of(database) if hasattr(database, "metadata") else None)


def _declare(tables: Tables, fields: Mapping[Any, Any], prefix: str) -> None:
    """Let tables show the fields that are given for them. Raises ValueError."""
    if not fields:
        return
    by_name = {_name(key): definition for key, definition in fields.items()}
    is_several = by_name.keys() <= tables.keys() and all(isinstance(one, Mapping) for one in by_name.values())
    if len(tables) == 1 and not is_several:
        by_name = {next(iter(tables)): fields}
    _check_known(by_name, tables, "fields")
    endpoints = {_endpoint(f"{_path(prefix, name)}/<key>"): name for name in tables}
    declared.declare(tables, by_name, endpoints)


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
            raise ValueError(f"{argument} has {name!r}, and no such table is published; {nearest(name, tables)}")


def _listed(decorators: Decorator | Sequence[Decorator] | None) -> Sequence[Decorator]:
    return () if decorators is None else (decorators,) if callable(decorators) else decorators


# Where


def _check_names(publication: Publication) -> None:
    """Raises ValueError where another publication has one of the names."""
    index = _indexes.get(publication.api, {}).get(publication.prefix)
    for other in index.publications if index else ():
        if other.prefix != publication.prefix:
            continue
        if both := sorted(publication.tables.keys() & other.tables.keys()):
            raise ValueError(
                f"{publication.prefix}/ has {', '.join(both)} already; publish one of them with another prefix, "
                "or under another name by its settings"
            )


def _route(publication: Publication) -> None:
    list_at(publication, publication.prefix)
    for table in publication.tables.values():
        path = _path(publication.prefix, table.name)
        collection = _of(publication, table, Collection, CollectionWrites if table.key else RowWrites)
        collection.__doc__ = table.description
        publication.resources[table.name] = _add(publication, collection, path)
        if table.key:
            _add(publication, _of(publication, table, Item, ItemWrites), f"{path}/<key>")


def _of(publication: Publication, table: Table, reads: type[Resource], writes: type[Resource]) -> Any:
    """A resource of a table; it writes only where that is writable."""
    decorators = {**dict.fromkeys(READS, publication.reading), **dict.fromkeys(WRITES, publication.writing)}
    explain = partial(reasons.of_rows if reads is Collection else reasons.of_row, publication, table)
    members = {"publication": publication, "table": table, "method_decorators": decorators, "__doc__": None}
    members["explain"] = staticmethod(explain)
    return type(reads.__name__, (writes, reads) if table.writable else (reads,), members)


def _add(publication: Publication, resource: R, path: str) -> R:
    publication.api.add_resource(resource, path, endpoint=_endpoint(path))
    return resource


def _entitle(publication: Publication, settings: Settings) -> None:
    """Let the index say what its tables are together."""
    index = _indexes[publication.api][publication.prefix]
    index.title = settings.title or index.title
    index.__doc__ = settings.description or index.__doc__


def list_at(publication: Publication, prefix: str) -> None:
    """Let the index at prefix, one above the publication's, list its tables; made where there is none."""
    shared = _indexes.setdefault(publication.api, {})
    index = shared.get(prefix)
    if index is None:
        members: dict[str, Any] = {"publications": [], "prefix": prefix, "__doc__": Index.__doc__}
        index = shared[prefix] = type("Index", (Index,), members)
        _add(publication, index, f"{prefix}/")
    index.publications.append(publication)
    guards = dict.fromkeys(guard for one in index.publications for guard in one.reading)
    index.method_decorators = dict.fromkeys(READS, tuple(guards))


def _path(prefix: str, name: str) -> str:
    """The URL rule of a table, where < would begin a variable."""
    segment = keys.segment(name).replace("<", "~3C").replace(">", "~3E")
    return f"{prefix}/{segment}"


def _endpoint(path: str) -> str:
    """The endpoint of a resource is its path, in which Flask takes no full stop."""
    return path.replace(".", "%2E")
