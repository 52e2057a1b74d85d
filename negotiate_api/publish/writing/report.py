"""What an upload did, or would do: counts, the rows that cannot be stored and why, and each step of a dry run."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

from representations import Rows

from .changes import quoted
from .incoming import Problem

MOST = 100
"""Errors that are told; the others are counted."""

MEMORY = 1024 * 1024
"""Bytes that a spool holds before it is a file."""

LONGEST = 200
"""Characters of a value that an error tells."""

ACTIONS = ("added", "changed", "unchanged", "removed", "rejected")

COLUMNS = ("action", "line", "key", "column", "old", "new", "reason")
"""Those of a dry run's report."""


class Spool:
    """Tuples written once, then read once, in a temporary file where they are many."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MEMORY)  # noqa: SIM115 - it is whoever has the Rows that closes it
        self.count = 0
        self._shape: Callable[[tuple[Any, ...]], tuple[Any, ...]] = tuple

    def add(self, row: tuple[Any, ...]) -> None:
        """Write one after the others."""
        pickle.dump(row, self._file, pickle.HIGHEST_PROTOCOL)
        self.count += 1

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        self._file.seek(0)
        for _ in range(self.count):
            yield self._shape(pickle.load(self._file))

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def rows(self, columns: Iterable[str], shape: Callable[[tuple[Any, ...]], tuple[Any, ...]] = tuple) -> Rows:
        """Them as Rows, which close this; shape makes of a tuple what is shown."""
        self._shape = shape
        return Rows(columns, self, count=self.count, nested={})


class Report:
    """What became of the rows of an upload.

    counts     rows by action
    errors     of the rows that are rejected, the first MOST
    conflicts  whether all of these are at odds with other rows, and not wrong in themselves
    steps      what a dry run answers, as tuples of COLUMNS; None where nobody asks
    stored     rows as they are stored, as tuples; None where nobody asks
    late       references to nothing are looked for at the end, as the transaction is not to be committed
    verb       what was to be done with the rows
    """

    def __init__(self, *, steps: bool = False, stored: bool = False, late: bool = False) -> None:
        self.late = late
        self.verb = "stored"
        self.counts = dict.fromkeys(ACTIONS, 0)
        self.errors: list[dict[str, Any]] = []
        self.told = 0
        self.conflicts = True
        self.steps = Spool() if steps else None
        self.stored = Spool() if stored else None
        self._batch: list[tuple[Any, ...]] = []
        self._taken_before = 0

    @property
    def rejected(self) -> int:
        return self.counts["rejected"]

    @property
    def rows(self) -> int:
        """How many rows the upload has had."""
        return sum(self.counts.values()) - self.counts["removed"] - self._taken_before

    def count(self, **rows: int) -> None:
        """Rows by action that were taken, of which nobody asks more."""
        for action, number in rows.items():
            self.counts[action] += number

    def add(
        self, action: str, line: int | None, key: str | None, *changes: tuple[str, Any, Any], reason: str | None = None
    ) -> None:
        """A row that was taken; changes are column, old and new value, reason is what else comes of it."""
        self.counts[action] += 1
        if self.steps:
            for change in changes or ((None, None, None),):
                self._batch.append((action, line, key, *change, reason))

    def reject(
        self, line: int | None, key: str | None, problems: Sequence[Problem], *, taken_before: bool = False
    ) -> None:
        """A row that was not, or that cannot stay."""
        self.counts["rejected"] += 1
        self._taken_before += taken_before
        for problem in problems:
            self.told += 1
            self.conflicts = self.conflicts and problem.conflict
            if len(self.errors) < MOST:
                self.errors.append({"line": line, **_told(problem)})
            if self.steps:
                self._batch.append(("rejected", line, key, problem.column, None, problem.value, problem.reason))

    def store(self, row: tuple[Any, ...]) -> None:
        """A row as it is stored."""
        if self.stored:
            self.stored.add(row)

    def flush(self) -> None:
        """End a batch, whose steps are told in the order of its lines."""
        if self.steps:
            for step in sorted(self._batch, key=lambda step: step[1] or 0):
                self.steps.add(step)
        self._batch.clear()

    def summary(self) -> dict[str, int]:
        """The counts of what was stored."""
        return {action: count for action, count in self.counts.items() if action != "rejected"}

    def refusal(self) -> dict[str, Any]:
        """What is told where rows were rejected."""
        count = self.rejected
        rows = "The row" if self.rows == count == 1 else f"{count} of {self.rows} rows"
        data: dict[str, Any] = {"message": f"{rows} cannot be {self.verb}; nothing was."}
        if count == 1:
            data["message"] += f" {sentence(self.errors[0])}"
        more = self.told - len(self.errors)
        errors = sorted(self.errors, key=lambda error: error["line"] or 0)
        return {**data, "errors": errors, **({"more": more} if more else {})}

    def close(self) -> None:
        """Remove the files."""
        for spool in (self.steps, self.stored):
            if spool:
                spool.close()


def sentence(error: Mapping[str, Any]) -> str:
    """An error as people say it."""
    value = "" if error["value"] is None else f" {quoted(error['value'])}"
    return f"{error['column'] or 'It'}{value} {error['reason']}."


def _told(problem: Problem) -> dict[str, Any]:
    column, value, reason = problem[:3]
    if isinstance(value, str) and len(value) > LONGEST:
        value = f"{value[:LONGEST]}…"
    elif isinstance(value, (bytes, dict, list)):
        value = None
    return {"column": column, "value": value, "reason": reason}
