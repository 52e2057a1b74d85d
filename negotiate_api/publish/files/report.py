"""What a load did, for people: every column's kind and why, the key, nulls, rows and seconds."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadedColumn:
    """A column. kind is as told to people; reason what made it so, where that does not go without saying."""

    name: str
    kind: str
    nulls: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that is a table now.

    name     of the table
    layout   format, encoding and delimiter, in words
    columns  as the table has them, an added key first
    key      name of the column that tells rows apart, and why it is that
    digest   SHA-256 of the file
    seconds  that it took
    """

    name: str
    file: str
    layout: str
    columns: tuple[LoadedColumn, ...]
    rows: int
    key: str
    key_reason: str
    digest: str
    seconds: float
    replaced: bool = False

    def report(self) -> str:
        """Lines of text: the file, the key, then a table of the columns."""
        speed = f" ({self.rows / self.seconds:,.0f} rows/s)" if self.rows and self.seconds else ""
        noun = "row" if self.rows == 1 else "rows"
        again = ", in place of what was loaded before" if self.replaced else ""
        return "\n".join(
            (
                f"{self.file} is the table {self.name}: {self.rows:,} {noun} in {self.seconds:.1f} s{speed}{again}",
                f"  {self.layout}",
                f"  key: {self.key}, {self.key_reason}",
                *_aligned([("column", "kind", "nulls", "why"), *map(_cells, self.columns)]),
            )
        )


def _cells(column: LoadedColumn) -> tuple[str, ...]:
    return _legible(column.name), column.kind, f"{column.nulls:,}" if column.nulls else "", _legible(column.reason)


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(_width, cells)) for cells in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """The cells of a terminal that text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _legible(text: str) -> str:
    """text on one line, without what a terminal would obey."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
