"""Rows as msgspec writes them: each is made a Struct, and a slice of them written, with no Python a value.

What msgspec would not write as data.py says, a nested value or a time with its zone, is converted column by column. A
slice that it refuses, for a lone surrogate in one of its rows, is written in smaller ones, down to that row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache, partial
from itertools import chain, starmap
from typing import Any
from uuid import UUID

import msgspec

from .base import sliced
from .data import plain
from .rows import Record, Row, Rows, alike, converted

ATOMS: frozenset[type] = frozenset((str, int, bool, float, type(None), bytes, date, UUID))
"""The types whose values msgspec writes as data.py says, or refuses."""

ISO: dict[type, Callable[[Any], Any]] = {datetime: datetime.isoformat, time: time.isoformat}

REFUSED = (ValueError, OverflowError, RecursionError)
"""What encoders raise at a lone surrogate, an integer that is too long, deep nesting."""

_WIDEST = 2000
"""Columns up to which there is a Struct: each takes some 300 bytes, as long as it is remembered."""

TEXT = frozenset((str,))
DICTS, _NESTED = frozenset((dict, Record)), frozenset((dict, Record, list))


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes mappings, one after another.

    encode   what writes records of ATOMS and of what convert() gives; raises REFUSED
    convert  a value that is none of ATOMS, or a mapping with such, as what encode() writes
    refused  what writes one record, a mapping, that encode() has refused
    """

    encode: Callable[[list[Any]], bytes]
    convert: Callable[[Any], Any]
    refused: Callable[[Any], bytes]

    def of(self, rows: Rows) -> tuple[Iterator[Any], Callable[[list[Any]], bytes]]:
        """What rows hold, in the view that is written fastest, and what writes a slice of that."""
        if rows.mappings:
            return rows.dicts(), self.mappings
        names = tuple(plain(dict.fromkeys(rows.columns)))
        known = rows.types is not None and ATOMS.issuperset(rows.types)
        return rows.tuples(), partial(self.tuples, names, known=known)

    def tuples(self, names: tuple[str, ...], rows: list[Row], known: bool = False) -> bytes:
        """rows of values by names; known, all are ATOMS."""
        if not known:
            rows = converted(rows, ATOMS, self.convert)
        return self.records(list(starmap(maker(names), rows)))

    def mappings(self, items: list[Any]) -> bytes:
        """Any items of the data model, which should be mappings with the same names."""
        if are_flat(items):
            return self.records(items)
        if found := alike(items):
            return self.tuples(*found)
        return self.records([self.convert(item) for item in items])

    def records(self, records: list[Any]) -> bytes:
        """Structs, or plain data."""
        try:
            return self.encode(records)
        except REFUSED:
            if len(records) == 1:
                return self.refused(_mapping(records[0]))
        return b"".join(map(self.records, sliced(records, -(-len(records) // 8))))


@lru_cache(maxsize=32)
def maker(names: tuple[str, ...]) -> Callable[..., Any]:
    """What makes of values, in the order of names, what msgspec writes as a mapping."""
    fields = [f"f{place}" for place in range(len(names))]
    if len(names) <= _WIDEST:
        try:
            renamed = dict(zip(fields, names, strict=True))
            return msgspec.defstruct("Record", [(name, Any) for name in fields], rename=renamed, gc=False)
        except ValueError:  # a name with a quotation mark, a backslash, a control character
            pass
    return lambda *values: dict(zip(names, values, strict=True))


def are_flat(items: Sequence[Any]) -> bool:
    """Whether items are dicts of ATOMS by text keys."""
    if not DICTS.issuperset(map(type, items)) or not TEXT.issuperset(map(type, set().union(*items))):
        return False
    return ATOMS.issuperset(map(type, chain.from_iterable(map(dict.values, items))))


def are_written(items: Sequence[Any], depth: int = 8) -> bool:
    """Whether items are ATOMS, and dicts by text keys and lists of such, not nested deeper."""
    if are_flat(items):
        return True
    kinds = set(map(type, items)) - ATOMS
    if not kinds or not depth or not _NESTED.issuperset(kinds):
        return not kinds
    dicts = [item for item in items if type(item) in DICTS]
    if not TEXT.issuperset(map(type, set().union(*dicts))):
        return False
    values = chain.from_iterable(map(dict.values, dicts))
    within = chain.from_iterable(item for item in items if type(item) is list) if list in kinds else ()
    return are_written([*values, *within], depth - 1)


def _mapping(record: Any) -> Any:
    if not isinstance(record, msgspec.Struct):
        return record
    return dict(zip(record.__struct_encode_fields__, msgspec.structs.astuple(record), strict=True))
