"""What --publish and the options beside it say, from the environment.

Places are absolute, as the workers run in another folder. A file may be a database by itself, SQLite's; any other one
is loaded (see load_files.py).
"""

from __future__ import annotations

import csv
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from negotiate_api.publish import files
from negotiate_api.publish.databases import clocks, engines, sqlite_files

from .errors import Unusable

PREFIX = "/data"

NAMED = re.compile(r"([\w-]+)=(.+)", re.DOTALL)
"""NAME=URL_OR_FILE. A file with such a name is given as ./a=b.csv."""

LONGEST = 1_000_000
"""Seconds that a statement may be given; the databases count them in 32 bits, in part as milliseconds."""

EXPORTS = 64
"""Tables that are sent whole at once."""

SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?(?:([KMGT]?)(I?)B?)", re.ASCII | re.IGNORECASE)
"""A number of bytes: 500MB, 1.5 GiB, 0."""

YES = ("1", "true", "yes", "on", "t", "y")


@dataclass(frozen=True, slots=True)
class Database:
    """A database to publish; name is that of the folder of its tables, or "" where they are at PREFIX."""

    name: str
    url: URL

    @property
    def prefix(self) -> str:
        """The path below which its tables are."""
        return f"{PREFIX}/{self.name}" if self.name else PREFIX

    @property
    def text(self) -> str:
        """What --publish says of it, with its password."""
        return _named(self.name, self.url.render_as_string(hide_password=False))

    def __str__(self) -> str:
        return engines.shown(self.url)


@dataclass(frozen=True, slots=True)
class File:
    """A file to publish, and the name of its table."""

    table: str
    path: Path

    @property
    def prefix(self) -> str:
        """Its path."""
        return f"{PREFIX}/{self.table}"

    @property
    def text(self) -> str:
        """What --publish says of it."""
        return _named(self.table, str(self.path))

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is published, and how.

    writable       tables that are written: "orders", or "shop/orders" of the database that is published as shop
    private        reading is for those who sign in
    settings       a file of settings (see publish/schema/settings.py)
    require_match  writes need If-Match
    cache_control  of what is read
    query_seconds  how long a statement may take; None without end
    exports        how many tables are sent whole at once; 0 without end
    keep           bytes that finished exports may have on disk
    """

    databases: tuple[Database, ...] = ()
    files: tuple[File, ...] = ()
    writable: tuple[str, ...] = ()
    private: bool = False
    settings: Path | None = None
    require_match: bool = False
    cache_control: str | None = None
    query_seconds: float | None = clocks.SECONDS
    exports: int = EXPORTS
    keep: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        return (*(one.text for one in self.databases), *(one.text for one in self.files))


def sources() -> Sources:
    """What the environment says. Raises Unusable."""
    found = [source(text) for text in split("NEGOTIATE_PUBLISH")]
    _check_paths(found)
    settings = os.environ.get("NEGOTIATE_SETTINGS")
    return Sources(
        tuple(one for one in found if isinstance(one, Database)),
        tuple(one for one in found if isinstance(one, File)),
        tuple(tables("NEGOTIATE_WRITABLE")),
        is_set("NEGOTIATE_PRIVATE"),
        Path(settings) if settings else None,
        is_set("NEGOTIATE_REQUIRE_MATCH"),
        os.environ.get("NEGOTIATE_CACHE_CONTROL") or None,
        _query_seconds(),
        _exports(),
        _keep(),
    )


def _query_seconds() -> float | None:
    """Raises Unusable."""
    text = os.environ.get("NEGOTIATE_QUERY_SECONDS") or f"{clocks.SECONDS}"
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= LONGEST:
        raise Unusable(f"NEGOTIATE_QUERY_SECONDS is {text!r}; it must be a number from 0, without end, to {LONGEST}")
    return found or None


def _exports() -> int:
    """Raises Unusable."""
    text = os.environ.get("NEGOTIATE_EXPORTS") or f"{EXPORTS}"
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Unusable(f"NEGOTIATE_EXPORTS is {text!r}; it must be a whole number below 100,000, or 0 for no limit")
    return int(text)


def _keep() -> int:
    """Raises Unusable."""
    text = os.environ.get("NEGOTIATE_KEEP") or "0"
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise Unusable(f"NEGOTIATE_KEEP is {text!r}; it must be a size such as 500MB or 2GB, or 0 for none")
    number, prefix, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** " KMGT".index(prefix.upper() or " "))


def split(variable: str) -> list[str]:
    """The words of a variable of the environment, quoted as for a shell where they hold spaces. Raises Unusable."""
    try:
        return shlex.split(os.environ.get(variable) or "")
    except ValueError as error:
        raise Unusable(f"{variable} cannot be split into words: {str(error).lower()}") from None


def tables(variable: str) -> list[str]:
    """The names in a variable, each word of which may be a list of them with commas (as in CSV)."""
    return [name for row in csv.reader(split(variable)) for name in row if name]


def is_set(variable: str) -> bool:
    """Whether a variable says yes."""
    return (os.environ.get(variable) or "").lower() in YES


def source(text: str) -> Database | File:
    """What one --publish names. Raises Unusable."""
    named = NAMED.fullmatch(text)
    name, place = named.groups() if named else ("", text)
    if "://" in place:
        return Database(name, _url(place))
    path = Path(place).absolute()
    return Database(name, engines.sqlite(path)) if _is_database(path) else File(name or files.name_of(path), path)


def _url(place: str) -> URL:
    """Raises Unusable, without showing a part of a password as a host."""
    url = engines.url_of(place)
    if "@" in (url.host or ""):
        raise Unusable("the URL of a database has two @; one in its password is written %40")
    return url


def _named(name: str, place: str) -> str:
    return f"{name}={place}" if name else place


def _is_database(path: Path) -> bool:
    """Whether a file is SQLite's; one that is not there is none, as a worker need not have it. Raises Unusable."""
    try:
        return path.is_file() and sqlite_files.is_database(path)
    except OSError as error:
        raise Unusable(f"the file {path} cannot be read: {error.strerror}") from None


def _check_paths(found: Iterable[Database | File]) -> None:
    """Raises Unusable where two would have one path."""
    seen: dict[str, Database | File] = {}
    for one in found:
        other = seen.setdefault(one.prefix.casefold(), one)  # as SQLite tells tables apart
        if other is not one:
            raise Unusable(f"both {other} and {one} would be at {one.prefix}; name one as in --publish NAME={one}")
