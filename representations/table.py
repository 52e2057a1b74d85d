"""Data as a table, and back: what CSV, TSV, HTML and Markdown share.

A list of mappings is a table with the union of their keys as columns, in the order they first appear; a mapping is one
row; anything else is one column named "value". Nested mappings are spread over columns named by path, address.city;
a dot or backslash within a key is written with a backslash before it. Lists, and all nesting in the cells of Rows,
whose columns are declared, stay in one cell as JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from . import data as model
from .base import Malformed, Row
from .json import compact_lines

VALUE = "value"
"""The column of data that is no mapping."""

_AS_WRITTEN = frozenset((str, int, type(None)))
_PATH = re.compile(r"(?:[^.\\]|\\.?)*", re.DOTALL)
_MARK = re.compile(r"\\(.)", re.DOTALL)


def table(data: Any) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of plain data (see data.plain). Raises Unrepresentable."""
    records = [flatten(item) for item in (data if isinstance(data, list) else [data])]
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    return columns, [tuple(record.get(column) for column in columns) for record in records]


def flatten(record: Any) -> dict[str, Any]:
    """{"address": {"city": "Oslo"}} as {"address.city": "Oslo"}."""
    if not isinstance(record, dict):
        return {VALUE: record}
    return dict(_leaves(record, ""))


def unflatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of flatten. Raises Malformed where a name is both a value and a path."""
    nested: dict[str, Any] = {}
    for name, value in record.items():
        target = nested
        *parents, last = path(name)
        for parent in parents:
            target = target.setdefault(parent, {})
            if not isinstance(target, dict):
                raise Malformed(f"column {name!r} lies below a column that holds values itself")
        if last in target:
            raise Malformed(f"column {name!r} is there twice, or holds values beside columns below it")
        target[last] = value
    return nested


def path(name: str) -> list[str]:
    r"""The keys that a column name leads through: "a.b\.c" is a, then b.c."""
    if "\\" not in name:
        return name.split(".")
    parts, position = [], 0
    while position <= len(name):
        match = _PATH.match(name, position)
        assert match
        parts.append(_MARK.sub(r"\1", match[0]))
        position = match.end() + 1
    return parts


def written(rows: list[Row], cell: Callable[[Any], Any]) -> Iterable[Row]:
    """rows with cell() applied to values other than text, integers and null; as they are where there are no others."""
    if _AS_WRITTEN.issuperset(map(type, chain.from_iterable(rows))):
        return rows
    return (tuple(value if type(value) in _AS_WRITTEN else cell(value) for value in row) for row in rows)


def cell_text(value: Any) -> str | int | None:
    """The value of a cell as text, nested values as JSON; null stays None."""
    value = model.plain(value)
    if value is None or isinstance(value, str):
        return value
    return json_text(value) if isinstance(value, (list, dict)) else model.text(value)


def json_text(value: Any) -> str:
    """Plain data as compact JSON on one line."""
    return compact_lines([value])[0].decode()


def _leaves(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        name = prefix + (key.replace("\\", "\\\\").replace(".", "\\.") if "." in key or "\\" in key else key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
