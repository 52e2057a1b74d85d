"""Records of an upload as rows of a table: together and by columns where that can be, else as single entries."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import Any, NamedTuple

from representations.slices import Place, Slice, grouped

from ..queries import parameters
from ..schema.tables import Column, Table
from . import spellings
from .seen import Token, token
from .shapes import Shape, reader

Values = Sequence[Any]

TOLD = 100
"""Names that are no columns, and characters of each, that are told."""

MOST = 2000
"""Records that are read together."""

FEW = 16
"""Records that are read one by one where they cannot be together."""


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


class Batch(NamedTuple):
    """Rows of an upload of one shape, by columns. given is as they came, columns are what those of the shape take."""

    given: Slice
    shape: Shape
    columns: Sequence[Sequence[Any]]

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.given.lines)

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The values of each."""
        return zip(*self.columns, strict=True)

    def values(self, names: Sequence[str]) -> list[tuple[Any, ...]] | None:
        """The values that each has for these columns; None where one has none."""
        own = {column.name: values for column, values in zip(self.shape.columns, self.columns, strict=True)}
        columns = [own.get(name, (None,)) for name in names]
        return None if any(None in column for column in columns) else list(zip(*columns, strict=True))

    def entries(self, wanted: Sequence[object] | None = None) -> list[Entry]:
        """The rows one by one; of wanted, which has a truth for each, those for which it is true."""
        if wanted is not None and not any(wanted):
            return []
        pairs = zip(self.given.records(), self.rows, strict=True)
        chosen = pairs if wanted is None else compress(pairs, wanted)
        return [Entry(line, record, self.shape, values) for (line, record), values in chosen]


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

    def entries(self, records: Iterable[Place], reject: Reject) -> Iterator[Entry]:
        """The records that can be read; reject is told of the others."""
        found = self.batches(grouped(records), reject)
        return chain.from_iterable(one.entries() if isinstance(one, Batch) else one for one in found)

    def batches(self, slices: Iterable[Slice], reject: Reject) -> Iterator[Batch | list[Entry]]:
        """The same of slices: rows that can be read together, and single ones."""
        told = set[str]()
        for given in chain.from_iterable(map(_parts, slices)):
            shape = self._shapes.get(given.names) or self._shape(given.names)
            if not shape.unknown or self.lenient:
                yield from self._read(shape, given, reject)
                continue
            for line, record in given.records():
                reject(line, record, self._unknown(shape, record, told))

    def values_of(self, names: Iterable[str], record: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The values that a record has for some columns, whatever else is wrong with it; None where one is none."""
        try:
            pairs = [(reader(self.table.by_name[name], self.tabular), record[name]) for name in names]
            return None if any(value is None for _, value in pairs) else tuple(read(value) for read, value in pairs)
        except (KeyError, ValueError, OverflowError, ArithmeticError):
            return None

    def _read(self, shape: Shape, given: Slice, reject: Reject) -> Iterator[Batch | list[Entry]]:
        """What can be read of records, together or in halves, so that one that cannot does not hold up the others."""
        count = len(given.lines)
        if batch := self._together(shape, given):
            yield batch
        elif count > FEW:
            yield from self._read(shape, given.part(0, count // 2), reject)
            yield from self._read(shape, given.part(count // 2, count), reject)
        elif entries := list(self._one_by_one(shape, given, reject)):
            yield entries

    def _together(self, shape: Shape, given: Slice) -> Batch | None:
        """Records read by columns; None where one of them may be no row."""
        try:
            pairs = zip(shape.bulk, shape.places, strict=True)
            columns = [many(given.columns[place]) for many, place in pairs]
        except (ValueError, OverflowError, ArithmeticError):
            return None
        left_out = set()
        for index in shape.required:
            if None in columns[index]:
                if index in shape.filled:
                    columns[index] = ["" if value is None else value for value in columns[index]]
                elif shape.may_lack(index) and not any(value is not None for value in columns[index]):
                    left_out.add(index)
                else:
                    return None
        shape, columns = self._lacking(shape, columns, left_out)
        return Batch(given, shape, columns) if columns else None

    def _one_by_one(self, shape: Shape, given: Slice, reject: Reject) -> Iterator[Entry]:
        names = [column.name for column in shape.columns]
        for line, record in given.records():
            try:
                pairs = zip(shape.reads, map(record.__getitem__, names), strict=True)
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
                if index in shape.filled:
                    values[index] = ""
                elif shape.may_lack(index):
                    left_out.add(index)
                else:
                    raise ValueError(_null(column))
        return self._lacking(shape, values, left_out)

    def _lacking(self, shape: Shape, values: list[Any], indexes: Container[int]) -> tuple[Shape, list[Any]]:
        """Shape and values, or columns of them, without some columns."""
        left = [value for index, value in enumerate(values) if index not in indexes]
        return (shape, values) if len(left) == len(values) else (self._shape(shape.without(indexes)), left)

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


def _parts(given: Slice) -> Iterator[Slice]:
    """A slice in parts of at most MOST records."""
    count = len(given.lines)
    return (given.part(start, start + MOST) for start in range(0, count, MOST)) if count > MOST else iter((given,))


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


def _null(column: Column) -> str:
    return "takes no null; left out, it has its default" if column.default else "takes no null"
