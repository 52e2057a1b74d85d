"""The parameters of a request for a table's rows, as SELECTs that mean the same on every database, but for q.

Query.parse() reads them all before anything is asked of a database. Names are looked up among those published, values
are bound: nothing that a client sends becomes SQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..schema.tables import Table
from .arguments import read
from .estimates import estimate
from .filters import Condition
from .ordering import Place, beyond, order_by, place_of, text_of
from .parameters import BadParameter, choice, whole
from .plan import Plan, plan
from .selection import Shape

MOST_ROWS = 10_000
"""What limit may be."""

MOST_PAGES = 1_000_000_000


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked of a table. Made by parse().

    where          conditions on the table
    limit, page    as asked for
    after, before  the place of a row; () for the first and the last page
    count          "exact", "estimated"
    """

    table: Table
    dialect: sa.Dialect
    where: tuple[Condition, ...]
    plan: Plan
    limit: int | None = None
    page: int | None = None
    after: Place | None = None
    before: Place | None = None
    count: str | None = None

    @classmethod
    def parse(
        cls, table: Table, arguments: Iterable[tuple[str, str]], dialect: sa.Dialect, allowed: Collection[str] = ()
    ) -> Query:
        """The query that a request's parameters are.

        allowed  parameters of writing that may be among them: confirm, dry_run, missing

        Raises BadParameter.
        """
        found = read(table, arguments, dialect, allowed)
        planned = plan(table, found, dialect)
        return cls(table, dialect, found.where, planned, **_paging(found.given, planned, dialect))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of what comes out."""
        return self.plan.selection.columns

    @cached_property
    def nested(self) -> dict[str, tuple[str, ...]]:
        """The columns that hold a row of another table, and the names of what that shows."""
        return {one.name: one.nested for one in self.plan.selection.outputs if one.nested}

    @property
    def grouped(self) -> bool:
        """Whether rows are groups of the table's."""
        return self.plan.grouped

    @property
    def keyset(self) -> bool:
        """Whether a page can begin after a row: after, before and position() work."""
        return self.plan.keyset

    @property
    def backwards(self) -> bool:
        """Whether the rows of window() come in reverse."""
        return self.before is not None

    def select(self) -> sa.Select[Any]:
        """All rows in order. They may be longer than columns, see shape()."""
        return self._select

    @cached_property
    def _select(self) -> sa.Select[Any]:
        return self.plan.select.order_by(*order_by(self.plan.order, self.dialect))

    def window(self, size: int) -> sa.Select[Any]:
        """size rows and one more, from where the query begins."""
        order, place = self.plan.order, self.before if self.backwards else self.after
        ordered = order_by(order + self.plan.otherwise, self.dialect, self.backwards)
        found = self.plan.select.order_by(*ordered).limit(size + 1)
        if place:
            found = found.where(beyond(order, place, self.dialect, self.backwards))
        return found.offset((self.page - 1) * size) if self.page and self.page > 1 else found

    def matching(self) -> sa.Select[Any]:
        """How many rows there are."""
        return self.plan.matching

    def estimate(self) -> sa.Select[Any] | None:
        """About how many rows there are, which costs nothing; None where only counting tells."""
        is_part = self.where or self.plan.grouped or self.plan.distinct
        return None if is_part else estimate(self.table, self.dialect)

    def shape(self) -> Shape | None:
        """What makes of a row that came the row that is shown; None where it is that already."""
        return self._shape

    @cached_property
    def _shape(self) -> Shape | None:
        return self.plan.selection.shape()

    def position(self, row: Sequence[Any]) -> str | None:
        """What after= and before= take for a row as it came; None without keyset."""
        return text_of(self.plan.order, self.plan.selection.place(row)) if self.keyset else None


def _paging(given: Mapping[str, str], planned: Plan, dialect: sa.Dialect) -> dict[str, Any]:
    """limit, page, after, before and count as far as they are given. Raises BadParameter."""
    found: dict[str, Any] = {}
    exclusive = [name for name in ("page", "after", "before") if name in given]
    if len(exclusive) > 1:
        raise BadParameter("Of page, after and before there may be one.", exclusive[1], given[exclusive[1]])
    if "limit" in given:
        found["limit"] = whole("limit", given["limit"], 1, MOST_ROWS, "; without it all rows come")
    if "page" in given:
        found["page"] = whole("page", given["page"], 1, MOST_PAGES)
    if "count" in given:
        found["count"] = choice("count", given["count"], ("exact", "estimated"))
    for name in ("after", "before"):
        if name in given:
            found[name] = _place(name, given[name], planned, dialect)
    return found


def _place(name: str, text: str, planned: Plan, dialect: sa.Dialect) -> Place:
    if not planned.keyset:
        raise BadParameter(f"{name} takes a key, and these rows have none; page=1, page=2 count pages.", name, text)
    return place_of(name, text, planned.order, dialect) if text else ()
