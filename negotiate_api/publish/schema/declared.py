"""Declared fields: a fields definition of Flask-RESTful's says what the rows of a table show, and by which names.

A field that tells the value of one column gives that column its name. Columns that no field tells so are there no more:
nobody filters, sorts or searches by them, and writes leave them as they are. What a field makes of several columns, of
a part of one or by a function of its own is read, and not written. A table whose key no field tells has no key.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_restful import fields as base

from negotiate_api.converters import Definition, converter, function, instance_of, method, one_by_one
from negotiate_api.functions import names_of

from . import keys
from .settings import nearest
from .tables import Column, Field, Reference, Table, Tables

_TELL_ALL = frozenset(
    one.format for one in (base.Raw, base.String, base.Integer, base.Float, base.Arbitrary, base.Fixed, base.DateTime)
)
"""Formats that tell of any value all that there is, but for its last digits."""


def declare(tables: Tables, definitions: Mapping[str, Definition], endpoints: Mapping[str, str]) -> None:
    """Let tables show what definitions say.

    endpoints  of the rows of tables -> the names of these, for fields.Url

    Raises ValueError.
    """
    found = {name: _Declared(tables, tables[name], definition, endpoints) for name, definition in definitions.items()}
    names = {name: {column.name: column.name for column in table.columns} for name, table in tables.items()}
    names |= {name: one.names for name, one in found.items()}
    for name, table in tables.items():
        changed = found[name].table() if name in found else table
        tables[name] = replace(changed, references=tuple(_renamed(table, names)))
    for one in found.values():
        one.check_links(tables)


class _Declared:
    """A table and its definition. names are those of the columns that stay, by the names that they had."""

    def __init__(self, tables: Tables, table: Table, definition: Definition, endpoints: Mapping[str, str]) -> None:
        self.tables, self.before, self.endpoints = tables, table, endpoints
        self.names: dict[str, str] = {}
        self.leads: dict[str, str] = {}
        self.tells_key = False
        self.fields = tuple(self._field(key, instance_of(field)) for key, field in definition.items())
        if self.tells_key:
            self._keep_key()

    def table(self) -> Table:
        """The table as it is declared."""
        told = [replace(self.before.by_name[old], name=new) for old, new in self.names.items()]
        key = tuple(self.names[name] for name in self.before.key if name in self.names)
        has_key = len(key) == len(self.before.key)
        declared = replace(
            self.before, columns=tuple(told), key=key if has_key else (), sort=self._sort(), fields=self.fields
        )
        hidden = (column for column in self.before.columns if column.name not in self.names)
        return replace(declared, lacking=(*self.before.lacking, *(c.source.name for c in hidden if _is_needed(c))))

    def check_links(self, tables: Tables) -> None:
        """Raises ValueError where a field leads to rows that have no URLs."""
        for key, target in self.leads.items():
            if not tables[target].key:
                raise ValueError(f"{self._of(key)} leads to rows of {target}, whose fields do not tell their key")

    def _field(self, key: str, field: Any) -> Field:
        names = names_of(key, field)
        if names and names[0] not in self.before.by_name:
            raise ValueError(f"{self._of(key)} is of {names[0]!r}, and {nearest(names[0], self.before.by_name)}")
        if (
            names
            and len(names) == 1
            and names[0] not in self.names
            and _tells_all(field, self.before.by_name[names[0]])
        ):
            self.names[names[0]] = key
            column = self.before.by_name[names[0]]
            return Field(key, (column,), converter(field, one_by_one) or field.format)
        if target := self._target(field):
            return self._link(key, field, target)
        columns = (self.before.by_name[names[0]],) if names else self.before.columns
        return Field(key, columns, _of_record(key, field, columns))

    def _target(self, field: Any) -> str | None:
        """The table to whose rows a field is the URL."""
        endpoint = field.endpoint if isinstance(field, base.Url) else None
        return self.endpoints.get(endpoint.rpartition(".")[2]) if endpoint else None

    def _link(self, key: str, field: Any, target: str) -> Field:
        self.leads[key] = target
        own = self._key_of(key, getattr(field, "attribute", None) or key, self.tables[target])
        columns = tuple(self.before.by_name[name] for name in own)
        self.tells_key = self.tells_key or (target == self.before.name and own == self.before.key)
        return Field(key, columns, _of_key(key, field, columns))

    def _key_of(self, key: str, name: str, target: Table) -> tuple[str, ...]:
        """The columns that hold the key of the row that a field leads to. Raises ValueError."""
        found = [
            one for one in self.before.references if one.table == target.name and set(one.targets) == set(target.key)
        ]
        named = [one for one in found if name in (one.name, *one.columns)]
        if not named and target.name == self.before.name:
            return self.before.key
        if len(named or found) != 1:
            choices = ", ".join(repr(one.name) for one in found) or "none"
            raise ValueError(f"{self._of(key)} leads to a row of {target.name}; give it as attribute which: {choices}")
        one = (named or found)[0]
        columns = dict(zip(one.targets, one.columns, strict=True))
        return tuple(columns[name] for name in target.key)

    def _keep_key(self) -> None:
        """Let the columns of the key be there, as the URL of the row tells them."""
        shown = {one.name for one in self.fields}
        for name in (name for name in self.before.key if name not in self.names):
            if name in shown:
                raise ValueError(f"{self._of(name)} is of another column, and its Url tells of the key {name!r}")
            self.names[name] = name

    def _sort(self) -> str:
        """The order that the settings say. Raises ValueError where it is by what is not told."""
        items = [item.strip() for item in next(csv.reader([self.before.sort]), [])]
        names = [(item, item.removeprefix("-")) for item in items]
        for _, name in names:
            if name not in self.names:
                raise ValueError(f"{self.before.name} is sorted by {name!r}, which its fields do not tell")
        quoted = ("-" * item.startswith("-") + self.names[name].replace('"', '""') for item, name in names)
        return ",".join(f'"{item}"' if set(item) & {",", '"'} else item for item in quoted)

    def _of(self, key: str) -> str:
        return f"the field {key!r} of {self.before.name}"


def _renamed(table: Table, names: Mapping[str, Mapping[str, str]]) -> Iterable[Reference]:
    """The references of a table whose columns are there still, at both ends."""
    for one in table.references:
        own, other = names[table.name], names[one.table]
        if own.keys() >= set(one.columns) and other.keys() >= set(one.targets):
            columns = tuple(own[name] for name in one.columns)
            yield replace(one, columns=columns, targets=tuple(other[name] for name in one.targets))


def _tells_all(field: Any, column: Column) -> bool:
    """Whether who knows what a field tells knows the value of the column."""
    told, written = function(field, "output"), function(field, "format")
    if told is base.List.output and written is base.List.format:
        return getattr(field.container, "attribute", None) is None and _tells_all(field.container, column)
    is_boolean = written is base.Boolean.format and column.kind.name == "boolean"
    return told is base.Raw.output and (written in _TELL_ALL or is_boolean)


def _is_needed(column: Column) -> bool:
    return not (column.nullable or column.default or column.generated)


def _of_record(key: str, field: Any, columns: Sequence[Column]) -> Callable[..., Any]:
    """What a field tells of a row as a mapping."""
    tell = one_by_one({key: field})
    names = [column.name for column in columns]

    def make(*values: Any) -> Any:
        return tell(dict(zip(names, values, strict=True)))[key]

    return make


def _of_key(key: str, field: Any, columns: Sequence[Column]) -> Callable[..., Any]:
    """The URL that a field tells of the values of a key, as the endpoints of rows take them."""
    texts, output = [column.kind.text for column in columns], method(field, "output")

    def make(*values: Any) -> Any:
        if any(value is None for value in values):
            return None
        return output(key, {"key": keys.join(text(value) for text, value in zip(texts, values, strict=True))})

    return make
