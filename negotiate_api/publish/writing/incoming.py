"""Records of an upload as entries: values that the columns of a table take.

Most records of an upload have the same names, so what follows from these is worked out once, as a Shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

from ..queries import parameters
from ..schema import kinds
from ..schema.tables import Column, Table
from . import bulk, spellings
from .seen import Token, token

Values = Sequence[Any]

TOLD = 100
"""Names that are no columns, and characters of each, that are told."""

TOGETHER = 50
"""Records that are read at a time; each may be a mebibyte."""


class Problem(NamedTuple):
    """What is wrong with a row.

    conflict  it is at odds with other rows, not wrong in itself
    same      columns and values that another row has, maybe of the same upload
    """

    column: str | None
    value: Any
    reason: str
    conflict: bool = False
    same: tuple[tuple[str, ...], tuple[Any, ...]] | None = None


class Shape:
    """The columns that a record has values for.

    columns    those that are read: what can be stored, and all of the key, by which rows are found
    added      where in them the values of a new row are; None where all are
    generated  other columns that the database computes, which are there besides
    numbered   columns that the database numbers, and lets nobody else
    unknown    names that are no columns
    missing    columns that a new row cannot do without
    """

    def __init__(self, table: Table, names: Iterable[str], tabular: bool = False) -> None:
        names = tuple(names)
        found = tuple(table.by_name[name] for name in names if name in table.by_name)
        self.table, self.tabular = table, tabular
        self.columns = tuple(column for column in found if not column.generated or column.name in table.key)
        self.generated = tuple(column for column in found if column not in self.columns)
        stored = tuple(index for index, column in enumerate(self.columns) if not column.generated)
        self.added = None if len(stored) == len(self.columns) else stored
        self.numbered = tuple(c for c in found if c.generated and c.source.computed is None)
        self.unknown = tuple(name for name in names if name not in table.by_name and name not in table.computed)
        self.missing = tuple(column for column in table.columns if column not in found and _is_needed(column))
        self.reads = tuple(_reader(column, tabular) for column in self.columns)
        self.bulk = tuple(bulk.reader(c.kind, read) for c, read in zip(self.columns, self.reads, strict=True))
        self.required = frozenset(index for index, column in enumerate(self.columns) if not column.nullable)
        self.pick = _picker(tuple(column.name for column in self.columns))

    @cached_property
    def key(self) -> tuple[int, ...] | None:
        """Where the values of the key are, where all of it is there."""
        names = [column.name for column in self.columns]
        own = self.table.key
        return tuple(map(names.index, own)) if own and set(own) <= set(names) else None

    def without(self, indexes: Iterable[int]) -> Shape:
        """The shape of a record that lacks some of the columns."""
        left = {self.columns[index].name for index in indexes}
        names = [c.name for c in (*self.columns, *self.generated) if c.name not in left]
        return Shape(self.table, names, self.tabular)


class Entry(NamedTuple):
    """A row of an upload. given is as it came, values are what the columns of its shape take."""

    line: int
    given: Mapping[str, Any]
    shape: Shape
    values: Values

    @property
    def key(self) -> tuple[Any, ...] | None:
        """The values of its key, where it has one."""
        return None if self.shape.key is None else tuple(self.values[index] for index in self.shape.key)

    @property
    def token(self) -> Token | None:
        """What tells its key apart."""
        key = self.key
        return None if key is None else token(key)

    @property
    def added(self) -> tuple[tuple[Column, ...], Values]:
        """The columns and values that it is added with."""
        if self.shape.added is None:
            return self.shape.columns, self.values
        return tuple(self.shape.columns[i] for i in self.shape.added), [self.values[i] for i in self.shape.added]

    def named(self) -> dict[str, Any]:
        """Its values by the names of their columns."""
        return dict(zip((column.name for column in self.shape.columns), self.values, strict=True))


Reject = Callable[[int, Mapping[str, Any], Sequence[Problem]], None]


class Incoming:
    """Reads the records of an upload for a table.

    tabular  values are text, in which nothing says what is left out: an empty field of a text column that takes no
             null is empty text, and of another one that has a default, that default
    lenient  names that are no columns are passed over
    """

    def __init__(self, table: Table, *, tabular: bool = False, lenient: bool = False) -> None:
        self.table, self.tabular, self.lenient = table, tabular, lenient
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def entries(self, records: Iterable[tuple[int, dict[str, Any]]], reject: Reject) -> Iterator[Entry]:
        """The records that can be read; reject is told of the others."""
        told = set[str]()
        for names, run in groupby(records, lambda record: tuple(record[1])):
            shape = self._shapes.get(names) or self._shape(names)
            if shape.unknown and not self.lenient:
                for line, record in run:
                    reject(line, record, self._unknown(shape, record, told))
                continue
            while some := list(islice(run, TOGETHER)):
                yield from self._together(shape, some) or self._one_by_one(shape, some, reject)

    def values_of(self, names: Iterable[str], record: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The values that a record has for some columns, whatever else is wrong with it; None where one is none."""
        try:
            pairs = [(_reader(self.table.by_name[name], self.tabular), record[name]) for name in names]
            return None if any(value is None for _, value in pairs) else tuple(read(value) for read, value in pairs)
        except (KeyError, ValueError, OverflowError, ArithmeticError):
            return None

    def _together(self, shape: Shape, records: list[tuple[int, dict[str, Any]]]) -> list[Entry] | None:
        """Entries of records with the same names, read by columns; None where one of them may be none."""
        try:
            columns = zip(*(shape.pick(record) for _, record in records), strict=True)
            read = [many(values) for many, values in zip(shape.bulk, columns, strict=True)]
        except (ValueError, OverflowError, ArithmeticError):
            return None
        if not read or any(None in read[index] for index in shape.required):
            return None
        rows = zip(records, zip(*read, strict=True), strict=True)
        return [Entry(line, record, shape, values) for (line, record), values in rows]

    def _one_by_one(self, shape: Shape, records: list[tuple[int, dict[str, Any]]], reject: Reject) -> Iterator[Entry]:
        for line, record in records:
            try:
                pairs = zip(shape.reads, shape.pick(record), strict=True)
                values = [None if value is None else read(value) for read, value in pairs]
                own, values = self._nulls(shape, values) if None in values else (shape, values)
            except (ValueError, OverflowError, ArithmeticError):
                reject(line, record, self._problems(shape, record))
            else:
                yield Entry(line, record, own, values)

    def _shape(self, names: tuple[str, ...]) -> Shape:
        if len(self._shapes) > 1000:
            self._shapes.clear()
        return self._shapes.setdefault(names, Shape(self.table, names, self.tabular))

    def _nulls(self, shape: Shape, values: list[Any]) -> tuple[Shape, list[Any]]:
        """Shape and values, with what null means in columns that take none. Raises ValueError."""
        left_out = set()
        for index in shape.required:
            if values[index] is None:
                column = shape.columns[index]
                if self.tabular and column.kind.textual and not (column.choices or column.generated):
                    values[index] = ""
                elif column.default and (self.tabular or column.name in self.table.key):
                    left_out.add(index)
                else:
                    raise ValueError(_null(column))
        if left_out:
            values = [value for index, value in enumerate(values) if index not in left_out]
            kept = shape.without(left_out)
            shape = self._shape(tuple(column.name for column in (*kept.columns, *kept.generated)))
        return shape, values

    def _problems(self, shape: Shape, record: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with each of the values."""
        problems = []
        for column, read in zip(shape.columns, shape.reads, strict=True):
            value = record[column.name]
            try:
                if value is None:
                    self._nulls(self._shape((column.name,)), [None])
                else:
                    read(value)
            except (ValueError, OverflowError, ArithmeticError) as error:
                reason = str(error) if type(error) is ValueError else f"is no {column.kind.name}"
                problems.append(Problem(column.name, value, reason + spellings.hint(column.kind, value)))
        return problems

    def _unknown(self, shape: Shape, record: Mapping[str, Any], told: set[str]) -> list[Problem]:
        """What is told of names that are no columns, where it was not told before; a row may have many of them."""
        names = [name for name in shape.unknown[:TOLD] if name not in told]
        told.update(names if len(told) < TOLD else ())
        return [Problem(name[:TOLD], record[name], no_column(self.table, name)) for name in names]


def no_column(table: Table, name: str) -> str:
    """What is said of a name that is no column's."""
    for reference in table.references:
        if name == reference.name:
            own = ", ".join(reference.columns)
            return f"is the row that {own} refers to, and not written here; leave it out, or prefer handling=lenient"
    names = list(table.by_name)
    near, most = parameters.nearest(name, names), parameters.MOST_TOLD
    told = near or [*names[:most], *(["…"] if len(names) > most else ())]
    return f"is no column of {table.name}; there is {', '.join(told)}"


def _reader(column: Column, tabular: bool) -> Callable[[Any], Any]:
    """What reads the values of a column. Where formats tell text from data, text in a JSON column is itself."""
    read = column.kind.read
    if tabular or column.kind.name != kinds.JSON.name:
        return read
    return lambda value: kinds.TEXT.read(value) if type(value) is str else read(value)


def _is_needed(column: Column) -> bool:
    return not (column.nullable or column.default or column.generated)


def _null(column: Column) -> str:
    return "takes no null; left out, it has its default" if column.default else "takes no null"


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Values]:
    """A function: the values of these names."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda record: [record[name] for name in names]
