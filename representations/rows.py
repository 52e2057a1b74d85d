"""Rows, a table that is read once, row by row, and what goes with them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from .base import Unrepresentable
from .metadata import Page

Row = tuple[Any, ...]


class RowsConsumed(RuntimeError):
    """Rows were read a second time."""


class Rows:
    """A table read once, row by row: columns, then tuples in their order.

    Two views, so that no format pays for the other's: tuples() for CSV and HTML, dicts() for JSON.
    The source may be a callable that gives the tuples; it is not called before the first row is wanted.

    columns   names, in order
    count     how many rows there will be, where that is known: a number, or a callable that gives it
    links     column -> URL template filled from the row, for formats with links: {"code": "/countries/{code}"};
              or a function of a tuple that gives the URL, "" for none; a Link is one
    window    (offset, size) -> tuples, for a source that can skip rows cheaper than by reading them
    nested    column -> the names of what each value of it holds, which formats of columns alone spread: country.code.
              Given, it tells of all there are: a dot in another column's name is no path, and written as it is
    pages     size -> Part, for a source that knows itself what of it is asked for; size is that of the format's pages,
              None where the format holds all rows. Takes the place of these Rows
    batched   the source gives lists of tuples, each of which has a value for every column, as a cursor does
    types     the types that all values are of, where the source knows; what it knows no format looks for
    """

    __slots__ = (
        *("_batched", "_count", "_origin", "_source", "_window"),
        *("columns", "links", "mappings", "nested", "pages", "types"),
    )

    def __init__(  # noqa: PLR0913 - what a source may know of its rows
        self,
        columns: Iterable[str],
        tuples: Iterable[Any] | Callable[[], Iterable[Any]],
        *,
        count: int | Callable[[], int] | None = None,
        links: Mapping[str, str | Callable[[Row], str]] | None = None,
        nested: Mapping[str, Iterable[str]] | None = None,
        window: Callable[[int, int], Iterable[Row]] | None = None,
        pages: Callable[[int | None], Part] | None = None,
        batched: bool = False,
        types: Iterable[type] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"a column is there twice in {list(self.columns)}")
        self.links = dict(links or {})
        self.nested = None if nested is None else {name: tuple(names) for name, names in nested.items()}
        self.pages = pages
        self.types = None if types is None else frozenset(types)
        self.mappings = False
        self._batched = batched
        self._count = count
        self._window = window
        self._origin: Any = _deferred(tuples) if callable(tuples) else tuples
        self._source: Iterator[Any] | None = chain.from_iterable(self._origin) if batched else iter(self._origin)

    @classmethod
    def of(cls, mappings: Iterable[Mapping[str, Any]]) -> Rows:
        """Rows from dicts with the keys of the first, which is read now."""
        source = iter(mappings)
        first = next(source, None)
        rows = cls(() if first is None else first, ())
        rows.mappings, rows._origin = True, mappings
        rows._source = source if first is None else chain((first,), source)
        return rows

    @property
    def count(self) -> int | None:
        return self._count() if callable(self._count) else self._count

    def settle_count(self) -> None:
        """Ask for the count now: once rows are being read, their source may answer nothing else."""
        self._count = self.count

    def start(self) -> None:
        """Read the first row now, so that a failing query fails before the status line is sent."""
        source = self._take()
        self._source = chain(list(islice(source, 1)), source)

    def tuples(self) -> Iterator[Row]:
        """What a dict lacks is None. Raises Unrepresentable at a key of its own, ValueError at an uneven tuple."""
        if self._batched:
            return self._take()
        return (_aligned if self.mappings else _even)(self._take(), self.columns)

    def dicts(self) -> Iterator[Mapping[str, Any]]:
        source, columns = self._take(), self.columns
        return source if self.mappings else (dict(zip(columns, row, strict=True)) for row in source)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return self.dicts()

    def slice(self, offset: int, size: int) -> Rows:
        """The size rows after the first offset ones. Takes the place of these Rows."""
        if self._window:
            window = self._window
            return Rows(self.columns, lambda: window(offset, size), links=self.links, nested=self.nested)
        rows = Rows(self.columns, (), links=self.links, nested=self.nested)
        rows.mappings, rows._batched, rows._origin = self.mappings, self._batched, self._origin
        rows.types = self.types
        rows._source = islice(self._take(), offset, offset + size)
        return rows

    def close(self) -> None:
        """Let go of what the rows come from: a cursor, a file."""
        self._source = None
        if callable(close := getattr(self._origin, "close", None)):
            close()

    def _take(self) -> Iterator[Any]:
        source, self._source = self._source, None
        if source is None:
            raise RowsConsumed("rows can be read once")
        return source


@dataclass(frozen=True, slots=True)
class Link:
    """A function of a tuple that gives a URL, with a template that formats may fill instead, as that is faster.

    template   as Rows take it. Filled with what needs no quoting, integers and texts of ASCII letters, digits, - and _,
               it gives what url gives; where another value is to go into it, url is called
    """

    url: Callable[[Sequence[Any]], str]
    template: str

    def __call__(self, row: Sequence[Any]) -> str:
        return self.url(row)


class Record(dict[str, Any]):
    """A row as a mapping. CSV and TSV write it as Rows of one: each value is a cell, but for those that are nested.

    nested  as Rows take it
    """

    def __init__(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]], nested: Mapping[str, Iterable[str]]):
        super().__init__(values)
        self.nested = nested

    def rows(self) -> Rows:
        """It as a table."""
        return Rows(self, [tuple(self.values())], nested=self.nested)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows out of more of them, URLs of other parts by link relation ("first", "prev", "next", "last"), and which."""

    rows: Rows
    links: Mapping[str, str] = field(default_factory=dict)
    page: Page | None = None


