"""A Publication: tables of a database as resources of an Api."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import request
from sqlalchemy import Connection, Engine

from negotiate_api.api import Api
from negotiate_api.exchange import exchange_of
from negotiate_api.resource import Resource

from . import etags
from .databases import clocks, limits, versions
from .kept import Kept
from .queries.query import Query
from .schema import keys
from .schema.tables import Column, Table, Tables

REMEMBERED = 4096
"""Paths of tables that are held."""

Decorators = Sequence[Callable[..., Any]]
Pairs = Sequence[tuple[str, str]]


class Publication:
    """Tables of a database, published.

    engine, tables, prefix     of what, which by name, and below which path
    reading, writing           decorators of the methods that read and write
    confirm                    called at the start of each transaction that writes
    require_match              writes need If-Match
    cache_control              what is said of what is read
    query_seconds              how long a statement may take (see clocks.py)
    exports                    how many tables are sent whole at once (see limits.py)
    keep                       where finished exports are kept (see kept/)
    """

    def __init__(  # noqa: PLR0913 - publish()'s
        self,
        api: Api,
        engine: Engine,
        tables: Tables,
        prefix: str,
        *,
        reading: Decorators = (),
        writing: Decorators = (),
        confirm: Callable[[], Any] | None = None,
        require_match: bool = False,
        cache_control: str | None = None,
        query_seconds: float | None = clocks.SECONDS,
        exports: int | limits.Semaphore | None = None,
        keep: Kept | None = None,
    ) -> None:
        self.api, self.tables, self.prefix = api, tables, prefix
        self.engine = limits.limited(clocks.limited(engine, query_seconds), exports)
        self.reading, self.writing, self.require_match = tuple(reading), tuple(writing), require_match
        self.confirm, self.keep = confirm or (lambda: None), keep
        self.cache_control = cache_control or ("private, no-cache" if self.reading else "no-cache")
        self.versions = versions.of(engine)
        self.began = time.time()
        self.resources: dict[str, type[Resource]] = {}
        self.query = lru_cache(maxsize=256)(self._query)
        self._paths: dict[tuple[str, str, str | None], str] = {}
        self._marks = {name: _mark(table) for name, table in tables.items()}

    def _query(self, table: str, arguments: tuple[tuple[str, str], ...]) -> Query:
        """What is asked of a table; it is the same one as long as it is remembered. Raises BadParameter."""
        return Query.parse(self.tables[table], arguments, self.engine.dialect)

    def url(self, table: str, key: Iterable[Any] | None = None) -> str:
        """The path of a table, or of the row with these values of its key."""
        path = self._path(table)
        if key is None:
            return path
        columns = self.tables[table].key_columns
        return f"{path}/{segment(text(column)(value) for column, value in zip(columns, key, strict=True))}"

    def state(self, table: Table, version: str | None, arguments: Iterable[tuple[str, str]] = ()) -> str | None:
        """The state of a collection as a query shows it, by the version of its database; None where that is unknown."""
        if version is None or table.view:
            return None
        return etags.state([version, *self._place(table), sorted(arguments)])

    def state_of(self, table: Table, rows: Any, arguments: Iterable[tuple[str, str]] = ()) -> str:
        """The state of rows, or of one, by what is shown of them: of hidden columns nothing is in a tag."""
        return etags.state([rows, *self._place(table), sorted(arguments)])

    def version(self, connection: Connection) -> str | None:
        """The version of the database (see versions.py)."""
        return self.versions.read(connection)

    def modified(self) -> float | None:
        """When what is published was modified last, in seconds of the epoch; where it is known, and not just now."""
        found = self.versions.modified()
        return None if found is None else max(found, self.began)

    def fields_of_item(self, table: str) -> Pairs:
        """The fields that every row of a table is sent with."""
        return _fields_of_item(self.cache_control, self._path(table))

    def _path(self, table: str) -> str:
        """The path of a table, which is the same below one blueprint of one application."""
        own = exchange_of(request)
        if own is None or own.app.url_default_functions:
            return self.api.url_for(self.resources[table])
        place = (table, own.request.root_path, own.request.blueprint)
        known = self._paths.get(place)
        if known is None:
            if len(self._paths) >= REMEMBERED:
                self._paths.clear()
            known = self._paths[place] = self.api.url_for(self.resources[table])
        return known

    def _place(self, table: Table) -> list[str]:
        return [request.root_path, self.prefix, table.name, self._marks[table.name]]


@lru_cache(maxsize=REMEMBERED)
def _fields_of_item(cache_control: str, collection: str) -> Pairs:
    return ("Cache-Control", cache_control), ("Link", f'<{collection}>; rel="collection"')


def segment(texts: Iterable[str | None]) -> str:
    """The texts of a key as the last segment of a path."""
    return quote(keys.join(texts), safe=",~")


def text(column: Column) -> Callable[[Any], str | None]:
    """What gives the text of a column's value, as it was read or as it is shown."""
    kind = column.kind
    return lambda value: None if value is None else kind.text(value)


def _mark(table: Table) -> str:
    """A digest of what the settings make of a table, as answers are others with other ones."""
    said = [table.title, table.description, table.sort, table.writable, [one.name for one in table.fields or ()]]
    said += [[c.name, c.kind.name, c.title, c.description, c.unit] for c in table.columns]
    said += [[r.name, r.table, r.columns, r.targets] for r in table.references]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:16]
