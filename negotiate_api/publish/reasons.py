"""Why a URL of what is published takes no such method (405), or leads to nothing (404), in words.

Both are known before any resource is asked, so that it is the nearest one to the URL that says it (Resource.explain).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from .publication import Publication
from .queries.parameters import nearest
from .schema.tables import Table

MOST = 20
"""Names of tables that are listed."""


def of_rows(publication: Publication, table: Table, error: HTTPException, above: str, rest: str) -> str:
    """What is said at the URL of a table, or below it; "" where there is nothing to say."""
    if isinstance(error, MethodNotAllowed):
        return _refused(table)
    return "" if table.key or not rest else f"{table.name} has no key, and its rows no URLs; filters find them."


def of_row(publication: Publication, table: Table, error: HTTPException, above: str, rest: str) -> str:
    """What is said at the URL of a row, or below it."""
    if isinstance(error, MethodNotAllowed):
        added = f"Rows are added by POST to {publication.url(table.name)}, or by PUT to their own URL."
        return _refused(table) if not table.writable else added
    key = f"{above.rpartition('/')[2]}/{rest}".replace("/", "~2F")
    return f"In a key / is written as ~2F: {publication.url(table.name)}/{quote(key, safe=',~')}" if rest else ""


def of_index(publications: Iterable[Publication], rest: str) -> str:
    """What is said where there is no table; nothing of what not everybody may read."""
    names = [name for one in publications if not one.reading for name in one.tables]
    if not (names and rest):
        return ""
    near = nearest(rest, names)
    told = f"Did you mean {' or '.join(near)}?" if near else f"There is {', '.join(names[:MOST])}."
    return f"There is no table {rest[:80]!r}. {told}"


def _refused(table: Table) -> str:
    if table.view:
        return f"{table.name} is a view, which is read-only; write to the tables that it shows."
    if not table.writable:
        return f"{table.name} is published read-only; it can be written where it is named in --writable, or writable=."
    can = "Rows can be added (POST) and removed by filters (DELETE)"
    return f"{table.name} has no key that tells which row {request.method} means. {can}."
