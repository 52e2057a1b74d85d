"""Links between rows (RFC 8288): foreign keys and what refers to a row, as URLs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from representations.rows import Link

from .publication import Publication, segment, text
from .queries.arguments import RESERVED
from .schema import readers
from .schema.tables import Column, Table

_FIELD = re.compile("[^{}!:]+")
_PLAIN = (str, readers.as_text)
"""What writes integers and words as they are."""

Fill = Callable[[Sequence[Any]], str]


def of_rows(publication: Publication, table: Table, columns: Sequence[str]) -> dict[str, Fill]:
    """For columns of a table as they are shown, what gives the URL that a row's value leads to.

    Foreign keys lead to the rows they refer to, the first of the other columns of the key to the row itself.
    """
    links: dict[str, Fill] = {}
    shown = {name: index for index, name in enumerate(columns) if name in table.by_name}
    for reference in sorted(table.references, key=lambda reference: len(reference.columns)):
        target = publication.tables[reference.table]
        if target.key and set(target.key) == set(reference.targets) and shown.keys() >= set(reference.columns):
            of_target = dict(zip(reference.targets, reference.columns, strict=True))
            fill = _fill(publication, table, target, [(of_target[name], shown[of_target[name]]) for name in target.key])
            links = {**dict.fromkeys(reference.columns, fill), **links}
    if table.key and shown.keys() >= set(table.key):
        own = next((name for name in (*table.key, *shown) if name not in links), table.key[0])
        links[own] = _fill(publication, table, table, [(name, shown[name]) for name in table.key])
    return links


def _fill(publication: Publication, table: Table, target: Table, sources: Sequence[tuple[str, int]]) -> Fill:
    path = publication.url(target.name)
    within = {one.name: one.targets[0] for one in table.references if one.columns == (one.name,)}
    parts = [(index, text(table.by_name[name]), within.get(name)) for name, index in sources]

    def fill(row: Sequence[Any]) -> str:
        texts = [as_text(_unnested(row[index], inner)) for index, as_text, inner in parts]
        return "" if None in texts else f"{path}/{segment(texts)}"

    if not all(table.by_name[name].kind.text in _PLAIN and _FIELD.fullmatch(name) for name, _ in sources):
        return fill
    above = path.replace("{", "{{").replace("}", "}}")
    return Link(fill, f"{above}/{','.join(f'{{{name}}}' for name, _ in sources)}")


def _unnested(value: Any, inner: str | None) -> Any:
    """A value, or that which stood in its place before the row that it refers to was nested there."""
    return value.get(inner) if inner and isinstance(value, dict) else value


def of_values(publication: Publication, table: Table, shown: Mapping[str, Any]) -> dict[str, str]:
    """URLs that the values of a row lead to, by column, but that of the row itself."""
    references = replace(table, key=())
    links = of_rows(publication, references, tuple(shown))
    row = tuple(shown.values())
    return {name: url for name, fill in links.items() if (url := fill(row))}


def of_item(publication: Publication, table: Table, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Titles and URLs of what a row refers to, and of the rows that refer to it.

    Of two that lead to the same table, or from it, the foreign key is told.
    """
    ahead = Counter(reference.table for reference in table.references)
    for reference in table.references:
        target = publication.tables[reference.table]
        if values := _values(row, reference.columns):
            title = target.title if ahead[target.name] == 1 else ""
            yield title or reference.name, _row_url(publication, target, reference.targets, values)
    back = Counter(other.name for other, _ in table.referrers)
    for other, reference in table.referrers:
        if values := _values(row, reference.targets):
            title = other.title or other.name
            title += f" ({reference.name})" if back[other.name] > 1 else ""
            yield title, _filtered(publication, other, reference.columns, values)


def _values(row: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    values = [row.get(name) for name in names]
    return [] if None in values else values


def _row_url(publication: Publication, target: Table, names: Sequence[str], values: Sequence[Any]) -> str:
    given = dict(zip(names, values, strict=True))
    if target.key and set(target.key) == set(given):
        return publication.url(target.name, [given[name] for name in target.key])
    return _filtered(publication, target, names, values)


def _filtered(publication: Publication, table: Table, names: Sequence[str], values: Sequence[Any]) -> str:
    columns = [table.by_name[name] for name in names]
    query = urlencode(
        [(_parameter(column), text(column)(value)) for column, value in zip(columns, values, strict=True)]
    )
    return f"{publication.url(table.name)}?{query}"


def _parameter(column: Column) -> str:
    return f"{column.name}__exact" if column.name in RESERVED else column.name
