"""Reads values off objects of any kind, and tells one object from several. What fields and marshal stand on.

A value is an item where an object has items, else an attribute, as in Flask-RESTful. Two names are read otherwise: one
that a dict lacks is missing even if every dict has a method of it ("items"), and one that a joined row of SQLAlchemy
lacks is that of the first entity in the row that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence, Set
from types import BuiltinMethodType
from typing import Any

from representations import Rows

Attribute = str | int | Callable[[Any], Any]
"""Where a value is: a name, names joined by dots, an index, or a function of the object."""


def is_indexable_but_not_string(obj: Any) -> bool:
    """Whether an object has items."""
    return not hasattr(obj, "strip") and hasattr(obj, "__iter__")


def get_value(key: Attribute, obj: Any, default: Any = None) -> Any:
    """The value at a key of any object; default where there is none."""
    if isinstance(key, int):
        return value_of(obj, key, default)
    return key(obj) if callable(key) else follow(key.split("."), obj, default)


def follow(names: Sequence[str], obj: Any, default: Any = None) -> Any:
    """The value that names lead to, one after another."""
    for name in names:
        obj = value_of(obj, name, default)
    return obj


def value_of(obj: Any, name: str | int, default: Any = None) -> Any:
    """The value of one name, or at one index."""
    if not is_indexable_but_not_string(obj):
        return getattr(obj, name, default) if isinstance(name, str) else default
    if isinstance(name, str) and hasattr(obj, "_mapping"):
        return _of_row(obj, name, default)
    try:
        return obj[name]
    except (IndexError, TypeError, KeyError):
        return _attribute(obj, name, default)


def to_marshallable_type(obj: Any) -> Any:
    """What __marshallable__() gives, else what has items, else the attributes of an object as a dict."""
    if hasattr(obj, "__marshallable__"):
        return obj.__marshallable__()
    return obj if obj is None or hasattr(obj, "__getitem__") else dict(vars(obj))


def is_lazy(data: Any) -> bool:
    """Whether data are rows to read one by one: Rows, an iterator, a result or a query of a database."""
    if isinstance(data, (Rows, list, tuple, Mapping)) or not is_indexable_but_not_string(data):
        return isinstance(data, Rows)
    kind = data.__class__  # for a proxy the class of what it stands for
    return issubclass(kind, Iterator) or callable(getattr(kind, "all", None))


def is_many(data: Any) -> bool:
    """Whether data are several objects, and not one. A named tuple is one, and so is a row of a database."""
    if isinstance(data, (list, tuple)):
        return not hasattr(data, "_fields")
    if not is_indexable_but_not_string(data) or isinstance(data, Mapping) or hasattr(data, "_fields"):
        return False
    return isinstance(data, (Sequence, Set, MappingView)) or is_lazy(data)


def _of_row(row: Any, name: str, default: Any) -> Any:
    """A column of SQLAlchemy's row, else an attribute of one of its entities."""
    if name in row._mapping:
        return row._mapping[name]
    entities = (entity for entity in row if hasattr(type(entity), "__mapper__") and hasattr(entity, name))
    return getattr(next(entities, None), name, default)


def _attribute(obj: Any, name: str | int, default: Any) -> Any:
    """An attribute of what has items, but none of the methods that its kind has."""
    if not isinstance(name, str) or (isinstance(obj, Mapping) and hasattr(dict, name)):
        return default
    value = getattr(obj, name, default)
    return default if isinstance(value, BuiltinMethodType) else value
