"""fields: Flask-RESTful's, with typed constructors and without its defects.

Each class is a subclass of Flask-RESTful's of that name, whose fields go on working beside them. output() tells of one
object by itself; marshal does not call it but where it is a user's own (see converters.py and functions.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from flask.globals import request_ctx
from flask_restful import fields as base
from flask_restful.fields import ZERO, MarshallingException
from werkzeug.routing import BuildError

from . import converters
from .converters import Definition, each, nested, one_by_one, several, value_at
from .dates import WRITERS
from .dates import iso8601 as _iso8601  # noqa: F401 - a name of Flask-RESTful's module
from .dates import rfc822_of_any as _rfc822  # noqa: F401
from .values import Attribute, get_value, is_indexable_but_not_string, to_marshallable_type, value_of

__all__ = [
    "ZERO",
    "Arbitrary",
    "Boolean",
    "DateTime",
    "Fixed",
    "Float",
    "FormattedString",
    "Integer",
    "List",
    "MarshallingException",
    "Nested",
    "Price",
    "Raw",
    "String",
    "Url",
    "get_value",
    "is_indexable_but_not_string",
    "to_marshallable_type",
]

_MISSING = object()

_OF_URL_FOR = frozenset(("endpoint", "_anchor", "_method", "_scheme", "_external"))
"""Names that url_for() takes for its own."""


class Raw(base.Raw):  # type: ignore[misc]
    """A value as it is. The base of all fields: override format() or output() in one of your own.

    default    instead of null, or of nothing
    attribute  where the value is, if not at the field's own key
    """

    def __init__(self, default: Any = None, attribute: Attribute | None = None) -> None:
        super().__init__(default, attribute)

    def format(self, value: Any) -> Any:
        """What is told of a value other than null. Raises MarshallingException."""
        return value

    def output(self, key: Any, obj: Any) -> Any:
        """What is told of an object at a key. Raises MarshallingException."""
        value = value_at(self, key, obj)
        return self.default if value is None else self.format(value)


class String(base.String, Raw):  # type: ignore[misc]
    """A value as text."""


class Integer(base.Integer, Raw):  # type: ignore[misc]
    """A value as an integer; null is 0, or the default."""

    def __init__(self, default: int | None = 0, *, attribute: Attribute | None = None) -> None:
        base.Integer.__init__(self, default, attribute=attribute)


class Float(base.Float, Raw):  # type: ignore[misc]
    """A value as a float."""


class Boolean(base.Boolean, Raw):  # type: ignore[misc]
    """Whether a value is true, as Python sees it: "false" is."""


class Arbitrary(base.Arbitrary, Raw):  # type: ignore[misc]
    """A number with every digit, as text."""

    def format(self, value: Any) -> str:
        return str(_decimal(value))


class Fixed(base.Fixed, Raw):  # type: ignore[misc]
    """A number with so many decimals, as text; half is rounded to even."""

    def __init__(self, decimals: int = 5, *, default: Any = None, attribute: Attribute | None = None) -> None:
        base.Fixed.__init__(self, decimals, default=default, attribute=attribute)

    def format(self, value: Any) -> str:
        try:
            return str(base.Fixed.format(self, _decimal(value)))
        except InvalidOperation:
            raise MarshallingException(
                f"{value!r} has too many digits for {-self.precision.adjusted()} decimals"
            ) from None


Price = Fixed


class DateTime(base.DateTime, Raw):  # type: ignore[misc]
    """A datetime as text: rfc822 in UTC, or iso8601. A date is its midnight in rfc822; without a zone, time is UTC."""

    def __init__(
        self,
        dt_format: Literal["rfc822", "iso8601"] = "rfc822",
        *,
        default: Any = None,
        attribute: Attribute | None = None,
    ) -> None:
        base.DateTime.__init__(self, dt_format, default=default, attribute=attribute)

    def format(self, value: Any) -> str:
        if self.dt_format not in WRITERS:
            raise MarshallingException(f"Unsupported date format {self.dt_format}")
        try:
            return WRITERS[self.dt_format](value)
        except AttributeError:
            raise MarshallingException(f"{value!r} is no datetime") from None


class FormattedString(base.FormattedString, Raw):  # type: ignore[misc]
    """Text with values of the object in it: "{first} {last}"."""

    def __init__(self, src_str: str) -> None:
        base.FormattedString.__init__(self, src_str)

    def output(self, key: Any, obj: Any) -> str:
        try:
            return str(self.src_str.format_map(_Values(_source(obj))))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise MarshallingException(f"{self.src_str!r} for {type(obj).__name__}: {error}") from None


class Url(base.Url, Raw):  # type: ignore[misc]
    """The URL of an endpoint, without one that of the request, made from values of the object.

    A "." before the endpoint stands for the blueprint of the request.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        absolute: bool = False,
        scheme: str | None = None,
        *,
        default: Any = None,
        attribute: Attribute | None = None,
    ) -> None:
        base.Url.__init__(self, endpoint, absolute, scheme, default=default, attribute=attribute)

    def output(self, key: Any, obj: Any) -> str:
        endpoint, source = _endpoint(self.endpoint), _source(obj)
        read = [(name, value_of(source, name, _MISSING)) for name in _variables(endpoint)]
        values = {name: value for name, value in read if value is not _MISSING}
        if not self.absolute and (path := _path(endpoint, values)):
            return path
        try:
            url = url_for(endpoint, _external=self.absolute, **values)
        except TypeError as error:
            raise MarshallingException(error) from None
        parts = urlsplit(url)
        if not self.absolute:
            return parts.path
        return parts._replace(scheme=self.scheme or parts.scheme, query="", fragment="").geturl()


