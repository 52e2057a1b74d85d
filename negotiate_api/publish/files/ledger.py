"""Which tables of a database are those of files, and of which: so that a file that is loaded is not loaded again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

NAME = "negotiate_api_files"

LOADING = "negotiate_api_loading"
"""A table that is being filled."""

OLD = "negotiate_api_replaced"
"""A table that MariaDB is about to drop."""

NAMES = frozenset((NAME, LOADING, OLD))
"""Tables that are nobody's to see."""

BINARY: Any = {
    f"{kind}_{option}": value
    for kind in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}
"""Options of a table: MariaDB's usual collations take a for A and e for é, also in keys."""

TABLE = sa.Table(
    NAME,
    sa.MetaData(),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("loaded_at", sa.DateTime, nullable=False),
    sa.Column("edited", sa.Boolean, nullable=False),
    **BINARY,
)


def loaded(connection: sa.Connection) -> frozenset[str]:
    """The names of tables that are those of files."""
    if not sa.inspect(connection).has_table(NAME):
        return frozenset()
    return frozenset(connection.scalars(sa.select(TABLE.c.name)))


def holds(connection: sa.Connection, name: str, digest: str, options: str) -> bool:
    """Whether a table is there, loaded from a file of that digest in the same way."""
    if name not in loaded(connection) or not sa.inspect(connection).has_table(name):
        return False
    row = connection.execute(sa.select(TABLE.c.digest, TABLE.c.options).where(TABLE.c.name == name)).one()
    return tuple(row) == (digest, options)


def is_edited(connection: sa.Connection, name: str) -> bool:
    """Whether a table has been written to since it was loaded. Keeps others from doing so in this transaction."""
    return bool(connection.scalar(sa.select(TABLE.c.edited).where(TABLE.c.name == name).with_for_update()))


def edited(connection: sa.Connection, name: str) -> None:
    """Remember that a table is written to, in the transaction that does so. name is one of loaded()."""
    connection.execute(TABLE.update().where(TABLE.c.name == name, TABLE.c.edited.is_(False)).values(edited=True))


def write(connection: sa.Connection, name: str, **found: Any) -> None:
    """Remember what a table was loaded from: found are digest, options, columns and rows."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    connection.execute(TABLE.delete().where(TABLE.c.name == name))
    found["columns"] = json.dumps(found["columns"], ensure_ascii=False)
    connection.execute(TABLE.insert().values(name=name, loaded_at=now, edited=False, **found))
