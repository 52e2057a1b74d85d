"""Pages of a query: rows from where it asks for them on, and URLs of the pages beside.

By key, a page begins after the last row of the one before: what is added meanwhile moves no row to another page, and
the thousandth page costs what the first does. Where rows have no key, pages are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from flask import request
from werkzeug.exceptions import NotFound

from negotiate_api.exchange import exchange_of
from representations import Page

from .queries.query import Query

SIZE = 100
"""Rows of a page where nothing says how many."""

PARAMETERS = ("page", "after", "before")

LONGEST = 60
"""Characters of a key that a page says it is after."""


def page(
    query: Query, found: list[Any], size: int, total: int | None = None
) -> tuple[list[Any], dict[str, str], Page | None]:
    """The rows of a page, out of those that query.window(size) gave; URLs of others by link relation; and which it is.

    Raises NotFound.
    """
    is_more, found = len(found) > size, found[:size]
    if query.backwards:
        found.reverse()
    if query.keyset and query.page is None:
        which, near = _keyed(query, found, is_more, total)
    else:
        which, near = _numbered(query.page or 1, len(found), size, is_more, total)
    exchange = exchange_of(request)
    assert exchange is not None, "pages are asked for in a request to an Api"
    exchange.paging = PARAMETERS
    return found, {relation: exchange.url(PARAMETERS, **parameters) for relation, parameters in near.items()}, which


def is_part(query: Query) -> bool:
    """Whether a query asks for a page, whatever the format."""
    return (query.limit, query.page, query.after, query.before) != (None, None, None, None)


Parameters = dict[str, dict[str, str]]
"""Link relation -> what differs in the query of its URL."""


def _numbered(number: int, rows: int, size: int, is_more: bool, total: int | None) -> tuple[Page, Parameters]:
    if not rows and number > 1:
        raise NotFound(f"There is no page {number}.")
    near = {"first": 1 if number > 1 else 0, "prev": number - 1, "next": number + 1 if is_more else 0}
    if is_more and total:
        near["last"] = ceil(total / size)
    first = (number - 1) * size + 1
    page = Page(number, min(first, first + rows - 1), first + rows - 1, total)
    return page, {relation: {"page": str(n)} for relation, n in near.items() if n}


def _keyed(query: Query, found: Sequence[Any], is_more: bool, total: int | None) -> tuple[Page | None, Parameters]:
    """A page by key knows its neighbours, and how far it is from the first row only where it is the first page."""
    is_first = not query.after and query.before is None
    before = is_more if query.backwards else not is_first
    after = query.before != () if query.backwards else is_more
    near: Parameters = {}
    if before:
        near |= {"first": {}, "prev": {"before": _position(query, found, 0)}}
    if after:
        near |= {"next": {"after": _position(query, found, -1)} if found else {}, "last": {"before": ""}}
    page = Page(1, min(1, len(found)), len(found), total) if is_first else Page(0, 0, len(found), total, _place(query))
    return page, near


def _place(query: Query) -> str:
    """Where a page by key is, as its URL says."""
    if query.before == ():
        return "at the end"
    word = "before" if query.backwards else "after"
    text = request.args.get(word, "")
    return f"{word} {text if len(text) <= LONGEST else text[:LONGEST] + '…'}"


def _position(query: Query, found: Sequence[Any], index: int) -> str:
    return (query.position(found[index]) or "") if found else ""
