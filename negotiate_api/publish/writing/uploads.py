"""A request body of records, as long as a table: received whole, then read record by record, as often as wanted.

The body goes to a temporary file, so that nobody's slowness holds a transaction open and nothing of a cut-off one is
written. In a format that is read record by record (Representation.iter_decode) it may be long, in memory that does not
grow with it; in any other it is as long as bodies.limit() allows. A form with one file is that file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request

from negotiate_api import bodies, charsets
from negotiate_api.bodies import Readable
from negotiate_api.errors import MalformedBody, with_room
from negotiate_api.sharing import TURN
from representations import CSV, NDJSON, Malformed, Representation
from representations.csv_records import Uneven
from representations.slices import Place, Slice, grouped

LARGEST = 1024**3
"""Bytes of a body that is read record by record."""

IN_MEMORY = 1024**2
"""Bytes of it that are held in memory, not in a file."""

CHUNK = 256 * 1024
"""Bytes that are read at a time."""

DELIMITERS = (",", ";", "\t")

LONGEST_MARK = 4
"""Bytes of a byte order mark."""

UNTOLD = ("", "application/octet-stream", "application/vnd.ms-excel", "text/plain")
"""Media types that browsers give to files of other types: there the suffix of the file's name decides."""


class Upload:
    """A body that has arrived.

    one      it was one mapping, no list
    tabular  its values are text, or null where a field is empty: CSV, TSV and forms
    columns  the names in each record, where a header tells them: CSV and TSV, also without records
    """

    def __init__(
        self,
        slices: Callable[[Uneven | None], Iterator[Slice]],
        *,
        one: bool = False,
        tabular: bool = False,
        columns: tuple[str, ...] | None = None,
    ) -> None:
        self._slices = slices
        self.one, self.tabular, self.columns = one, tabular, columns

    def slices(self, uneven: Uneven | None = None) -> Iterator[Slice]:
        """The records from the first on; one iteration at a time. Raises MalformedBody on the way.

        Each has the line on which it starts, in CSV, TSV and NDJSON, else its number.
        uneven is told of the rows of CSV and TSV that are no records, as CSV.iter_decode() tells it.
        """
        return self._slices(uneven)

    def records(self, uneven: Uneven | None = None) -> Iterator[Place]:
        """The same, one by one."""
        return chain.from_iterable(found.records() for found in self.slices(uneven))

    def is_empty(self) -> bool:
        """Whether there is no record, nor a row that is none."""
        rows = list[int]()
        return next(self.records(lambda line, *_: rows.append(line)), None) is None and not rows


@contextmanager
def received(
    request: Request, readable: Readable, largest: int = LARGEST, known: Container[str] = ()
) -> Iterator[Upload]:
    """The body of a request, all of which has arrived; it is let go of at the end.

    readable maps media types to the formats that read them. known has names of columns, in which a dot is no path:
    where the header of CSV has them only if its fields are divided by a semicolon or a tab, as spreadsheets of many
    countries do, they are.
    Raises MalformedBody (400), RequestEntityTooLarge (413) at more than largest bytes, UnsupportedMediaType (415).
    """
    with ExitStack() as files:
        with with_room():
            upload = _Receiver(request, readable, largest, files, known).upload()
        yield upload


