"""What a format is, and what it is handed: data or Rows, and Metadata.

Each format is one module of this package with one Representation subclass.
Nothing here knows of Flask, of HTTP requests or of a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO, ClassVar, Self, TypeVar

Row = tuple[Any, ...]
T = TypeVar("T")

CHUNK = 64 * 1024
"""Bytes that a chunk of a stream aims at: one-row chunks cost a server more than the rows do."""


LONGEST_RECORD = 1024 * 1024
"""Characters, or bytes, that a record may have in a body that is read record by record."""


class Malformed(ValueError):
    """A body is not valid in its format; the message says what is wrong and where. Answered with 400."""


class Unrepresentable(ValueError):
    """The data has no form in this format. The next acceptable offer is tried."""


class RowsConsumed(RuntimeError):
    """Rows were read a second time."""


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same resource in another format (RFC 8288, relation "alternate")."""

    mediatype: str
    href: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the rows a page holds. Counts from 1; total is None where it is not known.

    place  where the rows are that first and last do not number: "after NO"
    """

    number: int
    first: int
    last: int
    total: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What people are told of a column beside its name: what it is, what its figures count, and a line on it."""

    title: str = ""
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an encoder may know of the response around the data.

    name         of the resource, a word fit for a file name or a heading: "countries"
    status       status code of the response
    method, url  of the request; url is path and query as a client sees them
    description  of the resource, a paragraph of plain text or nothing
    links        URLs by link relation (RFC 8288): "up", "first", "prev", "next", "last"
    page         where the rows are a page of more
    alternates   gives every format of this resource, in server preference order
    related      titles and URLs of what the resource refers to, or is referred to by
    headings     what people are told of columns, or of the members of a mapping, by name
    hrefs        URLs that the members of a mapping lead to, by name
    above        URLs of what the resource is within, the outermost first
    """

    name: str = "data"
    status: int = 200
    method: str = "GET"
    url: str = ""
    description: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    page: Page | None = None
    alternates: Callable[[], tuple[Alternate, ...]] = tuple
    related: tuple[tuple[str, str], ...] = ()
    headings: Mapping[str, Heading] = field(default_factory=dict)
    hrefs: Mapping[str, str] = field(default_factory=dict)
    above: tuple[str, ...] = ()


PLAIN = Metadata()


class Rows:
    """A table read once, row by row: columns, then tuples in their order.

    Two views, so that no format pays for the other's: tuples() for CSV and HTML, dicts() for JSON.
    The source may be a callable that gives the tuples; it is not called before the first row is wanted.

    columns   names, in order
    count     how many rows there will be, where that is known: a number, or a callable that gives it
    links     column -> URL template filled from the row, for formats with links: {"code": "/countries/{code}"};
              or a function of a tuple that gives the URL, "" for none
    window    (offset, size) -> tuples, for a source that can skip rows cheaper than by reading them
    nested    column -> the names of what each value of it holds, which formats of columns alone spread: country.code.
              Given, it tells of all there are: a dot in another column's name is no path, and written as it is
    pages     size -> Part, for a source that knows itself what of it is asked for; size is that of the format's pages,
              None where the format holds all rows. Takes the place of these Rows
    """

    __slots__ = ("_count", "_origin", "_source", "_window", "columns", "links", "mappings", "nested", "pages")

    def __init__(  # noqa: PLR0913 - what a source may know of its rows
        self,
        columns: Iterable[str],
        tuples: Iterable[Row] | Callable[[], Iterable[Row]],
        *,
        count: int | Callable[[], int] | None = None,
        links: Mapping[str, str | Callable[[Row], str]] | None = None,
        nested: Mapping[str, Iterable[str]] | None = None,
        window: Callable[[int, int], Iterable[Row]] | None = None,
        pages: Callable[[int | None], Part] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        if len(set(self.columns)) < len(self.columns):
            raise ValueError(f"a column is there twice in {list(self.columns)}")
        self.links = dict(links or {})
        self.nested = None if nested is None else {name: tuple(names) for name, names in nested.items()}
        self.pages = pages
        self.mappings = False
        self._count = count
        self._window = window
        self._origin: Any = _deferred(tuples) if callable(tuples) else tuples
        self._source: Iterator[Any] | None = iter(self._origin)

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
        rows.mappings, rows._origin = self.mappings, self._origin
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


def _deferred(source: Callable[[], Iterable[Row]]) -> Iterator[Row]:
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


def chunked(items: Iterator[T], write: Callable[[list[T]], bytes]) -> Iterator[bytes]:
    """What write() makes of successive slices of items, each slice as long as gives about CHUNK bytes."""
    size = 1
    while batch := list(islice(items, size)):
        chunk = write(batch)
        yield chunk
        size = max(1, min(1000, len(batch) * CHUNK // (len(chunk) or 1)))


class Representation:
    """One format: how it is named, written and read. Instances are immutable and shared between threads.

    mediatype   sent as Content-Type
    aliases     other media types that mean this format
    suffixes    names in ?format= and the URL, the first one used in links
    charset     added to Content-Type for text formats (never to JSON)
    page_size   rows a response holds at most, the rest on further pages; None sends all
    exact       decode() gives a Decimal for a number with a fraction that a float would not keep all digits of
    binary      a body is bytes and has no charset
    counts_rows iter_encode() needs to know how many rows there are
    tabular     decode() always gives a list of records, even of one
    decode      None for formats that are only written; raises Malformed. A text format is handed UTF-8,
                which may begin with a byte order mark
    """

    mediatype: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    suffixes: ClassVar[tuple[str, ...]] = ()
    charset: ClassVar[str | None] = None
    binary: ClassVar[bool] = False
    counts_rows: ClassVar[bool] = False
    tabular: ClassVar[bool] = False
    page_size: int | None = None
    exact: bool = False
    decode: Callable[[bytes], Any] | None = None

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        """Write any data of the data model (see data.py). Raises Unrepresentable."""
        raise NotImplementedError

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        """Write a table in chunks. Raises Unrepresentable.

        Joined they are the document that encode(list(rows.dicts())) is; in JSON the white space may differ, and in CSV
        a nested value is one cell, as its columns are not declared.
        """
        yield self.encode(list(rows.dicts()), meta)

    def iter_decode(self, file: BinaryIO) -> Iterator[tuple[int, Any]]:
        """The records that decode() gives of a body, each with its place: the line on which it starts, or its number.

        CSV, TSV and NDJSON are read a record at a time, which may be up to LONGEST_RECORD long, in memory that does not
        grow with their length; the others are read whole, and one value is one record. Raises Malformed.
        """
        assert self.decode, f"{self!r} is only written"
        data = self.decode(file.read())
        yield from enumerate(data if isinstance(data, list) else [data], 1)

    def columns(self, file: BinaryIO) -> tuple[str, ...] | None:
        """The names in each record of a body that begins with them, as CSV and TSV do. Raises Malformed."""
        return None

    def exactly(self) -> Self:
        """The same format, exact."""
        twin = copy(self)
        twin.exact = True
        return twin

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.mediatype}>"
