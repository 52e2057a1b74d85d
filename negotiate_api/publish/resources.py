"""The resources of a table: all of its rows, and one; and the index of what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from flask import request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound
from werkzeug.http import http_date

from negotiate_api.exchange import Exchange, exchange_of
from negotiate_api.marshalling import marshal
from negotiate_api.resource import Resource
from representations import Part, Rows

from . import counts, etags, linking, paging, rows
from .databases.unavailable import answered
from .publication import Publication
from .queries import filters
from .queries.parameters import BadParameter, unknown
from .queries.query import Query
from .schema import keys, kinds
from .schema.tables import Column, Table

Pairs = Sequence[tuple[str, str]]

OF_ITEM = ("fields", "expand")
"""Query parameters of an item."""

OF_COLUMNS = frozenset(("fields", "expand", "distinct", "group", "sum", "avg", "min", "max"))
"""Query parameters that choose what a row shows, which is settled where fields are declared."""


class Published(Resource):
    """What the resources of a table have in common."""

    publication: ClassVar[Publication]
    table: ClassVar[Table]

    def arguments(self) -> Pairs:
        """The query parameters that are not the Api's own. Raises BadParameter."""
        format_ = self.publication.api.format_parameter
        found = [(name, value) for name, value in request.args.items(multi=True) if name != format_]
        settled = OF_COLUMNS.intersection(name for name, _ in found) if self.table.fields is not None else ()
        for name in sorted(settled):
            raise BadParameter(f"{name} is not for {self.table.name}: what its rows show is settled.", name)
        return found

    def query(self, arguments: Pairs) -> Query:
        """Raises BadParameter."""
        return Query.parse(self.table, arguments, self.publication.engine.dialect)

    def headers(self) -> list[tuple[str, str]]:
        return [("Cache-Control", self.publication.cache_control)]


class Collection(Published):
    """The rows of a table."""

    def get(self) -> Any:
        """All rows that the query has, or a page of them. Raises BadParameter, PreconditionFailed."""
        exchange().title, exchange().paging = self.table.title or self.table.name, paging.PARAMETERS
        arguments = self.arguments()
        query, headers = self.query(arguments), self.headers()
        with answered(), self.publication.engine.connect() as connection:
            state = self.publication.state(self.table, self.publication.version(connection), arguments)
            modified = self.publication.modified() if state else None
            if modified:
                headers.append(("Last-Modified", http_date(modified)))
            if state and etags.is_known(state, mediatype(), modified):
                return None, 304, [*headers, ("ETag", etags.tag(state, mediatype()))]
            total = counts.total(connection, query)
        if total is not None:
            headers.append(("X-Total-Count", str(total)))
        if state:
            etags.tagged(state)
        return self._rows(arguments, query, state, total), 200, headers

    def links(self, columns: Sequence[str]) -> Mapping[str, linking.Fill]:
        """For columns as they are shown, what gives the URL that a row's value leads to."""
        return linking.of_rows(self.publication, self.table, columns)

    def _rows(self, arguments: Pairs, query: Query, state: str | None, total: int | None) -> Rows:
        publication, engine, shape = self.publication, self.publication.engine, query.shape()
        links = self.links(query.columns)

        def pages(size: int | None) -> Part:
            if size is None and not paging.is_part(query):
                return Part(rows.rows(engine, query.select(), query.columns, shape=shape, links=links))
            size = query.limit or size or paging.SIZE
            found, beside, page = paging.page(query, rows.fetched(engine, query.window(size)), size, total)
            if state is None:
                etags.tagged(publication.state_of(self.table, found, arguments))
            return Part(Rows(query.columns, map(shape, found) if shape else found, links=links), beside, page)

        found = Rows(query.columns, partial(rows.stream, engine, query.select(), shape), links=links, pages=pages)
        return found if self.table.fields is None else marshal(found, self.table.fields)


class Item(Published):
    """A row of a table."""

    suffixes = True

    def get(self, key: str) -> Any:
        """Raises NotFound, BadParameter."""
        arguments = self.arguments()
        for name, value in arguments:
            if name not in OF_ITEM:
                raise unknown(name, name, (*OF_ITEM, "format"), "parameter", value)
        query = self.query(arguments)
        found = self.found(query, key)
        whole = found if arguments else found[: len(self.table.columns)]
        state = self.publication.state_of(self.table, whole, arguments)
        if etags.is_known(state, mediatype()):
            return None, 304, [*self.headers(), ("ETag", etags.tag(state, mediatype()))]
        etags.tagged(state)
        values = dict(zip(query.columns, found, strict=False))
        named = ", ".join(map(str, self.values(key)))
        exchange().title = f"{self.table.title or self.table.name} {named}"
        exchange().related = tuple(linking.of_item(self.publication, self.table, values))
        collection = ("Link", f'<{self.publication.url(self.table.name)}>; rel="collection"')
        return shown(self.table, query, found), 200, [*self.headers(), collection]

    def found(self, query: Query, key: str) -> tuple[Any, ...]:
        """The row of a key as it was fetched. Raises NotFound."""
        where = filters.is_row(self.table, self.values(key), self.publication.engine.dialect)
        found = rows.fetched(self.publication.engine, query.select().where(*where))
        if not found:
            raise self.missing(key)
        return found[0]

    def values(self, key: str) -> list[Any]:
        """The values of a key's columns. Raises NotFound."""
        columns = self.table.key_columns
        try:
            texts = keys.split(key, len(columns))
            return [self._value(column, text) for column, text in zip(columns, texts, strict=True)]
        except ValueError as error:
            raise self.missing(key, f" It {error}.") from None

    def _value(self, column: Column, text: str | None) -> Any:
        if text is None:
            raise ValueError("has a null")
        return kinds.held(column.kind, text, self.publication.engine.dialect.name)

    def missing(self, key: str, reason: str = "") -> NotFound:
        """404 in words."""
        message = f"There is no row {key[:80]!r} in {self.table.title or self.table.name}.{reason}"
        error = NotFound(message)
        error.data = {"message": message}  # type: ignore[attr-defined]
        return error


class Index(Resource):
    """The tables that are published here."""

    publications: ClassVar[list[Publication]]

    def get(self) -> Rows:
        return Rows(
            ("name", "title", "description", "rows", "writable", "uri"),
            [row for publication in self.publications for row in _described(publication)],
            links={"name": lambda row: str(row[-1])},
        )


def _described(publication: Publication) -> Iterable[tuple[Any, ...]]:
    with answered(), publication.engine.connect() as connection:
        for name, table in publication.tables.items():
            count = _counted(connection, table)
            yield name, table.title, table.description, count, table.writable, publication.url(name)


def _counted(connection: Connection, table: Table) -> int | None:
    """None also for what cannot be read, so that the index is there for the others."""
    try:
        return counts.cheap(connection, table)
    except SQLAlchemyError:
        connection.rollback()
        return None


def shown(table: Table, query: Query, row: tuple[Any, ...]) -> Any:
    """A row as it was fetched as a mapping, marshalled where fields are declared."""
    shape = query.shape()
    mapping = dict(zip(query.columns, shape(row) if shape else row, strict=False))
    return mapping if table.fields is None else marshal(mapping, table.fields)


def exchange() -> Exchange:
    """The request at hand as its Api sees it."""
    found = exchange_of(request)
    assert found is not None, "resources are asked in a request to an Api"
    return found


def mediatype() -> str:
    """What the request will be answered in."""
    return exchange().acceptable()[0]
