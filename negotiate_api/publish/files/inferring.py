"""The kind of each column of a file, from every value that it has.

One value that is written otherwise makes its column text: a table in which 007 became 7, or NA nothing, is another
one. The report names the first such value and its line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from representations import data
from representations.table import json_text

from .key import Trial
from .spellings import (
    BOOLEAN,
    COMMA,
    HIGH,
    JSON,
    LOW,
    MOMENTS,
    NUMBER,
    TEXT,
    WHOLE,
    ZONED,
    Spelling,
    are_short,
    is_exact,
)

_TEXT, _BOOLEAN, _WHOLE = frozenset((str,)), frozenset((bool,)), frozenset((int,))
_NUMBERS, _NESTED = frozenset((int, float, Decimal)), frozenset((dict, list))

_TOLD = {COMMA: "written with a decimal comma", ZONED: "kept in UTC"}

Fits = Callable[[Spelling, Collection[Any]], bool]


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a column is.

    nulls    rows without a value
    empty    those of them that are "" in the file: numbers, dates and booleans are nothing where they are empty
    reason   what made it so, where that does not go without saying
    keylike  it may be a key, as far as that is known
    nullable as there are nulls, or no rows to tell from
    """

    name: str
    kind: Spelling
    nullable: bool = True
    nulls: int = 0
    empty: int = 0
    reason: str = ""
    keylike: bool = False


class Column:
    """A column while it is read.

    textual  its values are text without a type of their own, None where a field is empty
    comma    numbers may have a decimal comma
    unit     what the numbers of lines count
    """

    def __init__(self, name: str, textual: bool, comma: bool = False, unit: str = "line") -> None:
        self.name, self.textual, self.unit = name, textual, unit
        self.rows = self.nulls = self.empty = 0
        self._possible: tuple[Spelling, ...] = (WHOLE, NUMBER, BOOLEAN, *MOMENTS)
        self._possible += (JSON, TEXT) if not textual else (COMMA,) if comma else ()
        self._fits: Fits = _fits_text if textual else _fits
        self._reason = ""
        self._nested = False
        self._trial = Trial()
        self._fractions = _Fractions(comma)

    def see(self, values: Sequence[Any], lines: Sequence[int]) -> None:
        """Take account of the next values, and of the lines that they are on."""
        self._trial.see(values, len(values))
        self.rows += len(values)
        self.nulls += values.count(None)
        present = _present(values, self.textual)
        if self.textual and self._possible:
            self.empty += values.count("")
        if present and self._possible:
            self._narrow(present, values, lines)
        elif present and not self._nested:
            self._nested = not _NESTED.isdisjoint(map(type, present))

    def inferred(self, rows: int) -> Inferred:
        """What it is, in a table of so many rows."""
        kind, reason = self._settled()
        nulls = self.nulls + rows - self.rows + (self.empty if kind is not TEXT else 0)
        keylike = self._trial.passed and not nulls and rows > 0 and kind.name in ("whole number", "text", "date")
        nullable = nulls > 0 or rows == 0
        return Inferred(self.name, kind, nullable, nulls, 0 if kind is TEXT else self.empty, reason, keylike)

    def _settled(self) -> tuple[Spelling, str]:
        if not self._possible:
            return JSON if self._nested else TEXT, self._reason
        if not self._seen:
            return TEXT, "no values"
        kind = self._possible[0]
        if objection := self._fractions.objection(kind):
            return TEXT, objection
        return kind, _TOLD.get(kind, "")

    @property
    def _seen(self) -> bool:
        return self.rows > self.nulls + self.empty

    def _narrow(self, present: Collection[Any], values: Sequence[Any], lines: Sequence[int]) -> None:
        """Keep the kinds that all values so far may be."""
        self._nested = self._nested or not _NESTED.isdisjoint(map(type, present))
        if self.textual and self._possible[0] is WHOLE and BOOLEAN not in self._possible and _are_short_whole(present):
            return
        possible = _those(self._possible, self._fits, present)
        if not possible:
            self._reason = self._first(values, lines)
        elif self.textual and WHOLE not in possible and (NUMBER in possible or COMMA in possible):
            self._fractions.see(present, values, lines)
        self._possible = possible

    def _first(self, values: Sequence[Any], lines: Sequence[int]) -> str:
        """The first value that leaves no kind possible."""
        possible = self._possible
        for value, line in zip(values, lines, strict=True):
            if present := _present([value], self.textual):
                possible = _those(possible, self._fits, present)
            if not possible:
                return f"because of {shown(value)} in {self.unit} {line}"
        raise AssertionError(self.name)


