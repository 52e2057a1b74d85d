"""What an upload would change: its values beside those that are stored, compared by what they mean.

1 is 1.0, 1.10 is 1.1, 12:00Z is 13:00+01:00, and JSON is compared as data; what was exported and comes back untouched
is unchanged, in every format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain, compress
from math import isfinite
from operator import ne
from types import NoneType
from typing import Any, NamedTuple

from representations.table import cell_text

from ..schema.kinds import Kind
from ..schema.readers import as_text
from ..schema.tables import Column
from .incoming import Entry

Row = tuple[Any, ...]

_NESTED = (dict, list)


class Change(NamedTuple):
    """A column that gets another value."""

    column: Column
    old: Any
    new: Any


class Changed(NamedTuple):
    """An entry whose row is there, as it is stored, and the columns that it changes."""

    entry: Entry
    row: tuple[Any, ...]
    changes: tuple[Change, ...]


def changes(entry: Entry, row: Mapping[str, Any], *, tabular: bool = False) -> tuple[Change, ...]:
    """The columns of a stored row that an entry gives other values."""
    return tuple(
        Change(column, row[column.name], value)
        for column, value in zip(entry.shape.columns, entry.values, strict=True)
        if not is_same(column.kind, row[column.name], value, entry.given.get(column.name), tabular)
    )


def differing(columns: Sequence[Sequence[Any]], rows: Sequence[Row | None], places: Sequence[int]) -> list[bool]:
    """Of rows by columns, whether each may be another than what is stored, None where nothing is.

    places  where in what is stored the columns are
    """
    stored = list(zip(*(row for row in rows if row is not None), strict=True))
    olds: list[Sequence[Any]] = [stored[place] for place in places] if stored else []
    present = [row is not None for row in rows]
    news = columns if all(present) else [list(compress(column, present)) for column in columns]
    for old, new in list(zip(olds, news, strict=False)):
        types = set(map(type, chain(old, new))) - {NoneType}
        if not types.isdisjoint(_NESTED):
            return [True] * len(rows)
        if len(types) > 1:  # 1 is 1.0
            olds, news = [*olds, list(map(type, old))], [*news, list(map(type, new))]
    others = map(ne, zip(*olds, strict=True), zip(*news, strict=True))
    return [not is_stored or next(others) for is_stored in present]


def changed_generated(entry: Entry, row: Mapping[str, Any], *, tabular: bool = False) -> list[Column]:
    """The columns that the database computes and for which an entry has other values than are stored."""
    return [column for column in entry.shape.generated if not _is_kept(column, row, entry.given[column.name], tabular)]


def is_same(kind: Kind, old: Any, new: Any, given: Any = None, tabular: bool = False) -> bool:
    """Whether a value means what is stored. given is the value before it was read."""
    if type(old) is type(new) and type(old) not in _NESTED and old == new:
        return True
    if old is None or new is None:
        return old is new or (new is None and not _has_form(old))
    return _same_data(read_back(kind, old), new) or (tabular and given == cell_text(old))


def read_back(kind: Kind, value: Any) -> Any:
    """A stored value as its kind reads what is shown of it; as it is where it does not."""
    if value is None or (type(value) is str and kind.textual):
        return value
    try:
        return kind.read(value)
    except (ValueError, ArithmeticError):
        return value


def quoted(value: Any) -> str:
    """A value as a sentence has it: text within marks, all else as formats write it."""
    return repr(value) if isinstance(value, str) else as_text(value)


def merged(old: Any, patch: Any) -> Any:
    """A JSON value after a merge patch (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _is_kept(column: Column, row: Mapping[str, Any], given: Any, tabular: bool) -> bool:
    old = row[column.name]
    try:
        new = None if given is None else column.kind.read(given)
    except (ValueError, ArithmeticError):
        return False
    return is_same(column.kind, old, new, given, tabular)


def _has_form(value: Any) -> bool:
    """Whether a value is written as anything but null, which not-a-number and the infinities are."""
    return value.is_finite() if isinstance(value, Decimal) else not isinstance(value, float) or isfinite(value)


def _same_data(one: Any, other: Any) -> bool:
    """Whether two values are equal, true and 1 being two."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and _all(one.values(), map(other.get, one))
    if isinstance(one, (list, tuple)):
        return isinstance(other, (list, tuple)) and len(one) == len(other) and _all(one, other)
    if other is None:
        return one is None or not _has_form(one)
    if isinstance(one, float) or isinstance(other, float):
        one, other = _digits(one), _digits(other)
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def _digits(value: Any) -> Any:
    """A float as the decimal number that it is written as."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def _all(ones: Iterable[Any], others: Iterable[Any]) -> bool:
    return all(_same_data(one, other) for one, other in zip(ones, others, strict=True))
