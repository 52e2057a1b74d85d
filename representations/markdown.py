r"""Markdown (CommonMark 0.31 with the tables of GFM; RFC 7763), for notes, issues and language models.

A list of mappings is a table with table.py's columns, those whose first value is a number aligned to the right; a
mapping is a list of "- **name**: value", any other list a list of its values, nested lists are indented. null is a
blank cell, or `null` in code, empty text is `""`, nested values in cells and below DEPTH levels are JSON in code; line
ends are <br>. Read by a Markdown parser, the text is that of the data: what would be markup has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from .base import Representation, chunked
from .data import REPLACE, plain
from .data import text as atom_text
from .html import phrase
from .html_rows import CONTROLS
from .markup import is_table
from .metadata import PLAIN, Metadata
from .plain_columns import Column, columns, is_figures
from .rows import Row, Rows
from .table import json_text, named, spread, table

DEPTH = 8
"""Levels of lists; what lies deeper is JSON."""

NO_ROWS = "*no rows*"
"""A table without columns."""

_ORDINARY = rf"[^\s\\`*\[<|~$_&{CONTROLS.pattern[1:-1]}]++"
_WORDS = re.compile(f"{_ORDINARY}(?: {_ORDINARY})*+")
# An underscore between letters or digits is no delimiter (CommonMark, section 6.2), so that snake_case stays itself.
_MARKS = re.compile(r"[\\`*\[<|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_MARK = re.compile(r"[\\`*\[<|~$_&]")
_LINE_ENDS = re.compile(r"\r\n?|\n")
# What begins a heading, a list, a line across or a quotation where it begins a line (CommonMark, sections 4.1 to 5.2).
_OPENING = re.compile(r"\d{1,9}(?=[.)](?:\s|$))|(?=(?:#{1,6}|\+|-+)(?:\s|$)|>)")


class Markdown(Representation):
    """Markdown, only written."""

    mediatype = "text/markdown"
    aliases = ("text/x-markdown",)
    suffixes = ("md", "markdown")
    charset = "utf-8"

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        data = plain(data)
        if is_table(data):
            names, rows = table(data)
            return b"".join(_table(names, iter(rows), meta))
        return _bytes([*_title(meta), *_blocks(data)])

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        paths, cells = spread(rows)
        return _table(named(paths, rows.nested is not None), map(cells, rows.tuples()), meta)


def _table(names: tuple[str, ...], rows: Iterator[Row], meta: Metadata) -> Iterator[bytes]:
    if not names:
        yield _bytes([*_title(meta), NO_ROWS])
        return
    first = list(islice(rows, 1))
    marks = ["---:" if is_figures([value]) else "---" for row in first for value in row] or ["---"] * len(names)
    yield _bytes([*_title(meta), _row(map(_cell, names)), _row(marks)])
    yield from chunked(chain(first, rows), _lines)


def _lines(rows: list[Row]) -> bytes:
    cells = columns(rows)
    template = _row(["%s"] * len(cells)) + "\n"
    try:
        lines = map(template.__mod__, zip(*map(_cells, cells), strict=True))
        return "".join(lines).encode("utf-8", REPLACE)
    except ValueError:  # an integer that str() refuses
        return _bytes(_row(map(_cell, row)) for row in zip(*(column.values for column in cells), strict=True))


def _cells(column: Column) -> Iterable[Any]:
    if not (column.are_numbers or (column.are_text and _is_simple(column.texts()))):
        return map(_cell, column.values)
    return ["" if value is None else value for value in column.written] if column.has_null else column.written


def _is_simple(texts: Sequence[str]) -> bool:
    """Whether escape() changes none of texts."""
    lines = "\n".join(["", *texts, ""])
    return (
        "".join(texts).isprintable()
        and not _MARK.search(lines)
        and "\n\n" not in lines
        and "\n " not in lines
        and " \n" not in lines
    )


def escape(value: str) -> str:
    """Text on one line that a Markdown parser reads as the same text, after other text or within a cell."""
    if _WORDS.fullmatch(value):
        return value
    value = _MARKS.sub(r"\\\g<0>", CONTROLS.sub("\ufffd", value))
    value = _LINE_ENDS.sub("<br>", value)
    core, start = value.strip(), len(value) - len(value.lstrip())
    return _references(value[:start]) + core + _references(value[start + len(core) :]) or '`""`'


def _references(blanks: str) -> str:
    """Blanks that a parser would drop."""
    return "".join(f"&#{ord(blank)};" for blank in blanks)


def _bytes(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", REPLACE)


def _title(meta: Metadata) -> list[str]:
    return [f"# {phrase(meta.status)}", ""] if meta.status >= 400 else []


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    return "" if value is None else _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return escape(value)
    return _code(value) if value is None or isinstance(value, (list, dict)) else atom_text(value)


def _code(value: Any) -> str:
    """Plain data as JSON in a code span. What would end the span or the cell is only ever within text, and escaped."""
    text = json_text(value).replace("`", r"\u0060").replace("|", r"\u007c")
    return "`" + CONTROLS.sub("\ufffd", text) + "`"


def _blocks(data: Any, depth: int = DEPTH) -> list[str]:
    """The lines of a list, or the one line of a value."""
    if not _is_nested(data, depth):
        line = _inline(data)
        return [f"{opening[0]}\\{line[opening.end() :]}" if (opening := _OPENING.match(line)) else line]
    if isinstance(data, dict):
        return [line for key, value in data.items() for line in _member(key, value, depth - 1)]
    return [line for item in data for line in _item(_blocks(item, depth - 1))]


def _item(lines: list[str]) -> list[str]:
    return [f"- {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _member(key: str, value: Any, depth: int) -> list[str]:
    name = f"- **{escape(key)}**:"
    if _is_nested(value, depth):
        return [name, *(f"  {line}" for line in _blocks(value, depth))]
    return [f"{name} {_inline(value)}"]


def _is_nested(value: Any, depth: int) -> bool:
    return isinstance(value, (list, dict)) and bool(value) and depth > 0
