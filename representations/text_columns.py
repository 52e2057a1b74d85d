"""The columns of some rows as text: by these XML and YAML write them, between texts that all rows have.

What a column holds is seen at once, and made text at once, in C: a call a value costs more than all else. Texts are
narrow, a character for each byte of UTF-8, as joining and encoding these is a copy; narrow() makes them so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import repeat
from typing import Any
from uuid import UUID

import msgspec

from .data import REPLACE
from .rows import Row

Cells = tuple[str, Sequence[str]]
"""The values of a column as text: what stands before each of them, and they."""

SLICE = 200
"""Rows of a list that are written at a time: the texts of so many stay near the processor."""

_FEW = 20
"""Rows up to which each is written by itself, as a column of many types."""

_NULL = type(None)
_LITERALS = frozenset((int, float, bool, _NULL))
_TEXTS: dict[type, Callable[[Any], str]] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    UUID: str,
}

_LETTER = re.compile("[A-Z]")

_json, _json_lines = msgspec.json.Encoder().encode, msgspec.json.Encoder().encode_lines


def interleaved(heads: Sequence[str], tail: str, cells: Callable[[Row], Cells], rows: list[Row]) -> bytes:
    """rows, before each value what heads have for its column, tail behind the last; cells() makes columns text."""
    if len(rows) <= _FEW:
        return "".join([_row(heads, cells, row) + tail for row in rows]).encode("latin-1")
    pieces: list[str | Sequence[str]] = []
    for head, column in zip(heads, zip(*rows, strict=True), strict=True):
        mark, texts = cells(column)
        pieces += (head + mark, texts)
    return _woven([*pieces, tail], len(rows)).encode("latin-1")


def by_type(column: Row, null: str, cells: Callable[[type, Sequence[Any]], Cells]) -> Cells:
    """A column, of which cells() makes text what is of one type; null stands for None beside values of others."""
    kinds = set(map(type, column))
    if len(kinds) == 1:
        return _uniform(kinds.pop(), column, cells)
    values = [value for value in column if value is not None]
    kinds.discard(_NULL)
    if len(kinds) == 1:
        mark, texts = _uniform(kinds.pop(), values, cells)
        rest = iter(texts)
        return "", [null if value is None else mark + next(rest) for value in column]
    parts: dict[type, Iterator[str]] = {_NULL: repeat(null)}
    for kind in kinds:
        mark, texts = _uniform(kind, [value for value in values if type(value) is kind], cells)
        parts[kind] = iter([mark + text for text in texts])
    return "", [next(parts[type(value)]) for value in column]


def literals(column: Sequence[Any]) -> tuple[type, str] | None:
    """bool, int or float, and what JSON writes of a column of that and null; None of other columns.

    NaN and the infinities are null.
    """
    if type(column[0]) not in _LITERALS:
        return None
    try:
        written = _json(column)
    except (TypeError, ValueError, OverflowError, RecursionError):  # another value; more digits than str() writes
        return None
    texts = written[1:-1].decode()
    letters = written.translate(None, b"-0123456789,").replace(b"null", b"")
    if letters == b"[]":
        return int, texts
    kinds = set(map(type, column)) - {_NULL}
    return (kinds.pop(), texts) if kinds in ({bool}, {float}) else None


def decimals(column: Sequence[Decimal]) -> list[str] | None:
    """The digits of a column; None if one is written with an exponent, or is no number."""
    texts = list(map(str, column))
    return None if _LETTER.search("".join(texts)) else texts


def quoted(texts: Sequence[str]) -> str:
    """texts as JSON, with a NUL between them; U+FFFD for a lone surrogate."""
    try:
        return _json_lines(texts).decode()[:-1].replace("\n", "\0")  # a line end within a text is escaped
    except UnicodeEncodeError:
        return quoted([text.encode("utf-8", REPLACE).decode() for text in texts])


def narrow(text: str) -> str:
    """A character for each byte of text in UTF-8."""
    return text if text.isascii() else text.encode("utf-8", REPLACE).decode("latin-1")


def _uniform(kind: type, values: Sequence[Any], cells: Callable[[type, Sequence[Any]], Cells]) -> Cells:
    if text := _TEXTS.get(kind):
        return cells(str, list(map(text, values)))
    return cells(kind, values)


def _row(heads: Sequence[str], cells: Callable[[Row], Cells], row: Row) -> str:
    mark, texts = cells(row) if row else ("", ())
    return "".join([head + mark + text for head, text in zip(heads, texts, strict=True)])


def _woven(pieces: list[str | Sequence[str]], count: int) -> str:
    """count rows of pieces, each of which is a text that every row has, or a column of texts."""
    woven = [piece if type(piece) is str else "" for piece in pieces] * count
    for place, piece in enumerate(pieces):
        if type(piece) is not str:
            woven[place :: len(pieces)] = piece
    return "".join(woven)
