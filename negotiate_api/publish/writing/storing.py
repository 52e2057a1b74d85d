"""Rows added and changed, many in a statement; of those that the database refuses it is found out which they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, groupby
from typing import Any

import sqlalchemy as sa

from . import refusals
from .changes import Change, Changed
from .constraints import TAKEN, Constraints
from .incoming import Batch, Entry, Problem
from .lines import Lines
from .report import MOST, Report
from .seen import token
from .shapes import Shape
from .statements import Row, Statements, bound

Step = Entry | Changed
"""A row to be added, or one to be changed."""


class Storing:
    """Takes steps in a transaction, and tells the report.

    again  (entry, row) -> the step for an entry whose key another has added meanwhile; None where there is none
    """

    def __init__(
        self,
        statements: Statements,
        constraints: Constraints,
        report: Report,
        again: Callable[[Entry, Row], Step | None] | None,
    ) -> None:
        self.connection: sa.Connection = constraints.connection
        self.statements, self.constraints, self.report, self.again = statements, constraints, report, again
        self.table = statements.table
        self.caught_up = False
        self.put_off: list[tuple[Entry, Sequence[Problem]]] = []

    def attempt(self, steps: list[Step]) -> None:
        """Take these steps, but for those that the database refuses."""
        if not steps:
            return
        stored: list[Row] = []
        error = self._refusal(lambda: stored.extend(self._take(steps)))
        if error is None:
            self._tell(steps, stored)
        else:
            self._refused(steps, error)

    def takes(self, batch: Batch) -> bool:
        """Whether rows can be added as they are, and nobody asks more of them than how many there are."""
        asked = self.report.steps is not None or self.report.stored is not None
        return not asked and batch.shape.is_whole and not self._may_be_numbered(batch)

    def add(self, batches: Sequence[Batch]) -> None:
        """Add rows of one shape, but for those that the database refuses."""
        columns, count = batches[0].shape.columns, sum(batch.size for batch in batches)
        parts = zip(*(batch.columns for batch in batches), strict=True)
        values = [part[0] if len(part) == 1 else list(chain.from_iterable(part)) for part in parts]

        def work() -> None:
            if self.statements.add(self.connection, columns, values) < count:
                raise refusals.Declined

        error = self._refusal(work)
        if error is None:
            self.report.count(added=count)
        else:
            self._refused([entry for batch in batches for entry in batch.entries()], error)

    def _refusal(self, work: Callable[[], object]) -> Exception | None:
        """The error with which the database refuses some work, which then is undone."""
        savepoint = self.connection.begin_nested()
        try:
            work()
        except Exception as error:
            if refusals.rule(error) is None:
                raise
            savepoint.rollback()
            return error
        savepoint.commit()
        return None

    def reject(self, entry: Entry, problems: Sequence[Problem]) -> None:
        """Tell why an entry is not stored; where another line of the upload may be why, once all lines are read."""
        if any(problem.same for problem in problems) and len(self.put_off) < MOST:
            self.put_off.append((entry, problems))
        else:
            self.report.reject(entry.line, self.key_text(entry), problems)

    def tell_put_off(self, lines: Lines) -> None:
        """Tell why these are not stored."""
        for entry, problems in self.put_off:
            told = [_with_line(problem, entry.line, lines) for problem in problems]
            self.report.reject(entry.line, self.key_text(entry), told)
        self.put_off.clear()

    def key_text(self, entry: Entry) -> str | None:
        """The key of an entry, where the report wants it."""
        return None if self.report.steps is None or entry.key is None else self.statements.key_text(entry.key)

    def _refused(self, steps: list[Step], error: Exception) -> None:
        if len(steps) > 1:
            middle = len(steps) // 2
            self.attempt(steps[:middle])
            self.attempt(steps[middle:])
            return
        step = steps[0]
        if isinstance(step, Changed):
            old = dict(zip(self.table.by_name, step.row, strict=True))
            new = old | {change.column.name: change.new for change in step.changes}
            self.reject(step.entry, self.constraints.problems(error, new, old))
        elif self._has_caught_up(step, error):
            self.attempt(steps)
        elif not self._was_slower(step):
            self.reject(step, self.constraints.problems(error, step.named()))

    def _was_slower(self, entry: Entry) -> bool:
        """Whether another has added a row with this key meanwhile; what is to be done with it then is done."""
        if self.again is None or entry.key is None:
            return False
        row = self.statements.stored(self.connection, [entry.key]).get(token(entry.key))
        if row is not None and (step := self.again(entry, row)):
            self.attempt([step])
        return row is not None

    def _has_caught_up(self, entry: Entry, error: Exception) -> bool:
        """Whether the database now numbers rows beyond those that came with numbers of their own."""
        if entry.key is not None or self.caught_up or refusals.rule(error) != refusals.UNIQUE:
            return False
        self.caught_up = True
        return self.statements.catch_up(self.connection)

    def _take(self, steps: list[Step]) -> list[Row]:
        """The rows as they then are stored, where the report wants them. Changes come before what is new."""
        new: list[Row] = []
        for (is_new, _), group in groupby(sorted(steps, key=_order), _form):
            if is_new:
                new += self._insert([step for step in group if isinstance(step, Entry)])
            else:
                self._update([step for step in group if isinstance(step, Changed)])
        if not self.report.stored or not self.table.key:
            return new
        known = [key for step in steps if (key := _entry(step).key) is not None]
        return list(self.statements.stored(self.connection, [*known, *new]).values())

    def _insert(self, entries: list[Entry]) -> list[Row]:
        """Add rows. Gives the keys of those that the database gives one; of a table without keys, the rows."""
        shape = entries[0].shape
        statement = self.statements.insert(entries[0].added[0])
        values = [bound(entry.added[1]) for entry in entries]
        if not (self.report.stored if shape.key is None else self._may_get_other_keys(shape, entries)):
            self._execute(statement, values)
            return []
        wanted = [column.source for column in self.table.key_columns or self.table.columns]
        returning = statement.returning(*wanted)
        rows = [self.connection.execute(returning, one).first() for one in values]
        if None in rows:
            raise refusals.Declined
        found = [tuple(row) for row in rows if row is not None]
        if shape.key is not None and any(map(self._has_other_key, entries, found)):
            raise refusals.Moved
        return found

    def _has_other_key(self, entry: Entry, key: Row) -> bool:
        """Whether a row is stored with another key than it came with."""
        return entry.token != token(self.statements.read_key(key))

    def _may_get_other_keys(self, shape: Shape, entries: list[Entry]) -> bool:
        """Whether the database computes keys; and MariaDB takes 0 for the next number."""
        if shape.added is not None:
            return True
        return self._numbers_noughts and any(0 in entry.key for entry in entries if entry.key is not None)

    def _may_be_numbered(self, batch: Batch) -> bool:
        """The same of a batch."""
        keys = batch.values(self.table.key) if self._numbers_noughts and batch.shape.key is not None else None
        return any(0 in key for key in keys or ())

    @property
    def _numbers_noughts(self) -> bool:
        return self.connection.dialect.name in ("mysql", "mariadb")

    def _update(self, steps: list[Changed]) -> None:
        columns = tuple(change.column for change in steps[0].changes)
        values = [bound((change.new for change in s.changes), self.statements.stored_key(s.row)) for s in steps]
        self._execute(self.statements.update(columns), values)
        if any(column.generated for column in self.table.key_columns):
            keys = [self.statements.key_of(step.row) for step in steps]
            if len(self.statements.stored(self.connection, keys)) < len(keys):
                raise refusals.Moved

    def _execute(self, statement: Any, values: list[dict[str, Any]]) -> None:
        """Raises Declined where that is not done for each of the values."""
        if values[0]:
            count = self.connection.execute(statement, values).rowcount
        else:  # DEFAULT VALUES is said of one row
            count = sum(self.connection.execute(statement).rowcount for _ in values)
        if count < len(values):
            raise refusals.Declined

    def _tell(self, steps: list[Step], stored: list[Row]) -> None:
        for row in stored:
            self.report.store(row)
        if not self.report.steps:
            changed = sum(isinstance(step, Changed) for step in steps)
            self.report.count(added=len(steps) - changed, changed=changed)
            return
        for step in steps:
            entry = _entry(step)
            changes = step.changes if isinstance(step, Changed) else ()
            action = "changed" if isinstance(step, Changed) else "added"
            self.report.add(action, entry.line, self.key_text(entry), *map(_shown, changes))


def _with_line(problem: Problem, line: int, lines: Lines) -> Problem:
    """A problem with the line on which its values were first, where that is another one."""
    first = lines.first(*problem.same) if problem.same else None
    if first is None or first == line:
        return problem
    if first > line:
        more = "" if TAKEN in problem.reason else f"; line {first} is to add it, and has to come before"
        return problem._replace(reason=f"{problem.reason}{more}")
    return problem._replace(reason=problem.reason.replace(TAKEN, f"is on line {first} too"))


def _entry(step: Step) -> Entry:
    return step if isinstance(step, Entry) else step.entry


def _order(step: Step) -> tuple[bool, tuple[str, ...]]:
    if isinstance(step, Entry):
        return True, ()
    return False, tuple(change.column.name for change in step.changes)


def _form(step: Step) -> tuple[bool, Shape | tuple[str, ...]]:
    """What one statement can do together."""
    return (True, step.shape) if isinstance(step, Entry) else _order(step)


def _shown(change: Change) -> tuple[str, Any, Any]:
    return change.column.name, change.old, change.new
