"""The request body, read in any readable format by its Content-Type (RFC 9110, section 8.3).

A body is refused as a whole or read as a whole: nothing of a malformed, mislabelled, over-long or cut-off one is kept.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO, RawIOBase
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request

from representations import Malformed, Representation

from . import charsets
from .errors import MalformedBody, UnsupportedCoding, UnsupportedMediaType

MAX_BYTES = 16 * 1024 * 1024
"""Longest body that is read where the application sets no MAX_CONTENT_LENGTH, multipart excepted: files go to disk."""

MULTIPART = "multipart/form-data"
FORMS = ("application/x-www-form-urlencoded", MULTIPART)

Readable = Mapping[str, Representation]


def read(request: Request, readable: Readable, *, exactly: bool = False) -> Any:
    """The body of a request, decoded; a form is a dict, with a list where a name is there more than once.

    readable maps media types to the formats that read them; exactly, as Representation.exact says.
    Raises MalformedBody (400), RequestEntityTooLarge (413), UnsupportedMediaType (415).
    """
    if request.mimetype in FORMS:
        return {name: values[0] if len(values) == 1 else values for name, values in form(request).lists()}
    if not request.mimetype and not has_body(request):
        raise MalformedBody("The request has no body.")
    representation = reader(request, readable)
    representation = representation.exactly() if exactly else representation
    return decoded(_received(request), request.mimetype_params, representation, request, readable)


def decoded(
    body: bytes, parameters: Mapping[str, str], representation: Representation, request: Request, readable: Readable
) -> Any:
    """The data in a body; parameters are those of its Content-Type. Raises MalformedBody, UnsupportedMediaType."""
    if not representation.binary and (charset := charsets.named(body, parameters)):
        body = codecs.BOM_UTF8 + b"".join(transcoded((body,), charset, request, readable))
    try:
        return representation.decode(body)  # type: ignore[misc]
    except (Malformed, ValueError) as error:
        raise invalid(representation, error) from None


def transcoded(chunks: Iterable[bytes], charset: str, request: Request, readable: Readable) -> Iterator[bytes]:
    """A text in UTF-8, without a byte order mark. Raises MalformedBody, UnsupportedMediaType."""
    try:
        yield from charsets.transcoded(chunks, charset)
    except LookupError:
        message = f"The body's charset {charset[:40]!r} is not known; UTF-8 always is."
        raise unsupported(message, request, readable) from None
    except UnicodeError as error:
        raise MalformedBody(f"The body is not {charset} {charsets.place(error)}.") from None


def invalid(representation: Representation, error: Exception) -> MalformedBody:
    """What is answered where a format rejects a body."""
    return MalformedBody(f"The body is not valid {type(representation).__name__}: {error}.")


def incoming(request: Request, most: int) -> Any:
    """The body as a file to be read once, which raises what read() does where it breaks off or exceeds most bytes."""
    _refuse_coding(request)
    read_before = "stream" in vars(request)
    _guard(request, most)
    return BytesIO(request.get_data()) if read_before else request.stream


def form(request: Request, most: int | None = None) -> MultiDict[str, str]:
    """The fields of a form of at most most bytes, if not limit(); files are left in request.files. Raises as read()."""
    _refuse_coding(request)
    if "form" in vars(request):
        return request.form
    if most is not None:
        request.max_content_length = most
    _guard(request, limit(request))
    make_parser = request.make_form_data_parser
    with ExitStack() as files:
        request.make_form_data_parser = lambda: _strict(make_parser(), files)  # type: ignore[method-assign]
        try:
            if request.mimetype == FORMS[0]:  # of which Werkzeug keeps %FF for text
                unquote_to_bytes(request.get_data()).decode()
            fields = request.form
            files.pop_all()
            return fields
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
    found = readable.get(mediatype) or by_structured_suffix(mediatype, readable)
    if found is None:
        sent = f"The body's Content-Type is {mediatype[:80]!r}" if mediatype else "The body has no Content-Type"
        raise unsupported(f"{sent}; this resource reads the media types listed.", request, readable)
    return found


def unsupported(message: str, request: Request, readable: Readable) -> UnsupportedMediaType:
    """415 with what is readable."""
    return UnsupportedMediaType(message, names(readable), request.method)


def by_structured_suffix(mediatype: str, readable: Readable) -> Representation | None:
    """application/vnd.api+json is read as JSON (RFC 6839)."""
    _, plus, suffix = mediatype.rpartition("+")
    return next((r for r in readable.values() if plus and suffix in r.suffixes), None)


def limit(request: Request) -> int:
    """The most bytes that are read of a body which is read whole."""
    if request.max_content_length is not None:
        return request.max_content_length
    return sys.maxsize if request.mimetype == MULTIPART else MAX_BYTES


def has_body(request: Request) -> bool:
    """Whether the request came with a body (RFC 9112, section 6.3)."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def names(readable: Readable) -> tuple[str, ...]:
    """The media types that are readable, without aliases and with those of forms."""
    return (*dict.fromkeys(representation.mediatype for representation in readable.values()), *FORMS)


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


def _guard(request: Request, most: int) -> None:
    """Let the body be read to most bytes, and to no other end than its own. Raises RequestEntityTooLarge."""
    announced = request.content_length
    if announced is not None and announced > most:
        raise _too_large(most)
    if "stream" in vars(request):  # another was first to read
        arrived = len(request.get_data())
        if arrived < (announced or 0):
            raise _cut_off(arrived, announced)
        if arrived > most:
            raise _too_large(most)
    elif announced is not None or "wsgi.input_terminated" in request.environ:
        request.stream = _Incoming(request.environ["wsgi.input"], announced, most)  # type: ignore[assignment]


def _received(request: Request) -> bytes:
    _guard(request, limit(request))
    body: bytes = request.get_data()
    if not body:
        raise MalformedBody("The request has no body.")
    return body


def _too_large(most: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The body exceeds {most} bytes, the most that is read.")


def _cut_off(arrived: int, announced: int | None) -> MalformedBody:
    return MalformedBody(f"The body was cut off: {arrived} bytes of {announced} arrived.")


def _strict(parser: FormDataParser, files: ExitStack) -> FormDataParser:
    """parser, which else takes a malformed form for an empty one, and leaves the files open that go into files here."""
    make_file = parser.stream_factory
    parser.stream_factory = lambda *args, **options: files.enter_context(make_file(*args, **options))
    parser.silent = False
    return parser
