"""The resources of a table: all of its rows, and one; and the index of what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from flask import request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.http import http_date

from negotiate_api.exchange import Exchange, exchange_of
from negotiate_api.resource import Resource
from representations import Heading, Record, Rows

from . import counts, etags, linking, paging, prepared, reasons
from .asked import rows_of
from .databases.unavailable import answered
from .kept import exports
from .publication import Publication
from .queries.parameters import unknown
from .queries.query import Query
from .schema import keys, kinds
from .schema.tables import Column, Table

Pairs = Sequence[tuple[str, str]]

LONGEST = 512
"""Characters of a query that is remembered."""

OF_ITEM = ("fields", "expand")
"""Query parameters of an item."""


class Published(Resource):
    """What the resources of a table have in common."""

    publication: ClassVar[Publication]
    table: ClassVar[Table]

    def arguments(self) -> Pairs:
        """The query parameters that are not the Api's own."""
        if not exchange().request.query_string:
            return []
        format_ = self.publication.api.format_parameter
        return [(name, value) for name, value in request.args.items(multi=True) if name != format_]

    def query(self, arguments: Pairs) -> Query:
        """Raises BadParameter."""
        if arguments and sum(len(name) + len(value) for name, value in arguments) > LONGEST:
            return Query.parse(self.table, arguments, self.publication.engine.dialect)
        return self.publication.query(self.table.name, tuple(arguments))

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
        exchange().paging, exchange().tell = paging.PARAMETERS, self._tell
        arguments = self.arguments()
        query, headers = self.query(arguments), self.headers()
        with answered(), self.publication.engine.connect() as connection:
            version = self.publication.version(connection)
            state = self.publication.state(self.table, version, arguments)
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
            if _is_whole(query) and exports.take_over(self.publication, str(version), state, modified):
                return Rows(query.columns, (), count=0), 200, headers
        return self._rows(arguments, query, state, total), 200, headers

    def _tell(self) -> None:
        exchange().title, exchange().headings = self.table.title or self.table.name, self.headings()

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
        own, arguments = exchange(), self.arguments()
        for name, value in arguments:
            if name not in OF_ITEM:
                raise unknown(name, name, (*OF_ITEM, "format"), "parameter", value)
        query, values = self.query(arguments), self.values(key)
        found = self.found(query, key, values)
        data = shown(query, found)
        state = self.publication.state_of(self.table, data, arguments)
        if etags.is_known(state, own.acceptable()[0]):
            return None, 304, [*self.headers(), ("ETag", etags.tag(state, own.acceptable()[0]))]
        etags.tagged(state)
        own.tell = partial(self._tell, values, data)
        if self.table.references or self.table.referrers:
            row = dict(zip(query.columns, found, strict=False))
            own.related = tuple(linking.of_item(self.publication, self.table, row))
        own.also = self.publication.fields_of_item(self.table.name)
        return data

    def _tell(self, values: Sequence[Any], data: Record) -> None:
        named = ", ".join(map(str, values))
        exchange().title, exchange().headings = f"{self.table.title or self.table.name} {named}", self.headings()
        exchange().hrefs = linking.of_values(self.publication, self.table, data)

    def found(self, query: Query, key: str, values: Sequence[Any]) -> tuple[Any, ...]:
        """The row with these values of its key, as it was fetched. Raises NotFound."""
        asked = prepared.row_of(self.publication.engine, query)
        found = asked.fetched(**{f"key{number}": value for number, value in enumerate(values)})
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


def _is_whole(query: Query) -> bool:
    """Whether these are all rows, in an order that is theirs alone: the same bytes each time."""
    return query.keyset and not paging.is_part(query)


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
    return Record(zip(query.columns, shape([row])[0] if shape else row, strict=False), query.nested)


def exchange() -> Exchange:
    """The request at hand as its Api sees it."""
    found = exchange_of(request)
    assert found is not None, "resources are asked in a request to an Api"
    return found


def mediatype() -> str:
    """What the request will be answered in."""
    return exchange().acceptable()[0]