class _Receiver:
    def __init__(
        self, request: Request, readable: Readable, largest: int, files: ExitStack, known: Container[str]
    ) -> None:
        self.request, self.readable, self.largest, self.files, self.known = request, readable, largest, files, known
        most = request.max_content_length
        self.most = min(largest, bodies.MAX_BYTES if most is None else most)  # of a body that is read whole

    def upload(self) -> Upload:
        request = self.request
        if request.mimetype in bodies.FORMS:
            file = self._file() if request.mimetype == bodies.MULTIPART else None
            return self._of_file(file) if file else _of_form(bodies.read(request, self.readable))
        if not (request.mimetype or bodies.has_body(request)):
            raise MalformedBody("The request has no body.")
        representation = bodies.reader(request, self.readable).exactly()
        if _is_streamed(representation):
            incoming = bodies.incoming(request, self.largest)
            return self._streamed(representation, incoming, request.mimetype_params)
        request.max_content_length = self.most
        try:
            return _of_data(bodies.read(request, self.readable, exactly=True))
        except RequestEntityTooLarge:
            raise self._too_large(representation) from None

    def _file(self) -> FileStorage | None:
        """The file of a form, if it has one. Raises MalformedBody where it has more."""
        fields = bodies.form(self.request, self.largest)
        sent = [file for _, file in self.request.files.items(multi=True)]
        files = [file for file in sent if file.filename]
        if len(files) > 1:
            raise MalformedBody(f"The form has {len(files)} files; one at a time is read.")
        if sent and not (files or fields):
            raise MalformedBody("The form has no file; choose one.")
        return files[0] if files else None

    def _of_file(self, file: FileStorage) -> Upload:
        representation = self._format(file).exactly()
        stream, parameters = cast(BinaryIO, file.stream), file.mimetype_params
        if _is_streamed(representation):
            return self._streamed(representation, stream, parameters)
        body = stream.read(self.most + 1)
        if len(body) > self.most:
            raise self._too_large(representation)
        return _of_data(bodies.decoded(body, parameters, representation, self.request, self.readable))

    def _format(self, file: FileStorage) -> Representation:
        mediatype, name = file.mimetype, file.filename or ""
        suffix = PurePosixPath(name).suffix[1:].lower()
        if mediatype in UNTOLD:
            found = next((r for r in self.readable.values() if suffix and suffix in r.suffixes), None)
        else:
            found = self.readable.get(mediatype) or bodies.by_structured_suffix(mediatype, self.readable)
        if found:
            return found
        message = f"The file {name[:80]!r} is of type {mediatype[:80]!r}; this resource reads the media types listed."
        raise bodies.unsupported(message, self.request, self.readable)

    def _streamed(self, representation: Representation, source: BinaryIO, parameters: Mapping[str, str]) -> Upload:
        file = self._kept(source, parameters)
        try:
            representation = self._divided(representation, file)
            columns = self._columns(representation, file)
        except Malformed as error:
            raise bodies.invalid(representation, error) from None
        known, tabular = self.known, columns is not None
        return Upload(lambda uneven: _slices(representation, file, uneven, known), tabular=tabular, columns=columns)

    def _divided(self, representation: Representation, file: BinaryIO) -> Representation:
        """CSV as its fields are divided: otherwise than it says where only so the header has columns that are known."""
        if isinstance(representation, CSV) and not self._knows(representation, file):
            others = (CSV(delimiter) for delimiter in DELIMITERS if delimiter != representation.delimiter)
            return next((other for other in others if self._knows(other, file)), representation)
        return representation

    def _knows(self, representation: CSV, file: BinaryIO) -> bool:
        try:
            return any(name in self.known for name in self._columns(representation, file) or ())
        except Malformed:
            return False

    def _columns(self, representation: Representation, file: BinaryIO) -> tuple[str, ...] | None:
        file.seek(0)
        if isinstance(representation, CSV):
            return representation.columns(file, self.known)
        return representation.columns(file)

    def _kept(self, source: BinaryIO, parameters: Mapping[str, str]) -> BinaryIO:
        """A file of what source holds, in UTF-8; source itself where it is one. Raises MalformedBody at nothing."""
        start = b""
        while len(start) < LONGEST_MARK and (chunk := source.read(CHUNK)):
            start += chunk
        if not start:
            raise MalformedBody("The request has no body, or an empty file.")
        charset = charsets.named(start, parameters)
        if charsets.is_utf_8(charset) and source.seekable():
            return source
        chunks: Iterable[bytes] = chain((start,), iter(lambda: source.read(CHUNK), b""))
        if not charsets.is_utf_8(charset):
            chunks = bodies.transcoded(chunks, charset, self.request, self.readable)
        file = self.files.enter_context(SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed with the others
        for chunk in chunks:
            file.write(chunk)
            time.sleep(TURN)  # another's turn: a body that arrives fast is never waited for
        return cast(BinaryIO, file)

    def _too_large(self, representation: Representation) -> RequestEntityTooLarge:
        message = f"The body exceeds {self.most} bytes, the most that is read of {type(representation).__name__}."
        streamed = dict.fromkeys(type(r).__name__ for r in self.readable.values() if _is_streamed(r))
        more = f" {' and '.join(streamed)} may have up to {self.largest}." if streamed else ""
        return RequestEntityTooLarge(message + more)


def _is_streamed(representation: Representation) -> bool:
    """Whether a format is read record by record."""
    return isinstance(representation, (CSV, NDJSON))


def _slices(
    representation: Representation, file: BinaryIO, uneven: Uneven | None, known: Container[str]
) -> Iterator[Slice]:
    file.seek(0)
    try:
        if isinstance(representation, CSV):
            yield from representation.iter_slices(file, uneven, known)
            return
        assert isinstance(representation, NDJSON)
        for found in representation.iter_slices(file):
            if isinstance(found, Slice):
                yield found
            else:
                yield from grouped((line, _mapping(record, "Line", line)) for line, record in found)
    except (Malformed, ValueError) as error:
        raise bodies.invalid(representation, error) from None


def _of_data(data: Any) -> Upload:
    """What was read whole. Raises MalformedBody where it is neither a mapping nor a list of mappings."""
    if isinstance(data, dict):
        return Upload(lambda _: grouped([(1, data)]), one=True)
    if not isinstance(data, list):
        raise MalformedBody("The body holds a single value; a record of named values, or a list of them, is expected.")
    records = [(number, _mapping(record, "Record", number)) for number, record in enumerate(data, 1)]
    return Upload(lambda _: grouped(records))


def _of_form(fields: Mapping[str, Any]) -> Upload:
    """Raises MalformedBody where a file was sent as a form, as curl does unless told otherwise."""
    if any("\n" in name or name[:1] in ("{", "[") for name in fields):
        raise MalformedBody("The body is of the type of a form and is none; name its type: Content-Type: text/csv.")
    record = {name: None if value == "" else value for name, value in fields.items()}
    return Upload(lambda _: grouped([(1, record)]), one=True, tabular=True)


def _mapping(record: Any, place: str, number: int) -> dict[str, Any]:
    if not isinstance(record, dict):
        found = "a list" if isinstance(record, list) else "a single value"
        raise MalformedBody(f"{place} {number} of the body holds {found}; a record of named values is expected.")
    return record
