"""A Representation as Flask-RESTful's transformer: (data, code, headers) -> Response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import IOBase
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request
from flask_restful.utils import unpack
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.http import parse_set_header

from representations import JSON, Page, Part, Representation, Rows, rows_or_list

from .errors import with_room
from .responses import whole
from .streams import Stream

if TYPE_CHECKING:
    from .exchange import Exchange

_CORRECTED = frozenset(("location", "content-location", "content-length"))
"""Fields of a resource that Werkzeug completes."""

Pairs = Sequence[tuple[str, str]]
Fields = Mapping[str, str] | Headers

HELD = 4
"""Chunks that are read before the status is sent: rows that end within them are sent with their length."""


class Transformer:
    """Renders with one Representation. exchange gives what is known of the request at hand."""

    def __init__(self, representation: Representation, exchange: Callable[[], Exchange]) -> None:
        self.representation = representation
        self.exchange = exchange

    def __repr__(self) -> str:
        return f"<Transformer {self.representation.mediatype}>"

    def __call__(self, data: Any, code: int = 200, headers: Fields | None = None) -> Response:
        """Raises Unrepresentable. A failing source of rows raises here, before the status is sent."""
        return self.render(self.exchange(), self.representation.mediatype, data, code, headers)

    def render(
        self, exchange: Exchange, mediatype: str, data: Any, code: int = 200, headers: Fields | None = None
    ) -> Response:
        """The same as the offer chosen, the representation's own media type or one of its aliases; in full."""
        if type(data) is not dict and isinstance(data, Iterator):
            if isinstance(data, IOBase):
                raise TypeError("a method returned an open file, which is no data; flask.send_file() sends one")
            data = rows_or_list(data)
        given, is_corrected = None, False
        if type(code) is not int or headers:
            _, code, given = unpacked((None, code, headers))
            is_corrected = not _CORRECTED.isdisjoint([name.lower() for name, _ in given])
        body, links = self._body(exchange, data, code)
        content_type, fields = self._content_type(mediatype, given), exchange.fields(code, mediatype, links)
        if given:
            given.remove("Content-Type")
            fields = add_fields(given, fields)._list
        if type(body) is bytes and not is_corrected:
            return whole(exchange.app.response_class, body, code, content_type, fields)
        response = exchange.app.response_class(body, code, content_type=content_type)
        response.headers._list.extend(fields)  # as extend() does, which looks for line breaks besides
        if without_content(code):
            response.headers.remove("Content-Type")
        return response

    def _content_type(self, mediatype: str, headers: Headers | None) -> str:
        """What the resource calls the body where that is another word for this format, else the offer's name."""
        charset, named = self.representation.charset, headers.get("Content-Type") if headers else None
        if named and self._is_named(named):
            return named
        return f"{mediatype}; charset={charset}" if charset else mediatype

    def _is_named(self, content_type: str) -> bool:
        """Whether a Content-Type is of this format: text/csv; header=present, application/vnd.api+json."""
        type_ = content_type.partition(";")[0].strip().lower()
        names = (self.representation.mediatype, *self.representation.aliases)
        return type_ in names or type_.rpartition("+")[2] in self.representation.suffixes

    def _body(self, exchange: Exchange, data: Any, code: int) -> tuple[Any, Mapping[str, str]]:
        """The body, and URLs of the pages beside it, which a source that pages itself gives without the body too."""
        representation = configured(self.representation, exchange.app)
        if isinstance(data, Rows):
            if exchange.request.method != "HEAD" and not without_content(code):
                return self._stream(exchange, representation, data, code)
            part = data.pages(representation.page_size) if data.pages and code == 200 else Part(data)
            part.rows.close()
            return iter(()), part.links  # an iterator, so that no length is told
        if without_content(code):
            return iter(()), {}
        return representation.encode(data, exchange.describe(representation, code)), {}

    def _stream(
        self, exchange: Exchange, representation: Representation, rows: Rows, code: int
    ) -> tuple[Any, Mapping[str, str]]:
        part = paged(exchange, rows, representation.page_size)
        rows, whole = part.rows, representation.page_size is not None
        try:
            if representation.counts_rows:
                rows.settle_count()
            rows.start()
            chunks = representation.iter_encode(rows, exchange.describe(representation, code, part))
            with with_room():
                head = list(islice(chunks, None if whole else HELD))
        except BaseException:
            rows.close()
            raise
        if whole or len(head) < HELD:
            rows.close()
            return b"".join(head), part.links
        return Stream(rows, chain(head, chunks)), part.links


def unpacked(result: Any) -> tuple[Any, int, Headers]:
    """Data, status and header fields of what a method or an error handler returns.

    As in Flask the status may be left out, before fields too, or be text: "201 CREATED".
    """
    data, code, headers = unpack(result)
    if code is not None and not isinstance(code, (int, str)):
        code, headers = None, code
    code = 200 if code is None else int(str(int(code) if isinstance(code, int) else code).partition(" ")[0])
    return data, code, Headers(headers)


def response_of(body: Any, code: int, headers: Fields | None, mediatype: str) -> Response:
    """A Response of the application's class."""
    response = current_app.response_class(body, code, content_type=mediatype)
    response.headers.extend(headers or {})
    return response


def add_fields(headers: Headers, fields: Pairs) -> Headers:
    """headers with fields that tell of negotiation: lists are added to, others where there are none."""
    names = {name.lower() for name, _ in headers}
    for name, value in fields:
        if name == "Vary" and "vary" in names:
            varied = parse_set_header(", ".join(headers.getlist(name)))
            varied.add(value)
            headers[name] = varied.to_header()
        elif name == "Link" or name.lower() not in names:
            headers._list.append((name, value))
    return headers


def paged(exchange: Exchange, rows: Rows, size: int | None) -> Part:
    """What rows that page themselves give; else the page that ?page= asks for, or all rows where size is None.

    Raises BadRequest, NotFound.
    """
    if rows.pages:
        return rows.pages(size)
    if size is None:
        return Part(rows)
    number, total, links, nested = page_number(), rows.count, rows.links, rows.nested
    part = rows.slice((number - 1) * size, size + 1)
    try:
        found = list(part.tuples())
    finally:
        part.close()
    if not found and number > 1:
        raise NotFound(f"There is no page {number}.")
    more, found = len(found) > size, found[:size]
    first = (number - 1) * size + 1
    page = Page(number, min(first, first + len(found) - 1), first + len(found) - 1, total)
    near = {"prev": number - 1, "next": number + 1 if more else 0}
    beside = {relation: exchange.url(page=str(n)) for relation, n in near.items() if n}
    return Part(Rows(part.columns, found, links=links, nested=nested), beside, page)


def page_number() -> int:
    """The number in ?page=, 1 without one. Raises BadRequest."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text)):
        raise BadRequest(f"page is {text[:40]!r}; it is a whole number from 1.")
    return int(text)


def configured(representation: Representation, app: Flask) -> Representation:
    """JSON as RESTFUL_JSON says, indented in debug mode; any other format as it is."""
    if type(representation) is not JSON:
        return representation
    settings, debug = app.config.get("RESTFUL_JSON"), app.config["DEBUG"]
    return JSON(**{**({"indent": 4} if debug else {}), **(settings or {})}) if settings or debug else representation


def without_content(code: int) -> bool:
    """Whether a status never has content (RFC 9110, sections 15.2, 15.3.5, 15.4.5)."""
    return code in (204, 304) or 100 <= code < 200
