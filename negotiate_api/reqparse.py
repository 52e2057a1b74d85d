"""reqparse: Flask-RESTful's, which reads bodies in every readable format.

Flask-RESTful asks for JSON whatever the request holds, so that its default location answers 415 to every GET and to
every form since Flask 2.1. Here the JSON location is the body in any format that the Api reads, and is passed over in a
list of locations where there is no such body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_restful import reqparse
from flask_restful.reqparse import Namespace
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from representations import DEFAULTS

from . import bodies
from .errors import MalformedBody
from .resource import NEGOTIATING

__all__ = ["Argument", "Namespace", "RequestParser"]

_BODY = ("json", "get_json")
_FORM = ("form", "values", "files")


class Argument(reqparse.Argument):  # type: ignore[misc]
    """An argument of a request."""

    def source(self, request: Any) -> Any:
        """The values at this argument's locations, those of a later location over those of an earlier one."""
        if not isinstance(request, Request):
            return super().source(request)
        if isinstance(self.location, str):
            return _values(request, self.location)
        values: MultiDict[str, Any] = MultiDict()
        for location in self.location:
            if location not in _BODY or _is_data(request, self.location):
                values.update(_values(request, location))
        return values


class RequestParser(reqparse.RequestParser):  # type: ignore[misc]
    """Parses the arguments of a request."""

    def __init__(
        self,
        argument_class: type[reqparse.Argument] = Argument,
        namespace_class: type[Namespace] = Namespace,
        trim: bool = False,
        bundle_errors: bool = False,
    ) -> None:
        super().__init__(argument_class, namespace_class, trim, bundle_errors)

    def add_argument(self, *args: Any, **kwargs: Any) -> RequestParser:
        """An Argument, or what makes one."""
        super().add_argument(*args, **kwargs)
        if self.trim and self.argument_class is Argument:
            self.args[-1].trim = kwargs.get("trim", self.trim)
        return self


def _values(request: Request, location: str) -> Any:
    if location in _BODY:
        return _record(request) if bodies.has_body(request) else MultiDict()
    value = getattr(request, location, None)
    value = value() if callable(value) else value
    return MultiDict() if value is None else value


def _is_data(request: Request, locations: Any) -> bool:
    """Whether the body is for the JSON location: it is no form that another location reads."""
    return request.mimetype not in bodies.FORMS or not any(location in _FORM for location in locations)


def _record(request: Request) -> Mapping[str, Any]:
    """The one record that a body holds, decoded once a request. Raises MalformedBody."""
    if not hasattr(request, "_negotiate_body"):
        api = getattr(request, NEGOTIATING, None)
        request._negotiate_body = api.body() if api else bodies.read(request, _readable())  # type: ignore[attr-defined]
    body = request._negotiate_body  # type: ignore[attr-defined]
    if isinstance(body, list) and len(body) == 1 and _is_tabular(request):
        body = body[0]
    if not isinstance(body, Mapping):
        found = f"a list of {len(body)}" if isinstance(body, list) else "a single value"
        raise MalformedBody(f"The body holds {found}; one record of named values is expected.")
    return body


def _readable() -> dict[str, Any]:
    return {name: format_ for format_ in _FORMATS for name in (format_.mediatype, *format_.aliases) if format_.decode}


def _is_tabular(request: Request) -> bool:
    return bool(getattr(_readable().get(request.mimetype), "tabular", False))


_FORMATS = tuple(format_() for format_ in DEFAULTS)
