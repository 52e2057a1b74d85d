"""What the resources that write a table have in common: the words, preferences and conditions of a request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from flask import request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import Conflict, PreconditionRequired, UnprocessableEntity

from negotiate_api import bodies
from negotiate_api.errors import UnsupportedMediaType, with_room

from .. import etags, files
from ..databases import transactions
from ..databases.unavailable import answered
from ..queries.parameters import BadParameter, unknown
from ..resources import Pairs, Published
from . import answers, uploads
from .incoming import TOLD, no_column
from .preferences import Preferences
from .removing import Removing
from .report import Report
from .uploads import Upload

Work = Callable[[Connection, Report], Any]

MERGE_PATCH = "application/merge-patch+json"
"""Media type of a JSON merge patch (RFC 7396)."""

_PATCH = "-patch+"

LOOSE = "Rows refer to others that are not there, or would be no more; nothing was stored."

_DEFERRED = {"sqlite": "PRAGMA defer_foreign_keys = ON", "postgresql": "SET CONSTRAINTS ALL DEFERRED"}

_loaded: WeakKeyDictionary[Engine, frozenset[str]] = WeakKeyDictionary()
"""The tables of a database that are those of files."""


class Writes(Published):
    """A resource that writes."""

    def preferences(self, *names: str) -> Preferences:
        """Those of the request among these. Raises Unsupported."""
        return Preferences.of(request.headers.get("Prefer"), names)

    def words(self, *words: str, others: tuple[str, ...] = ()) -> tuple[dict[str, str], Pairs]:
        """The words of writing that the request has, and its other parameters. Raises BadParameter."""
        arguments = self.arguments()
        for name, value in arguments:
            if name not in (*words, *others):
                raise unknown(name, name, (*words, *others), "parameter", value)
        return {name: value for name, value in arguments if name in words}, _less(arguments, words)

    def received(self) -> AbstractContextManager[Upload]:
        """The body. Raises as uploads.received() does, and UnsupportedMediaType at a patch in steps (RFC 6902)."""
        known, readable = self.table.by_name.keys() | self.table.computed, self.publication.api.readable()
        if _PATCH in request.mimetype and request.mimetype != MERGE_PATCH:  # which would be read as a row
            message = f"A body of the type {request.mimetype[:80]} is not applied here; send the columns that change."
            raise UnsupportedMediaType(message, (*bodies.names(readable), MERGE_PATCH), request.method)
        return uploads.received(request, readable, known=known)

    def run(self, work: Work, *, dry_run: bool, stored: bool = False) -> tuple[Any, Report]:
        """What work gives in a transaction of its own, and its report. Raises Conflict, UnprocessableEntity.

        A dry run is undone, and its report has steps. stored: the report has the rows as they then are.
        """

        def attempt(connection: Connection, late: bool = dry_run) -> tuple[Any, Report]:
            made.close()  # what was made before this was run anew
            report = made.enter_context(closing(Report(steps=dry_run, stored=stored, late=late)))
            result = self._attempt(connection, work, report)
            if report.rejected and not dry_run:
                raise answers.refused(report)
            return result, report

        with answered(), with_room(), ExitStack() as made:
            try:
                found = transactions.run(self.publication, attempt, keep=not dry_run)
                made.pop_all()
                return found
            except IntegrityError as error:  # at the end of a transaction, which says of no row that it is its fault
                transactions.run(self.publication, partial(attempt, late=True), keep=False)
                raise answers.told(Conflict(), LOOSE) from error

    def _attempt(self, connection: Connection, work: Work, report: Report) -> Any:
        removes = request.method == "DELETE"
        if not removes and any(reference.table == self.table.name for reference in self.table.references):
            _defer(connection)
        report.verb = "removed" if removes else "stored"
        result = work(connection, report)
        if removes and report.late:
            Removing(connection, self.table, report).find_loose()
            report.flush()
        _remember(connection, self.table.source.name)
        return result

    def require_match(self, words: dict[str, str]) -> None:
        """Raises PreconditionRequired where the request does not say what it would change, BadParameter."""
        if self.publication.require_match and not has_condition() and not is_dry(words):
            message = "Send If-Match with the ETag of what you have read, so that nothing of others is written over."
            raise answers.told(PreconditionRequired(), message)

    def check_match(self, connection: Connection, arguments: Pairs = ()) -> None:
        """Raises PreconditionFailed where the client would write to other rows of the table than it has read."""
        if has_condition():
            lock(connection, self.table.source)
            version = self.publication.version(connection)
            states = [self.publication.state(self.table, version, pairs) for pairs in (arguments, ())]
            etags.check(states[0] or "-", states[1])  # the rows are there, also where their state is not known

    def check_columns(self, upload: Upload, preferences: Preferences) -> None:
        """Raises UnprocessableEntity where a header has what is no column."""
        lenient = preferences.handling == "lenient"
        known = self.table.by_name.keys() | self.table.computed
        names = [name for name in upload.columns or () if not lenient and name not in known]
        if names:
            reasons = [(name[:TOLD], no_column(self.table, name)) for name in names[:TOLD]]
            message = f"{reasons[0][0]!r} {reasons[0][1]}; nothing was stored."
            errors = [{"line": 1, "column": name, "value": None, "reason": reason} for name, reason in reasons]
            more = {"more": len(names) - TOLD} if len(names) > TOLD else {}
            raise answers.told(UnprocessableEntity(), message, errors=errors, **more)


def is_dry(words: dict[str, str]) -> bool:
    """Whether nothing is to be stored. Raises BadParameter."""
    value = words.get("dry_run", "0").lower()
    if value not in ("1", "true", "", "0", "false"):
        raise BadParameter(f"dry_run is {value[:40]!r}; it takes 1.", "dry_run", value)
    return value in ("1", "true", "")


def has_condition() -> bool:
    """Whether the request says on what it depends (RFC 9110, section 13.1)."""
    return "If-Match" in request.headers or "If-None-Match" in request.headers


def lock(connection: Connection, source: Any) -> None:
    """Keep others from writing to a table until the transaction ends: on PostgreSQL; on SQLite it is so already."""
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(source)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


def _defer(connection: Connection) -> None:
    """Let rows of an upload refer to those that come after them, where the database can."""
    if statement := _DEFERRED.get(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _less(arguments: Pairs, words: tuple[str, ...]) -> Pairs:
    return [(name, value) for name, value in arguments if name not in words]


def _remember(connection: Connection, name: str) -> None:
    """Remember that a file's table was edited, so that the file is not loaded over it."""
    if connection.engine not in _loaded:
        _loaded[connection.engine] = files.loaded(connection)
    if name in _loaded[connection.engine]:
        files.edited(connection, name)
