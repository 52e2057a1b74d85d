"""Who exports the table flights, how each is started, and what it is asked for in each format.

Who takes more than some seconds is slow, and asked once; who would take minutes has a part of the rows, and its figures
are multiplied, which flatters it: none of them takes less for a row of a longer table.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

PYTHON = sys.executable
BIN = Path(sys.executable).parent
"""Where the programs of packages are."""

OURS = "negotiate_api"
CLI = "sqlite3"

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a server is asked for.

    accept     the Accept field
    mediatype  of the answer; that of accept without it
    part       one in so many of the rows are asked for
    slow       it is asked once
    """

    path: str
    accept: str = ""
    mediatype: str = ""
    part: int = 1
    slow: bool = False

    @property
    def headers(self) -> dict[str, str]:
        return {"Accept": self.accept} if self.accept else {}


@dataclass(frozen=True, slots=True, eq=False)
class Contestant:
    """A server, and what it is asked for by format.

    command  {port}, {database} and {name}, that of the file without its suffix, are filled in
    ready    a path that it answers as soon as it is up
    needs    the module, or the program, that must be there
    """

    name: str
    command: tuple[str, ...]
    asks: Mapping[str, Ask] = field(default_factory=dict)
    ready: str = "/"
    needs: str = ""

    @property
    def missing(self) -> bool:
        """Whether it cannot be had here."""
        return bool(self.needs) and not (shutil.which(self.needs, path=BIN) or find_spec(self.needs))

    def filled(self, database: Path) -> tuple[str, ...]:
        """Its command on a database; {port} is filled in by processes.serving()."""
        given = {"{database}": str(database), "{name}": database.stem}
        return tuple(_filled(part, given) for part in self.command)


def _filled(text: str, given: Mapping[str, str]) -> str:
    for name, value in given.items():
        text = text.replace(name, value)
    return text


def wsgi(module: str) -> tuple[str, ...]:
    """gunicorn as its documentation starts it, but for the half minute after which it gives a request up."""
    return (PYTHON, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--timeout", "1800", module)


MEDIATYPES = {
    "CSV": "text/csv",
    "JSON": JSON,
    "NDJSON": "application/x-ndjson",
    "XML": "application/xml",
    "YAML": "application/yaml",
    "HTML": "text/html",
    "MessagePack": "application/vnd.msgpack",
}
"""The formats, by name."""

SUFFIXES = dict(zip(MEDIATYPES, ("csv", "json", "ndjson", "xml", "yaml", "html", "msgpack"), strict=True))

ours = Contestant(
    OURS,
    (PYTHON, "-m", "benchmarks.exporters.ours", "{port}", "benchmarks.exporters.plain:create()"),
    {name: Ask(f"/flights.{SUFFIXES[name]}", mediatype=mediatype) for name, mediatype in MEDIATYPES.items()},
)

ours_apsw = Contestant(
    f"{OURS}, apsw",
    (PYTHON, "-m", "benchmarks.exporters.ours", "{port}"),
    ours.asks,
    needs="apsw",
)

roapi = Contestant(
    "ROAPI",
    (
        *(str(BIN / "roapi"), "--addr-http", "127.0.0.1:{port}", "--addr-postgres", "127.0.0.1:0"),
        *("--table", "flights=sqlite://{database}"),
    ),
    {
        "CSV": Ask("/api/tables/flights", "application/csv"),
        "JSON": Ask("/api/tables/flights", JSON),
    },
    ready="/health",
    needs="roapi",
)

fastapi = Contestant(
    "FastAPI, orjson",
    (PYTHON, "-m", "uvicorn", "--port", "{port}", "--no-access-log", "benchmarks.exporters.fast:application"),
    {"JSON": Ask("/flights", mediatype=JSON)},
    needs="fastapi",
)

fastapi_models = Contestant(
    "FastAPI, SQLAlchemy",
    fastapi.command,
    {"JSON": Ask("/models", mediatype=JSON, slow=True)},
    needs="fastapi",
)

datasette = Contestant(
    "Datasette",
    (
        *(PYTHON, "-m", "datasette", "serve", "--immutable", "{database}", "--port", "{port}"),
        *("--setting", "max_returned_rows", "10000000", "--setting", "sql_time_limit_ms", "600000"),
        *("--setting", "max_csv_mb", "0"),
    ),
    {
        "CSV": Ask("/{name}/flights.csv?_stream=1&_size=max", mediatype="text/plain", slow=True),
        "JSON": Ask("/{name}/flights.json?_shape=array&_size=max", mediatype=JSON, slow=True),
        "NDJSON": Ask("/{name}/flights.json?_shape=array&_nl=on&_size=max", mediatype="text/plain", slow=True),
    },
    needs="datasette",
)

django = Contestant(
    "Django REST framework",
    wsgi("benchmarks.exporters.django_rest:application"),
    {
        "CSV": Ask("/flights", "text/csv", slow=True),
        "JSON": Ask("/flights", JSON, slow=True),
        "XML": Ask("/flights", "application/xml", slow=True),
        "YAML": Ask("/flights", "application/yaml", part=100, slow=True),
    },
    needs="rest_framework",
)

django_values = Contestant(
    "Django REST framework, values()",
    django.command,
    {
        "CSV": Ask("/values", "text/csv", slow=True),
        "JSON": Ask("/values", JSON, slow=True),
    },
    needs="rest_framework",
)

stock = Contestant(
    "Flask-RESTful",
    wsgi("benchmarks.exporters.stock:application"),
    {
        "CSV": Ask("/flights", "text/csv", slow=True),
        "JSON": Ask("/flights", JSON, slow=True),
        "XML": Ask("/flights", "application/xml", part=100, slow=True),
        "YAML": Ask("/flights", "application/yaml", part=100, slow=True),
    },
)

stock_dicts = Contestant(
    "Flask-RESTful, dicts",
    stock.command,
    {
        "CSV": Ask("/dicts", "text/csv", slow=True),
        "JSON": Ask("/dicts", JSON, slow=True),
    },
)

stock_libyaml = Contestant(
    "Flask-RESTful, libyaml",
    stock.command,
    {"YAML": Ask("/flights", "application/x-libyaml", part=100, slow=True)},
)

SERVERS = (
    *(ours, ours_apsw, roapi, fastapi, fastapi_models, datasette),
    *(django_values, django, stock_dicts, stock_libyaml, stock),
)
"""From the fastest to the slowest, so to speak."""


def cli(database: Path, mode: str) -> list[str]:
    """sqlite3 that writes the table to its standard output, in its mode csv or json."""
    return [CLI, "-readonly", "-header", f"-{mode}", str(database), "SELECT * FROM flights"]
