"""An upload written to a table, batch by batch within one transaction, whoever began it: it needs no request.

A batch is read and checked, its rows are looked up by their keys in one statement and locked, and what is to be added
or changed is written in a few. Where the database refuses that, the batch is undone and halved until it is known which
rows it refuses. Whoever finds Report.rejected above 0 must undo the transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from negotiate_api.sharing import TURN

from ..schema.readers import counted
from ..schema.tables import Column, Table
from .changes import Changed, changed_generated, changes, differing
from .constraints import Constraints
from .defaults import Defaults
from .incoming import Batch, Entry, Incoming, Problem
from .lines import Lines, Records
from .removing import Removing
from .report import Report
from .seen import Token, tokens
from .shapes import Shape
from .statements import Row, Statements
from .storing import Step, Storing

BATCH = 2000
"""Rows of a batch; it may have more, as many of them are read at a time."""

PARTS = 8
"""What is read at a time, at most so often for a batch: each may be some mebibytes."""

Part = Batch | list[Entry]

NUMBERED = "is numbered by the database, which takes no number for a new row; leave it out"


class Mode(Enum):
    """What is done with a row whose key is stored already, and with one whose key is not."""

    INSERT = "insert"
    """the one is rejected, the other added"""
    MERGE = "merge"
    """changed in the columns that are given, or added"""
    IGNORE = "ignore"
    """left as it is, or added"""
    UPDATE = "update"
    """changed in the columns that are given, or rejected"""
    REPLACE = "replace"
    """changed, with defaults for the columns that are not given, or added"""


class Writing:
    """One upload to one table. Every mode but INSERT needs one with a key."""

    def __init__(  # noqa: PLR0913, PLR0917 - what, where to and how
        self,
        connection: sa.Connection,
        table: Table,
        upload: Records,
        mode: Mode,
        report: Report,
        lenient: bool = False,
    ) -> None:
        self.connection, self.table, self.upload, self.mode, self.report = connection, table, upload, mode, report
        self.incoming = Incoming(table, tabular=upload.tabular, lenient=lenient)
        self.lines = Lines(self.incoming, upload)
        self.statements = Statements(table)
        self.constraints = Constraints(connection, table)
        self.defaults = Defaults(connection, table)
        self.storing = Storing(self.statements, self.constraints, report, None if mode is Mode.INSERT else self._beside)

    def write(self) -> None:
        """Write every row, and tell the report."""
        try:
            for batch in self._batches():
                self._write_batch(batch)
                self.report.flush()
                time.sleep(TURN)  # under gevent others run meanwhile
            self.storing.tell_put_off(self.lines)
            if self.report.late:
                self._find_loose()
            self.report.flush()
        finally:
            self.lines.close()

    def remove_missing(self) -> int:
        """Remove the rows that the upload has not, and tell how many there were. It goes before write()."""
        removing, seen = Removing(self.connection, self.table, self.report), self.lines.of(self.table.key)
        count = removing.remove_matching([sa.or_(*nulls)]) if (nulls := self.statements.null_keys) else 0
        last = None
        while stored := self.statements.keys_after(self.connection, last, BATCH):
            own = self.statements.tokens(stored)
            known = seen.known(own)
            missing = [key for key, one in zip(stored, own, strict=True) if one not in known]
            removing.remove(missing)
            self.report.flush()
            count, last = count + len(missing), stored[-1]
            time.sleep(TURN)
        return count

    def _batches(self) -> Iterator[list[Part]]:
        found, size = list[Part](), 0
        for part in self.incoming.batches(self.upload.slices(self._reject_uneven), self._reject_record):
            found.append(part)
            size += part.size if isinstance(part, Batch) else len(part)
            if size >= BATCH or len(found) == PARTS:
                yield found
                found, size = [], 0
        yield found

    def _write_batch(self, parts: list[Part]) -> None:
        if self.mode is not Mode.INSERT:
            self._write_keyed(parts)
            return
        for shape, run in groupby(parts, self._shape_added):
            some = list(run)
            if shape is None:
                self.storing.attempt([entry for part in some for entry in _entries(part) if self._is_addable(entry)])
            else:
                self.storing.add([part for part in some if isinstance(part, Batch)])

    def _shape_added(self, part: Part) -> Shape | None:
        """The shape of rows that can be added together; None where they are added one by one."""
        return part.shape if isinstance(part, Batch) and self.storing.takes(part) else None

    def _write_keyed(self, parts: list[Part]) -> None:
        stored = self.statements.stored(self.connection, [key for part in parts for key in _keys(part)])
        entries = list[Entry]()
        for part in parts:
            left = part.entries(self._differing(part, stored)) if isinstance(part, Batch) else part
            entries += filter(self._is_first, left)
        steps = (self._step(entry, stored.get(entry.token) if entry.token is not None else None) for entry in entries)
        self.storing.attempt([step for step in steps if step])

    def _differing(self, batch: Batch, stored: Mapping[Token, Row]) -> list[bool] | None:
        """Of rows, whether each has to be looked at: the others are stored as they are sent. None for all of them."""
        names, lines = self.table.key, batch.given.lines
        keys = batch.values(names)
        is_part = batch.shape.generated or (self.mode is Mode.REPLACE and len(batch.columns) < len(self.table.columns))
        if not keys or self.report.steps is not None or is_part:
            return None
        own = tokens(keys)
        rows = [stored.get(one) for one in own]
        differ = [row is None for row in rows] if self.mode is Mode.IGNORE else self._changed(batch, rows)
        first = self.lines.are_first(names, own, lines)
        looked_at = [is_other or not is_first for is_other, is_first in zip(differ, first, strict=True)]
        self.report.count(unchanged=looked_at.count(False))
        return looked_at

    def _changed(self, batch: Batch, rows: list[Row | None]) -> list[bool]:
        places = list(map(self.table.columns.index, batch.shape.columns))
        return differing(batch.columns, rows, places)

    def _step(self, entry: Entry, row: Row | None) -> Step | None:
        """What is to be done for an entry; None where it is nothing."""
        if row is None:
            return entry if self._is_addable(entry) else None
        return self._beside(entry, row)

    def _beside(self, entry: Entry, row: Row) -> Step | None:
        """What is to be done for an entry beside the row that has its key; None where it is nothing."""
        named, tabular = dict(zip(self.table.by_name, row, strict=True)), self.upload.tabular
        found = () if self.mode is Mode.IGNORE else changes(entry, named, tabular=tabular)
        computed = () if self.mode is Mode.IGNORE else changed_generated(entry, named, tabular=tabular)
        if computed:
            self.storing.reject(entry, [_computed(column, entry) for column in computed])
            return None
        if self.mode is Mode.REPLACE:
            found += self.defaults.changes(entry.shape, named)
        if not found:
            self.report.add("unchanged", entry.line, self.storing.key_text(entry))
        return Changed(entry, row, found) if found else None

    def _is_addable(self, entry: Entry) -> bool:
        """Whether an entry may be a new row; it is rejected where it may not."""
        if self.mode is Mode.UPDATE:
            self.storing.reject(entry, [self._not_there(entry)])
            return False
        problems = [Problem(column.name, None, "is missing") for column in entry.shape.missing]
        problems += [
            Problem(c.name, v, NUMBERED) for c in entry.shape.numbered if (v := entry.given[c.name]) is not None
        ]
        if problems:
            self.storing.reject(entry, problems)
        return not problems

    def _is_first(self, entry: Entry) -> bool:
        """Whether the key of an entry was on no line before; it is rejected where it was."""
        first = self.lines.add(entry)
        if first != entry.line:
            problem = Problem(", ".join(self.table.key), self._shown_key(entry), f"is on line {first} too", True)
            self.storing.reject(entry, [problem])
        return first == entry.line

    def _not_there(self, entry: Entry) -> Problem:
        names = ", ".join(self.table.key)
        if entry.key is None:
            return Problem(names, None, "is missing, and tells which row is meant")
        return Problem(names, self._shown_key(entry), f"is no row of {self.table.name}")

    def _shown_key(self, entry: Entry) -> Any:
        values = [entry.given.get(name) for name in self.table.key]
        return values[0] if len(values) == 1 else ", ".join(map(str, values))

    def _reject_record(self, line: int, record: Mapping[str, Any], problems: Sequence[Problem]) -> None:
        key = self.incoming.values_of(self.table.key, record) if self.report.steps and self.table.key else None
        self.report.reject(line, None if key is None else self.statements.key_text(key), problems)

    def _reject_uneven(self, line: int, fields: int, columns: int) -> None:
        self.report.reject(
            line, None, [Problem(None, None, f"has {counted(fields, 'field')}, the header has {columns}")]
        )

    def _find_loose(self) -> None:
        """Reject what the database would only refuse as the transaction ends."""
        for problem, reference, values in self.constraints.astray():
            line = self.lines.first(reference.columns, values)
            if line:
                self.report.reject(line, None, [problem], taken_before=True)
        if self.report.counts["removed"]:
            for problem in self.constraints.bereft():
                self.report.reject(None, None, [problem])


def _entries(part: Part) -> list[Entry]:
    return part.entries() if isinstance(part, Batch) else part


def _keys(part: Part) -> Iterable[tuple[Any, ...]]:
    """The keys of those that have one."""
    many = part.values(part.shape.table.key) if isinstance(part, Batch) else None
    return many or [entry.key for entry in _entries(part) if entry.key is not None]


def _computed(column: Column, entry: Entry) -> Problem:
    return Problem(column.name, entry.given[column.name], "is computed by the database; leave it out, or as it is")
