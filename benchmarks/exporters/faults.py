"""What a server is chosen by: rows that break off, rows without a database, and a small answer.

/broken raises at the middle of its rows, /whole has ten megabytes of them as CSV, /small is a dict.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from flask import Flask

from negotiate_api import Api, Resource, Rows

COUNT = 100_000
ROW = (1, "a text of some length", "another text, with a comma", 3.25, None, "2013-01-01T10:00:00Z")
COLUMNS = ("id", "text", "other", "number", "nothing", "time")


class Small(Resource):
    def get(self) -> dict[str, Any]:
        return {"status": 1, "message": "Hello World!"}


class Whole(Resource):
    def get(self) -> Rows:
        return Rows(COLUMNS, repeat(ROW, COUNT))


class Broken(Resource):
    def get(self) -> Rows:
        return Rows(COLUMNS, broken())


def broken() -> Iterator[tuple[Any, ...]]:
    yield from repeat(ROW, COUNT // 2)
    raise RuntimeError("This is the failure that a client is to notice.")


def create() -> Flask:
    app = Flask("faults")
    api = Api(app)
    for resource in (Small, Whole, Broken):
        api.add_resource(resource, f"/{resource.__name__.lower()}")
    return app
