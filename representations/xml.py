"""XML 1.0 in the vocabulary of dicttoxml, written row by row.

[{"id": 1, "full name": "Åse"}] is

    <root><item type="dict"><id type="int">1</id><full_name name="full name" type="str">Åse</full_name></item></root>

On ordinary data the bytes are those of dicttoxml 1.7.16 (a test compares them). Where that would not be XML, or not
be the data when read back, it is otherwise on purpose:

| Data                                       | dicttoxml                 | here                                      |
|--------------------------------------------|---------------------------|-------------------------------------------|
| characters that XML cannot hold            | malformed                 | U+FFFD; "~2" after a key this gives twice |
| CR; tab and line ends in a key             | themselves: lost          | &#13; and the like                        |
| true, false in a list                      | True, False               | true, false                               |
| a key that is no name: "a b", "1", "@id"   | a_b, n1, key name="@id"   | the same, always with name="..."          |
| " 1", "-1", "1e5", "1.50"                  | n1.0, n-1.0, n100000.0, … | _1, key, key, n1.50                       |
| "a ", "²", "xml:id"                        | lost, malformed, xml:id   | a_, key, key                              |
| a key of 255 characters or more            | itself                    | key name="..."                            |
| {} and {"item": ...} as the whole          | <root>, like a list       | <root type="dict">                        |
| 1e16, 0.00001                              | 1e+16, 1e-05              | 1e16, 0.00001, as JSON has them           |
| NaN, the infinities                        | nan, inf                  | null                                      |
| Decimal 1E-7; an int of over 4300 digits   | 1E-7; ValueError          | 0.0000001; its digits                     |
| str subclass, bytes, namedtuple            | lists                     | as data.py says                           |
| UUID, Enum, timedelta, dataclass           | TypeError                 | as data.py says                           |

xml_body.py says how a body is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from importlib import import_module
from typing import Any, Literal
from xml.parsers import expat

from .base import Representation, Unrepresentable, chunked, sliced
from .data import LONG, REPLACE, plain, text
from .metadata import PLAIN, Metadata
from .rows import Row, Rows, alike
from .text_columns import SLICE, Cells, by_type, decimals, interleaved, literals, narrow
from .xml_body import ITEM, LONGEST, read, tag

HEAD = '<?xml version="1.0" encoding="UTF-8" ?>'

_TOO_DEEP = "the data is nested too deeply"

_NULL = type(None)
_TYPES = {
    str: "str",
    int: "int",
    float: "float",
    Decimal: "number",
    bool: "bool",
    _NULL: "null",
    dict: "dict",
    list: "list",
}
_MARKS = {kind: f'{name}">' for kind, name in _TYPES.items()}
"""What stands in a start tag behind type=", and before the content."""

_OUTSIDE = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_FORBIDDEN = re.compile(f"[{_OUTSIDE}]")
_SPECIAL = re.compile(f"[&<>\"'\r{_OUTSIDE}]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;"}
_REFERRED = "".join(_REFERENCES).encode()
_ORDINARY = bytes({*range(256)} - {*range(32), *_REFERRED, 0xEF} | {*b"\t\n"})
"""Bytes of UTF-8 that are written as they are. U+FFFE and U+FFFF begin with 0xEF."""


class XML(Representation):
    """XML. engine "dicttoxml" writes with that package (GPL-2, imported only then), slower and not streamed."""

    mediatype = "application/xml"
    aliases = ("text/xml",)
    suffixes = ("xml",)
    charset = "utf-8"

    def __init__(self, engine: Literal["builtin", "dicttoxml"] = "builtin") -> None:
        if engine not in ("builtin", "dicttoxml"):
            raise ValueError(f"the engine is 'builtin' or 'dicttoxml', not {engine!r}")
        self._package = import_module("dicttoxml") if engine == "dicttoxml" else None

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        try:
            return _by_dicttoxml(self._package, plain(data)) if self._package else _document(data)
        except RecursionError:
            raise Unrepresentable(_TOO_DEEP) from None

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        return super().iter_encode(rows, meta) if self._package else _stream(rows)

    def decode(self, body: bytes) -> Any:
        return read(body)


def _document(data: Any) -> bytes:
    if type(data) is list:
        return b"".join([f"{HEAD}<root>".encode(), *map(_records, sliced(data, SLICE)), b"</root>"])
    data = plain(data)
    inner = _content(data) if isinstance(data, (dict, list)) else _element(ITEM, data)
    mark = ' type="dict"' if isinstance(data, dict) and not data.keys() - {ITEM} else ""
    return f"{HEAD}<root{mark}>{inner}</root>".encode()


def _stream(rows: Rows) -> Iterator[bytes]:
    lead = f"{HEAD}<root>".encode()
    for chunk in _chunks(rows):
        yield lead + chunk
        lead = b""
    yield lead + b"</root>"


