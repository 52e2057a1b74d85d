"""CSV and TSV read, a record at a time, in memory that does not grow with their length.

    record = field *(delimiter field) (CRLF / LF / CR / end of the text)
    field  = DQUOTE *(2DQUOTE / any but DQUOTE) DQUOTE / *(any but DQUOTE, CR, LF and the delimiter)

An empty field without quotation marks is null, and an empty line no record. csv.reader cannot tell null from "", and
takes quotation marks anywhere: it reads only what this grammar has been found to hold for, with EMPTY where "" may be
a field. Where it is none, it is a quotation mark within one.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from .base import Malformed
from .data import MAX_VALUES, TOO_MANY

BLOCK = 64 * 1024
"""Bytes that are read at once, unless a record needs more."""

EMPTY = "\0\0"

Record = tuple[int, list[str | None]]
"""The line on which a record starts, from 1, and its fields."""


class Unquoted(NamedTuple):
    """Lines without a quotation mark, each ending in LF; line is the number of the first, lines how many there are.

    is_long  one of them may be longer than longest characters, or hold too many values
    """

    text: str
    line: int
    lines: int
    longest: int

    @property
    def is_long(self) -> bool:
        return len(self.text) >= min(self.longest, MAX_VALUES)


Run = Unquoted | list[Record]
"""Records that follow one another."""


class Reader:
    """What reads records whose fields end with delimiter, one character. Immutable."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        mark, end, unclosed = re.escape(delimiter), r"(?:\r\n|\n|\r)", r'"[^"]*+(?:""[^"]*+)*+'
        field = rf'(?:{unclosed}"|[^"\r\n{mark}]*+)'
        fields = f"(?:{field}{mark})*+"
        self._field = re.compile(f"({field})(?:{mark}|{end})")
        self._fields = re.compile(fields)
        self._record = re.compile(f"{fields}{field}{end}")
        self._records = re.compile(f"(?:{fields}{field}{end})*+")
        self._unclosed = re.compile(rf"{fields}{unclosed}\Z")
        self._empty = re.compile(rf'""(?:(?<=[\r\n{mark}]"")|(?<=\A""))(?=[\r\n{mark}])')

    def records(self, file: BinaryIO, longest: int, block: int = BLOCK) -> Iterator[Record]:
        """The records of a file in UTF-8, of at most longest characters each. Raises Malformed."""
        return chain.from_iterable(map(self.of, self.runs(file, longest, block)))

    def runs(self, file: BinaryIO, longest: int, block: int = BLOCK) -> Iterator[Run]:
        """The same in runs of records. Raises Malformed."""
        text, rest, line = _Text(file, longest, block), "", 1
        while piece := text.after(rest, line):
            if '"' not in piece:
                run = _unquoted(piece, line, longest)
                yield run
                rest, line = "", line + run.lines
                continue
            found: list[Record] = []
            try:
                line, start = self._read(piece, line, longest, text.ended, found)
            except Malformed:
                yield found
                raise
            yield found
            rest = piece[start:]

    def of(self, run: Run) -> Iterator[Record]:
        """The records of a run. Raises Malformed."""
        return self._split(run) if isinstance(run, Unquoted) else iter(run)

    def columns(self, run: Unquoted, width: int) -> list[list[str | None]] | None:
        """The fields of a run by columns, where each line is a record of width fields; else None."""
        if run.is_long:
            return None
        delimiter = self._delimiter
        fields: list[Any] = run.text.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
        fields.pop()
        if len(fields) != run.lines * (width + 1) or fields[width :: width + 1].count("\n") < run.lines:
            return None
        columns = [fields[index :: width + 1] for index in range(width)]
        if width == 1:
            return None if "" in columns[0] else columns  # an empty line is no record
        if all(fields):
            return columns
        return [column if all(column) else _with_nulls(column) for column in columns]

    def _read(self, piece: str, line: int, longest: int, ended: bool, found: list[Record]) -> tuple[int, int]:
        """Read a piece that has quotation marks into found, and tell the line and place of what is unfinished."""
        start, simple = 0, self._marked(piece)
        while start < len(piece):
            quoted = _quoted_line(piece, start)
            if start < quoted:
                run = _unquoted(piece[start:quoted], line, longest)
                found.extend(self._split(run))
                line += run.lines
            start = self._end_of_simple(simple, quoted, longest)
            if quoted < start:
                line = self._simple(simple[quoted:start], line, found, is_marked=simple is not piece)
            if start < len(piece):
                record = self._record.match(piece, start)
                if record is None:
                    self._check_unfinished(piece, start, line, longest, ended)
                    break
                found.append((line, self._exact(record[0], line, longest)))
                line, start = line + _breaks(record[0]), record.end()
        return line, start

    def _split(self, run: Unquoted) -> Iterator[Record]:
        """The records of lines without a quotation mark."""
        lines, delimiter = run.text.split("\n"), self._delimiter
        lines.pop()
        for number, record in enumerate(lines, run.line):
            if run.is_long:
                self._check(record, number, run.longest)
            if record:
                fields = record.split(delimiter)
                yield number, _with_nulls(fields) if "" in fields else fields  # type: ignore[misc]

    def _marked(self, piece: str) -> str:
        """A piece with EMPTY where "" may be a field."""
        return self._empty.sub(EMPTY, piece) if '""' in piece and "\0" not in piece else piece

    def _end_of_simple(self, piece: str, start: int, longest: int) -> int:
        """Where those records end that csv.reader reads as they are meant: all up to what may be empty text."""
        empty = self._empty.search(piece, start)
        end = min(empty.start() if empty else len(piece), start + min(longest, csv.field_size_limit()))
        simple = self._records.match(piece, start, end)
        assert simple
        end = simple.end()
        return end + 1 if piece[end - 1 : end + 1] == "\r\n" else end

    def _simple(self, part: str, line: int, found: list[Record], *, is_marked: bool) -> int:
        """Read what csv.reader reads as it is meant, with EMPTY where is_marked, and tell the line that follows."""
        reader = csv.reader(io.StringIO(part, newline=""), delimiter=self._delimiter)
        number, is_marked = line, is_marked and EMPTY in part
        for fields in reader:
            if fields and is_marked:
                found.append((number, _filled(fields)))
            elif fields:
                found.append((number, _with_nulls(fields) if "" in fields else fields))  # type: ignore[arg-type]
            number = line + reader.line_num
        return number

    def _exact(self, record: str, line: int, longest: int) -> list[str | None]:
        if len(record) > min(longest, MAX_VALUES):
            self._check(record.rstrip("\r\n"), line, longest)
        return [
            field[1:-1].replace('""', '"') if field[:1] == '"' else field or None
            for field in self._field.findall(record)
        ]

    def _check(self, record: str, line: int, longest: int) -> None:
        """Raises Malformed where a record, without its end, is too long or holds too many values."""
        if len(record) > longest:
            raise _too_long(line, longest)
        if len(record) >= MAX_VALUES and sum(1 for _ in self._field.finditer(f"{record}\n")) > MAX_VALUES:
            raise Malformed(f"line {line}: {TOO_MANY}")

    def _check_unfinished(self, piece: str, start: int, line: int, longest: int, ended: bool) -> None:
        """Raises Malformed where what is no record cannot become one with what follows."""
        unclosed = self._unclosed.match(piece, start)
        if unclosed and len(piece) - start > longest + 1:
            raise _too_long(line, longest)
        if ended or not unclosed:
            before = self._fields.match(piece, start)
            assert before
            line, field = line + _breaks(before[0]), len(self._field.findall(before[0])) + 1
            raise Malformed(f"line {line}, field {field}: a quotation mark out of place or not closed")


