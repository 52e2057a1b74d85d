"""Negotiation alone: the Accept fields of recorded clients (tests/data/client-headers.json) against our formats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from negotiate_api import DEFAULTS, negotiation

from .requests import CHROME
from .rounds import Times
from .table import Case

OFFERS = tuple(name for format_ in DEFAULTS for name in (format_.mediatype, *format_.aliases))
RECORDED = Path(__file__).parent.parent / "tests" / "data" / "client-headers.json"
CACHES = [function for function in vars(negotiation).values() if hasattr(function, "cache_clear")]


def fields() -> list[str]:
    """The Accept fields that were recorded, each once."""
    requests = json.loads(RECORDED.read_text(encoding="utf-8"))
    values = (value for request in requests for name, value in request["headers"] if name.lower() == "accept")
    return list(dict.fromkeys(values))


def ours(accepts: list[str], cached: bool) -> Times:
    """All of the fields; those that are not cached are read as if for the first time."""

    def times(count: int) -> None:
        for _ in range(count):
            for cache in () if cached else CACHES:
                cache.cache_clear()
            for accept in accepts:
                negotiation.acceptable_offers(OFFERS, accept)

    return times


def werkzeug(accepts: list[str]) -> Times:
    """What Flask-RESTful does with each field, whenever it comes."""

    def times(count: int) -> None:
        for _ in range(count):
            for accept in accepts:
                parse_accept_header(accept, MIMEAccept).best_match(OFFERS)

    return times


def cases() -> Iterator[Case]:
    recorded = fields()
    for what, accepts in ((f"{len(recorded)} recorded fields", recorded), ("Chrome's field", [CHROME])):
        limit = 2.0 if accepts == [CHROME] else None
        theirs = werkzeug(accepts)
        yield Case(f"Accept: {what}, first seen / Werkzeug", ours(accepts, cached=False), theirs)
        yield Case(f"Accept: {what}, seen before / Werkzeug", ours(accepts, cached=True), theirs, limit=limit)