class _Fractions:
    """What numbers have after their point or comma, where that may mean more than a number does."""

    def __init__(self, comma: bool) -> None:
        self._comma = comma
        self._places: set[int] = set()
        self._zero = self._thousand = ""
        self._is_fraction = False

    def see(self, present: Collection[str], values: Sequence[Any], lines: Sequence[int]) -> None:
        mark = "," if any("," in text for text in present) else "."
        fractions = [text for text in present if mark in text and "+" not in text and text.rfind("-") < 1]  # no 1.5e-10
        self._places.update({len(text) - text.find(mark) - 1 for text in fractions})
        if not self._zero:
            self._zero = _place(fractions, lambda text: text[-1] == "0" and text[-2] != mark, values, lines)
        if self._comma and not self._is_fraction:
            self._is_fraction = any(text[-4:-3] != mark or text.lstrip("-")[0] == "0" for text in fractions)
            self._thousand = self._thousand or _place(fractions, lambda text: True, values, lines)

    def objection(self, kind: Spelling) -> str:
        """Why numbers should stay text: the zero of 1.10 beside 1.9; where commas may be decimal, 1.234 and 1,234."""
        if kind in (NUMBER, COMMA) and self._zero and len(self._places) > 1:
            return f"because of {self._zero}, which would lose its last zero"
        if kind in (NUMBER, COMMA) and self._comma and self._thousand and not self._is_fraction:
            return f"because of {self._thousand}, which may be thousands"
        return ""


def _place(texts: Sequence[str], rule: Callable[[str], bool], values: Sequence[Any], lines: Sequence[int]) -> str:
    """The first value that is one of texts and of a rule, and its line."""
    found = set(filter(rule, texts))
    index = next((index for index, value in enumerate(values) if value in found), None) if found else None
    return "" if index is None else f"{shown(values[index])} in line {lines[index]}"


def shown(value: Any) -> str:
    """A value as a report names it, on one line."""
    text = repr(value) if isinstance(value, str) else json_text(data.plain(value))
    return text if len(text) <= 40 else f"{text[:39]}…"


def _those(possible: Sequence[Spelling], fits: Fits, values: Collection[Any]) -> tuple[Spelling, ...]:
    return tuple(kind for kind in possible if fits(kind, values))


def _present(values: Sequence[Any], textual: bool) -> Collection[Any]:
    """The values less nulls; text without types each once, and less empty text."""
    if textual:
        return set(values) - {None, ""}
    return [value for value in values if value is not None]


def _are_short_whole(values: Collection[Any]) -> bool:
    """Whether texts are whole numbers, and so numbers too: most are, and so it is quick to go on."""
    return are_short(values) and WHOLE.fits(values)


def _fits_text(kind: Spelling, values: Collection[str]) -> bool:
    return kind.fits(values)


def _fits(kind: Spelling, values: Collection[Any]) -> bool:
    """Whether all of some values that have types are of a kind; dates and times are text."""
    types = set(map(type, values))
    if kind is WHOLE:
        return types == _WHOLE and min(values) >= LOW and max(values) <= HIGH
    if kind is NUMBER:
        return types <= _NUMBERS and all(type(value) is float or is_exact(data.number(value)) for value in values)
    if kind is BOOLEAN:
        return types == _BOOLEAN
    if kind is JSON:
        return types <= _NESTED
    return types == _TEXT and kind.fits(set(values))
