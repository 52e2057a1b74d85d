"""Remembers the functions that were written for a definition, and whether it still is what it was."""

from __future__ import annotations

from operator import is_
from typing import Any

from flask_restful import fields as base

from .converters import Convert, Definition, function, instance_of
from .functions import Writer, names_of

REMEMBERED = 256
"""Definitions that are held. Those made anew at every request are held too, with what their fields refer to."""

FORMS = 16
"""Functions of one definition that are held: one for each set of columns that rows have."""

_KEPT = (base.Raw.format, base.String.format, base.Integer.format)

_compiled: dict[tuple[Any, ...], Compiled] = {}


def compiled(definition: Definition, known: Compiled | None = None) -> Compiled:
    """The functions of a definition as it is now; they are written anew where anything in it has changed.

    known  those that it had before, which are found without a search
    """
    if known is not None and known.is_of(definition):
        return known
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
        self._keys, self._values = [*definition], [*definition.values()]
        self._functions: dict[Any, Convert] = {}
        self._seen = _Seen()

    def is_of(self, definition: Definition) -> bool:
        """Whether a definition is this one, as it was when it was compiled."""
        if [*definition] != self._keys or not all(map(is_, definition.values(), self._values)):
            return False
        return self._seen.is_current()

    def is_current(self) -> bool:
        """Whether the fields, and the definitions within this one, are what they were when they were compiled."""
        return self._seen.is_current()

    def mapping(self, sparse: bool = False) -> Convert:
        """Gives the dict of an object, the list of several. Where sparse, keys of null are left out."""
        return self._function(sparse, None, False)

    def row(self, columns: tuple[Any, ...] | None = None, sparse: bool = False) -> Convert:
        """Gives the tuple of an object, or of a tuple with these columns. Where sparse, a dict without keys of null."""
        return self._function(sparse, columns, True)

    def sources(self) -> dict[Any, str | None]:
        """The name that each field reads of an object; None where it reads otherwise."""
        return {key: names[0] if names else None for key, _, names in self._entries()}

    def kept(self) -> dict[str, Any]:
        """The keys of values that are told as they are, by the name that they are read from."""
        kept = [(names, key) for key, field, names in self._entries() if names and function(field, "format") in _KEPT]
        return {names[0]: key for names, key in reversed(kept) if len(names) == 1}

    def _entries(self) -> list[tuple[Any, Any, list[str] | None]]:
        entries = ((key, instance_of(field)) for key, field in self._definition.items())
        return [(key, field, names_of(key, field)) for key, field in entries]

    def _function(self, *form: Any) -> Convert:
        known = self._functions.get(form)
        if known is None:
            if len(self._functions) >= FORMS:
                self._functions, self._seen = {}, _Seen()
            writer = Writer(form[0])
            known = writer.function(self._definition, *form[1:])
            for used in writer.used:
                self._seen.add(*used)
            self._functions[form] = known
        return known


class _Seen:
    """Definitions and fields, as they were when they were compiled."""

    def __init__(self) -> None:
        self._definitions: list[tuple[Definition, list[Any], list[Any]]] = []
        self._fields: list[Any] = []
        self._attributes: list[dict[str, Any]] = []
        self._nested: list[tuple[Any, Any]] = []

    def add(self, definition: Definition, given: list[Any]) -> None:
        if definition:
            self._definitions.append((definition, [*definition], [*definition.values()]))
        self._fields += given
        self._attributes += [dict(vars(field)) for field in given]
        self._nested += [(field, field.nested) for field in given if hasattr(field, "nested")]

    def is_current(self) -> bool:
        if [*map(vars, self._fields)] != self._attributes:
            return False
        for field, nested in self._nested:
            if field.nested is not nested:
                return False
        for definition, keys, values in self._definitions:
            if [*definition] != keys or not all(map(is_, definition.values(), values)):
                return False
        return True
