"""The request body, read in any readable format by its Content-Type (RFC 9110, section 8.3).

A body is refused as a whole or read as a whole: nothing of a malformed, mislabelled, over-long or cut-off one is kept.
"""

from __future__ import annotations

import codecs
import encodings
import pkgutil
import sys
from collections.abc import Mapping
from encodings.aliases import aliases
from io import RawIOBase
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request

from representations import Malformed, Representation

from .errors import MalformedBody, UnsupportedCoding, UnsupportedMediaType

MAX_BYTES = 16 * 1024 * 1024
"""Longest body that is read where the application sets no MAX_CONTENT_LENGTH, multipart excepted: files go to disk."""

MULTIPART = "multipart/form-data"
FORMS = ("application/x-www-form-urlencoded", MULTIPART)

# The mark decides against the charset parameter (RFC 7303, section 3); UTF-32's begins like UTF-16's.
_MARKS = (
    *((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)
# Python remembers for good every name that it is asked for, so it is asked for none but its own.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf_7"))
_CHARSETS = frozenset(module.name for module in pkgutil.iter_modules(encodings.__path__)) - _NO_CHARSETS

Readable = Mapping[str, Representation]


def read(request: Request, readable: Readable) -> Any:
    """The body of a request, decoded; a form is a dict, with a list where a name is there more than once.

    readable maps media types to the formats that read them. Raises MalformedBody (400), RequestEntityTooLarge (413),
    UnsupportedMediaType (415).
    """
    if request.mimetype in FORMS:
        return {name: values[0] if len(values) == 1 else values for name, values in form(request).lists()}
    if not request.mimetype and not has_body(request):
        raise MalformedBody("The request has no body.")
    representation = reader(request, readable)
    body = _received(request)
    if not representation.binary:
        body = _transcoded(body, request, readable)
    try:
        return representation.decode(body)  # type: ignore[misc]
    except (Malformed, ValueError) as error:
        raise MalformedBody(f"The body is not valid {type(representation).__name__}: {error}.") from None


def form(request: Request) -> MultiDict[str, str]:
    """The fields of a form, its files left in request.files. Raises as read() does."""
    _refuse_coding(request)
    if "form" in vars(request):
        return request.form
    _guard(request)
    make_parser = request.make_form_data_parser
    request.make_form_data_parser = lambda: _strict(make_parser())  # type: ignore[method-assign]
    try:
        if request.mimetype == FORMS[0]:  # of which Werkzeug keeps %FF for text
            unquote_to_bytes(request.get_data()).decode()
        return request.form
    except UnicodeDecodeError as error:
        raise MalformedBody(
            f"The body is not a valid form: not UTF-8 at byte {error.start + 1} of what it holds."
        ) from None
    except ValueError as error:
        raise MalformedBody(f"The body is not a valid form: {error}.") from None
    finally:
        del request.make_form_data_parser


def reader(request: Request, readable: Readable) -> Representation:
    """The format that reads the request's body. Raises UnsupportedMediaType."""
    _refuse_coding(request)
    mediatype = request.mimetype
    found = readable.get(mediatype) or _by_structured_suffix(mediatype, readable)
    if found is None:
        sent = f"The body's Content-Type is {mediatype[:80]!r}" if mediatype else "The body has no Content-Type"
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


def _refuse_coding(request: Request) -> None:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        message = f"The body's Content-Encoding is {coding[:40]!r}; this resource reads bodies without one."
        raise UnsupportedCoding(message, ("identity",), request.method)


class _Incoming(RawIOBase):
    """wsgi.input that fails where the body breaks off or goes on too long: servers and Werkzeug pass on what there is.

    announced is the Content-Length; without one the server knows the end, and raises what it likes where it misses it.
    """

    def __init__(self, stream: Any, announced: int | None, most: int) -> None:
        self.stream, self.announced, self.most, self.arrived = stream, announced, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = len(buffer) if self.announced is None else min(len(buffer), self.announced - self.arrived)
        data = self._next(wanted) if wanted else b""
        buffer[: len(data)] = data
        self.arrived += len(data)
        if self.arrived > self.most:
            raise _too_large(self.most)
        return len(data)

    def _next(self, size: int) -> bytes:
        try:
            data: bytes = self.stream.read(size)
        except Exception as error:
            raise MalformedBody(f"The body broke off, or is badly chunked, after {self.arrived} bytes.") from error
        if not data and self.announced is not None:
            raise _cut_off(self.arrived, self.announced)
        return data


def _guard(request: Request) -> None:
    """Let the body be read to its limit, and to no other end than its own. Raises RequestEntityTooLarge."""
    most, announced = _limit(request), request.content_length
    if announced is not None and announced > most:
        raise _too_large(most)
    if "stream" in vars(request):  # another was first to read
        arrived = len(request.get_data())
        if arrived < (announced or 0):
            raise _cut_off(arrived, announced)
    elif announced is not None or "wsgi.input_terminated" in request.environ:
        request.stream = _Incoming(request.environ["wsgi.input"], announced, most)  # type: ignore[assignment]


def _limit(request: Request) -> int:
    if request.max_content_length is not None:
        return request.max_content_length
    return sys.maxsize if request.mimetype == MULTIPART else MAX_BYTES


def _received(request: Request) -> bytes:
    _guard(request)
    body: bytes = request.get_data()
    if not body:
        raise MalformedBody("The request has no body.")
    return body


def _too_large(most: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The body exceeds {most} bytes, the most that is read.")


def _cut_off(arrived: int, announced: int | None) -> MalformedBody:
    return MalformedBody(f"The body was cut off: {arrived} bytes of {announced} arrived.")


def _strict(parser: FormDataParser) -> FormDataParser:
    """parser, which else takes a malformed form for an empty one."""
    parser.silent = False
    return parser


def _transcoded(body: bytes, request: Request, readable: Readable) -> bytes:
    """body in UTF-8; with a byte order mark where the sender has named its charset."""
    charset = next((name for mark, name in _MARKS if body.startswith(mark)), None)
    charset = charset or request.mimetype_params.get("charset", "").strip().lower()
    if not charset:
        return body
    try:
        return codecs.BOM_UTF8 + body.decode(_codec(charset)).removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise MalformedBody(f"The body is not {charset} {_position(error)}.") from None
    except LookupError:
        message = f"The body's charset {charset[:40]!r} is not known; UTF-8 always is."
        raise _unsupported(message, request, readable) from None


def _codec(charset: str) -> str:
    """Python's name of a charset. Raises LookupError."""
    name = encodings.normalize_encoding(charset)
    name = aliases.get(name, name)
    if name not in _CHARSETS:
        raise LookupError(charset)
    return name


def _position(error: UnicodeError) -> str:
    return f"at byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else "text"


def _unsupported(message: str, request: Request, readable: Readable) -> UnsupportedMediaType:
    return UnsupportedMediaType(message, names(readable), request.method)
