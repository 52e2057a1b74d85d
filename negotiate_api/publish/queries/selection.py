"""What a SELECT gives: the columns that are shown, then what it takes to nest a row or to tell a row's place.

Every expression has a label of its own, c0, c1, …: tables that are joined may use the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from ..schema.tables import Column, Table
from .ordering import Order
from .parameters import BadParameter, items, unknown

Row = tuple[Any, ...]
Shape = Callable[[Sequence[Any]], list[Row]]


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A column that is shown: made of what several expressions give, or what the only one does.

    nested  the names of what each value of it holds, where it holds others
    """

    name: str
    expressions: tuple[sa.ColumnElement[Any], ...]
    make: Callable[..., Any] | None = None
    nested: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Selection:
    """Outputs, and an order whose places are told."""

    outputs: tuple[Output, ...]
    order: Order = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.outputs)

    @cached_property
    def expressions(self) -> list[sa.ColumnElement[Any]]:
        """Each once; the first of each output in their order, then the others."""
        found = [output.expressions[0] for output in self.outputs]
        others = [*(e for output in self.outputs for e in output.expressions[1:]), *(t.expression for t in self.order)]
        for expression in others:
            if not any(expression is one for one in found):
                found.append(expression)
        return found

    def labelled(self) -> list[sa.Label[Any]]:
        return [expression.label(f"c{number}") for number, expression in enumerate(self.expressions)]

    def place(self, row: Sequence[Any]) -> Row:
        """What a row has for each term of the order."""
        return tuple(row[index] for index in self._places)

    def shape(self) -> Shape | None:
        """What makes of rows that come the rows that are shown; None where they are that already."""
        made = [(i, self._indices(o), o.make) for i, o in enumerate(self.outputs) if o.make]
        width = len(self.outputs)
        if not made and width == len(self.expressions):
            return None

        def shaped(rows: Sequence[Any]) -> list[Row]:
            columns = list(zip(*rows, strict=True))
            shown: list[Iterable[Any]] = list(columns[:width])
            for index, sources, make in made if columns else ():
                shown[index] = map(make, *(columns[source] for source in sources))
            return list(zip(*shown, strict=True))

        return shaped

    @cached_property
    def _places(self) -> list[int]:
        return [self._index(term.expression) for term in self.order]

    def _indices(self, output: Output) -> list[int]:
        return [self.outputs.index(output), *map(self._index, output.expressions[1:])]

    def _index(self, expression: sa.ColumnElement[Any]) -> int:
        return next(i for i, one in enumerate(self.expressions) if one is expression)


def output(column: Column) -> Output:
    """A column as it is shown."""
    return Output(column.name, (column.source,))


def outputs(table: Table) -> tuple[Output, ...]:
    """What the rows of a table show."""
    if table.fields is None:
        return tuple(map(output, table.columns))
    return tuple(Output(one.name, tuple(column.source for column in one.columns), one.make) for one in table.fields)


def chosen(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that a list such as a,b, or -c for all but c, tells, in its order. Raises BadParameter."""
    names = tuple(names)
    wanted: dict[str, None] = {}
    unwanted: set[str] = set()
    for item in items("fields", text):
        name = item if item in names else item.removeprefix("-")
        if name not in names:
            raise unknown("fields", name, names, "column", text)
        if name == item:
            wanted[name] = None
        else:
            unwanted.add(name)
    found = tuple(name for name in wanted or names if name not in unwanted)
    if not found:
        raise BadParameter("fields leaves no column to show.", "fields", text)
    return found
