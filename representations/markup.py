"""Plain data as HTML elements, all of it escaped: what html.py puts into a page.

A list of mappings is a table, a mapping a list of names and values, any other list a list; nested values are laid out
down to DEPTH levels, in the cells of a table to one, and are JSON below. Text that is an absolute URL of the web, or a
path on this site, is a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from html import escape
from itertools import chain, islice, repeat, starmap
from string import Formatter
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from .base import chunked
from .data import REPLACE, number, plain
from .metadata import Heading
from .rows import Row, Rows
from .table import cell_text, json_text, spread

DEPTH = 6
"""Levels of nesting that are laid out; what lies deeper is JSON."""

SAMPLE = 50
"""Rows that are read before the header is written, to see which columns hold figures."""

LONG = 40
"""Characters up to which the text of a cell stays on one line."""

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""What neither HTML nor Markdown can hold."""

Headings = Mapping[str, Heading]
PLAIN, NONE = Heading(), MappingProxyType[str, Heading]({})

Fill = Callable[[list[Any], Row], str]
"""A row as plain data, and as it came -> a URL, or ""."""

_FIGURES = frozenset((int, float, Decimal))
# Browsers take a backslash for a slash and drop tabs and line ends: "/\host" and "/\t/host" would leave the site.
_URL = re.compile(r"(?:https?://|/(?![/\\]))[^\s\\\x00-\x1f\x7f]*", re.IGNORECASE)


class Table:
    """The parts of a table element. count is how many rows have been written so far."""

    def __init__(self, rows: Rows, headings: Headings = NONE) -> None:
        paths, cells_of = spread(rows)
        columns = [".".join(path) for path in paths]
        source = ((plain(list(cells_of(row))), row) for row in rows.tuples())
        sample = list(islice(source, SAMPLE))
        figures = _figures([cells for cells, _ in sample]) or [False] * len(columns)
        self.count = 0
        self.width = len(columns)
        self.head = Markup("".join(map(_heading, columns, figures, repeat(headings))))
        self._rows = chain(sample, source)
        self._nulls = [f'<td class="{"num " * figure}null">null</td>' for figure in figures]
        self._links = _links(rows, {path[0]: index for index, path in reversed(list(enumerate(paths)))})

    def body(self) -> Iterator[Markup]:
        """The rows, some at a time."""
        for chunk in chunked(self._rows, self._lines):
            yield Markup(chunk.decode())

    def _lines(self, rows: list[tuple[list[Any], Row]]) -> bytes:
        self.count += len(rows)
        return "".join(starmap(self._line, rows)).encode("utf-8", REPLACE)

    def _line(self, values: list[Any], row: Row) -> str:
        cells = [
            null if value is None else element("td", value, 1) for null, value in zip(self._nulls, values, strict=True)
        ]
        for index, fill in self._links:
            if values[index] is not None and (href := fill(values, row)):
                cells[index] = element("td", values[index], 1, href)
        return f"<tr>{''.join(cells)}</tr>\n"


def body(data: Any, headings: Headings = NONE, hrefs: Mapping[str, str] = MappingProxyType({})) -> str:
    """Plain data as elements of their own, a value alone as a paragraph; hrefs are where members of a mapping lead."""
    if hrefs and isinstance(data, dict):
        return pairs(data, lambda key, item: element("dd", item, DEPTH - 1, hrefs.get(key, ""), key), headings)
    return _nested(data, DEPTH, "", headings) if isinstance(data, (dict, list)) else element("p", data)


def element(tag: str, value: Any, depth: int = DEPTH, href: str = "", name: str = "") -> str:
    """Plain data as one element. depth is how many levels of nesting it may lay out, name the path to it."""
    kind = type(value)
    if kind is str:
        return text(tag, value, href)
    if kind is dict or kind is list:
        return f'<{tag} class="nest">{_nested(value, depth, name)}</{tag}>'
    if value is None:
        return f'<{tag} class="null">null</{tag}>'
    if kind is bool:
        return f"<{tag}>{_anchor('true' if value else 'false', href)}</{tag}>"
    return f'<{tag} class="num">{_anchor(number(value), href)}</{tag}>'


def text(tag: str, value: str, href: str = "") -> str:
    """Text as one element, a link where there is a href or the text is a URL."""
    if not href and value[:1] in ("/", "h", "H") and is_url(value):
        href = value
    wrapped = ' class="long"' if len(value) > LONG else ""
    return f"<{tag}{_direction(value)}{wrapped}>{_anchor(value, href)}</{tag}>"


