"""Data as a table, and back: what CSV, TSV, HTML and Markdown share.

A list of mappings is a table with the union of their keys as columns, in the order they first appear; a mapping is one
row; anything else is one column named "value". Nested mappings are spread over columns named by path, address.city;
a dot or backslash within a key is written with a backslash before it. Lists, and nesting in the cells of Rows that do
not declare it, stay in one cell as JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import chain
from math import isfinite
from typing import Any
from uuid import UUID

from . import data as model
from .base import Malformed
from .json import compact_lines
from .rows import Row, Rows, alike
from .structs import ATOMS

Path = tuple[str, ...]

VALUE = "value"
"""The column of data that is no mapping."""

MAX_NESTED = 1_000_000
"""Mappings nested in the records of a table that is read: columns a.a.a, of short rows, would fill the memory."""

_FLAT = ATOMS | {Decimal, datetime, time}
_PATH = re.compile(r"(?:[^.\\]|\\.?)*", re.DOTALL)
_MARK = re.compile(r"\\(.)", re.DOTALL)


def table(data: Any) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of any data. Raises Unrepresentable."""
    if found := flat(data):
        return found[:2]
    data = model.plain(data)
    records = [flatten(item) for item in (data if isinstance(data, list) else [data])]
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    return columns, [tuple(record.get(column) for column in columns) for record in records]


def flat(data: Any) -> tuple[tuple[str, ...], list[Row], set[type]] | None:
    """Columns, rows and the types of their values, if data is a list of dicts alike with nothing nested in them."""
    if type(data) is not list or not (found := alike(data)):
        return None
    keys, rows = found
    types = set(map(type, chain.from_iterable(rows)))
    return (tuple(map(_escaped, keys)), rows, types) if _FLAT.issuperset(types) else None


def header(columns: tuple[Any, ...]) -> tuple[str, ...]:
    """The columns of Rows as text, as keys that are not text become it."""
    return columns if all(type(name) is str for name in columns) else tuple(model.plain(dict.fromkeys(columns)))


def names(columns: tuple[Any, ...]) -> tuple[str, ...]:
    """The columns of Rows as table() names them: a dot in one is no path."""
    return tuple(map(_escaped, header(columns)))


def spread(rows: Rows) -> tuple[tuple[Path, ...], Callable[[Row], Row]]:
    """The columns of Rows as paths, and what gives a row in these: what is declared nested has columns of its own."""
    columns = header(rows.columns)
    if not rows.nested:
        return tuple((name,) for name in columns), tuple
    inner = [rows.nested.get(name) for name in columns]
    pairs = zip(columns, inner, strict=True)
    paths = (((name,),) if keys is None else tuple((name, key) for key in keys) for name, keys in pairs)
    return tuple(chain.from_iterable(paths)), lambda row: _spread(row, inner)


def named(paths: Iterable[Path], declared: bool = False) -> tuple[str, ...]:
    """Paths as the names of columns; where it is declared what is nested, a dot in a key stays, if no two are alike."""
    paths = tuple(paths)
    plain = tuple(map(".".join, paths))
    if declared and len(set(plain)) == len(plain):
        return plain
    return tuple(".".join(map(_escaped, keys)) for keys in paths)


def _spread(row: Row, inner: list[tuple[str, ...] | None]) -> Row:
    cells = ((value,) if keys is None else map((value or {}).get, keys) for value, keys in zip(row, inner, strict=True))
    return tuple(chain.from_iterable(cells))


def flatten(record: Any) -> dict[str, Any]:
    """{"address": {"city": "Oslo"}} as {"address.city": "Oslo"}."""
    if not isinstance(record, dict):
        return {VALUE: record}
    return dict(_leaves(record, ""))


def unflatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of flatten. Raises Malformed."""
    return nested(record)[0](record.values())


def nested(columns: Iterable[str], known: Container[str] = ()) -> tuple[Callable[[Iterable[Any]], dict[str, Any]], int]:
    """What makes a record of the values of a row, and how many mappings are nested in that.

    Of a column and those below it, a and a.b, one may hold values in a row; the nulls of the other are left out.
    A name that is known is no path. Raises Malformed, as does what it gives.
    """
    paths = [tuple(path(name, known)) for name in columns]
    if any(len(keys) >= model.MAX_DEPTH for keys in paths):
        raise Malformed(f"a column is nested deeper than {model.MAX_DEPTH} levels")
    if sum(map(len, paths)) - len(paths) > MAX_NESTED:
        raise Malformed(f"the columns have more than {MAX_NESTED} levels")
    above = _above(paths)
    names = [keys[0] for keys in paths]
    if not above and len(set(names)) == len(names):
        return lambda values: dict(zip(names, values, strict=True)), 0
    return partial(_record, paths, above.intersection(paths)), len(above)


def path(name: str, known: Container[str] = ()) -> list[str]:
    r"""The keys that a column name leads through: "a.b\.c" is a, then b.c; a name that is known is one key."""
    if name in known:
        return [name]
    if "\\" not in name:
        return name.split(".")
    parts, position = [], 0
    while position <= len(name):
        match = _PATH.match(name, position)
        assert match
        parts.append(_MARK.sub(r"\1", match[0]))
        position = match.end() + 1
    return parts


def cell_text(value: Any) -> str | None:
    """The value of a cell as text, a float as JSON writes it, nested values as JSON; null stays None."""
    if quick := _TEXTS.get(type(value)):
        return quick(value)
    value = model.plain(value)
    if isinstance(value, (list, dict)):
        return json_text(value)
    return value if value is None or type(value) is str else cell_text(value)


def json_text(value: Any) -> str:
    """Plain data as compact JSON on one line."""
    return compact_lines([value])[0].decode()


_TEXTS: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda value: None,
    str: str,
    bool: model.text,
    int: model.number,
    float: lambda value: model.number(value) if isfinite(value) else None,
    Decimal: lambda value: model.number(value) if value.is_finite() else None,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    UUID: str,
}


def _record(paths: list[Path], rivals: set[Path], values: Iterable[Any]) -> dict[str, Any]:
    """rivals are the columns that have others below them."""
    record: dict[str, Any] = {}
    cells = list(zip(paths, values, strict=True))
    held = _above(keys for keys, value in cells if value is not None) if rivals else set()
    for keys, value in cells:
        if value is not None or not (rivals and _left_out(keys, rivals, held)):
            _put(record, keys, value)
    return record


def _above(paths: Iterable[Path]) -> set[Path]:
    """The paths that have one of paths below them."""
    return {keys[:end] for keys in paths for end in range(1, len(keys))}


def _left_out(keys: Path, rivals: set[Path], held: set[Path]) -> bool:
    """Whether a null is no value: those below it hold one, or it lies below a rival that speaks for itself."""
    return keys in held or any(keys[:end] in rivals - held for end in range(1, len(keys)))


def _put(record: dict[str, Any], keys: Path, value: Any) -> None:
    *parents, last = keys
    for parent in parents:
        record = record.setdefault(parent, {})
        if not isinstance(record, dict):
            raise Malformed(f"column {'.'.join(keys)!r} lies below a column that holds values itself")
    if last in record:
        raise Malformed(f"column {'.'.join(keys)!r} is there twice, or holds values beside columns below it")
    record[last] = value


def _escaped(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.") if "." in key or "\\" in key else key


def _leaves(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        name = prefix + _escaped(key)
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value
