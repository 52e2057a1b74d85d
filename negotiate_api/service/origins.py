"""Writes that another site lets a browser send: refused, as the browser adds the password of whoever sits before it.

A form, or a fetch() that looks like one, needs no leave from this site (the Fetch standard, "CORS-safelisted"); any
other write is preceded by a preflight, which this site answers without giving leave.
"""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import Forbidden

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))

UNASKED = frozenset(("", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"))
"""Content types that a browser sends across sites without asking."""


def check() -> None:
    """Raises Forbidden where a page of another site may have sent the request."""
    if request.method not in SAFE and request.mimetype in UNASKED and not _is_own():
        raise Forbidden("A page of another site has sent this. Only this site's may write with a form.")


def _is_own() -> bool:
    """What the browser says; what is no browser says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == request.host_url.rstrip("/")
