"""Writes Python functions for a fields definition, which tell of an object what its fields tell.

For {"id": Integer, "title": String(attribute="name")} the function is

    def one(o):
        if type(o) is dict:
            try: a0, a1, = items(o)
            except KeyError: a0, a1, = [o.get(name) for name in names]
        elif not hasattr(o, '__iter__'): ...
        return {'id': ..., 'title': a1 if type(a1) is str else None if a1 is None else c7(a1), }

where c7 is the converter of the field, which text and null do not need. Of a definition nothing is in the source but
its keys and names, as literals; whatever else the source names is an object in its namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter, itemgetter
from types import CodeType
from typing import Any, NoReturn

from flask_restful import fields as base
from flask_restful.fields import MarshallingException

from .converters import Convert, Definition, converter, function, instance_of, is_at_a_key, method
from .dates import rfc822
from .values import follow, get_value, is_many, value_of

_OWN_TYPE = {
    base.String.format: ("str", "{}"),
    base.Integer.format: ("int", "{}"),
    base.Float.format: ("float", "{}"),
    base.Boolean.format: ("bool", "{}"),
}
_WRITTEN = {"rfc822": ("datetime", "rfc822({})"), "iso8601": ("datetime", "{}.isoformat()")}

_OBJECT = """\
if type(o) is dict:
    try: {targets} = items(o)
    except KeyError: {targets} = [o.get(name) for name in names]
elif not hasattr(o, '__iter__'):
    try: {targets} = attributes(o)
    except AttributeError: {targets} = [getattr(o, name, None) for name in names]
elif is_many(o): return {several}
else: {targets} = [value_of(o, name) for name in names]"""
"""How values are read off an object: all at once where that goes, else each alone."""


class Writer:
    """Writes the functions of a definition and of those within it; sparse ones leave out keys of null.

    used  the definitions within, and the fields, that the functions were written from
    """

    def __init__(self, sparse: bool) -> None:
        self.used: list[tuple[Definition, list[Any]]] = []
        self._sparse = sparse
        self._mappings: dict[int, Convert] = {}

    def mapping(self, definition: Definition) -> Convert:
        """The function of a definition within, which may be within itself."""
        key = id(definition)
        if key not in self._mappings:
            self._mappings[key] = lambda obj: self._mappings[key](obj)  # noqa: PLW0108 - by then it is another
            self._mappings[key] = self.function(definition, None, False)
            self.used.append((definition, []))
        return self._mappings[key]

    def function(self, definition: Definition, columns: tuple[Any, ...] | None, in_row: bool) -> Convert:
        body, given = _Body(), []
        told = []
        for key, field in definition.items():
            told.append((body.literal(key), self._expression(body, key, field)))
            given += _given(field)
        self.used.append(({}, given))
        result = _tuple(told) if in_row and not self._sparse else _dict(told, self._sparse)
        head = body.of_object(in_row) if columns is None else body.of_tuple(columns)
        return body.function([*head, *result])

    def _expression(self, body: _Body, key: Any, field: Any) -> str:
        if isinstance(field, Mapping):
            return f"{body.bind(self.mapping(field))}({body.whole()})"
        field = _checked(key, instance_of(field))
        convert = converter(field, self.mapping)
        if convert is None:
            return f"{body.bind(method(field, 'output'))}({body.literal(key)}, {body.whole()})"
        names = names_of(key, field)
        value = body.read(names) if names else body.reading(key if field.attribute is None else field.attribute)
        return body.converted(field, value, convert)


class _Body:
    """The source of one function: the names it reads of an object, and the objects it names."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._space: dict[str, Any] = {
            "datetime": datetime,
            "rfc822": rfc822,
            "is_many": is_many,
            "value_of": value_of,
            "refuse": _refuse,
        }
        self._needs_object = False

    def bind(self, thing: Any) -> str:
        name = f"c{len(self._space)}"
        self._space[name] = thing
        return name

    def literal(self, key: Any) -> str:
        return ascii(key) if type(key) is str else self.bind(key)

    def whole(self) -> str:
        self._needs_object = True
        return "o"

    def read(self, names: list[str]) -> str:
        """What names lead to: a variable where it is one."""
        first = self._names.setdefault(names[0], f"a{len(self._names)}")
        return first if len(names) == 1 else f"{self.bind(partial(follow, names[1:]))}({first})"

    def reading(self, attribute: Any) -> str:
        read = attribute if callable(attribute) else partial(get_value, attribute)
        return f"{self.bind(read)}({self.whole()})"

    def converted(self, field: Any, value: str, convert: Convert) -> str:
        """What a field tells of a value; convert is called where it is neither null nor of a type known before."""
        if _is_told_as_it_is(field):
            return value
        call, quick = self.bind(convert), _quick(field)
        if quick is None:
            return f"{call}({value})"
        kind, text = quick
        name, test = (value, value) if value.isidentifier() else ("v", f"v := {value}")
        null = "None" if field.default is None else f"{self.bind(field)}.default"
        return f"{text.format(name)} if type({test}) is {kind} else {null} if {name} is None else {call}({name})"

    def of_object(self, in_row: bool) -> list[str]:
        names, targets = tuple(self._names), "".join(f"{name}, " for name in self._names.values()) or "_"
        several = "refuse(o)" if in_row else "[one(item) for item in o]"
        self._space.update(names=names, items=_at_once(itemgetter, names), attributes=_at_once(attrgetter, names))
        return _OBJECT.format(targets=targets, several=several).splitlines()

    def of_tuple(self, columns: tuple[Any, ...]) -> list[str]:
        indexes = {name: index for index, name in enumerate(columns)}
        head = [
            f"{variable} = t[{indexes[name]}]" if name in indexes else f"{variable} = None"
            for name, variable in self._names.items()
        ]
        self._space["columns"] = columns
        return ["t = o", *head, *["o = dict(zip(columns, t))"] * self._needs_object]

    def function(self, lines: list[str]) -> Convert:
        source = "\n    ".join(("def one(o):", *lines))
        exec(_code(source), self._space)
        return self._space["one"]  # type: ignore[no-any-return]


