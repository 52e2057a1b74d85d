"""Plain data as HTML elements, all of it escaped: what html.py puts into a page.

A list of mappings is a table, a mapping a list of names and values, any other list a list; nested values are laid out
down to DEPTH levels, in the cells of a table to one, and are JSON below. Text that is an absolute URL of the web, or a
path on this site, is a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import chain, islice, repeat
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from .base import chunked
from .data import number
from .html_rows import LONG, RowWriter
from .metadata import Heading
from .plain_columns import is_figures
from .rows import Row, Rows
from .table import json_text, spread

DEPTH = 6
"""Levels of nesting that are laid out; what lies deeper is JSON."""

SAMPLE = 50
"""Rows that are read before the header is written, to see which columns hold figures."""

Headings = Mapping[str, Heading]
PLAIN, NONE = Heading(), MappingProxyType[str, Heading]({})

# Browsers take a backslash for a slash and drop tabs and line ends: "/\host" and "/\t/host" would leave the site.
_PLAIN_TEXT = re.compile(f"[ !#-%(-.0-;=?-~]{{0,{LONG}}}").fullmatch
_URL = re.compile(r"(?:https?://|/(?![/\\]))[^\s\\\x00-\x1f\x7f]*", re.IGNORECASE)


class Table:
    """The parts of a table element. count is how many rows have been written so far."""

    def __init__(self, rows: Rows, headings: Headings = NONE) -> None:
        paths, cells = spread(rows)
        source = rows.tuples()
        sample = list(islice(source, SAMPLE))
        figures = list(map(is_figures, zip(*map(cells, sample), strict=True))) or [False] * len(paths)
        self.count = 0
        self.width = len(paths)
        self.head = Markup("".join(map(_heading, map(".".join, paths), figures, repeat(headings))))
        self._rows = chain(sample, source)
        self._writer = RowWriter(rows, lambda value, href: element("td", value, 1, href), figures)

    def body(self) -> Iterator[bytes]:
        """The rows, some at a time."""
        return chunked(self._rows, self._lines)

    def _lines(self, rows: list[Row]) -> bytes:
        self.count += len(rows)
        return self._writer.lines(rows)


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
    if not href and _PLAIN_TEXT(value):
        return f"<{tag}>{value}</{tag}>"
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
    parts = f"<thead><tr>{table.head}</tr></thead><tbody>{b''.join(table.body()).decode()}</tbody>"
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
