"""What a write is answered with: rows as they then are stored, what an upload did, and why nothing was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Response, current_app
from sqlalchemy import Connection
from werkzeug.exceptions import Conflict, HTTPException, UnprocessableEntity

from representations import CSV, Markdown, Record

from .. import etags, resources
from ..publication import Publication
from ..queries import filters
from ..queries.query import Query
from ..queries.selection import outputs
from ..schema.tables import Table
from .preferences import Preferences
from .report import COLUMNS, Report

OF_ROWS = (CSV, Markdown)
"""Formats in which a list within a mapping is a cell, or hard to read."""

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
    shown = resources.shown(query, tuple(row))
    return Found(shown, publication.state_of(table, shown, arguments), publication.url(table.name, key))


def without_key(table: Table, row: Sequence[Any]) -> Found:
    """A row of a table that has no key."""
    names, show = _told(table)
    return Found(Record(zip(names, show(row), strict=True), {}))


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
        return report.stored.rows(*_told(table)), status, preferences.fields()
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
    shown = _listed(**data) if "errors" in data and _is_of_rows() else {"message": message, **data}
    error.description, error.data = message, shown  # type: ignore[attr-defined]
    return error


def _is_of_rows() -> bool:
    """Whether the answer will be a table and nothing beside it."""
    exchange = resources.exchange()
    transformer = exchange.offers.transformers.get(exchange.acceptable_or("")[0])
    return isinstance(getattr(transformer, "representation", None), OF_ROWS) and not exchange.wants_problem()


def _listed(errors: Sequence[dict[str, Any]], more: int = 0) -> list[dict[str, Any]]:
    """Errors as a table tells them."""
    rest = {"line": None, "column": None, "value": None, "reason": f"{more} more are not told"}
    return [*errors, rest] if more else list(errors)


def _told(table: Table) -> tuple[tuple[str, ...], Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """Names, and what gives their values of a row as it is stored; without fields of columns that are hidden."""
    indexes: dict[Any, int] = {column.source: index for index, column in enumerate(table.columns)}
    found = [(one.name, [indexes.get(source) for source in one.expressions], one.make) for one in outputs(table)]
    told = [(name, [i for i in places if i is not None], make) for name, places, make in found if None not in places]

    def show(row: Sequence[Any]) -> tuple[Any, ...]:
        values = ([row[index] for index in places] for _, places, _ in told)
        return tuple(make(*some) if make else some[0] for (*_, make), some in zip(told, values, strict=True))

    return tuple(name for name, *_ in told), show
