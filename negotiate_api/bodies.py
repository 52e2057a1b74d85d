"""The request body, read in any readable format by its Content-Type (RFC 9110, section 8.3).

A body is refused as a whole or read as a whole: nothing of a malformed, mislabelled, over-long or cut-off one is kept.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from representations import Malformed, Representation

from .errors import MalformedBody, UnsupportedCoding, UnsupportedMediaType

MAX_BYTES = 16 * 1024 * 1024
"""Longest body that is read where the application sets no MAX_CONTENT_LENGTH."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

# The mark decides against the charset parameter (RFC 7303, section 3); UTF-32's begins like UTF-16's.
_MARKS = (
    *((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)
_NO_CHARSETS = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"))

Readable = Mapping[str, Representation]


def read(request: Request, readable: Readable) -> Any:
    """The body of a request, decoded; a form is a dict, with a list where a name is there more than once.

    readable maps media types to the formats that read them. Raises MalformedBody (400), RequestEntityTooLarge (413),
    UnsupportedMediaType (415).
    """
    if request.mimetype in FORMS:
        return {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    representation = reader(request, readable)
    body = _received(request)
    if not getattr(representation, "binary", False):
        body = _transcoded(body, request, readable)
    try:
        return representation.decode(body)  # type: ignore[misc]
    except (Malformed, ValueError) as error:
        raise MalformedBody(f"The body is not valid {type(representation).__name__}: {error}.") from None


def reader(request: Request, readable: Readable) -> Representation:
    """The format that reads the request's body. Raises UnsupportedMediaType."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        message = f"The body's Content-Encoding is {coding!r}; this resource reads bodies without one."
        raise UnsupportedCoding(message, ("identity",), request.method)
    mediatype = request.mimetype
    found = readable.get(mediatype) or _by_structured_suffix(mediatype, readable)
    if found is None:
        sent = f"The body's Content-Type is {mediatype!r}" if mediatype else "The body has no Content-Type"
        raise _unsupported(f"{sent}; this resource reads the media types listed.", request, readable)
    return found


def has_body(request: Request) -> bool:
    """Whether the request came with a body (RFC 9112, section 6.3)."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def names(readable: Readable) -> tuple[str, ...]:
    """The media types that are readable, without aliases and with those of forms."""
    return (*dict.fromkeys(representation.mediatype for representation in readable.values()), *FORMS)


def _by_structured_suffix(mediatype: str, readable: Readable) -> Representation | None:
    """application/vnd.api+json is read as JSON (RFC 6839)."""
    _, plus, suffix = mediatype.rpartition("+")
    return next((r for r in readable.values() if plus and suffix in r.suffixes), None)


def _received(request: Request) -> bytes:
    if request.max_content_length is None:
        request.max_content_length = MAX_BYTES
    body: bytes = request.get_data()
    announced = request.content_length
    if announced is not None and len(body) < announced:
        raise MalformedBody(f"The body was cut off: {len(body)} bytes of {announced} arrived.")
    if not body:
        raise MalformedBody("The request has no body.")
    return body


def _transcoded(body: bytes, request: Request, readable: Readable) -> bytes:
    """body in UTF-8; with a byte order mark where the sender has named its charset."""
    charset = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    charset = charset or request.mimetype_params.get("charset", "").strip().lower()
    if not charset:
        return body
    try:
        if codecs.lookup(charset).name in _NO_CHARSETS:
            raise LookupError
        return codecs.BOM_UTF8 + body.decode(charset).removeprefix("\ufeff").encode()
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeError):
            raise MalformedBody(f"The body is not {charset} {_position(error)}.") from None
        message = f"The body's charset {charset!r} is not known; UTF-8 always is."
        raise _unsupported(message, request, readable) from None


def _position(error: UnicodeError) -> str:
    return f"at byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else "text"


def _unsupported(message: str, request: Request, readable: Readable) -> UnsupportedMediaType:
    return UnsupportedMediaType(message, names(readable), request.method)