def _chunks(rows: Rows) -> Iterator[bytes]:
    if rows.mappings:
        return chunked(rows.dicts(), _records)
    return chunked(rows.tuples(), partial(interleaved, *_between(rows.columns), _cells))


def _records(records: list[Any]) -> bytes:
    """The items of a list as elements. Raises Unrepresentable."""
    if parts := alike(records):
        names, rows = parts
        return interleaved(*_between(names), _cells, rows)
    try:
        return "".join([_element(ITEM, plain(record)) for record in records]).encode()
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None


def _between(columns: Row) -> tuple[list[str], str]:
    """What stands before each value of a row, up to its type, and behind the last."""
    end = f'<{ITEM} type="dict">'
    heads = []
    for name in _distinct(plain(dict.fromkeys(columns))):
        start, close = _tags(name)
        heads.append(narrow(end + start))
        end = close
    return heads, narrow(f"{end}</{ITEM}>")


def _cells(column: Row) -> Cells:
    """A column: each value as its type and its content, int">1."""
    return _literals(column) or by_type(column, _MARKS[_NULL], _typed)


def _literals(column: Sequence[Any]) -> Cells | None:
    if not (found := literals(column)):
        return None
    mark, null = _MARKS[found[0]], _MARKS[_NULL]
    if "null" not in found[1]:
        return mark, found[1].split(",")
    return "", (mark + found[1].replace(",", f",{mark}")).replace(f"{mark}null", null).split(",")


def _typed(kind: type, values: Sequence[Any]) -> Cells:
    """Values of one type. Raises Unrepresentable."""
    if kind is str:
        return _MARKS[str], _contents(values)
    if kind is Decimal and (digits := decimals(values)):
        return _MARKS[Decimal], digits
    try:
        return _literals(values) or ("", [_MARKS[type(item)] + narrow(_content(item)) for item in map(plain, values)])
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None


def _contents(texts: Sequence[str]) -> Sequence[str]:
    """Each text as _content() writes it, narrow."""
    joined = "\0".join(texts)
    written = joined.encode("utf-8", REPLACE)
    special = written.translate(None, _ORDINARY)
    if len(special) < len(texts):  # the NULs between them
        return texts if joined.isascii() else written.decode("latin-1").split("\0")
    if len(special.translate(None, _REFERRED)) >= len(texts):
        written = "\0".join([text if text.isprintable() else _allowed(text) for text in texts]).encode()
    return _referenced(written.decode("latin-1")).split("\0")


def _element(key: str, value: Any) -> str:
    start, end = _tags(key)
    return f"{start}{_MARKS[type(value)]}{_content(value)}{end}"


def _content(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _escaped(value) if _SPECIAL.search(value) else value
    if kind is list:
        return "".join([_element(ITEM, item) for item in value])
    if kind is dict:
        return "".join([_element(key, item) for key, item in _distinct(value).items()])
    return text(value)


def _tags(key: str) -> tuple[str, str]:
    """The tags around a value, the first up to its type: <a_b name="a b" type=" and </a_b>."""
    return _remembered(key) if len(key) < LONGEST else _written_tags(key)


def _written_tags(key: str) -> tuple[str, str]:
    name = tag(key)
    attribute = "" if name == key else f' name="{_attribute(key)}"'
    return f'<{name}{attribute} type="', f"</{name}>"


_remembered = lru_cache(maxsize=4096)(_written_tags)


def _escaped(text: str) -> str:
    return _referenced(_allowed(text))


def _referenced(text: str) -> str:
    for character, reference in _REFERENCES.items():
        text = text.replace(character, reference)
    return text


def _attribute(text: str) -> str:
    return _escaped(text).replace("\t", "&#9;").replace("\n", "&#10;")


def _allowed(value: str) -> str:
    return _FORBIDDEN.sub("\ufffd", value)


def _distinct(record: dict[str, Any]) -> dict[str, Any]:
    """record with keys that XML can hold; where two become one, the later one is marked "~2"."""
    if not _FORBIDDEN.search("".join(record)):
        return record
    result: dict[str, Any] = {}
    for key, value in record.items():
        name, number = _allowed(key), 2
        while name in result:
            name, number = f"{_allowed(key)}~{number}", number + 1
        result[name] = value
    return result


def _by_dicttoxml(package: Any, data: Any) -> bytes:
    package.LOG.disabled = True  # it logs every value
    document: bytes = package.dicttoxml(_held(data))
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(document, True)
    except expat.ExpatError as error:
        raise Unrepresentable(f"dicttoxml writes this data as malformed XML: {error}") from None
    return document


def _held(value: Any) -> Any:
    """Plain data without what dicttoxml cannot write."""
    if isinstance(value, str):
        return _allowed(value)
    if isinstance(value, list):
        return [_held(item) for item in value]
    if isinstance(value, dict):
        return {key: _held(item) for key, item in _distinct(value).items()}
    return Decimal(value) if type(value) is int and value.bit_length() > LONG else value