class Nested(base.Nested, Raw):  # type: ignore[misc]
    """An object, or several, by a definition of their own.

    allow_null  null is null, and not an object of defaults
    """

    def __init__(
        self,
        nested: Definition,
        allow_null: bool = False,
        *,
        default: Any = None,
        attribute: Attribute | None = None,
    ) -> None:
        base.Nested.__init__(self, nested, allow_null, default=default, attribute=attribute)

    def output(self, key: Any, obj: Any) -> Any:
        return nested(self, one_by_one)(value_at(self, key, obj))


class List(base.List, Raw):  # type: ignore[misc]
    """Several values, each by the same field. A value that is not several is a list of one."""

    def __init__(self, cls_or_instance: Any, *, default: Any = None, attribute: Attribute | None = None) -> None:
        base.List.__init__(self, cls_or_instance, default=default, attribute=attribute)

    def format(self, value: Iterable[Any]) -> list[Any]:
        return each(self.container, one_by_one)(value)

    def output(self, key: Any, obj: Any) -> Any:
        return several(self, one_by_one)(value_at(self, key, obj))


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise MarshallingException(f"{value!r} is no number") from None


def _source(obj: Any) -> Any:
    if obj is None or isinstance(obj, (str, bytes)):
        raise MarshallingException(f"{obj!r} is no object to read values from")
    return obj.__marshallable__() if hasattr(obj, "__marshallable__") else obj


class _Values:
    """The values of an object, by name."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def __getitem__(self, name: str) -> Any:
        if (value := value_of(self._source, name, _MISSING)) is _MISSING:
            raise LookupError(f"there is no {name!r}")
        return value


def _endpoint(endpoint: str | None) -> Any:
    """The full name of an endpoint."""
    if endpoint is None:
        return request.endpoint
    if not endpoint.startswith("."):
        return endpoint
    return f"{request.blueprint}{endpoint}" if request.blueprint else endpoint[1:]


def _path(endpoint: Any, values: dict[str, Any]) -> str | None:
    """The path that url_for() gives, at a third of its cost; None where it gives another URL, or refuses."""
    context = request_ctx._get_current_object() if request_ctx else None  # type: ignore[attr-defined]
    if context is None or context.url_adapter is None or not _OF_URL_FOR.isdisjoint(values):
        return None
    if context.app.url_default_functions:
        context.app.inject_url_defaults(endpoint, values := dict(values))
    try:
        url: str = context.url_adapter.build(endpoint, values, append_unknown=False)
    except BuildError:
        return None
    return url if url[:1] == "/" != url[1:2] else None


def _variables(endpoint: Any) -> set[str]:
    """The names that the rules of an endpoint have values for."""
    try:
        return {name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments}
    except KeyError:  # url_for tells of it
        return set()


for _cls in (Raw, String, Integer, Float, Boolean, Arbitrary, Fixed, DateTime, FormattedString, Url, Nested, List):
    converters.replace(getattr(base, _cls.__name__), _cls)
