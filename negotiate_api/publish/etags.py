"""Entity tags and preconditions (RFC 9110, sections 8.8.3 and 13), by what a resource shows and by its version.

A tag is the state of the resource, a full stop, and the format: strong, as two formats have two tags. If-Match looks at
the state alone, so that who has read YAML may write after it as who has read JSON.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

import msgspec
from flask import Response, after_this_request, request
from werkzeug.datastructures import ETags
from werkzeug.exceptions import PreconditionFailed

from negotiate_api.exchange import exchange_of

_encode = msgspec.json.Encoder(enc_hook=str, order="sorted").encode
_encode_all = json.JSONEncoder(default=str, sort_keys=True).encode
_CONDITIONS = frozenset(("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"))
"""Keys of these fields in the WSGI environment."""


def state(shown: Any, version: int = 1) -> str:
    """What of a tag is the same in every format: the version, and a digest of what is shown.

    The digest tells apart what has the same version: a row from one that had its key before, an answer from one with
    other links.
    """
    try:
        text = _encode(shown)
    except (TypeError, ValueError, OverflowError):  # keys that are no text, lone surrogates
        text = _encode_all(shown).encode()
    return f"{version}-{hashlib.sha256(text).hexdigest()[:16]}"


def tag(state: str, mediatype: str) -> str:
    """The tag of a state in a format, as fields have it."""
    return f'"{state}.{mediatype.rpartition("/")[2]}"'


def tagged(state: str) -> None:
    """Let the answer to this request have its tag, and be 304 where the client has it. Raises PreconditionFailed."""
    environ, exchange = request.environ, exchange_of(request)
    if "HTTP_IF_MATCH" in environ and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        _check_match(state)
    if exchange is None or "HTTP_IF_NONE_MATCH" in environ:
        after_this_request(partial(_tag, state))
    else:
        exchange.tag = partial(tag, state)


def is_known(state: str, mediatype: str, modified: float | None = None) -> bool:
    """Whether the client has this state in this format, or what was modified then. Raises PreconditionFailed.

    If-Modified-Since is passed over where there is If-None-Match (RFC 9110, section 13.1.3). Whether there is anything,
    as "*" asks, is known later.
    """
    environ = request.environ
    if _CONDITIONS.isdisjoint(environ):
        return False
    _check_match(state)
    if "HTTP_IF_NONE_MATCH" in environ:
        known = request.if_none_match
        return not known.star_tag and known.contains_weak(tag(state, mediatype)[1:-1])
    since = request.if_modified_since
    return since is not None and modified is not None and int(modified) <= since.timestamp()


def check(state: str | None, whole: str | None = None) -> None:
    """Raises PreconditionFailed where the client would write to another state; that of nothing is None.

    whole is that of what it is a part of, which the client may have read in its place.
    """
    if whole is None or not _holds(request.if_match, whole, weak=False):
        _check_match(state)
    if "HTTP_IF_NONE_MATCH" in request.environ and _holds(request.if_none_match, state, weak=True):
        raise PreconditionFailed("It is there already, and If-None-Match asks that it is not.")


def _check_match(state: str | None) -> None:
    if "HTTP_IF_MATCH" in request.environ and not _holds(request.if_match, state, weak=False):
        raise PreconditionFailed("It is not as If-Match says. Read it again, and change what you then have.")


def _holds(tags: ETags, state: str | None, *, weak: bool) -> bool:
    if state is None or tags.star_tag:
        return state is not None
    return state in {tag.partition(".")[0] for tag in tags.as_set(weak) if tag}  # Werkzeug takes "" for None


def _tag(state: str, response: Response) -> Response:
    if response.status_code in (200, 201):
        field = tag(state, response.mimetype or "")
        response.headers["ETag"] = field
        if request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(field[1:-1]):
            response.status_code = 304
            response.set_data(b"")
            response.headers.pop("Content-Type")
    return response
