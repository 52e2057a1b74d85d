"""Small requests of JSON against Django REST framework and FastAPI, in process. FastAPI has no negotiation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from . import apps, django_peer, fastapi_peer
from .people import ITEM, PAGES
from .requests import JSON, PAGES_BY_PATH, wsgi
from .rounds import Times
from .table import Case

URLS = [("/people/1", "item"), *PAGES_BY_PATH]


def asgi(app: Any, path: str) -> Times:
    """Requests of a path. Raises AssertionError unless it is answered."""
    loop = asyncio.new_event_loop()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"user-agent", b"benchmark"), (b"accept", JSON.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def request() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(dict(scope), receive, send)
        return sent

    async def many(count: int) -> None:
        for _ in range(count):
            await request()

    start, *parts = loop.run_until_complete(request())
    assert start["status"] == 200, start
    assert json.loads(b"".join(part.get("body", b"") for part in parts)) in (ITEM, *PAGES.values())
    return lambda count: loop.run_until_complete(many(count))


def cases() -> Iterator[Case]:
    """Ours against each of them."""
    ours = apps.ours()
    for path, what in URLS:
        theirs = wsgi(django_peer.application, path, JSON)
        yield Case(f"JSON, {what} / Django REST framework", wsgi(ours, path, JSON), theirs)
    for path, what in URLS:
        yield Case(f"JSON, {what} / FastAPI", wsgi(ours, path, JSON), asgi(fastapi_peer.application, path))
