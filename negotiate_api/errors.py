"""Exceptions that carry data, and how any exception becomes data and a status.

Flask-RESTful renders an HTTPException that has `data`; these are Werkzeug's own classes with it set, so that an
`errors` dictionary and Werkzeug's handlers see nothing new.

    HTTPException (werkzeug)
    ├── NotAcceptable          406, with what is available
    ├── UnsupportedMediaType   415, with what is readable
    ├── MalformedBody          400, with what is wrong and where
    └── NoRoom                 503
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

import flask_restful
from werkzeug import exceptions
from werkzeug.http import HTTP_STATUS_CODES

from representations import Alternate

PROBLEM = "application/problem+json"
"""Media type of problem details (RFC 9457)."""

Errors = Mapping[Any, Any]


class _Abort(Protocol):
    def __call__(self, http_status_code: int, **body: Any) -> NoReturn: ...


abort: _Abort = flask_restful.abort
"""Raises the HTTPException of a status; the keywords, if any, are the body: abort(404, message="No such user")."""


class NotAcceptable(exceptions.NotAcceptable):
    """406 listing what is available (RFC 9110, section 15.5.7)."""

    def __init__(self, alternates: Iterable[Alternate], message: str) -> None:
        super().__init__(message)
        available = [{"mediatype": a.mediatype, "suffix": a.suffix, "href": a.href} for a in alternates]
        self.data: dict[str, Any] = {"message": message, "available": available}


class UnsupportedMediaType(exceptions.UnsupportedMediaType):
    """415 whose fields name what is readable: Accept, and Accept-Post or Accept-Patch (RFC 9110, section 15.5.16)."""

    def __init__(self, message: str, readable: Iterable[str], method: str = "POST") -> None:
        super().__init__(message)
        self.readable = tuple(readable)
        self.method = method
        self.data: dict[str, Any] = {"message": message, "readable": list(self.readable)}

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), *accept_fields(self.readable, (self.method,))]


class UnsupportedCoding(UnsupportedMediaType):
    """415 for a Content-Encoding (RFC 9110, section 12.5.3)."""

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*exceptions.UnsupportedMediaType.get_headers(self, *args, **kwargs), ("Accept-Encoding", "identity")]


class MalformedBody(exceptions.BadRequest):
    """400 for a body that its own format rejects, or that did not arrive whole."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.data: dict[str, Any] = {"message": message}


class NoRoom(exceptions.ServiceUnavailable):
    """503 where the disk for temporary files is full."""

    def __init__(self) -> None:
        super().__init__("The server has no room left to hold this. Send less of it, or try again later.")
        self.data: dict[str, Any] = {"message": self.description}


@contextmanager
def with_room() -> Iterator[None]:
    """Raises NoRoom in place of the OSError of a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom from error


def accept_fields(readable: Iterable[str], methods: Iterable[str]) -> list[tuple[str, str]]:
    """Accept, and Accept-Post and Accept-Patch (RFC 5789, section 3.1) as far as methods have them."""
    value = ", ".join(readable)
    names = ["Accept", *(f"Accept-{method.title()}" for method in methods if method in ("POST", "PATCH"))]
    return [(name, value) for name in names]


def nearest(error: BaseException, entries: Errors) -> Any:
    """The entry for the class of error or its nearest base class, by class or by class name; None without one."""
    for cls in type(error).__mro__:
        for key in (cls, cls.__name__):
            if key in entries:
                return entries[key]
    return None


def answer(error: BaseException, entry: Any = None) -> tuple[Any, int]:
    """Body and status of an error: {"message": ...} or its own data, with an entry of the `errors` dictionary over it.

    Of an exception that is no HTTPException nothing is told but a mapping that it holds as `data`.
    """
    http = isinstance(error, exceptions.HTTPException)
    status = (getattr(error, "code", None) if http else None) or 500
    entry = _entry(entry)
    status = int(entry.get("status", status))
    body = getattr(error, "data", None)
    if body is None or not (http or isinstance(body, Mapping)):
        body = {"message": (getattr(error, "description", None) if http else None) or HTTP_STATUS_CODES.get(status, "")}
    if not entry:
        return body, status
    return {**(body if isinstance(body, Mapping) else {"message": body}), **entry}, status


def _entry(entry: Any) -> dict[str, Any]:
    """An entry as its long form: a number is a status, any other single value a message."""
    if isinstance(entry, Mapping):
        return dict(entry)
    return {} if entry is None else {"status" if type(entry) is int else "message": entry}


def problem(body: Any, status: int) -> dict[str, Any]:
    """The same error as problem details (RFC 9457, section 3)."""
    members = dict(body) if isinstance(body, Mapping) else {"message": body}
    message = members.get("message")
    details: dict[str, Any] = {"type": "about:blank", "title": HTTP_STATUS_CODES.get(status, "Error"), "status": status}
    if isinstance(message, str):
        details["detail"] = message
    return {**members, **details}
