"""Rows of a table as HTML, some at a time, column by column.

Most columns of most rows need nothing but their values in a template: numbers, text without markup. One template then
writes a row at a time. A column with anything else in it is made of elements, a value at a time, as all HTML is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from string import Formatter
from typing import Any
from urllib.parse import quote

from .data import REPLACE
from .plain_columns import Column, columns
from .rows import Link, Row, Rows
from .table import cell_text, spread

LONG = 40
"""Characters up to which the text of a cell stays on one line."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""What neither HTML nor Markdown can hold."""

Element = Callable[[Any, str], str]
"""A value that is plain, and a URL that it leads to or "" -> its cell."""

Values = Sequence[Any]

_MARKUP = re.compile("[&<>\"'/]")  # with a slash it may be a URL
_WORD = re.compile("[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Filled:
    """What a column leads to: the parts of a template, literals and indexes of columns, and what fills it from any row.

    fill takes plain values and the row that they came in, and gives a URL, or "".
    """

    parts: Sequence[str | int]
    fill: Callable[[Values, Row], str]


class RowWriter:
    """What writes Rows. element writes the cells that need more than a template; figures are columns of numbers."""

    def __init__(self, rows: Rows, element: Element, figures: Iterable[bool]) -> None:
        paths, spread_ = spread(rows)
        self._spread = spread_ if rows.nested else None
        self._element = element
        self._nulls = [f'<td class="{"num " * figure}null">null</td>' for figure in figures]
        self._links = dict(_links(rows, {path[0]: index for index, path in reversed(list(enumerate(paths)))}))

    def lines(self, rows: list[Row]) -> bytes:
        """Rows, one at least, each on a line."""
        cells = columns(map(self._spread, rows) if self._spread else rows)
        if not cells:
            return b"<tr></tr>\n" * len(rows)
        indexes = range(len(cells))
        try:
            return _filled([self._column(index, cells, rows) for index in indexes])
        except ValueError:  # an integer that str() refuses
            return _filled([("%s", [self._cells(index, cells, rows)]) for index in indexes])

    def _column(self, index: int, columns: list[Column], rows: list[Row]) -> tuple[str, list[Values]]:
        """What the cells of a column are written into, and what goes into each of its places."""
        column, link = columns[index], self._links.get(index)
        template, arguments = _template(column), [column.written]
        if template and link:
            template, more = _linked(template, link.parts, index, columns)
            arguments = more + arguments
        if not template:
            return "%s", [self._cells(index, columns, rows)]
        if not column.has_null:
            return template, arguments
        pairs, null = zip(column.written, zip(*arguments, strict=True), strict=True), self._nulls[index]
        return "%s", [[null if text is None else template % given for text, given in pairs]]

    def _cells(self, index: int, columns: list[Column], rows: list[Row]) -> list[str]:
        column, null, element = columns[index], self._nulls[index], self._element
        if link := self._links.get(index):
            plain_rows = zip(*(one.values for one in columns), strict=True)
            triples = zip(column.values, plain_rows, rows, strict=True)
            cells = [
                null if value is None else element(value, link.fill(values, row)) for value, values, row in triples
            ]
        else:
            cells = [null if value is None else element(value, "") for value in column.values]
        return [CONTROLS.sub("\ufffd", cell) for cell in cells] if CONTROLS.search("".join(cells)) else cells


def _template(column: Column) -> str:
    """What each value but null is put into, "" where that differs."""
    if column.are_numbers:
        return '<td class="num">%s</td>'
    return "<td>%s</td>" if column.are_text and _is_simple(column.texts()) else ""


def _is_simple(texts: Sequence[str]) -> bool:
    joined = "".join(texts)
    simple = joined.isascii() and joined.isprintable() and not _MARKUP.search(joined)
    return simple and max(map(len, texts), default=0) <= LONG


def _is_key(column: Column) -> bool:
    """Whether no value but null needs quoting in a URL, or is no segment of a path."""
    if column.are_text:
        return all(texts := column.texts()) and bool(_WORD.fullmatch("".join(texts) or "-"))
    return column.are_numbers and float not in set(map(type, column.values))


def _filled(columns: list[tuple[str, list[Values]]]) -> bytes:
    template = f"<tr>{''.join(template for template, _ in columns)}</tr>\n"
    rows = zip(*chain.from_iterable(arguments for _, arguments in columns), strict=True)
    return "".join(map(template.__mod__, rows)).encode("utf-8", REPLACE)


def _linked(template: str, parts: Sequence[str | int], index: int, columns: list[Column]) -> tuple[str, list[Values]]:
    """A template with a link in it, and what is put into that before the value; "" where it takes more to fill it."""
    keys = {part: columns[part] for part in parts if isinstance(part, int)}
    if not parts or not all(_is_key(key) and (at == index or not key.has_null) for at, key in keys.items()):
        return "", []
    href = "".join("%s" if isinstance(part, int) else _literal(part) for part in parts)
    return template.replace("%s", f'<a href="{href}">%s</a>'), [keys[part].written for part in parts if part in keys]


def _literal(part: str) -> str:
    return escape(CONTROLS.sub("\ufffd", part)).replace("%", "%%")


def _links(rows: Rows, indexes: Mapping[str, int]) -> Iterator[tuple[int, _Filled]]:
    """The links by the index of their column, without those that need a column that is not there."""
    for name, link in rows.links.items():
        parts = _parts(link, indexes)
        if name in indexes and callable(link):
            yield indexes[name], _Filled(parts or (), _called(link))
        elif name in indexes and parts is not None:
            yield indexes[name], _Filled(parts, _filler(parts))


def _parts(link: str | Callable[[Row], str], indexes: Mapping[str, int]) -> list[str | int] | None:
    """A link's template as literals and indexes of columns; None where one of these is not there."""
    template = link if isinstance(link, str) else link.template if isinstance(link, Link) else ""
    parts: list[str | int] = []
    for literal, name, *_ in Formatter().parse(template):
        if name is not None and name not in indexes:
            return None
        parts += [literal] if literal else []
        parts += [] if name is None else [indexes[name]]
    return parts


def _called(function: Callable[[Row], str]) -> Callable[[Values, Row], str]:
    return lambda values, row: function(row)


def _filler(parts: list[str | int]) -> Callable[[Values, Row], str]:
    def fill(values: Values, row: Row) -> str:
        href = ""
        for part in parts:
            if isinstance(part, str):
                href += part
                continue
            text = cell_text(values[part])
            if text in (None, "", ".", ".."):  # browsers resolve dots, quoted or not
                return ""
            href += quote(str(text).encode("utf-8", REPLACE), safe="")
        return href

    return fill
