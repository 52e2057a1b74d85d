"""Small requests, one after the other, each on a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from statistics import quantiles
from urllib.parse import urlsplit

PAUSE = 0.005
"""Seconds between two requests, so that the client leaves the processors to the server."""


def requests(url: str, seconds: float, patience: float = 5.0) -> Iterator[float | None]:
    """How many seconds each took, for so long; None for one that is not answered with 200 within patience."""
    split = urlsplit(url)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        connection = HTTPConnection(split.hostname or "", split.port, timeout=patience)
        try:
            connection.request("GET", f"{split.path}?{split.query}")
            answer = connection.getresponse()
            answer.read()
            yield time.perf_counter() - start if answer.status == 200 else None
        except (OSError, HTTPException):
            yield None
        finally:
            connection.close()
        time.sleep(PAUSE)


def percentile(seconds: list[float], share: int) -> float:
    """What so many of a hundred did not take longer than."""
    return quantiles(seconds, n=100, method="inclusive")[share - 1]
