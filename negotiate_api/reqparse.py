"""reqparse: Flask-RESTful's, which reads bodies in every readable format.

Flask-RESTful asks for JSON whatever the request holds, so that its default location answers 415 to every GET and to
every form since Flask 2.1. Here the JSON location is the body in any format that the Api reads, and is passed over in a
list of locations where there is no such body. A form is not one: it is what `form` and `values` are for.

Mended besides: the later location of a list has precedence, as documented (the default keeps the body before the
query); a list in a body is one value; a bundled error of any class is an error; help text may have braces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast

import flask_restful
from flask import current_app
from flask_restful import reqparse
from flask_restful.reqparse import text_type
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from . import bodies
from .errors import MalformedBody, UnsupportedMediaType
from .exchange import exchange_of
from .offers import BUILT_IN

__all__ = ["Argument", "Namespace", "RequestParser", "text_type"]

if TYPE_CHECKING:

    class Namespace(dict[str, Any]):
        """The values of a request's arguments: by key, or as attributes."""

        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
else:
    from flask_restful.reqparse import Namespace

_BODY = ("json", "get_json")
_DEFAULT = ("json", "values")
_FORM = ("form", "values", "files")
_READABLE = {mediatype: format_ for mediatype, format_ in BUILT_IN.items() if format_.decode}


class Argument(reqparse.Argument):  # type: ignore[misc]
    """An argument of a request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not all(hasattr(choice, "lower") for choice in self.choices):
            self.case_sensitive = True

    def __str__(self) -> str:
        choices = self.choices if len(self.choices) <= 5 else [*self.choices[:3], "...", self.choices[-1]]
        return f"Name: {self.name}, type: {self.type}, choices: {choices}"

    def source(self, request: Any) -> Any:
        """The values at this argument's locations, those of a later one first; by default those of the body."""
        if not isinstance(request, Request):
            return super().source(request)
        if isinstance(self.location, str):
            return _values(request, self.location, self.name)
        values: MultiDict[str, Any] = MultiDict()
        # Without a name it is asked, for strict parsing, for all there is: but for what chose the format.
        exchange = exchange_of(request)
        own = exchange.api.format_parameter if exchange and not self.name else None
        for location in self._locations():
            if location not in _BODY:
                values.update(_values(request, location, self.name))
            elif request.mimetype not in bodies.FORMS:
                self._add(values, _values(request, location, self.name))
        if own:
            values.poplist(own)
        return values

    def handle_validation_error(self, error: Exception, bundle_errors: bool) -> Any:
        """Answers 400, or where errors are bundled gives a ValueError and {name: message}."""
        message = {self.name: self._message(str(error))}
        if bundle_errors or current_app.config.get("BUNDLE_ERRORS", False):
            return ValueError(str(error)), message
        return flask_restful.abort(400, message=message)

    def _locations(self) -> Sequence[str]:
        """In order of precedence, or of appending."""
        locations = tuple(self.location)
        return locations if locations == _DEFAULT or self.action == "append" else locations[::-1]

    def _add(self, values: MultiDict[str, Any], record: Mapping[str, Any]) -> None:
        """Add a record's values, a list as one value but where it is one of values to append."""
        for name, value in record.items():
            several = isinstance(value, list) and self.action == "append"
            values.setlistdefault(name).extend(value if several else [value])

    def _message(self, error: str) -> str:
        if not self.help:
            return error
        try:
            return str(self.help.format(error_msg=error))
        except (LookupError, ValueError, AttributeError):  # braces of its own
            return str(self.help.replace("{error_msg}", error))


class Options(TypedDict, total=False):
    """What an Argument is made with beside its name."""

    default: Any
    dest: str
    required: bool
    ignore: bool
    type: Callable[..., Any]
    location: str | Sequence[str]
    choices: Sequence[Any]
    action: Literal["store", "append", "split"]
    help: str
    operators: Sequence[str]
    case_sensitive: bool
    store_missing: bool
    trim: bool
    nullable: bool


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

    def add_argument(self, name: str | reqparse.Argument, *args: Any, **kwargs: Unpack[Options]) -> Self:
        """An Argument, or what makes one."""
        super().add_argument(name, *args, **kwargs)
        if self.trim and self.argument_class is Argument:
            self.args[-1].trim = kwargs.get("trim", self.trim)
        return self

    def replace_argument(self, name: str, *args: Any, **kwargs: Unpack[Options]) -> Self:
        """Another Argument in place of the one of that name."""
        super().replace_argument(name, *args, **kwargs)
        return self

    def remove_argument(self, name: str) -> Self:
        """The parser without the Argument of that name."""
        super().remove_argument(name)
        return self

    def copy(self) -> Self:
        """A parser with copies of the same Arguments."""
        return cast(Self, super().copy())

    def parse_args(self, req: Request | None = None, strict: bool = False, http_error_code: int = 400) -> Namespace:
        """The values of the arguments; strict refuses any that is none of them. Raises BadRequest, MalformedBody."""
        return cast(Namespace, super().parse_args(req, strict, http_error_code))


def _values(request: Request, location: str, name: str | None) -> Any:
    if location == "headers" and name:  # in whatever case
        found = request.headers.getlist(name)
        return MultiDict({name: found} if found else {})
    if location in _BODY:
        return _data(request)
    if location in _FORM and request.mimetype in bodies.FORMS and bodies.has_body(request):
        bodies.form(request)
    value = getattr(request, location, None)
    value = value() if callable(value) else value
    return MultiDict() if value is None else value


def _data(request: Request) -> Mapping[str, Any]:
    """The same, but no form: pages of other sites may send one, and with it what a browser knows of its user."""
    if request.mimetype in bodies.FORMS and bodies.has_body(request):
        readable = dict.fromkeys(format_.mediatype for format_ in _readable(request).values())
        raise UnsupportedMediaType("A form is not read here; the media types listed are.", readable, request.method)
    return record(request)


def record(request: Request) -> Mapping[str, Any]:
    """The one record that a body holds, a form too, decoded once a request; {} without one. Raises MalformedBody."""
    if not bodies.has_body(request):
        return {}
    if not hasattr(request, "_negotiate_body"):
        request._negotiate_body = bodies.read(request, _readable(request))  # type: ignore[attr-defined]
    body = request._negotiate_body  # type: ignore[attr-defined]
    if isinstance(body, list) and len(body) == 1 and _is_tabular(request):
        body = body[0]
    if not isinstance(body, Mapping):
        found = f"a list of {len(body)}" if isinstance(body, list) else "a single value"
        raise MalformedBody(f"The body holds {found}; one record of named values is expected.")
    return body


def _is_tabular(request: Any) -> bool:
    return bodies.reader(request, _readable(request)).tabular


def _readable(request: Any) -> bodies.Readable:
    exchange = exchange_of(request)
    return exchange.api.readable() if exchange else _READABLE
