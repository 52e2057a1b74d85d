"""Text matched in part and to the letter, with one meaning on every database.

SQLite's LIKE takes "a" for "A" and no more than ASCII; MariaDB's collations take "a" for "A", "å" and "a " besides. So
SQLite matches by GLOB, which is exact, and where case does not count is given each letter in its cases: *[Åå][Ss]*.
MariaDB is told the collation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

MYSQL = ("mysql", "mariadb")
"""Names of dialects that are MariaDB's and MySQL's."""


class Wild(Enum):
    """What stands for other characters: any number of them, or one."""

    MANY = "%"
    ONE = "_"


Pattern = Sequence[str | Wild]
"""Characters, which are themselves, and what is wild."""


def parse_like(text: str) -> Pattern:
    r"""A pattern of SQL's LIKE, in which \ takes from % and _ what they mean."""
    found: list[str | Wild] = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            found.append(next(characters, "\\"))
        else:
            found.append(Wild(character) if character in "%_" else character)
    return found


def matches(text: sa.ColumnElement[Any], pattern: Pattern, dialect: sa.Dialect) -> sa.ColumnElement[bool]:
    """Whether the whole of a text fits a pattern, and its case does."""
    if dialect.name == "sqlite":
        return _glob(text, map(_globbed, pattern))
    if dialect.name in MYSQL:
        return text.like(_collated(_like(pattern), dialect), escape="/")
    return text.like(_like(pattern), escape="/")


def imatches(text: sa.ColumnElement[Any], pattern: Pattern, dialect: sa.Dialect) -> sa.ColumnElement[bool]:
    """Whether the whole of a text fits a pattern, upper or lower case."""
    if dialect.name == "sqlite":
        return _glob(text, (_globbed(p) if isinstance(p, Wild) else _globbed(*_cases(p)) for p in pattern))
    if dialect.name in MYSQL:
        return sa.func.lower(_utf8(text)).like(_collated(sa.func.lower(_utf8(_like(pattern))), dialect), escape="/")
    return text.ilike(_like(pattern), escape="/")


def to_the_letter(text: sa.ColumnElement[Any], dialect: sa.Dialect) -> sa.ColumnElement[Any]:
    """The text as what equals only the very same characters; an index may not serve for it."""
    if dialect.name == "sqlite":
        return text.collate("BINARY")
    if dialect.name in MYSQL:
        return _collated(text, dialect)
    return sa.cast(text, sa.Text) if isinstance(text.type, postgresql.CITEXT) else text


def _glob(text: sa.ColumnElement[Any], parts: Iterable[str]) -> sa.ColumnElement[bool]:
    return text.op("GLOB", is_comparison=True)(sa.literal("".join(parts), sa.Text()))


def _globbed(*characters: str | Wild) -> str:
    """One of some characters, as GLOB takes it."""
    first = characters[0]
    if isinstance(first, Wild):
        return "*" if first is Wild.MANY else "?"
    return first if len(characters) == 1 and first not in "*?[" else f"[{''.join(map(str, characters))}]"


def _cases(character: str) -> tuple[str, ...]:
    """The characters that are the same in lower case."""
    lower = character.lower()
    cases = (character, lower, lower.upper(), lower.title())
    return tuple(dict.fromkeys(case for case in cases if len(case) == 1 and case.lower() == lower))


def _like(pattern: Pattern) -> sa.ColumnElement[Any]:
    written = (p.value if isinstance(p, Wild) else f"/{p}" if p in "%_/" else p for p in pattern)
    return sa.literal("".join(written), sa.Text())


def _utf8(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.cast(text, mysql.CHAR(charset="utf8mb4"))


def _collated(text: sa.ColumnElement[Any], dialect: Any) -> sa.ColumnElement[Any]:
    """MariaDB's text, compared by its characters, and spaces at its end too."""
    return _utf8(text).collate("utf8mb4_nopad_bin" if dialect.is_mariadb else "utf8mb4_0900_bin")
