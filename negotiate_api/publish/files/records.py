"""The records of a file in batches, column by column: CSV, TSV, NDJSON and arrays of JSON as they are read.

Reading goes on after a record that is wrong, so that all of them are told; a batch is as long as keeps memory flat.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from representations import XML, YAML, Malformed
from representations.csv_body import Reader, Record
from representations.json import loads
from representations.table import VALUE

from .detecting import Layout
from .json_items import items
from .problems import Problems
from .source import Source

ROWS = 5000
BYTES = 4 * 1024 * 1024
"""What a batch holds at most, as far as one record is not longer."""

LONGEST = 16 * 1024 * 1024
"""Characters of a record."""

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read whole."""

_PLACE = re.compile(r"line (?P<line>\d+)(?:, field (?P<field>\d+))?: (?P<reason>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records. lines are those on which they begin; columns are the values of each column that they have."""

    lines: Sequence[int]
    columns: Mapping[str, Sequence[Any]]


def batches(source: Source, layout: Layout, problems: Problems) -> Iterator[Batch]:
    """All records; of CSV and TSV the first batch is empty and names the columns. Raises Unloadable."""
    read = _delimited if layout.delimiter else _mappings
    for batch in read(source, layout, problems):
        source.check()
        yield batch
    source.check()
    problems.end()


def is_textual(source: Source, layout: Layout) -> bool:
    """Whether values are text without types of their own: CSV, and XML that has no types."""
    return bool(layout.delimiter) or (layout.format == "XML" and b' type="' not in source.head(1 << 20))


def _delimited(source: Source, layout: Layout, problems: Problems) -> Iterator[Batch]:
    with source.utf8(layout.encoding.name) as file:
        names: list[str] = []
        records = _told(Reader(layout.delimiter).records(file, LONGEST), names, problems)
        if layout.announced:
            next(records)
        header = next(records, None)
        if header is None:
            problems.end()
            raise problems.fail(None, None, "it has no line that names the columns")
        names += _names(*header, problems)
        yield Batch([], dict.fromkeys(names, ()))
        for batch in _batched(source, records):
            if even := _even(batch, len(names), problems):
                lines, rows = zip(*even, strict=True)
                yield Batch(lines, dict(zip(names, zip(*rows, strict=True), strict=True)))


def _told(records: Iterator[Record], names: Sequence[str], problems: Problems) -> Iterator[Record]:
    """The records, up to one whose quotation marks are wrong, of which is told with the name of the column."""
    try:
        yield from records
    except Malformed as error:
        match = _PLACE.fullmatch(str(error))
        assert match
        field = int(match["field"] or 0)
        column = names[field - 1] if 0 < field <= len(names) else field or None
        problems.add(int(match["line"]), column, match["reason"])


def _names(line: int, header: list[str | None], problems: Problems) -> list[str]:
    """The columns' names, without blanks around them. Raises Unloadable."""
    names = [(name or "").strip() for name in header]
    for number, name in enumerate(names, 1):
        if not name:
            problems.add(line, number, "it has no name in the header")
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            places = [str(number) for number, other in enumerate(names, 1) if other == name]
            problems.add(line, name, f"the name of {count} columns, the {' and the '.join(map(_ordinal, places))}")
    problems.end()
    return names


def _ordinal(number: str) -> str:
    endings = {"1": "st", "2": "nd", "3": "rd"}
    return number + ("th" if number[-2:] in ("11", "12", "13") else endings.get(number[-1], "th"))


def _even(records: list[Record], width: int, problems: Problems) -> list[Record]:
    """The records that are as wide as the header; of the others is told."""
    if {len(values) for _, values in records} == {width}:
        return records
    for line, values in records:
        if len(values) != width:
            problems.add(line, None, f"{_counted(len(values), 'field')}, the header has {width}")
    return [record for record in records if len(record[1]) == width]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _mappings(source: Source, layout: Layout, problems: Problems) -> Iterator[Batch]:
    read = {"NDJSON": _ndjson, "JSON": _json}.get(layout.format, _whole)
    records = _rows(read(source, layout, problems), problems)
    for batch in _batched(source, records):
        names = dict.fromkeys(name for _, record in batch for name in record)
        lines = [line for line, _ in batch]
        columns = {name: [record.get(name) for _, record in batch] for name in names}
        for name, values in columns.items():
            _check_text(name, values, lines, problems)
        yield Batch(lines, columns)


def _check_text(name: str, values: Sequence[Any], lines: Sequence[int], problems: Problems) -> None:
    for value, line in zip(values, lines, strict=True):
        if type(value) is str and "\0" in value:
            problems.add(line, name, "it has the character U+0000, which not every database keeps in text")


def _rows(records: Iterable[tuple[int, Any]], problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records as mappings: where the first is none, none is, and each is the value of one column."""
    plain = None
    for line, record in records:
        is_mapping = isinstance(record, dict)
        plain = not is_mapping if plain is None else plain
        if is_mapping == plain:
            problems.add(
                line, None, f"{'a' if is_mapping else 'no'} mapping of names to values, unlike the first record"
            )
        elif "" in record if is_mapping else False:
            problems.add(line, None, "a name that is empty")
        else:
            yield line, {VALUE: record} if plain else record


def _ndjson(source: Source, layout: Layout, problems: Problems) -> Iterator[tuple[int, Any]]:
    with source.text(layout.encoding.name) as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST), ""), 1):
            if len(line) == LONGEST:
                raise problems.fail(number, None, f"longer than {LONGEST:,} characters")
            if line.strip():
                try:
                    yield number, loads(line.encode(), exactly=True)
                except Malformed as error:
                    problems.add(number, None, str(error).replace("line 1, ", ""))


def _json(source: Source, layout: Layout, problems: Problems) -> Iterator[tuple[int, Any]]:
    with source.text(layout.encoding.name) as file:
        for line, item in items(file, problems):
            yield from ((line, item),) if line else _unwrapped(item)


def _whole(source: Source, layout: Layout, problems: Problems) -> Iterator[tuple[int, Any]]:
    """The records of a document that is read whole, with their numbers."""
    with source.binary() as file:
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise problems.fail(None, None, f"longer than {LARGEST:,} bytes; CSV, NDJSON and arrays of JSON may be longer")
    if layout.encoding.name:
        body = b"\xef\xbb\xbf" + body.decode(layout.encoding.name).removeprefix("\ufeff").encode()
    try:
        data = (XML() if layout.format == "XML" else YAML()).exactly().decode(body)
    except Malformed as error:
        raise problems.fail(None, None, f"no valid {layout.format}: {error}") from None
    yield from enumerate(data, 1) if isinstance(data, list) else _unwrapped(data)


def _unwrapped(data: Any) -> Iterator[tuple[int, Any]]:
    """The mappings in the only entry of a mapping, {"cities": [{…}, …]}; else the data as one record."""
    [inner] = data.values() if isinstance(data, dict) and len(data) == 1 else [None]
    if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
        return enumerate(inner, 1)
    return iter([] if data is None else [(1, data)])


def _batched(source: Source, records: Iterator[Any]) -> Iterator[list[Any]]:
    size, before = 100, 0
    while batch := list(islice(records, size)):
        yield batch
        after = source.done()
        size = max(1, min(ROWS, len(batch) * BYTES // max(1, after - before)))
        before = after
