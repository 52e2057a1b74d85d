"""Rows removed from a table, and those that other rows refer to, which cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import sqlalchemy as sa

from ..schema.tables import Table
from . import refusals
from .cascades import Cascades
from .constraints import Constraints
from .report import MOST, Report
from .seen import Token, token
from .statements import Row, Statements, bound


class Removing:
    """Removes rows of a table in a transaction, and tells the report."""

    def __init__(self, connection: sa.Connection, table: Table, report: Report) -> None:
        self.connection, self.table, self.report = connection, table, report
        self.statements = Statements(table)
        self.constraints = Constraints(connection, table)
        self._key = [column.source for column in table.key_columns]

    def remove(self, keys: Sequence[Row]) -> None:
        """Remove the rows with these keys, as they are stored."""
        if not keys:
            return
        reasons = self._reasons(keys)
        error = self._refusal(keys)
        if error is None:
            for key in keys:
                self.report.add("removed", None, self.statements.key_text(key), reason=reasons.get(token(key)))
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
        if self.report.steps:
            for key, reason in self._found(where):
                self.report.add("removed", None, self.statements.key_text(key) if key else None, reason=reason)
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

    @cached_property
    def _cascades(self) -> Cascades:
        return Cascades(self.connection, self.table)

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

    def _reasons(self, keys: Sequence[Row]) -> dict[Token, str | None]:
        """What comes of rows that refer to these, where the report wants it."""
        if self.report.steps is None or not self._cascades.counts():
            return {}
        is_one = self._key[0].in_([key[0] for key in keys]) if len(self._key) == 1 else sa.tuple_(*self._key).in_(keys)
        return {token(key): reason for key, reason in self._found([is_one])}

    def _found(self, where: Sequence[sa.ColumnElement[bool]]) -> Iterator[tuple[Row, str | None]]:
        """The keys of rows, () where they have none, and what comes of rows that refer to them."""
        query = sa.select(*self._key, *self._cascades.counts(), sa.literal(1)).select_from(self.table.source)
        size = len(self._key)
        for row in self.connection.execute(query.where(*where).order_by(*self._key)):
            yield tuple(row[:size]), self._cascades.reason(row[size:-1])

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