@lru_cache(1024)
def _code(source: str) -> CodeType:
    return compile(source, "<fields>", "exec")


def _at_once(getter: Callable[..., Convert], names: tuple[str, ...]) -> Convert:
    """What reads names off an object as a tuple, as getters of operator do from two names on."""
    return getter(*names) if len(names) > 1 else lambda obj: [getter(name)(obj) for name in names]


def names_of(key: Any, field: Any) -> list[str] | None:
    """The names that lead from an object to a field's value, one after another; None where it is found otherwise."""
    if isinstance(field, Mapping) or not is_at_a_key(field):
        return None
    attribute = getattr(field, "attribute", None)
    name = key if attribute is None else attribute
    return name.split(".") if isinstance(name, str) else None


def _is_told_as_it_is(field: Any) -> bool:
    """Whether a field tells of any value, null too, as it is."""
    own = function(field, "output"), function(field, "format")
    return own == (base.Raw.output, base.Raw.format) and field.default is None


def _quick(field: Any) -> tuple[str, str] | None:
    """A type, and the expression of what a field tells of a value of that type itself; None where there is no such."""
    if function(field, "output") is not base.Raw.output:
        return None
    write = function(field, "format")
    return _WRITTEN.get(field.dt_format) if write is base.DateTime.format else _OWN_TYPE.get(write)


def _dict(told: list[tuple[str, str]], sparse: bool) -> list[str]:
    display = "".join(f"{key}: {expression}, " for key, expression in told)
    if not sparse:
        return [f"return {{{display}}}"]
    return [f"r = {{{display}}}", "return {k: v for k, v in r.items() if v is not None}"]


def _tuple(told: list[tuple[str, str]]) -> list[str]:
    return [f"return ({''.join(f'{expression}, ' for _, expression in told)})"]


def _given(field: Any) -> list[Any]:
    """The fields of a definition's entry that somebody may change: no classes, and no output() of their own."""
    if isinstance(field, (type, Mapping)) or not is_at_a_key(field):
        return []
    container = getattr(field, "container", None)
    return [field, *([] if container is None else _given(container))]


def _checked(key: Any, field: Any) -> Any:
    if not hasattr(field, "output"):
        raise TypeError(f"{key!r} is defined as {field!r}; a field is expected, or a dict of fields")
    return field


def _refuse(several: Any) -> NoReturn:
    raise MarshallingException(
        f"a row is a {type(several).__name__}; an object or a mapping is expected. Rows(columns, ...) names the values "
        "of tuples."
    )
