"""fields: Flask-RESTful's, with typed constructors and without its defects.

Each class is a subclass of Flask-RESTful's of that name, whose fields go on working beside them. What a field makes of
the value at its key is a converter; marshal compiles those of a whole definition (see compilation.py), output() runs
one by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from flask_restful import fields as base
from flask_restful.fields import ZERO, MarshallingException

from .values import (
    Attribute,
    get_value,
    is_indexable_but_not_string,
    is_many,
    to_marshallable_type,
    value_of,
)

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

Definition = Mapping[Any, Any]
"""Field, field class or further definition by key."""

Convert = Callable[[Any], Any]
Marshaller = Callable[[Definition], Convert]
"""What gives the function that marshals by a definition."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TWO = tuple(f"{number:02}" for number in range(60))
_MISSING = object()


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
        value = _value(self, key, obj)
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
        if self.dt_format not in _WRITERS:
            raise MarshallingException(f"Unsupported date format {self.dt_format}")
        try:
            return _WRITERS[self.dt_format](value)
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
        read = ((name, value_of(source, name, _MISSING)) for name in _variables(endpoint))
        try:
            url = url_for(endpoint, _external=self.absolute, **{name: v for name, v in read if v is not _MISSING})
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
        return _nested(self, _one_by_one)(_value(self, key, obj))


class List(base.List, Raw):  # type: ignore[misc]
    """Several values, each by the same field. A value that is not several is a list of one."""

    def __init__(self, cls_or_instance: Any, *, default: Any = None, attribute: Attribute | None = None) -> None:
        base.List.__init__(self, cls_or_instance, default=default, attribute=attribute)

    def format(self, value: Iterable[Any]) -> list[Any]:
        return _each(self.container, _one_by_one)(value)

    def output(self, key: Any, obj: Any) -> Any:
        return _list(self, _one_by_one)(_value(self, key, obj))


def rfc822(value: datetime) -> str:
    """A moment in UTC as Flask-RESTful writes it, by RFC 5322."""
    if value.tzinfo is not None and (offset := value.utcoffset()) is not None:
        value -= offset
    year = value.year if value.year > 999 else f"{value.year:04}"
    return (
        f"{_DAYS[value.weekday()]}, {_TWO[value.day]} {_MONTHS[value.month - 1]} {year} "
        f"{_TWO[value.hour]}:{_TWO[value.minute]}:{_TWO[value.second]} -0000"
    )


def _rfc822(value: Any) -> str:
    """The same of a date, which is its midnight, and of all that has a utctimetuple()."""
    if type(value) is datetime:
        return rfc822(value)
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return str(base._rfc822(datetime.combine(value, time()) if is_day else value))


def _iso8601(value: Any) -> str:
    return str(value.isoformat())


_WRITERS: dict[str, Callable[[Any], str]] = {"rfc822": _rfc822, "iso8601": _iso8601}


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise MarshallingException(f"{value!r} is no number") from None


# What a field makes of a value. A field may be of Flask-RESTful's own classes here, whose methods are read as ours.


def instance_of(field: Any) -> Any:
    """A field, of which a definition may hold the class."""
    return field() if isinstance(field, type) else field


def function(field: Any, name: str) -> Any:
    """The function behind a field's method "format" or "output"; None where the instance has one of its own."""
    found = getattr(type(field), name)
    return None if name in getattr(field, "__dict__", ()) else _OURS.get(found, found)


def method(field: Any, name: str) -> Any:
    """A field's method "format" or "output"."""
    ours = function(field, name)
    return ours.__get__(field) if ours in _OURS.values() else getattr(field, name)


def converter(field: Any, marshaller: Marshaller) -> Convert | None:
    """What gives, of the value at a field's key, what the field tells; None for a field that looks at the object."""
    make = _CONVERTERS.get(function(field, "output"))
    return make(field, marshaller) if make else None


def _plain(field: Any, marshaller: Marshaller) -> Convert:
    write = method(field, "format")
    return lambda value: field.default if value is None else write(value)


def _nested(field: Any, marshaller: Marshaller) -> Convert:
    marshal = marshaller(field.nested)

    def convert(value: Any) -> Any:
        if value is None and (field.allow_null or field.default is not None):
            return None if field.allow_null else field.default
        return marshal(value)

    return convert


def _list(field: Any, marshaller: Marshaller) -> Convert:
    is_ours = function(field, "format") is List.format
    each = _each(field.container, marshaller) if is_ours else method(field, "format")

    def convert(value: Any) -> Any:
        if value is None:
            return field.default
        return each(value if is_indexable_but_not_string(value) and not isinstance(value, Mapping) else [value])

    return convert


def _each(container: Any, marshaller: Marshaller) -> Callable[[Iterable[Any]], list[Any]]:
    """What applies the field of a list to its items. The field's attribute is one of the item."""
    convert, attribute = converter(container, marshaller), getattr(container, "attribute", None)
    if convert is None:
        return _each_by_output(method(container, "output"), attribute)
    if attribute is None:
        return lambda items: [convert(item) for item in items]
    return lambda items: [convert(get_value(attribute, item)) for item in items]


def _each_by_output(output: Callable[[Any, Any], Any], attribute: Any) -> Callable[[Iterable[Any]], list[Any]]:
    """An output() of a user's own is handed an index and the list, or the item where that has keys."""

    def has_keys(item: Any) -> bool:
        return isinstance(item, dict) or (isinstance(attribute, str) and hasattr(item, attribute))

    def convert(items: Iterable[Any]) -> list[Any]:
        items = list(items)
        return [output(index, item if has_keys(item) else items) for index, item in enumerate(items)]

    return convert


def _one_by_one(definition: Definition) -> Convert:
    """Marshals by running each field; what output() does where nothing is compiled."""

    def convert(obj: Any) -> Any:
        if is_many(obj):
            return [convert(item) for item in obj]
        return {key: told(key, field, obj) for key, field in definition.items()}

    def told(key: Any, field: Any, obj: Any) -> Any:
        return _one_by_one(field)(obj) if isinstance(field, Mapping) else method(instance_of(field), "output")(key, obj)

    return convert


def _value(field: Any, key: Any, obj: Any) -> Any:
    return get_value(key if field.attribute is None else field.attribute, obj)


def _source(obj: Any) -> Any:
    if obj is None:
        raise MarshallingException("there is no object to read values from")
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


def _variables(endpoint: Any) -> set[str]:
    """The names that the rules of an endpoint have values for."""
    try:
        return {name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments}
    except KeyError:  # url_for tells of it
        return set()


_CLASSES = (Raw, String, Integer, Float, Boolean, Arbitrary, Fixed, DateTime, FormattedString, Url, Nested, List)
_OURS: dict[Any, Any] = {
    theirs[name]: getattr(ours, name)
    for ours in _CLASSES
    for theirs in [vars(getattr(base, ours.__name__))]
    for name in ("format", "output")
    if name in theirs
}
_CONVERTERS: dict[Any, Callable[[Any, Marshaller], Convert]] = {
    Raw.output: _plain,
    Nested.output: _nested,
    List.output: _list,
}
AT_A_KEY = frozenset(_CONVERTERS)
"""output() of fields that tell of the value at their key alone."""
