"""The resources of a table: all of its rows, and one; and the index of what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask import request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.http import http_date

from negotiate_api.exchange import Exchange, exchange_of
from negotiate_api.resource import Resource
from representations import Heading, Record, Rows

from . import counts, etags, linking, paging, reasons, rows
from .asked import rows_of
from .databases.unavailable import answered
from .publication import Publication
from .queries import filters
from .queries.parameters import unknown
from .queries.query import Query
from .schema import keys, kinds
from .schema.tables import Column, Table

Pairs = Sequence[tuple[str, str]]

OF_ITEM = ("fields", "expand")
"""Query parameters of an item."""


class Published(Resource):
    """What the resources of a table have in common."""

    publication: ClassVar[Publication]
    table: ClassVar[Table]

    def arguments(self) -> Pairs:
        """The query parameters that are not the Api's own."""
        format_ = self.publication.api.format_parameter
        return [(name, value) for name, value in request.args.items(multi=True) if name != format_]

    def query(self, arguments: Pairs) -> Query:
        """Raises BadParameter."""
        return Query.parse(self.table, arguments, self.publication.engine.dialect)

    def headings(self) -> dict[str, Heading]:
        """What the settings tell of columns."""
        columns = (column for column in self.table.columns if column.title or column.unit or column.description)
        return {column.name: Heading(column.title, column.unit, column.description) for column in columns}

    def headers(self) -> list[tuple[str, str]]:
        return [("Cache-Control", self.publication.cache_control)]


class Collection(Published):
    """The rows of a table."""

    def get(self) -> Any:
        """All rows that the query has, or a page of them. Raises BadParameter, PreconditionFailed."""
        exchange().title, exchange().paging = self.table.title or self.table.name, paging.PARAMETERS
        exchange().headings = self.headings()
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
        def tell(shown: Any) -> None:
            etags.tagged(self.publication.state_of(self.table, shown, arguments))

        links, tell_page = self.links(query.columns), None if state else tell
        return rows_of(self.publication.engine, query, links=links, total=total, tell=tell_page)


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
        data = shown(query, found)
        state = self.publication.state_of(self.table, data, arguments)
        if etags.is_known(state, mediatype()):
            return None, 304, [*self.headers(), ("ETag", etags.tag(state, mediatype()))]
        etags.tagged(state)
        values = dict(zip(query.columns, found, strict=False))
        named = ", ".join(map(str, self.values(key)))
        exchange().title = f"{self.table.title or self.table.name} {named}"
        exchange().headings = self.headings()
        exchange().hrefs = linking.of_values(self.publication, self.table, data)
        exchange().related = tuple(linking.of_item(self.publication, self.table, values))
        collection = ("Link", f'<{self.publication.url(self.table.name)}>; rel="collection"')
        return data, 200, [*self.headers(), collection]

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
    prefix: ClassVar[str]
    title: ClassVar[str] = ""

    @classmethod
    def explain(cls, error: HTTPException, above: str, rest: str) -> str:  # type: ignore[override]
        """Which tables there are, where there is none of a name."""
        return reasons.of_index(cls.publications, rest)

    def get(self) -> Rows:
        exchange().title = self.title
        return Rows(
            ("name", "title", "description", "rows", "writable", "uri"),
            [row for publication in self.publications for row in _described(publication, self.prefix)],
            links={"name": lambda row: str(row[-1])},
        )


def _described(publication: Publication, prefix: str) -> Iterable[tuple[Any, ...]]:
    """Rows of the index; the names of tables that are further below its prefix begin with what is between."""
    between = f"{publication.prefix}/".removeprefix(f"{prefix}/")
    with answered(), publication.engine.connect() as connection:
        for name, table in publication.tables.items():
            count = _counted(connection, table)
            yield between + name, table.title, table.description, count, table.writable, publication.url(name)


def _counted(connection: Connection, table: Table) -> int | None:
    """None also for what cannot be read, so that the index is there for the others."""
    try:
        return counts.cheap(connection, table)
    except SQLAlchemyError:
        connection.rollback()
        return None


def shown(query: Query, row: tuple[Any, ...]) -> Record:
    """A row as it was fetched, as a mapping."""
    shape = query.shape()
    return Record(zip(query.columns, shape(row) if shape else row, strict=False), query.nested)


def exchange() -> Exchange:
    """The request at hand as its Api sees it."""
    found = exchange_of(request)
    assert found is not None, "resources are asked in a request to an Api"
    return found


def mediatype() -> str:
    """What the request will be answered in."""
    return exchange().acceptable()[0]
