"""What a write is answered with: rows as they then are stored, what an upload did, and why nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import Response, current_app
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, HTTPException, UnprocessableEntity

from negotiate_api.marshalling import marshal
from representations import Rows

from .. import etags, resources
from ..publication import Publication
from ..queries import filters
from ..queries.query import Query
from ..schema.tables import Table
from .changes import show
from .preferences import Preferences
from .report import COLUMNS, Report

EMPTY = ("minimal", "headers-only")
"""What of return= is answered without a body."""


class Found(NamedTuple):
    """A row as a GET of its own URL would show it; state and url are None where it has no key."""

    shown: Any
    state: str | None = None
    url: str | None = None


def found(
    connection: Connection,
    publication: Publication,
    query: Query,
    key: Sequence[Any],
    arguments: Sequence[tuple[str, str]] = (),
) -> Found | None:
    """The row with a key, if it is there."""
    table = query.table
    where = filters.is_row(table, key, publication.engine.dialect)
    row = connection.execute(query.select().where(*where)).first()
    if row is None:
        return None
    fetched = tuple(row)[: len(query.columns)] if query.shape() is None else tuple(row)
    state = publication.state_of(table, fetched, arguments)
    return Found(resources.shown(table, query, fetched), state, publication.url(table.name, key))


def without_key(table: Table, row: Sequence[Any]) -> Found:
    """A row of a table that has no key."""
    return Found(marshalled(table, dict(zip(table.by_name, _shown(table, row), strict=True))))


def of_row(row: Found, preferences: Preferences, *, added: bool) -> Any:
    """The answer to a write of one row: the row, where it is, and its tag."""
    place = {"Location" if added else "Content-Location": row.url} if row.url else {}
    headers = {**preferences.fields(), **place}
    if preferences.returns in EMPTY:
        return empty(201 if added else 204, headers)
    if row.state and row.url:
        etags.tagged(row.state)
    return row.shown, 201 if added else 200, headers


def of_upload(report: Report, table: Table, preferences: Preferences, status: int = 200) -> Any:
    """The answer to an upload: what it did, or the rows as they are stored."""
    if preferences.returns == "representation" and report.stored:
        rows = report.stored.rows(table.by_name, lambda row: _shown(table, row))
        return marshalled(table, rows), status, preferences.fields()
    report.close()
    if preferences.returns in EMPTY:
        return empty(204, preferences.fields())
    return report.summary(), status, preferences.fields()


def of_dry_run(report: Report, preferences: Preferences) -> Any:
    """The answer to a write that was tried: its steps."""
    assert report.steps is not None, "a dry run tells its steps"
    return report.steps.rows(COLUMNS), 200, preferences.fields()


def empty(status: int, headers: dict[str, str]) -> Response:
    """A response without a body, in no format."""
    response = current_app.response_class(b"", status, headers)
    response.headers.pop("Content-Type", None)
    return response


def refused(report: Report) -> HTTPException:
    """409 where all that is wrong is at odds with other rows, else 422."""
    data = report.refusal()
    return told(Conflict() if report.conflicts else UnprocessableEntity(), **data)


def told(error: HTTPException, message: str, **data: Any) -> HTTPException:
    """An error with its data."""
    error.description, error.data = message, {"message": message, **data}  # type: ignore[attr-defined]
    return error


def marshalled(table: Table, data: dict[str, Any] | Rows) -> Any:
    """Rows as the fields of a table have them, where it has some."""
    return data if table.fields is None else marshal(data, table.fields)


def _shown(table: Table, row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(show(column.kind, value) for column, value in zip(table.columns, row, strict=True))
