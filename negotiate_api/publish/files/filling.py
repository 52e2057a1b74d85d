"""The second pass over a file: its rows into a table beside the one that it replaces, which it takes the place of.

SQLite and PostgreSQL do all of it in one transaction. On MariaDB CREATE and DROP end one; what others see there is a
RENAME at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..databases import engines
from ..errors import Unusable
from . import key, ledger, storing
from .problems import Problems
from .progress import Progress
from .reading import File
from .records import Batch, batches

LOCKS = {
    "postgresql": "SELECT pg_advisory_xact_lock(7715423802)",
    "mysql": "SELECT GET_LOCK('negotiate_api_files', 600)",
    "mariadb": "SELECT GET_LOCK('negotiate_api_files', 600)",
}
"""What makes one load wait for another; on SQLite it waits as its transaction begins."""


@dataclass(frozen=True)
class Key:
    """The column that tells rows apart, and why it is that one; added where no column of the file does."""

    name: str
    reason: str
    added: bool = False


@dataclass(frozen=True)
class Filling:
    """What is to be done.

    options  how the file is to be read, as the ledger remembers it
    replace  also a table that has been edited
    """

    engine: sa.Engine
    name: str
    file: File
    digest: str
    options: str
    replace: bool
    show: Progress

    def run(self) -> tuple[Key, bool]:
        """The key, and whether a table was replaced. Begins anew with another key where one turns out to be none."""
        columns = self.file.columns
        names = [column.name for column in columns]
        fit = [column.name for column in columns if column.keylike]
        for name, reason in key.candidates(self.name, names, fit):
            try:
                return self._attempt(Key(name, reason))
            except self.engine.dialect.loaded_dbapi.IntegrityError:
                continue
        return self._attempt(Key(key.added(names), "added, as no column is known to tell the rows apart", added=True))

    def _attempt(self, key_: Key) -> tuple[Key, bool]:
        loading = storing.table(ledger.LOADING, self.file.columns, key_.name, key_.added)
        with _alone(self.engine) as connection:
            replaced = self._replaces(connection)
            loading.drop(connection, checkfirst=True)
            loading.create(connection)
            self._fill(connection, loading, key_)
            self._replaces(connection)
            ledger.TABLE.create(connection, checkfirst=True)
            storing.put_in_place(connection, self.name)
            if loading.autoincrement_column is not None:
                storing.go_on_counting(connection, self.name, key_.name)
            columns = [(column.name, column.kind.name, column.reason) for column in self.file.columns]
            found = {"digest": self.digest, "options": self.options, "rows": self.file.rows}
            ledger.write(connection, self.name, columns=columns, **found)
        return key_, replaced

    def _replaces(self, connection: sa.Connection) -> bool:
        """Whether there is an earlier load of this name, which may be replaced. Raises Unloadable."""
        if self.name in ledger.loaded(connection):
            if self.replace or not ledger.is_edited(connection, self.name):
                return True
            reason = f"the table {self.name} has been edited since another version of it was loaded"
        elif sa.inspect(connection).has_table(self.name):
            reason = f"the database has a table {self.name} that is of no file; give another name"
        else:
            return False
        raise self.file.source.refused(reason)

    def _fill(self, connection: sa.Connection, loading: sa.Table, key_: Key) -> None:
        source, insert, rows = self.file.source, storing.inserter(connection, loading), 0
        for batch in batches(source, self.file.layout, Problems(source.path.name)):
            if count := len(batch.lines):
                numbers = (range(rows + 1, rows + count + 1),) if key_.added else ()
                insert(zip(*numbers, *self._converted(batch), strict=True))
                rows += count
                self.show("loading", source.done(), source.size, rows)

    def _converted(self, batch: Batch) -> Iterator[Sequence[Any]]:
        """The values of a batch for the driver, column by column."""
        for column in self.file.columns:
            values = batch.columns.get(column.name) or [None] * len(batch.lines)
            yield storing.converted(values, column.kind, self.file.textual)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that waits for one like it in any other process."""
    engines.adopt(engine)
    with engine.connect().execution_options(**{engines.BEGIN: "IMMEDIATE"}) as connection:
        if engine.dialect.name in storing.MARIADB:
            connection.detach()  # so that its end is the end of the lock
        with connection.begin():
            lock = LOCKS.get(engine.dialect.name)
            if lock and connection.exec_driver_sql(lock).scalar() == 0:  # on MariaDB
                raise Unusable("the database is being loaded into by another process for too long")
            try:
                yield connection
            except BaseException:
                if engine.dialect.name in storing.MARIADB:  # where no rollback takes it away
                    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {ledger.LOADING}")
                raise
