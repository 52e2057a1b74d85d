"""What a file is: its format by suffix or content, its encoding, and what separates its fields.

Each is detected only as far as it is certain; the report of a load tells what was.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path

from representations import Malformed
from representations.csv_body import Reader, Record

from . import encoding as encodings
from .encoding import Encoding
from .problems import Problems, Unloadable
from .progress import Progress, silent
from .source import Source

FORMATS = {
    "csv": "CSV",
    "tsv": "TSV",
    "tab": "TSV",
    "ndjson": "NDJSON",
    "jsonl": "NDJSON",
    "json": "JSON",
    "yaml": "YAML",
    "yml": "YAML",
    "xml": "XML",
}
"""Suffix -> format."""

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "bar": "|"}
"""Words that a delimiter may be given as."""

SAMPLE = 256 * 1024
"""Characters from which the delimiter is told."""

_BINARY = {b"PK\x03\x04": "a ZIP file or a workbook", b"SQLite format 3\0": "an SQLite database", b"%PDF": "a PDF"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file.

    delimiter  of CSV and TSV
    announced  by a line before the header
    """

    format: str
    encoding: Encoding
    delimiter: str = ""
    announced: bool = False

    @property
    def unit(self) -> str:
        """What places in it are counted by."""
        return "record" if self.format in ("XML", "YAML") else "line"

    def __str__(self) -> str:
        if not self.encoding.name:
            return self.format
        name = "UTF-8" if self.encoding.name.startswith("utf-8") else self.encoding.name.upper()
        parts = [self.format, f"{name} ({self.encoding.how})" if self.encoding.how else name]
        if self.delimiter:
            parts.append(f"separated by {DELIMITERS.get(self.delimiter, repr(self.delimiter))}")
        return ", ".join(parts)


def name_of(path: str | Path) -> str:
    """The name of the table that a file becomes: cities of cities.csv.gz."""
    name = unicodedata.normalize("NFC", Path(path).name)
    if name.lower().endswith(".gz"):
        name = name[:-3]
    stem, _, suffix = name.rpartition(".")
    return stem if stem and (suffix.lower() in (*FORMATS, "txt", "data")) else name


def layout(
    source: Source, delimiter: str | None, encoding: str | None, problems: Problems, show: Progress = silent
) -> Layout:
    """How to read a file, of which every byte has been looked at. Raises Unloadable."""
    name = _format(source)
    if source.size == 0 or not source.head(1):
        raise problems.fail(None, None, "it is empty")
    if name == "XML" and encoding is None:  # which says itself
        return Layout(name, Encoding(""))
    found = encodings.find(source, encoding, problems, show)
    if name not in ("CSV", "TSV"):
        return Layout(name, found)
    return _delimited(source, name, found, delimiter, problems)


def _format(source: Source) -> str:
    head = source.head(4096)
    for mark, what in _BINARY.items():
        if head.startswith(mark):
            raise _unread(source, f"it is {what}")
    name = source.path.name.lower().removesuffix(".gz")
    suffix = name.rpartition(".")[2]
    return FORMATS.get(suffix) or _by_content(head)


def _unread(source: Source, what: str) -> Unloadable:
    return source.refused(f"{what}; files of {', '.join(dict.fromkeys(FORMATS.values()))} are read")


def _by_content(head: bytes) -> str:
    """The format of a file that has no suffix, or one that says nothing."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "XML"
    if start.startswith(b"["):
        return "JSON"
    if start.startswith(b"{"):
        return "NDJSON" if b"}\n{" in start.replace(b"\r", b"").replace(b" ", b"") else "JSON"
    return "YAML" if start.startswith((b"---", b"- ", b"%YAML")) else "CSV"


def _delimited(source: Source, name: str, encoding: Encoding, given: str | None, problems: Problems) -> Layout:
    with source.text(encoding.name) as file:
        sample = file.read(SAMPLE)
    announced = _announced(sample)
    delimiter = NAMES.get(given.lower(), given) if given else announced or ("\t" if name == "TSV" else _likely(sample))
    if len(delimiter) != 1 or delimiter in '"\r\n\0' or delimiter.isalnum():
        raise problems.fail(None, None, f"{delimiter!r} separates no fields; a delimiter is one character, such as ;")
    return Layout(name, encoding, delimiter, bool(announced))


def _announced(sample: str) -> str:
    """The delimiter that a spreadsheet writes into a line before the header: sep=;"""
    line = sample.splitlines()[:1]
    return line[0][4] if line and line[0].lower().startswith("sep=") and len(line[0]) == 5 else ""


def _likely(sample: str) -> str:
    """The delimiter that splits most records into as many fields as the header has."""
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """The share of records that are as long as the header, and that length; (0, 0) where that is 1."""
    whole = sample if len(sample) < SAMPLE else sample[: sample.rfind("\n") + 1]
    records = list(_readable(Reader(delimiter).records(BytesIO((whole or sample).encode()), SAMPLE)))
    lengths = Counter(len(values) for _, values in records)
    width = len(records[0][1]) if records else 0
    return (lengths[width] / len(records), width) if width > 1 else (0, 0)


def _readable(records: Iterator[Record]) -> Iterator[Record]:
    """The first records, up to one that is none if this is the delimiter."""
    try:
        yield from islice(records, 200)
    except Malformed:
        return