class _Text:
    """The text of a file in UTF-8, in pieces that end with a line."""

    def __init__(self, file: BinaryIO, longest: int, block: int) -> None:
        self.ended = False
        self._file, self._longest, self._block = file, longest, block
        self._tail = ""  # what is read and follows the last line
        self._bytes = b""  # the start of a character
        self._position = 0  # of these, in the file
        self._wrong = 0  # the byte, from 1, at which it is not UTF-8

    def after(self, rest: str, line: int) -> str:
        """rest, which begins on that line, and at least one line that follows; "" after the last. Raises Malformed."""
        piece, self._tail = rest + self._tail, ""
        while not self.ended:
            piece += self._more(max(self._block, len(piece)))
            end = len(piece) if self.ended else _end_of_lines(piece)
            if end > len(rest) or (self.ended and piece):
                self._tail = piece[end:]
                return piece[:end] if piece[end - 1] in "\r\n" else f"{piece}\n"
            if self._wrong:
                raise Malformed(f"line {line + _breaks(piece)}: not UTF-8 at byte {self._wrong}")
            if len(piece) > self._longest + 1:
                raise _too_long(line, self._longest)
        return ""

    def _more(self, size: int) -> str:
        if self._wrong:
            return ""
        read = self._file.read(size)
        data = self._bytes + read
        try:
            text, used = codecs.utf_8_decode(data, "strict", not read)
        except UnicodeDecodeError as error:
            self._wrong = self._position + error.start + 1
            text, used = data[: error.start].decode(), error.start
        else:
            self.ended = not read
        if not self._position:
            text = text.removeprefix("\ufeff")
        self._bytes, self._position = data[used:], self._position + used
        return text


def _unquoted(part: str, line: int, longest: int) -> Unquoted:
    if "\r" in part:
        part = part.replace("\r\n", "\n").replace("\r", "\n")
    return Unquoted(part, line, part.count("\n"), longest)


def _with_nulls(fields: list[str]) -> list[str | None]:
    return [field or None for field in fields]


def _filled(fields: list[str]) -> list[str | None]:
    """The same of fields in which EMPTY is."""
    return ["" if field == EMPTY else field.replace(EMPTY, '"') or None for field in fields]


def _quoted_line(piece: str, start: int) -> int:
    """Where the next line with a quotation mark begins, or piece ends."""
    mark = piece.find('"', start)
    if mark < 0:
        return len(piece)
    return max(piece.rfind("\n", start, mark) + 1, piece.rfind("\r", start, mark) + 1, start)


def _end_of_lines(piece: str) -> int:
    """Where the last line ends that is known to be whole: a LF may follow a CR."""
    return max(piece.rfind("\n"), piece.rfind("\r", 0, len(piece) - 1)) + 1


def _breaks(text: str) -> int:
    """How many lines end in text."""
    breaks = text.count("\n")
    return breaks + text.count("\r") - text.count("\r\n") if "\r" in text else breaks


def _too_long(line: int, longest: int) -> Malformed:
    return Malformed(
        f"line {line}: a record longer than {longest:,} characters; is a line end or a quotation mark missing?"
    )
