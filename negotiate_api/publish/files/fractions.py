"""What the numbers of a column have after their point or comma: places to keep, or thousands that look like them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from representations import data
from representations.table import json_text

LONGEST_DECIMAL = 15
"""Characters of a decimal number, of which SQLite keeps every digit."""


class Fractions:
    """What numbers have after their point or comma, where that may mean more than a number does."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._places: set[int] = set()
        self._zero = self._thousand = ""
        self._is_plain, self._is_certain = True, False

    def see(self, present: Collection[str], values: Sequence[Any], lines: Sequence[int]) -> None:
        mark = self._mark
        fractions = [text for text in present if mark in text and "+" not in text and text.rfind("-") < 1]  # no 1.5e-10
        self._places.update({len(text) - text.find(mark) - 1 for text in fractions})
        if len(fractions) < len(present):
            self._places.add(0)
        self._is_plain = self._is_plain and all(map(_is_plain, present))
        self._is_certain = self._is_certain or any(_is_certain(text, mark) for text in fractions)
        if not self._zero:
            self._zero = _place(fractions, lambda text: text[-1] == "0" and text[-2] != mark, values, lines)
        if not self._thousand:
            self._thousand = _place(present, lambda text: "." in text or "," in text, values, lines)

    @property
    def most(self) -> int:
        """How many places the longest has."""
        return max(self._places, default=0)

    @property
    def is_decimal(self) -> bool:
        """Whether there is a zero to keep, as in 4.20, and it can be kept."""
        return bool(self._zero) and self._is_plain

    @property
    def told(self) -> str:
        """What is to be said of numbers that are shown otherwise than they are written."""
        if not self._zero or (self.is_decimal and len(self._places) == 1):
            return ""
        how = f"is why all have {self.most} decimal places" if self.is_decimal else "loses its last zero"
        return f"{self._zero} {how}; settings may say kind: text"

    @property
    def doubt(self) -> str:
        """Why they stay text where commas may be decimal: 1.234 and 1,234 may be thousands."""
        if not self._thousand or self._is_certain:
            return ""
        return (
            f"because of {self._thousand}, which may be thousands; settings may say kind: number, or number with comma"
        )


def _is_plain(text: str) -> bool:
    return len(text) <= LONGEST_DECIMAL and "e" not in text and "E" not in text


def _is_certain(text: str, mark: str) -> bool:
    """Whether the mark in a number is that of no thousands: 1,5 and 0,234 and 1.234,567."""
    return text[-4:-3] != mark or text.lstrip("-")[0] == "0" or (mark == "," and "." in text)


def _place(texts: Collection[str], rule: Callable[[str], bool], values: Sequence[Any], lines: Sequence[int]) -> str:
    """The first value that is one of texts and of a rule, and its line."""
    found = set(filter(rule, texts))
    index = next((index for index, value in enumerate(values) if value in found), None) if found else None
    return "" if index is None else f"{shown(values[index])} in line {lines[index]}"


def shown(value: Any) -> str:
    """A value as a report names it, on one line."""
    text = repr(value) if isinstance(value, str) else json_text(data.plain(value))
    return text if len(text) <= 40 else f"{text[:39]}…"
