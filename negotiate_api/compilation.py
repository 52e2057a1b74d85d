"""A fields definition as Python functions, written for it: what makes marshal fast.

For {"id": Integer, "title": String(attribute="name")} the function is

    def one(o):
        if type(o) is dict: a0, a1, = items(o)
        elif not hasattr(o, '__iter__'): a0, a1, = attributes(o)
        elif is_many(o): return [one(several) for several in o]
        else: a0, a1, = values(o)
        return {'title': a0 if type(a0) is str else None if a0 is None else c0(a0), ...}

where c0 and c1 are the fields' converters, which a value that has their type already does not need. Nothing of a
definition is in the source but its keys, as literals; whatever else it names is an object in its namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter, is_, itemgetter
from types import CodeType
from typing import Any, NoReturn

from . import fields
from .fields import Convert, Definition, MarshallingException, function, instance_of
from .values import follow, get_value, is_many, value_of

REMEMBERED = 1024
"""Definitions that are held compiled."""

_OWN_TYPE = {
    fields.String.format: ("str", "{}"),
    fields.Integer.format: ("int", "{}"),
    fields.Float.format: ("float", "{}"),
    fields.Boolean.format: ("bool", "{}"),
}
_WRITTEN = {"rfc822": ("datetime", "rfc822({})"), "iso8601": ("datetime", "{}.isoformat()")}
_KEPT = (fields.Raw.format, fields.String.format, fields.Integer.format)

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

_compiled: dict[tuple[Any, ...], Compiled] = {}


def compiled(definition: Definition) -> Compiled:
    """The functions of a definition as it is now; they are written anew where anything in it has changed."""
    key = (*definition, *map(id, definition.values()))
    known = _compiled.get(key)
    if known is None or not known.is_current():
        if len(_compiled) >= REMEMBERED:
            _compiled.clear()
        known = _compiled[key] = Compiled(definition)
    return known


class Compiled:
    """The functions of one definition, each written when it is first asked for.

    columns  the definition's keys
    """

    def __init__(self, definition: Definition) -> None:
        self.columns = tuple(definition)
        self._definition = dict(definition)
        self._functions: dict[Any, Convert] = {}
        self._seen: list[_Seen] = []

    def is_current(self) -> bool:
        """Whether the fields, and the definitions within this one, are what they were when they were compiled."""
        return all(seen.is_current() for seen in self._seen)

    def mapping(self, sparse: bool = False) -> Convert:
        """Gives the dict of an object, the list of several. Where sparse, keys of null are left out."""
        return self._function(sparse, None, False)

    def row(self, columns: tuple[Any, ...] | None = None, sparse: bool = False) -> Convert:
        """Gives the tuple of an object, or of a tuple with these columns. Where sparse, a dict without keys of null."""
        return self._function(sparse, columns, True)

    def sources(self) -> dict[Any, str | None]:
        """The name that each field reads of an object; None where it reads otherwise."""
        return {key: names[0] if names else None for key, _, names in self._told()}

    def kept(self) -> dict[str, Any]:
        """The keys of values that are told as they are, by the name that they are read from."""
        kept = [(names, key) for key, field, names in self._told() if names and function(field, "format") in _KEPT]
        return {names[0]: key for names, key in reversed(kept) if len(names) == 1}

    def _told(self) -> list[tuple[Any, Any, list[str] | None]]:
        entries = ((key, instance_of(field)) for key, field in self._definition.items())
        return [(key, field, _names(key, field)) for key, field in entries]

    def _function(self, *form: Any) -> Convert:
        if form not in self._functions:
            writer = _Writer(form[0])
            written = writer.function(self._definition, *form[1:])
            self._seen += writer.seen
            self._functions[form] = written
        return self._functions[form]


class _Seen:
    """A definition and its fields, as they were when they were compiled."""

    def __init__(self, definition: Definition, given: list[Any]) -> None:
        self._definition, self._given = definition, given
        self._keys, self._values = [*definition], [*definition.values()]
        self._attributes = [dict(vars(field)) for field in given]
        self._nested = [(field, field.nested) for field in given if hasattr(field, "nested")]

    def is_current(self) -> bool:
        return (
            [*map(vars, self._given)] == self._attributes
            and [*self._definition] == self._keys
            and all(map(is_, self._definition.values(), self._values))
            and all(field.nested is nested for field, nested in self._nested)
        )


class _Writer:
    """Writes the functions of a definition and of those within it; sparse ones leave out keys of null."""

    def __init__(self, sparse: bool) -> None:
        self.seen: list[_Seen] = []
        self._sparse = sparse
        self._mappings: dict[int, Convert] = {}

    def mapping(self, definition: Definition) -> Convert:
        """The function of a definition within, which may be within itself."""
        key = id(definition)
        if key not in self._mappings:
            self._mappings[key] = lambda obj: self._mappings[key](obj)  # noqa: PLW0108 - by then it is another
            self._mappings[key] = self.function(definition, None, False)
            self.seen.append(_Seen(definition, []))
        return self._mappings[key]

    def function(self, definition: Definition, columns: tuple[Any, ...] | None, in_row: bool) -> Convert:
        body, given = _Body(), []
        told = []
        for key, field in definition.items():
            told.append((body.literal(key), self._expression(body, key, field)))
            given += _given(field)
        self.seen.append(_Seen({}, given))
        result = _tuple(told) if in_row and not self._sparse else _dict(told, self._sparse)
        head = body.of_object(in_row) if columns is None else body.of_tuple(columns)
        return body.function([*head, *result])

    def _expression(self, body: _Body, key: Any, field: Any) -> str:
        if isinstance(field, Mapping):
            return f"{body.bind(self.mapping(field))}({body.whole()})"
        field = _checked(key, instance_of(field))
        convert = fields.converter(field, self.mapping)
        if convert is None:
            return f"{body.bind(fields.method(field, 'output'))}({body.literal(key)}, {body.whole()})"
        names = _names(key, field)
        value = body.read(names) if names else body.reading(key if field.attribute is None else field.attribute)
        return body.converted(field, value, convert)


class _Body:
    """The source of one function: the names it reads of an object, and the objects it names."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._space: dict[str, Any] = {
            "datetime": datetime,
            "rfc822": fields.rfc822,
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


