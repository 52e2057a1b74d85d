"""What keeps a file from being loaded, told by line and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import Unusable

MOST = 100
"""Problems of a file that are told; reading ends there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place.

    line    from 1; None for the whole file
    column  the name of a column, or the number of a character in the line
    unit    what line counts: in XML and YAML records
    """

    line: int | None
    column: str | int | None
    reason: str
    unit: str = "line"

    def __str__(self) -> str:
        column = f"column {self.column!r}" if self.column is not None else ""
        place = ", ".join(filter(None, (f"{self.unit} {self.line}" if self.line else "", column)))
        return f"{place}: {self.reason}" if place else self.reason


class Unloadable(Unusable):
    """Nothing of a file has been loaded. The message is a line, and one for each of problems."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            super().__init__(f"{file} cannot be loaded: {self.problems[0]}")
        else:
            lines = (f"  {problem}" for problem in self.problems)
            super().__init__("\n".join((f"{file} cannot be loaded, nothing of it is:", *lines, *self._more())))

    def _more(self) -> Iterable[str]:
        return ("  and there may be more",) if len(self.problems) >= MOST else ()


class Problems(list[Problem]):
    """The problems of a file as they are found. Raises Unloadable at the last that is told, and at the end."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.unit = "line"

    def add(self, line: int | None, column: str | int | None, reason: str) -> None:
        self.append(Problem(line, column, reason, self.unit))
        if len(self) >= MOST:
            raise self.all()

    def fail(self, line: int | None, column: str | int | None, reason: str) -> Unloadable:
        """The exception to raise where no more can be read."""
        self.append(Problem(line, column, reason, self.unit))
        return self.all()

    def all(self) -> Unloadable:
        return Unloadable(self.file, sorted(self, key=lambda problem: (problem.line is None, problem.line or 0)))

    def end(self) -> None:
        """Raises Unloadable where there are any."""
        if self:
            raise self.all()
