"""A SELECT of the service's own tables, a batch at a time, and how many rows a model has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from .models import Base, db

BATCH = 1000


def stream(query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query as tuples; closing it closes the cursor."""
    result = db.session.execute(query, execution_options={"yield_per": BATCH})
    try:
        for batch in result.partitions():
            yield from map(tuple, batch)
    finally:
        result.close()


def count(model: type[Base]) -> int:
    """How many rows of a model there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0
