"""Exports sent from what is kept of them, and kept as they are sent.

What is kept for a version of a database must be rows of that version. The version is read before the rows and again
after them: where it is the same nothing was committed in between, as each commit makes another one and none comes back.
The rows are of one moment between the two, and so are those of the version. Where it is another, nothing is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, Protocol, Self

from flask import Response, after_this_request, request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from negotiate_api.exchange import exchange_of

from .. import etags
from . import ranges
from .store import Draft, Kept

BLOCK = 256 * 1024
"""Bytes that are read and sent at once."""


class Source(Protocol):
    """What of a publication is needed here."""

    @property
    def keep(self) -> Kept | None: ...
    @property
    def engine(self) -> Engine: ...
    def version(self, connection: Connection) -> str | None: ...


def take_over(source: Source, version: str, state: str, modified: float | None = None) -> bool:
    """Let the answer to this request have what is kept as its body; where nothing is, False, and its body is kept.

    modified  what Last-Modified says

    Raises RequestedRangeNotSatisfiable.
    """
    keep = source.keep
    if keep is None:
        return False
    exchange = exchange_of(request)
    assert exchange is not None, "exports are asked for in a request to an Api"
    mediatype, url = exchange.acceptable()[0], exchange.url()  # which a format may write
    export = "\0".join((request.root_url, url, mediatype, state))
    name = keep.name(source.engine.url.render_as_string(), version, export)
    file = keep.find(name)
    if file:
        after_this_request(partial(_sent, file, _asked(file, etags.tag(state, mediatype), modified)))
    elif request.method == "GET":
        after_this_request(partial(_kept, keep, name, partial(_is_current, source, version)))
    return file is not None


def _asked(file: BinaryIO, tag: str, modified: float | None) -> range | None:
    """The bytes of a file that this request is for; None for all of them."""
    field = request.headers.get("Range") if request.method == "GET" else None
    if not field or not ranges.holds(request.headers.get("If-Range", tag), tag, modified):
        return None
    try:
        return ranges.asked(field, _size(file))
    except RequestedRangeNotSatisfiable:
        file.close()
        raise


def _sent(file: BinaryIO, part: range | None, response: Response) -> Response:
    """The response with a file as its body, or a part of it (RFC 9110, section 15.3.7)."""
    if response.status_code != 200:
        file.close()
        return response
    size = _size(file)
    if part:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(len(part or range(size)))
    if request.method == "HEAD":
        file.close()
    else:
        response.response = Blocks(file, part or range(size))
    return response


def _kept(keep: Kept, name: str, is_current: Callable[[], bool], response: Response) -> Response:
    """The response, kept as it is sent, where it is a stream: what is short is made as quickly."""
    if response.status_code == 200 and not response.is_sequence:
        draft = keep.draft(name)
        if draft:
            response.response = Copied(response.response, draft, is_current)
    return response


def _is_current(source: Source, version: str) -> bool:
    try:
        with source.engine.connect() as connection:
            return source.version(connection) == version
    except (SQLAlchemyError, OSError):
        return False


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


class Blocks:
    """The bytes of a part of a file."""

    def __init__(self, file: BinaryIO, part: range) -> None:
        self._file, self._left = file, len(part)
        file.seek(part.start)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        block: bytes = self._file.read(min(BLOCK, self._left))
        if not block:  # the connection ends, so that no client takes a part for the whole
            raise EOFError("a file that is sent has become shorter")
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    __del__ = close


class Copied:
    """The chunks of a stream, which are kept if it ends well."""

    def __init__(self, chunks: Iterable[Any], draft: Draft, is_current: Callable[[], bool]) -> None:
        self._chunks, self._draft, self._is_current = chunks, draft, is_current
        self._source: Iterator[bytes] = iter(chunks)
        self._has_ended = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        for chunk in self._source:
            self._draft.write(chunk)
            return chunk
        self._has_ended = True
        raise StopIteration

    def close(self) -> None:
        """Let go of the stream, and keep what came of it; the client has it all by then, and waits for nothing."""
        try:
            if callable(close := getattr(self._chunks, "close", None)):
                close()
        finally:
            if self._has_ended and self._is_current():
                self._draft.keep()
            self._draft.drop()

    def __del__(self) -> None:
        self._draft.drop()