@lru_cache(REMEMBERED)
def _code(source: str) -> CodeType:
    return compile(source, "<fields>", "exec")


def _at_once(getter: Callable[..., Convert], names: tuple[str, ...]) -> Convert:
    """What reads names off an object as a tuple, as getters of operator do from two names on."""
    return getter(*names) if len(names) > 1 else lambda obj: [getter(name)(obj) for name in names]


def _names(key: Any, field: Any) -> list[str] | None:
    """The names that lead from an object to a field's value, one after another; None where it is found otherwise."""
    if isinstance(field, Mapping) or function(field, "output") not in fields.AT_A_KEY:
        return None
    attribute = getattr(field, "attribute", None)
    name = key if attribute is None else attribute
    return name.split(".") if isinstance(name, str) else None


def _is_told_as_it_is(field: Any) -> bool:
    """Whether a field tells of any value, null too, as it is."""
    own = function(field, "output"), function(field, "format")
    return own == (fields.Raw.output, fields.Raw.format) and field.default is None


def _quick(field: Any) -> tuple[str, str] | None:
    """A type, and the expression of what a field tells of a value of that type itself; None where there is no such."""
    if function(field, "output") is not fields.Raw.output:
        return None
    write = function(field, "format")
    return _WRITTEN.get(field.dt_format) if write is fields.DateTime.format else _OWN_TYPE.get(write)


def _dict(told: list[tuple[str, str]], sparse: bool) -> list[str]:
    display = "".join(f"{key}: {expression}, " for key, expression in told)
    if not sparse:
        return [f"return {{{display}}}"]
    return [f"r = {{{display}}}", "return {k: v for k, v in r.items() if v is not None}"]


def _tuple(told: list[tuple[str, str]]) -> list[str]:
    return [f"return ({''.join(f'{expression}, ' for _, expression in told)})"]


def _given(field: Any) -> list[Any]:
    """The fields of a definition's entry that somebody may change: no classes, and no output() of their own."""
    if isinstance(field, (type, Mapping)) or function(field, "output") not in fields.AT_A_KEY:
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
