"""The columns of some rows as plain data: by these HTML and Markdown write them, without a look at each value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from .data import plain
from .rows import Row

_NULL = type(None)
_WHOLE, _TEXT, _BOOLEAN, _FLOAT = ({kind, _NULL} for kind in (int, str, bool, float))
_WORDS = {None: None, True: "true", False: "false"}

_json = msgspec.json.Encoder().encode


class Column:
    """Values as plain data, and what "%s" writes of them: but for integers that str() refuses, with a ValueError.

    written  numbers or text, where all but null are that; else the values
    """

    __slots__ = ("are_numbers", "are_text", "has_null", "values", "written")

    def __init__(self, values: Sequence[Any]) -> None:
        kinds = set(map(type, values))
        self.values = self.written = values
        self.has_null = _NULL in kinds
        self.are_numbers, self.are_text = kinds <= _WHOLE, kinds <= _TEXT
        if not (self.are_numbers or self.are_text):
            self._convert(kinds)

    def texts(self) -> Sequence[str]:
        """What is written of its values but null, which is text."""
        return [text for text in self.written if text is not None] if self.has_null else self.written

    def _convert(self, kinds: set[type]) -> None:
        """Make plain what is not, and text of floats, as JSON has them, and of true and false."""
        if not kinds <= _FLOAT:
            self.values = self.written = list(map(plain, self.values))
            kinds = set(map(type, self.values))
        self.are_numbers = kinds <= _WHOLE or kinds <= _FLOAT
        self.are_text = kinds <= _TEXT or kinds <= _BOOLEAN
        if self.are_numbers and float in kinds:
            texts = _json(self.values)[1:-1].decode().split(",")
            self.written = [None if text == "null" else text for text in texts]  # also NaN and the infinities
            self.values = [
                None if text is None else value for value, text in zip(self.values, self.written, strict=True)
            ]
        elif self.are_text and bool in kinds:
            self.written = list(map(_WORDS.get, self.values))
        self.has_null = None in self.written


def columns(rows: Iterable[Row]) -> list[Column]:
    """None where there are no rows, or no values in them."""
    return list(map(Column, zip(*rows, strict=True)))


def is_figures(values: Iterable[Any]) -> bool:
    """Whether the first value other than null is a number. What can be read once is not read."""
    told = (value if hasattr(value, "__next__") else plain(value) for value in values)
    first = next((value for value in told if value is not None), None)
    return not isinstance(first, bool) and isinstance(first, (int, float, Decimal))