def pairs(record: dict[str, Any], value: Callable[[str, Any], str], headings: Headings = NONE) -> str:
    """Names and values, each value as value(name, value) writes it."""
    items = (f"<div>{_name(key, headings)}{value(key, item)}</div>" for key, item in record.items())
    return f"<dl>{''.join(items)}</dl>"


def is_url(value: str) -> bool:
    """Whether a link to it stays on this site or goes to the web: "/users", "https://example.org", no other scheme."""
    return _URL.fullmatch(value) is not None


def is_table(data: Any) -> bool:
    """Whether plain data is a list of mappings."""
    return isinstance(data, list) and all(isinstance(item, dict) for item in data)


def rows_of(records: list[dict[str, Any]]) -> Rows:
    """Rows with the union of the keys as columns."""
    columns = tuple(dict.fromkeys(chain.from_iterable(records)))
    return Rows(columns, [tuple(map(record.get, columns)) for record in records])


def _nested(value: Any, depth: int, name: str, headings: Headings = NONE) -> str:
    table = is_table(value)
    if not value or depth < 1 + table:
        return f"<code>{escape(json_text(value))}</code>"
    if isinstance(value, dict):
        return pairs(value, lambda key, item: element("dd", item, depth - 1, name=f"{name} {key}".strip()), headings)
    if table:
        return _inner_table(value, name)
    items = (element("li", item, depth - 1, name=f"{name} {n}".strip()) for n, item in enumerate(value, 1))
    return f"<ul>{''.join(items)}</ul>"


def _inner_table(records: list[dict[str, Any]], name: str) -> str:
    table = Table(rows_of(records))
    parts = f"<thead><tr>{table.head}</tr></thead><tbody>{''.join(table.body())}</tbody>"
    label = escape(name) or "Values"
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0"><table>{parts}</table></div>'


def _name(key: str, headings: Headings) -> str:
    heading = headings.get(key, PLAIN)
    return f"<dt{_direction(heading.title or key)}>{_told(key, heading)}{_small(heading.description)}</dt>"


def _heading(name: str, figures: bool, headings: Headings) -> str:
    heading, align = headings.get(name, PLAIN), ' class="num"' if figures else ""
    description = f' title="{escape(heading.description)}"' if heading.description else ""
    return f'<th scope="col"{_direction(heading.title or name)}{align}{description}>{_told(name, heading)}</th>'


def _told(name: str, heading: Heading) -> str:
    """The title and unit of a column, and below another title its name, which is what programs and URLs take."""
    unit = f" ({escape(heading.unit)})" if heading.unit else ""
    return f"{escape(heading.title or name)}{unit}{_small(name if heading.title not in ('', name) else '')}"


def _small(line: str) -> str:
    return f"<small{_direction(line)}>{escape(line)}</small>" if line else ""


def _direction(value: str) -> str:
    return "" if value.isascii() else ' dir="auto"'


def _anchor(value: str, href: str) -> str:
    return f'<a href="{escape(href)}">{escape(value)}</a>' if href else escape(value)


def _figures(sample: list[list[Any]]) -> list[bool]:
    """For each column, whether its first value other than null is a number."""
    columns = zip(*sample, strict=True)
    return [type(next((value for value in column if value is not None), None)) in _FIGURES for column in columns]


def _links(rows: Rows, indexes: Mapping[str, int]) -> list[tuple[int, Fill]]:
    """The columns that are links, by index, and what gives a row's URL: "" where a value it needs is not there."""
    links: list[tuple[int, Fill]] = []
    for name, template in rows.links.items():
        if callable(template):
            links.extend([(indexes[name], _called(template))] if name in indexes else [])
            continue
        parts = [(literal, field) for literal, field, *_ in Formatter().parse(template)]
        if name in indexes and all(field is None or field in indexes for _, field in parts):
            links.append((indexes[name], _filler([(s, None if f is None else indexes[f]) for s, f in parts])))
    return links


def _called(function: Callable[[Row], str]) -> Fill:
    return lambda values, row: function(row)


def _filler(parts: list[tuple[str, int | None]]) -> Fill:
    def fill(values: list[Any], row: Row) -> str:
        href = ""
        for literal, index in parts:
            value = "" if index is None else cell_text(values[index])
            if index is not None and value in (None, "", ".", ".."):  # browsers resolve dots, quoted or not
                return ""
            href += literal + quote(str(value).encode("utf-8", REPLACE), safe="")
        return href

    return fill
