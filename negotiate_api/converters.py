"""What a field makes of the value at its key, as a function: a converter.

Fields may be ours or Flask-RESTful's, whose methods are replaced by ours; a user's own methods are called as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_restful import fields as base

from .values import get_value, is_indexable_but_not_string, is_many

Definition = Mapping[Any, Any]
"""Field, field class or further definition by key."""

Convert = Callable[[Any], Any]
Marshaller = Callable[[Definition], Convert]
"""What gives the function that marshals by a definition."""

_OURS: dict[Any, Any] = {}
_THEIRS: dict[Any, Any] = {}


def replace(theirs: type, ours: type) -> None:
    """Let the methods of one field class stand for those of another, in fields of either."""
    for name in ("format", "output"):
        if name in vars(theirs):
            _OURS[vars(theirs)[name]] = getattr(ours, name)
            _THEIRS[getattr(ours, name)] = vars(theirs)[name]


def instance_of(field: Any) -> Any:
    """A field, of which a definition may hold the class."""
    return field() if isinstance(field, type) else field


def function(field: Any, name: str) -> Any:
    """The function behind a field's "format" or "output", Flask-RESTful's for ours; None for an instance's own."""
    found = getattr(type(field), name)
    return None if name in getattr(field, "__dict__", ()) else _THEIRS.get(found, found)


def method(field: Any, name: str) -> Any:
    """A field's "format" or "output", ours for Flask-RESTful's."""
    ours = _OURS.get(function(field, name))
    return ours.__get__(field) if ours else getattr(field, name)


def converter(field: Any, marshaller: Marshaller) -> Convert | None:
    """What gives, of the value at a field's key, what the field tells; None for a field that looks at the object."""
    make = _MAKERS.get(function(field, "output"))
    return make(field, marshaller) if make else None


def is_at_a_key(field: Any) -> bool:
    """Whether a field tells of the value at its key alone."""
    return function(field, "output") in _MAKERS


def plain(field: Any, marshaller: Marshaller) -> Convert:
    """Of a field that writes its value by format()."""
    write = method(field, "format")
    return lambda value: field.default if value is None else write(value)


def nested(field: Any, marshaller: Marshaller) -> Convert:
    """Of a Nested field."""
    marshal = marshaller(field.nested)

    def convert(value: Any) -> Any:
        if value is None and (field.allow_null or field.default is not None):
            return None if field.allow_null else field.default
        return marshal(value)

    return convert


def several(field: Any, marshaller: Marshaller) -> Convert:
    """Of a List field."""
    is_plain = function(field, "format") is base.List.format
    told = each(field.container, marshaller) if is_plain else method(field, "format")

    def convert(value: Any) -> Any:
        if value is None:
            return field.default
        return told(value if is_indexable_but_not_string(value) and not isinstance(value, Mapping) else [value])

    return convert


def each(container: Any, marshaller: Marshaller) -> Callable[[Iterable[Any]], list[Any]]:
    """What applies the field of a list to its items. The field's attribute is one of the item."""
    convert, attribute = converter(container, marshaller), getattr(container, "attribute", None)
    if convert is None:
        return _by_output(method(container, "output"), attribute)
    if attribute is None:
        return lambda items: [convert(item) for item in items]
    return lambda items: [convert(get_value(attribute, item)) for item in items]


def _by_output(output: Callable[[Any, Any], Any], attribute: Any) -> Callable[[Iterable[Any]], list[Any]]:
    """An output() of a user's own is handed an index and the list, or the item where that has keys."""

    def has_keys(item: Any) -> bool:
        return isinstance(item, dict) or (isinstance(attribute, str) and hasattr(item, attribute))

    def convert(items: Iterable[Any]) -> list[Any]:
        items = list(items)
        return [output(index, item if has_keys(item) else items) for index, item in enumerate(items)]

    return convert


def one_by_one(definition: Definition) -> Convert:
    """Marshals by running each field; what output() does where nothing is compiled."""

    def convert(obj: Any) -> Any:
        if is_many(obj):
            return [convert(item) for item in obj]
        return {key: told(key, field, obj) for key, field in definition.items()}

    def told(key: Any, field: Any, obj: Any) -> Any:
        return one_by_one(field)(obj) if isinstance(field, Mapping) else method(instance_of(field), "output")(key, obj)

    return convert


def value_at(field: Any, key: Any, obj: Any) -> Any:
    """The value that a field tells of."""
    return get_value(key if field.attribute is None else field.attribute, obj)


_MAKERS: dict[Any, Callable[[Any, Marshaller], Convert]] = {
    base.Raw.output: plain,
    base.Nested.output: nested,
    base.List.output: several,
}
