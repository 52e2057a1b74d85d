"""Loading World from data/world/*.csv.gz, once: in one transaction, which a process that starts beside waits for."""

from __future__ import annotations

import csv
import gzip
import hashlib
import sys
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Engine, Table, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from negotiate_api.publish.databases import engines

from . import database
from .config import DATA
from .errors import Unusable
from .models import WORLD, Base, WorldVersion, table_of

FOLDER = DATA / "world"

BATCH = 1000


def load_world(engine: Engine, folder: Path = FOLDER) -> bool:
    """Whether the tables had to be loaded: they were not there, or held another version. Raises Unusable."""
    try:
        return _load(engine, folder)
    except SQLAlchemyError as error:
        raise engines.unusable(engine.url, error) from None
    except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
        raise Unusable(f"the data in {folder} cannot be read: {error}") from None


def _load(engine: Engine, folder: Path) -> bool:
    version = _version(folder)
    with engine.connect() as connection:
        if _stored(connection) == version:
            return False
    with database.alone(engine) as connection:
        if _stored(connection) == version:
            return False
        _replace(connection, folder)
        connection.execute(table_of(WorldVersion).insert().values(digest=version))
    return True


def _replace(connection: Connection, folder: Path) -> None:
    tables = [table for table in Base.metadata.sorted_tables if table in map(table_of, WORLD)]
    _make(connection, tables)
    size = sum(_path(folder, table).stat().st_size for table in tables)
    with click.progressbar(length=size, label="Loading World", file=sys.stderr) as bar:
        for table in tables:
            _fill(connection, table, _path(folder, table), bar.update)


def _make(connection: Connection, tables: list[Table]) -> None:
    """Make the tables anew; only those of an earlier World, which its version tells apart, are dropped."""
    version = table_of(WorldVersion)
    database.check_names(connection, version.name, (table.name for table in tables))
    version.drop(connection, checkfirst=True)
    version.create(connection)  # first, as MariaDB keeps what is made before a failure
    Base.metadata.drop_all(connection, tables)
    Base.metadata.create_all(connection, tables)


def _fill(connection: Connection, table: Table, path: Path, advance: Callable[[int], None]) -> None:
    """Insert the rows of a file in batches; advance is told the bytes read."""
    with path.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8", newline="") as lines:
        rows, read = _rows(csv.reader(lines, strict=True), table), 0
        while batch := list(islice(rows, BATCH)):
            connection.execute(table.insert(), batch)
            advance(packed.tell() - read)
            read = packed.tell()


def _rows(records: Iterator[list[str]], table: Table) -> Iterator[dict[str, Any]]:
    fields = [(column.name, column.type.python_type) for column in table.columns]
    if next(records, []) != [name for name, _ in fields]:
        raise ValueError(f"{table.name} has other columns")
    for record in records:
        pairs = zip(fields, record, strict=True)
        yield {name: convert(value) if value else None for (name, convert), value in pairs}


def _version(folder: Path) -> str:
    """A digest of the tables' definitions and of the files."""
    digest = hashlib.sha256()
    for table in map(table_of, WORLD):
        digest.update(str(CreateTable(table)).encode())
        digest.update(_path(folder, table).read_bytes())
    return digest.hexdigest()


def _stored(connection: Connection) -> str | None:
    if not inspect(connection).has_table(WorldVersion.__tablename__):
        return None
    return connection.scalar(select(WorldVersion.digest))


def _path(folder: Path, table: Table) -> Path:
    return folder / f"{table.name}.csv.gz"
