"""CSV and TSV written, some rows at a time.

record = field *(delimiter field) CRLF
field  = DQUOTE *(2DQUOTE / any but DQUOTE) DQUOTE / *(any but DQUOTE, CR, LF and the delimiter)

A C encoder writes the rows as JSON, an array a line; replacements in all of the lines at once make them CSV. For what
text shares with the marks of JSON or CSV stands meanwhile a byte that no UTF-8 has. Text is in quotation marks only
where the grammar asks for it, and where it is empty, as null is an empty field.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from .base import sliced
from .data import REPLACE, number
from .rows import Row, converted
from .structs import ATOMS
from .table import cell_text

FEW = 16
"""Rows that are written together with one that the encoder refuses."""

_MARKS = [bytes([number]) for number in range(0xF5, 0xFE)]
_EMPTY, _BACKSLASH, _OPENING, _CLOSING, _COMMA, _QUOTE, _DELIMITER, _LF, _CR = _MARKS
_ESCAPE = re.compile(rb"\\(?:u....|.)")
_CONTROLS = {msgspec.json.encode(chr(n))[1:-1]: bytes([n]) for n in range(0x20)}
# Between two texts there is a comma or a line end, so that no match begins with the mark that closes one.
_ORDINARY = re.compile(b'"([^",\n%b-%b]+)"' % (_QUOTE, _CR))
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Writer:
    """What writes rows whose fields end with delimiter, one character. Immutable."""

    def __init__(self, delimiter: str) -> None:
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter.isalnum() or delimiter in '+-.[]"\\\r\n':
            raise ValueError(f"{delimiter!r} separates no fields")
        self._escaped = msgspec.json.encode(delimiter)[1:-1]
        self._delimited = bytes.maketrans(b",", delimiter.encode())
        meant = (b'""', b"\\", b"[", b"]", b",", b'""', delimiter.encode(), b"\n", b"\r")
        self._meant = tuple(zip(_MARKS, meant, strict=True))

    def lines(self, rows: list[Row], known: bool = False) -> bytes:
        """Rows of the same length, one at least; known says that all of their values are ATOMS."""
        if not known:
            rows = converted(list(map(tuple, rows)), ATOMS, cell_text)
        try:
            return self._lines(rows)
        except ValueError:  # a lone surrogate, an integer that str() refuses
            if len(rows) > FEW:
                return b"".join(self.lines(some, known=True) for some in sliced(rows, FEW))
            return self._lines([tuple(map(_sound, row)) for row in rows])

    def _lines(self, rows: list[Row]) -> bytes:
        commas = len(rows[0]) - 1
        if commas < 0:
            return b"\r\n" * len(rows)
        lines, null = _ENCODER.encode_lines(rows), b"" if commas else b'""'
        if self._is_ordinary(len(rows), commas, lines):
            return self._ordinary(lines, null)
        runs = groupby(lines.splitlines(keepends=True), partial(self._is_ordinary, 1, commas))
        return b"".join((self._ordinary if ordinary else self._special)(b"".join(run), null) for ordinary, run in runs)

    def _is_ordinary(self, rows: int, commas: int, lines: bytes) -> bool:
        """Whether no text has anything in it that is also a mark of JSON or of this format."""
        return (
            b"\\" not in lines
            and lines.count(b",") == commas * rows
            and lines.count(b"[") == rows == lines.count(b"]")
            and (self._escaped == b"," or self._escaped not in lines)
        )

    def _ordinary(self, lines: bytes, null: bytes) -> bytes:
        lines = _emptied(lines, null).translate(self._delimited, b'[]"')
        return lines.replace(b"\n", b"\r\n").replace(_EMPTY, b'""')

    def _special(self, lines: bytes, null: bytes) -> bytes:
        lines = _emptied(self._marked(lines), null)
        lines = b"".join(_ORDINARY.split(lines)).translate(self._delimited, b"[]").replace(b"\n", b"\r\n")
        for mark, meant in self._meant:
            lines = lines.replace(mark, meant)
        return lines

    def _marked(self, lines: bytes) -> bytes:
        """Lines of which the same can be said as of those that are ordinary."""
        parts = lines.replace(rb"\\", _BACKSLASH).replace(rb"\"", _QUOTE).split(b'"')
        texts = b'"'.join(parts[1::2]).replace(self._escaped, _DELIMITER).replace(rb"\n", _LF).replace(rb"\r", _CR)
        texts = texts.replace(b",", _COMMA).replace(b"[", _OPENING).replace(b"]", _CLOSING)
        parts[1::2] = _ESCAPE.sub(lambda match: _CONTROLS[match[0]], texts).split(b'"')
        return b'"'.join(parts)


def _emptied(lines: bytes, null: bytes) -> bytes:
    """Lines with what is written for null, and a mark for empty text."""
    return lines.replace(b",null", b"," + null).replace(b"[null", b"[" + null).replace(b'""', _EMPTY)


def _sound(value: Any) -> Any:
    if type(value) is str:
        return value.encode("utf-8", REPLACE).decode()
    return number(value) if type(value) is int else value
