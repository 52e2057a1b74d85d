"""q=: rows that have every word in some text column, whatever its case.

Where the database has an index for it, words are found as that splits them: in an FTS5 table of SQLite whose content
this table is and in a FULLTEXT index of MariaDB those that begin so, in a tsvector column of PostgreSQL those of the
same stem in its language. Else a word may be any part of a text. What is not published is not searched, by an index
neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from ..schema.catalogs import FTS5
from ..schema.tables import Table
from ..schema.vectors import Vector
from .filters import Condition, searched
from .ordering import row_id
from .parameters import BadParameter
from .patterns import MYSQL, Wild, imatches

MOST_WORDS = 20


_INDEXED = re.compile(r"[^\W_]{3,84}")
"""Words that InnoDB indexes, but for these."""
_STOPWORDS = frozenset(
    (
        *("about", "are", "com", "for", "from", "how", "that", "the", "this"),
        *("und", "was", "what", "when", "where", "who", "will", "with", "www"),
    )
)


def parse(text: str, table: Table, dialect: sa.Dialect) -> Condition:
    """What rows with all words of text meet. Raises BadParameter."""
    words = searched("q", text).split()
    if not words:
        raise BadParameter("q is empty; it takes words to search for.", "q", text)
    if len(words) > MOST_WORDS:
        raise BadParameter(f"q takes up to {MOST_WORDS} words, and has {len(words)}.", "q", text)
    if not any(column.kind.textual for column in table.columns):
        raise BadParameter(f"{table.name} has no column of text that q could search.", "q", text)
    vector = _vector(table)
    if vector is not None:
        return sa.or_(*_matches(text, vector))
    return sa.and_(*(_found(word, table, dialect) for word in words))


def _found(word: str, table: Table, dialect: sa.Dialect) -> Condition:
    index = _indexed(table) if dialect.name == "sqlite" else None
    if index and any(map(str.isalnum, word)):
        return _fts5(word, table, index)
    columns = _fulltext(table) if dialect.name in MYSQL else []
    if columns and _INDEXED.fullmatch(word) and word.lower() not in _STOPWORDS:
        return mysql.match(*columns, against=f"+{word}*").in_boolean_mode()
    texts = (column.source for column in table.columns if column.kind.textual)
    return sa.or_(*(imatches(one, (Wild.MANY, *word, Wild.MANY), dialect) for one in texts))


def _indexed(table: Table) -> FTS5 | None:
    """The index of words with those of its columns that are published, if any are."""
    index: FTS5 | None = table.source.info.get("fts5")
    published = {column.source.name for column in table.columns}
    columns = tuple(name for name in index.columns if name in published) if index else ()
    return index._replace(columns=columns) if index and columns else None


def _fts5(word: str, table: Table, index: FTS5) -> Condition:
    names = " ".join(map(_quoted, index.columns))
    found = sa.table(index.name, sa.column("rowid"), sa.column(index.name))
    asked = sa.literal(f"{{{names}}} : {_quoted(word)} *", sa.Text())
    matching = sa.select(found.c.rowid).where(found.c[index.name].op("MATCH", is_comparison=True)(asked))
    return row_id(table.source).in_(matching)


def _vector(table: Table) -> Vector | None:
    """The vector of the most columns, of those whose columns are all published."""
    published = {column.source.name for column in table.columns}
    found = (vector for vector in table.source.info.get("vectors", ()) if vector.columns <= published)
    return max(found, key=lambda vector: len(vector.columns), default=None)


def _matches(text: str, vector: Vector) -> Iterator[Condition]:
    """By each configuration that the vector has words of; by the database's own and by none where that is not known."""
    words = sa.literal(text, sa.Text())
    for configuration in vector.configurations or ("simple", None):
        named = [] if configuration is None else [sa.cast(sa.literal(configuration, sa.Text()), postgresql.REGCONFIG)]
        yield vector.source.op("@@", is_comparison=True)(sa.func.plainto_tsquery(*named, words))


def _fulltext(table: Table) -> list[sa.Column[Any]]:
    """The columns of the widest FULLTEXT index whose columns are all published."""
    published = {column.source.name for column in table.columns}
    indexes = (i for i in table.source.indexes if "FULLTEXT" in (i.kwargs.get(f"{name}_prefix") for name in MYSQL))
    columns = (list(i.columns) for i in indexes)
    return max((c for c in columns if {one.name for one in c} <= published), key=len, default=[])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
