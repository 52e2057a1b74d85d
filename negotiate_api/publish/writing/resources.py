"""A table as it is written: rows added, changed, replaced and removed, each request in one transaction, all or nothing.

Whatever is asked of the rows, what If-Match says among it, is asked within that transaction and after they are locked.
A row's key is not changed: a body that has another one than the URL is 422.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, PreconditionFailed

from representations.csv_records import Uneven
from representations.slices import Slice, grouped

from .. import etags
from ..queries.arguments import RESERVED
from ..queries.parameters import BadParameter, choice, whole
from ..queries.query import Query
from ..resources import OF_ITEM, Item, Pairs
from ..schema import keys, kinds
from . import answers, cascades
from .answers import Found
from .batches import Mode, Writing
from .changes import merged
from .incoming import Problem
from .preferences import KNOWN, Preferences
from .removing import Removing
from .report import Report
from .requests import MERGE_PATCH, Writes, has_condition, is_dry, lock
from .seen import token
from .statements import Row, Statements
from .uploads import Upload

FILTERS = ("or", "q")
"""Reserved words that say which rows are meant."""

NO_ROWS = "The body has no rows. To remove those of the table, send DELETE with a filter and confirm=."

RESOLUTIONS = {"merge-duplicates": Mode.MERGE, "ignore-duplicates": Mode.IGNORE}


class RowWrites(Writes):
    """The rows of a table, which may have no key."""

    def post(self) -> Any:
        """Add a row, or rows; where the request prefers it, those that are there already are changed or left."""
        words, _ = self.words("dry_run")
        preferences = self.preferences(*(KNOWN if self.table.key else ("return", "handling")))
        mode = RESOLUTIONS.get(preferences.resolution, Mode.INSERT)
        if mode is Mode.MERGE:
            self.require_match(words)
        return self._upload(mode, preferences, dry_run=is_dry(words), status=201)

    def delete(self) -> Any:
        """Remove the rows that the query has, which says how many they are."""
        arguments, preferences = self.arguments(), self.preferences("return")
        query = Query.parse(self.table, arguments, self.publication.engine.dialect, ("confirm", "dry_run"))
        _check_filters(arguments)
        words = {name: value for name, value in arguments if name in ("confirm", "dry_run")}
        self.require_match(words)
        confirmed = whole("confirm", words["confirm"], 0, 10**15) if "confirm" in words else None
        dry_run = is_dry(words)

        def work(connection: Connection, report: Report) -> None:
            self.check_match(connection, [pair for pair in arguments if pair[0] not in words])
            if dry_run or confirmed is not None:
                count = Removing(connection, self.table, report).remove_matching(query.where)
            else:
                count = connection.scalar(query.matching()) or 0
            if not (dry_run or report.rejected or count == confirmed):
                raise _unconfirmed(count, confirmed, cascades.gone(connection, self.table))

        _, report = self.run(work, dry_run=dry_run)
        if dry_run:
            return answers.of_dry_run(report, preferences)
        return answers.of_upload(report, self.table, preferences)

    def _upload(
        self, mode: Mode, preferences: Preferences, *, dry_run: bool, status: int = 200, missing: str | None = "keep"
    ) -> Any:
        """Write the body, and answer. missing: what is done with rows that it has not, None where nobody says."""
        with self.received() as upload:
            self.check_columns(upload, preferences)
            if upload.is_empty():
                raise answers.told(BadRequest(), NO_ROWS)

            def work(connection: Connection, report: Report) -> Found | None:
                lenient = preferences.handling == "lenient"
                self.check_match(connection)
                writing = Writing(connection, self.table, upload, mode, report, lenient)
                count = 0
                if missing != "keep":
                    lock(connection, self.table.source)
                    count = writing.remove_missing()
                staying = report.rejected
                writing.write()
                if count and report.rejected == staying and not (missing or dry_run):
                    raise _unnamed(count, cascades.gone(connection, self.table))
                return self._one(connection, report) if is_one and not report.rejected else None

            is_one = upload.one and mode is not Mode.REPLACE and not dry_run
            stored = is_one or (preferences.returns == "representation" and not dry_run)
            one, report = self.run(work, dry_run=dry_run, stored=stored)
        if dry_run:
            return answers.of_dry_run(report, preferences)
        if one is None:
            return answers.of_upload(report, self.table, preferences, status if report.counts["added"] else 200)
        report.close()
        return answers.of_row(one, preferences, added=bool(report.counts["added"]))

    def _one(self, connection: Connection, report: Report) -> Found | None:
        """The one row that was written; None where it is as it was."""
        row: Row | None = next(iter(report.stored or ()), None)
        if row is None:
            return None
        if not self.table.key:
            return answers.without_key(self.table, row)
        return answers.found(connection, self.publication, self.query(()), Statements(self.table).key_of(row))


class CollectionWrites(RowWrites):
    """The rows of a table that has a key."""

    def put(self) -> Any:
        """Let the table have the rows of the body; whether it loses the others, missing=delete or missing=keep says."""
        words, _ = self.words("dry_run", "missing")
        self.require_match(words)
        missing = choice("missing", words["missing"], ("delete", "keep")) if "missing" in words else None
        preferences = self.preferences("return", "handling")
        return self._upload(Mode.REPLACE, preferences, dry_run=is_dry(words), missing=missing)

    def patch(self) -> Any:
        """Change the columns that the body has of the rows whose keys it has."""
        words, _ = self.words("dry_run")
        self.require_match(words)
        return self._upload(Mode.UPDATE, self.preferences("return", "handling"), dry_run=is_dry(words))


class ItemWrites(Writes, Item):
    """A row of a table."""

    def put(self, key: str) -> Any:
        """Let the row be what the body says, columns that it lacks having their default; it may be new."""
        return self._write(key, Mode.REPLACE)

    def patch(self, key: str) -> Any:
        """Change the columns that the body has."""
        return self._write(key, Mode.UPDATE)

    def delete(self, key: str) -> Any:
        """Remove the row."""
        words, arguments = self.words("dry_run", others=OF_ITEM)
        self.require_match(words)
        preferences, values = self.preferences("return"), self.values(key)
        statements = Statements(self.table)

        def work(connection: Connection, report: Report) -> Found | None:
            row, before = self._locked(connection, statements, values, arguments)
            if row is None:
                raise self.missing(key)
            Removing(connection, self.table, report).remove([statements.stored_key(row)])
            report.flush()
            return before

        before, report = self.run(work, dry_run=is_dry(words))
        if is_dry(words):
            return answers.of_dry_run(report, preferences)
        if preferences.returns == "representation":
            return before.shown, 200, preferences.fields()
        return answers.empty(204, preferences.fields())

    def _write(self, key: str, mode: Mode) -> Any:
        words, arguments = self.words("dry_run", others=OF_ITEM)
        self.require_match(words)
        preferences, values, dry_run = self.preferences("return", "handling"), self.values(key), is_dry(words)
        query, statements = self.query(arguments), Statements(self.table)

        def work(connection: Connection, report: Report) -> Found | None:
            row, _ = self._locked(connection, statements, values, arguments)
            if row is None and mode is Mode.UPDATE:
                raise self.missing(key)
            one = self._at(upload, key, row, report)
            own = Mode.INSERT if row is None and has_condition() else mode
            if one:
                Writing(connection, self.table, one, own, report, preferences.handling == "lenient").write()
            if own is Mode.INSERT and report.rejected and report.conflicts:
                self._check_absent(connection, query, values)
            return answers.found(connection, self.publication, query, values, arguments)

        with self.received() as upload:
            self.check_columns(upload, preferences)
            row, report = self.run(work, dry_run=dry_run)
        if dry_run:
            return answers.of_dry_run(report, preferences)
        if row is None:  # a trigger has moved it
            return answers.of_upload(report, self.table, preferences)
        return answers.of_row(row, preferences, added=bool(report.counts["added"]))

    def _locked(
        self, connection: Connection, statements: Statements, values: list[Any], arguments: Pairs
    ) -> tuple[Row | None, Found | None]:
        """The row with a key, locked, and as it is shown. Raises PreconditionFailed."""
        row = statements.stored(connection, [tuple(values)]).get(token(values))
        query = self.query(arguments)
        shown = answers.found(connection, self.publication, query, values, arguments) if row else None
        etags.check(shown.state if shown else None)
        return row, shown

    def _check_absent(self, connection: Connection, query: Query, values: list[Any]) -> None:
        """Raises PreconditionFailed where another has added the row meanwhile."""
        if answers.found(connection, self.publication, query, values):
            raise PreconditionFailed("It is there already, and If-None-Match asks that it is not.")

    def _at(self, upload: Upload, key: str, row: Row | None, report: Report) -> OneRecord | None:
        """The one record of the body with the key of the URL; None, and told the report, where it has another."""
        line, record = _only(upload)
        texts = dict(zip(self.table.key, keys.split(key, len(self.table.key)), strict=True))
        problems = [p for name, text in texts.items() if (p := self._other_key(name, text, record))]
        if problems:
            report.reject(line, key, problems)
            report.flush()
            return None
        if row is not None and request.mimetype == MERGE_PATCH:
            record = self._patched(record, row)
        return OneRecord(line, {**record, **texts}, upload.tabular)

    def _other_key(self, name: str, text: str | None, record: dict[str, Any]) -> Problem | None:
        read, given = self.table.by_name[name].kind.read, record.get(name)
        try:
            is_other = given is not None and token([read(given)]) != token([read(text)])
        except ValueError:
            is_other = True
        reason = f"is not the key in the URL, {text!r}, and a row keeps its key"
        return Problem(name, given, reason) if is_other else None

    def _patched(self, record: dict[str, Any], row: Row) -> dict[str, Any]:
        """A record in which what is for JSON columns is patched into what they hold."""
        stored = dict(zip(self.table.by_name, row, strict=True))
        names = [c.name for c in self.table.columns if c.kind.name == kinds.JSON.name and c.name in record]
        return {**record, **{name: merged(stored[name], record[name]) for name in names}}


class OneRecord:
    """An upload of one record."""

    def __init__(self, line: int, record: dict[str, Any], tabular: bool) -> None:
        self.line, self.record, self.tabular = line, record, tabular

    def slices(self, uneven: Uneven | None = None) -> Iterator[Slice]:
        """It."""
        return grouped([(self.line, self.record)])


def _only(upload: Upload) -> tuple[int, dict[str, Any]]:
    """The record of a body that has one. Raises BadRequest."""
    records = list(islice(upload.records(), 2))
    if len(records) != 1:
        count = "none" if not records else "more"
        raise answers.told(BadRequest(), f"The body is to be one row, and it has {count}.")
    return records[0]


def _check_filters(arguments: Pairs) -> None:
    """Raises BadParameter where a request for removal says anything but which rows."""
    filters = [name for name, _ in arguments if name in FILTERS or name not in RESERVED]
    for name, value in arguments:
        if name in RESERVED and name not in (*FILTERS, "confirm", "dry_run"):
            raise BadParameter(f"{name} does not say which rows are to be removed; filters do.", name, value)
    if not filters:
        message = "DELETE removes the rows that filters find, as in ?name=x&confirm=1; there is no filter."
        raise BadParameter(message, "confirm")


def _unconfirmed(count: int, confirmed: int | None, gone: list[str]) -> HTTPException:
    rows, them = ("1 row is", "it") if count == 1 else (f"{count} rows are", "them")
    error = BadRequest() if confirmed is None else Conflict()
    said = f", not {confirmed}" if confirmed is not None else ""
    message = f"{rows} to be removed{said}; confirm={count} removes {them}{_with(gone, them)}."
    return answers.told(error, message, rows=count)


def _unnamed(count: int, gone: list[str]) -> HTTPException:
    rows = "1 row is" if count == 1 else f"{count} rows are"
    ways = f"missing=delete removes what is not there{_with(gone, 'it')}, missing=keep keeps it."
    return answers.told(Conflict(), f"{rows} not in the body. {ways}", missing=count)


def _with(tables: list[str], them: str) -> str:
    """What goes with rows that are removed."""
    return f", and rows of {', '.join(tables)} with {them}" if tables else ""
