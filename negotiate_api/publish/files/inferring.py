"""The kind of each column of a file, from every value that it has.

One value that is written otherwise makes its column text: a table in which 007 became 7, or NA nothing, is another
one. The report names the first such value and its line. What may mean two things stays text too, and the report tells
what settings may say of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from representations import data

from .fractions import Fractions, shown
from .key import Trial
from .spellings import (
    BOOLEAN,
    COMMA,
    DAY_FIRST,
    DAYS,
    DECIMAL,
    DECIMAL_COMMA,
    HIGH,
    JSON,
    LOW,
    MOMENTS,
    MONTH_FIRST,
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

_TOLD = {
    COMMA: "written with a decimal comma",
    DAY_FIRST: "written with the day first",
    MONTH_FIRST: "written with the month first",
    ZONED: "kept in UTC",
}

_DECIMALS = {NUMBER: DECIMAL, COMMA: DECIMAL_COMMA}


Fits = Callable[[Spelling, Collection[Any]], bool]


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a column is.

    nulls    rows without a value
    empty    those of them that are "" in the file: numbers, dates and booleans are nothing where they are empty
    reason   what made it so, where that does not go without saying
    keylike  it may be a key, as far as that is known
    nullable as there are nulls, or no rows to tell from
    places   of a decimal number
    """

    name: str
    kind: Spelling
    nullable: bool = True
    nulls: int = 0
    empty: int = 0
    reason: str = ""
    keylike: bool = False
    places: int = 0


class Column:
    """A column while it is read.

    textual  its values are text without a type of their own, None where a field is empty
    comma    numbers may have a decimal comma
    unit     what the numbers of lines count
    asked    the kind that it is to be, whatever else its values may be
    """

    def __init__(
        self, name: str, textual: bool, comma: bool = False, unit: str = "line", asked: Spelling | None = None
    ) -> None:
        self.name, self.textual, self.unit, self.asked = name, textual, unit, asked
        self.rows = self.nulls = self.empty = 0
        self._possible: tuple[Spelling, ...] = (WHOLE, NUMBER, BOOLEAN, *MOMENTS, *DAYS)
        self._possible += (JSON, TEXT) if not textual else (COMMA,) if comma else ()
        if asked:
            self._possible = () if asked is TEXT else (asked,)
        self._fits: Fits = _fits_text if textual else _fits
        self._reason = self._example = ""
        self._refused: tuple[str, int] | None = None
        self._nested = False
        self._trial = Trial()
        self._fractions = {NUMBER: Fractions("."), COMMA: Fractions(",")}
        self._comma = comma

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
        kind, places, reason = self._settled()
        nulls = self.nulls + rows - self.rows + (self.empty if kind is not TEXT else 0)
        keylike = self._trial.passed and not nulls and rows > 0 and kind.name in ("whole number", "text", "date")
        nullable = nulls > 0 or rows == 0
        empty = 0 if kind is TEXT else self.empty
        return Inferred(self.name, kind, nullable, nulls, empty, reason, keylike, places)

    @property
    def refused(self) -> tuple[str, int] | None:
        """The first value that is not of the kind that was asked for, and its line."""
        return self._refused if self.asked else None

    def _settled(self) -> tuple[Spelling, int, str]:
        """The kind, decimal places, and why."""
        if self.asked is TEXT:
            return TEXT, 0, "as the settings say"
        if not self._possible:
            return JSON if self._nested else TEXT, 0, self._reason
        if not self._seen:
            return self.asked or TEXT, 0, "no values"
        kind = self._possible[0]
        if not self.asked and (doubt := self._doubt(kind)):
            return TEXT, 0, doubt
        told = [_TOLD.get(kind, ""), "as the settings say" if self.asked else ""]
        fractions = self._fractions.get(kind)
        if fractions:
            told.append(fractions.told)
        reason = "; ".join(filter(None, told))
        if fractions and fractions.is_decimal:
            return _DECIMALS[kind], fractions.most, reason
        return kind, 0, reason

    def _doubt(self, kind: Spelling) -> str:
        """Why it stays text, though all values may be of a kind."""
        if kind is DAY_FIRST and MONTH_FIRST in self._possible:
            return (
                f"because of {self._example}, in which either may be the day; settings may say "
                "kind: date with day first, or date with month first"
            )
        return self._fractions[kind].doubt if self._comma and kind in self._fractions else ""

    @property
    def _seen(self) -> bool:
        return self.rows > self.nulls + self.empty

    def _narrow(self, present: Collection[Any], values: Sequence[Any], lines: Sequence[int]) -> None:
        """Keep the kinds that all values so far may be."""
        self._nested = self._nested or not _NESTED.isdisjoint(map(type, present))
        self._example = self._example or _example(values, lines, self.unit)
        if self.textual and self._possible[0] is WHOLE and BOOLEAN not in self._possible and _are_short_whole(present):
            return
        possible = _those(self._possible, self._fits, present)
        if not possible:
            self._reason = self._first(values, lines)
        elif self.textual and WHOLE not in possible:
            for kind in self._fractions.keys() & possible:
                self._fractions[kind].see(present, values, lines)
        self._possible = possible

    def _first(self, values: Sequence[Any], lines: Sequence[int]) -> str:
        """The first value that leaves no kind possible."""
        possible = self._possible
        for value, line in zip(values, lines, strict=True):
            if present := _present([value], self.textual):
                possible = _those(possible, self._fits, present)
            if not possible:
                self._refused = shown(value), line
                return f"because of {shown(value)} in {self.unit} {line}"
        raise AssertionError(self.name)


def _example(values: Sequence[Any], lines: Sequence[int], unit: str) -> str:
    """The first value that is not empty, and its line."""
    index = next((index for index, value in enumerate(values) if value is not None and value != ""), 0)
    return f"{shown(values[index])} in {unit} {lines[index]}"


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
