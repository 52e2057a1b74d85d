"""Rows removed from a table, and those that other rows refer to, which cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from ..schema.tables import Table
from . import refusals
from .constraints import Constraints
from .report import MOST, Report
from .seen import Token
from .statements import Row, Statements, bound


class Removing:
    """Removes rows of a table in a transaction, and tells the report."""

    def __init__(self, connection: sa.Connection, table: Table, report: Report) -> None:
        self.connection, self.table, self.report = connection, table, report
        self.statements = Statements(table)
        self.constraints = Constraints(connection, table)

    def remove(self, keys: Sequence[Row]) -> None:
        """Remove the rows with these keys, as they are stored."""
        if not keys:
            return
        error = self._refusal(keys)
        if error is None:
            for key in keys:
                self.report.add("removed", None, self.statements.key_text(key))
        elif len(keys) > 1:
            middle = len(keys) // 2
            self.remove(keys[:middle])
            self.remove(keys[middle:])
        else:
            row = dict(zip(self.table.by_name, next(iter(self._stored(keys).values())), strict=True))
            problems = self.constraints.removal(error, row)
            self.report.reject(None, self.statements.key_text(keys[0]), problems)

    def remove_matching(self, where: Sequence[sa.ColumnElement[bool]]) -> int:
        """Remove the rows that fulfil some conditions, at once, and tell how many there were."""
        before = self.report.counts["removed"]
        if self.report.steps and self.table.key:
            for key in self._keys(where):
                self.report.add("removed", None, self.statements.key_text(key))
            self.report.flush()
        statement = sa.delete(self.table.source).where(*where)
        savepoint = self.connection.begin_nested()
        try:
            count = self.connection.execute(statement).rowcount
        except Exception as error:
            if refusals.rule(error) is None:
                raise
            savepoint.rollback()
            self.report.counts["removed"] = before
            self._tell_referred(error, where)
            return 0
        savepoint.commit()
        self.report.counts["removed"] = before + count
        return count

    def find_loose(self) -> None:
        """Reject what the database would only refuse as the transaction ends."""
        for problem in self.constraints.bereft():
            self.report.reject(None, None, [problem])

    def _refusal(self, keys: Sequence[Row]) -> Exception | None:
        """The error with which the database refuses to remove rows, which then is undone."""
        savepoint = self.connection.begin_nested()
        try:
            count = self.connection.execute(self.statements.delete, [bound((), key) for key in keys]).rowcount
            if count < len(keys) and self._stored(keys):  # fewer go also where one takes another with it
                raise refusals.Declined
        except Exception as error:
            if refusals.rule(error) is None:
                raise
            savepoint.rollback()
            return error
        savepoint.commit()
        return None

    def _stored(self, keys: Sequence[Row]) -> dict[Token, Row]:
        return self.statements.stored(self.connection, map(self.statements.read_key, keys))

    def _keys(self, where: Sequence[sa.ColumnElement[bool]]) -> Iterator[Row]:
        sources = [column.source for column in self.table.key_columns]
        yield from map(tuple, self.connection.execute(sa.select(*sources).where(*where).order_by(*sources)))

    def _tell_referred(self, error: Exception, where: Sequence[sa.ColumnElement[bool]]) -> None:
        """Reject the rows that others refer to, the first of them."""
        sources = [column.source for column in self.table.columns]
        query = sa.select(*sources).where(*where, self.constraints.is_referred()).limit(MOST)
        rows = [dict(zip(self.table.by_name, row, strict=True)) for row in self.connection.execute(query)]
        for row in rows:
            key = self.statements.key_text(tuple(row[name] for name in self.table.key)) if self.table.key else None
            self.report.reject(None, key, self.constraints.removal(error, row))
        if not rows:
            self.report.reject(None, None, self.constraints.removal(error, {}))
