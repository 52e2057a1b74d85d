"""A SELECT as the Rows of a collection: its columns, and the URI of each row's own resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request, url_for
from sqlalchemy import Select, func, select

from negotiate_api import Rows

from .models import db
from .rows import stream


def collection(query: Select[*tuple[Any, ...]], endpoint: str, key: str) -> Rows:
    """The rows of a query; endpoint is that of a row's own resource, key the column that it takes."""
    columns = query.selected_columns.keys()
    index = columns.index(key)

    def with_uri(query: Any) -> Iterator[tuple[Any, ...]]:
        return ((*row, url_for(endpoint, **{key: row[index]})) for row in stream(query))

    return Rows(
        (*columns, "uri"),
        lambda: with_uri(query),
        count=lambda: db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0,
        links=dict.fromkeys((key, "uri"), f"{url_for(request.endpoint or '')}/{{{key}}}"),
        window=lambda offset, size: with_uri(query.offset(offset).limit(size)),
    )
