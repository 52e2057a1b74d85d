"""Small requests, in process: python -m benchmarks.requests [--only TEXT] [--profile]

Each application is called as a server calls it, with an environ made beforehand, so that no client is measured.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import sys
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from . import apps
from .people import ITEM, PAGES, SIZES
from .rounds import Times
from .table import HEAD, Case, show

JSON = "application/json"

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
"""What Chromium sends when it goes to a page, as recorded in tests/data/client-headers.json."""

PAGES_BY_PATH = [(f"/pages/{size}", f"{size} rows") for size in SIZES]

ITEM_PATH, LISTS = "/people/1", "/lists/100"

TARGETS = {"dicttoxml": 90.0, "PyYAML": 40.0, "csv": 7.0}
"""How many times as fast 100 marshalled rows are to be as with each library."""


def wsgi(app: Flask, path: str, accept: str | None = None, mediatype: str = JSON) -> Times:
    """Requests of a path. Raises AssertionError unless the answer is 200 and of that media type."""
    environ = asking(path, accept)
    status, fields, body = answer(app, dict(environ))
    assert status == "200 OK", (status, body)
    assert fields["Content-Type"].partition(";")[0] == mediatype, fields
    if path.startswith(("/people/", "/pages/")) and mediatype == JSON:
        assert json.loads(body) in (ITEM, *PAGES.values())

    def times(count: int) -> None:
        for _ in range(count):
            answer(app, dict(environ))

    return times


def asking(path: str, accept: str | None = None) -> dict[str, Any]:
    """The environ of a GET request."""
    headers = {"User-Agent": "benchmark", **({"Accept": accept} if accept else {})}
    return EnvironBuilder(path, headers=headers).get_environ()


def told(app: Flask, path: str) -> Any:
    """What is answered in JSON."""
    return json.loads(answer(app, asking(path, JSON))[2])


def answer(app: Callable[..., Any], environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    """Status, fields and body, as a server takes them."""
    started: list[Any] = []
    chunks = app(environ, lambda status, fields, *_: started.extend((status, fields)))
    try:
        body = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    return started[0], dict(started[1]), body


def cases() -> Iterator[Case]:
    """Ours against Flask-RESTful's, and against what is added to it for other formats."""
    ours, stock, floor = apps.ours(), apps.stock(), apps.floor()
    only_json = apps.ours(representations=apps.FEW[:1])
    item, negotiated = ITEM_PATH, wsgi(ours, ITEM_PATH, JSON)
    yield Case("JSON item, negotiated / Flask-RESTful, no Accept", negotiated, wsgi(stock, item), 1.0)
    yield Case("JSON item, no Accept / Flask-RESTful", wsgi(ours, item), wsgi(stock, item))
    yield Case("JSON item, Accept: application/json / Flask-RESTful", negotiated, wsgi(stock, item, JSON))
    browsed = wsgi(stock, item, CHROME)
    yield Case("JSON item, JSON alone, Chrome's Accept / Flask-RESTful", wsgi(only_json, item, CHROME), browsed)
    few, few_stock = apps.ours(representations=apps.FEW), apps.stock(apps.FEW_NAIVE)
    name = "JSON item, JSON with CSV and YAML, Chrome's Accept / Flask-RESTful"
    yield Case(name, wsgi(few, item, CHROME), wsgi(few_stock, item, CHROME), 2.0)
    page = wsgi(ours, item, CHROME, "text/html")
    yield Case("HTML item, Chrome's Accept / Flask-RESTful's JSON", page, browsed)
    yield Case("JSON item / Flask, a view that returns bytes", negotiated, wsgi(floor, item), 0.8)
    yield from marshalled(ours, stock, few, few_stock, floor)
    for path, what in PAGES_BY_PATH:
        yield Case(f"JSON, {what} / Flask-RESTful", wsgi(ours, path, JSON), wsgi(stock, path))
    for format_, library, mediatype, transformer in apps.NAIVE:
        naive = apps.stock({mediatype: transformer})
        for path, what in ((item, "item"), *PAGES_BY_PATH):
            name = f"{format_}, {what} / {library}"
            yield Case(name, *(wsgi(app, path, mediatype, mediatype) for app in (ours, naive)))


def marshalled(ours: Flask, stock: Flask, few: Flask, few_stock: Flask, floor: Flask) -> Iterator[Case]:
    """What marshal_with tells, as the documentation of Flask-RESTful shows it, and the client says what it reads."""
    for path, what in (("/records/1", "marshalled item"), ("/linked/1", "marshalled item with its URL")):
        yield Case(f"JSON, {what} / Flask-RESTful", wsgi(ours, path, JSON), wsgi(stock, path, JSON), 2.0)
        name = f"JSON with CSV and YAML, {what}, Chrome's Accept / Flask-RESTful"
        yield Case(name, wsgi(few, path, CHROME), wsgi(few_stock, path, CHROME), 2.0)
    yield Case(
        "JSON, marshalled item / Flask, a view that returns bytes",
        wsgi(ours, "/records/1", JSON),
        wsgi(floor, ITEM_PATH),
    )
    yield Case("JSON, 100 marshalled rows / Flask-RESTful", wsgi(ours, LISTS, JSON), wsgi(stock, LISTS, JSON), 7.0)
    for format_, library, mediatype, transformer in apps.NAIVE:
        naive = apps.stock({mediatype: transformer})
        mine, theirs = (wsgi(app, LISTS, mediatype, mediatype) for app in (ours, naive))
        yield Case(f"{format_}, 100 marshalled rows / {library}", mine, theirs, TARGETS.get(library))


def profile(case: Case, times: int = 2000) -> None:
    """Print where the time of ours goes."""
    profiler = cProfile.Profile()
    case.ours(100)
    profiler.runcall(case.ours, times)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", default="", help="the cases whose names have this in them")
    parser.add_argument("--profile", action="store_true", help="show where the time of our side goes")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in case.name]
    if not options.profile:
        print(HEAD)
        return int(show(chosen) > 0)
    for case in chosen:
        print(case.name)
        profile(case)
    return 0


if __name__ == "__main__":
    sys.exit(main())