def rows_or_list(items: Iterator[Any]) -> Rows | list[Any]:
    """What an iterator gives: Rows of mappings, read as they are wanted, or a list of anything else."""
    head = list(islice(items, 1))
    if not (head and isinstance(head[0], Mapping)):
        return [*head, *items]
    rows = Rows.of(chain(head, items))
    rows._origin = items
    return rows


def alike(mappings: Sequence[Any]) -> tuple[tuple[str, ...], list[Row]] | None:
    """Names and rows, if mappings are dicts, one at least, with the same names in the same order."""
    if not mappings or not _DICTS.issuperset(map(type, mappings)):
        return None
    names = tuple(mappings[0])
    if names and _TEXT.issuperset(map(type, names)) and list(map(tuple, mappings)).count(names) == len(mappings):
        return names, [tuple(mapping.values()) for mapping in mappings]
    return None


def converted(rows: list[Row], kept: frozenset[type], convert: Callable[[Any], Any]) -> list[Row]:
    """rows with each value of a type that is not kept as convert() makes it; seen, and done, by columns."""
    if kept.issuperset(map(type, chain.from_iterable(rows))):
        return rows
    columns = [
        column if kept.issuperset(map(type, column)) else [v if type(v) in kept else convert(v) for v in column]
        for column in zip(*rows, strict=True)
    ]
    return list(zip(*columns, strict=True))


_TEXT = frozenset((str,))
_DICTS = frozenset((dict, OrderedDict, Record))


def _deferred(source: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    yield from source()


def _even(tuples: Iterator[Row], columns: tuple[str, ...]) -> Iterator[Row]:
    width = len(columns)
    for row in tuples:
        if len(row) != width:
            raise ValueError(f"a row has {len(row)} values for {width} columns")
        yield row


def _aligned(mappings: Iterator[Mapping[str, Any]], columns: tuple[str, ...]) -> Iterator[Row]:
    known = frozenset(columns)
    for number, mapping in enumerate(mappings, 1):
        if not known.issuperset(mapping):
            raise Unrepresentable(f"row {number} has the columns {list(mapping)}, the first row has {list(columns)}")
        yield tuple(map(mapping.get, columns))
