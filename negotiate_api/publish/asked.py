"""The rows that a Query asks for, or a SELECT gives, as a resource returns them: read as they are sent, or by pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine, Select

from representations import Part, Rows

from . import paging, prepared, rows
from .queries.query import Query

Links = Mapping[str, str | Callable[[rows.Row], str]]


def rows_of(
    engine: Engine,
    asked: Query | Select[Any],
    *,
    links: Links | None = None,
    total: int | None = None,
    tell: Callable[[Any], None] | None = None,
) -> Rows:
    """The rows of a SELECT; those of a Query, or the page of them that it or the format of the response wants.

    links  URLs that values lead to, as Rows take them
    total  how many rows the query has, where that is known
    tell   called with what is shown of a page, before any of it is sent
    """
    if not isinstance(asked, Query):
        return rows.rows(engine, asked, links=links)
    query, shape, select = asked, asked.shape(), asked.select()

    def pages(size: int | None) -> Part:
        if size is None and not paging.is_part(query):
            return Part(
                rows.rows(engine, select, query.columns, shape=shape, links=links, nested=query.nested, counted=True)
            )
        size = query.limit or size or paging.SIZE
        found, beside, page = paging.page(query, prepared.window_of(engine, query, size).fetched(), size, total)
        shown = shape(found) if shape else found
        if tell:
            tell([shown, beside])
        return Part(Rows(query.columns, shown, links=links, nested=query.nested), beside, page)

    source = rows.Batches(engine, select, shape)
    return Rows(query.columns, source, batched=True, links=links, pages=pages)
