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
| NaN, the infinities                        | nan, inf                  | null                                      |
| Decimal 1E-7; an int of over 4300 digits   | 1E-7; ValueError          | 0.0000001; its digits                     |
| str subclass, bytes, namedtuple            | lists                     | as data.py says                           |
| UUID, Enum, timedelta, dataclass           | TypeError                 | as data.py says                           |

xml_body.py says how a body is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache, partial
from importlib import import_module
from math import isfinite
from typing import Any, Literal
from xml.parsers import expat

from .base import Representation, Unrepresentable, chunked
from .data import LONG, plain, text
from .metadata import PLAIN, Metadata
from .rows import Row, Rows
from .xml_body import ITEM, LONGEST, read, tag

HEAD = '<?xml version="1.0" encoding="UTF-8" ?>'

_TYPES: Mapping[type, str] = {
    str: "str",
    int: "int",
    float: "float",
    Decimal: "number",
    bool: "bool",
    type(None): "null",
    dict: "dict",
    list: "list",
}
_ATOMS = frozenset((str, int, bool, type(None)))

_OUTSIDE = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_FORBIDDEN = re.compile(f"[{_OUTSIDE}]")
_SPECIAL = re.compile(f"[&<>\"'\r{_OUTSIDE}]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;"}


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
        data = plain(data)
        try:
            return _by_dicttoxml(self._package, data) if self._package else _document(data)
        except RecursionError:
            raise Unrepresentable("the data is nested too deeply") from None

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        return super().iter_encode(rows, meta) if self._package else _stream(rows)

    def decode(self, body: bytes) -> Any:
        return read(body)


def _document(data: Any) -> bytes:
    inner = _content(data) if isinstance(data, (dict, list)) else _element(ITEM, data)
    mark = ' type="dict"' if isinstance(data, dict) and not data.keys() - {ITEM} else ""
    return f"{HEAD}<root{mark}>{inner}</root>".encode()


def _stream(rows: Rows) -> Iterator[bytes]:
    lead = f"{HEAD}<root>".encode()
    for items in _chunks(rows):
        yield lead + items
        lead = b""
    yield lead + b"</root>"


def _chunks(rows: Rows) -> Iterator[bytes]:
    names = tuple(_distinct(plain(dict.fromkeys(rows.columns))))
    if rows.mappings or len(names) < len(rows.columns):
        return chunked(rows.dicts(), _items)
    return chunked(rows.tuples(), partial(_lines, lru_cache(maxsize=256)(partial(_line, names))))


def _items(records: list[Any]) -> bytes:
    return _joined(lambda record: _element(ITEM, plain(record)), records)


def _lines(line: Callable[[tuple[type, ...]], str], rows: list[Row]) -> bytes:
    """rows as elements, each written with what line() gives for the types in it."""
    return _joined(partial(_row, line), rows)


def _joined(write: Callable[[Any], str], rows: list[Any]) -> bytes:
    try:
        return "".join(map(write, rows)).encode()
    except RecursionError:
        raise Unrepresentable("the data is nested too deeply") from None


def _row(line: Callable[[tuple[type, ...]], str], row: Row) -> str:
    kinds = tuple(map(type, row))
    if not _ATOMS.issuperset(kinds):
        row = tuple(
            [
                value if kind in _ATOMS or (kind is float and isfinite(value)) else plain(value)
                for kind, value in zip(kinds, row, strict=True)
            ]
        )
        kinds = tuple(map(type, row))
    template = line(kinds)
    try:
        return template % tuple(
            [
                value if kind is int or (kind is str and not _SPECIAL.search(value)) else _content(value)
                for kind, value in zip(kinds, row, strict=True)
            ]
        )
    except ValueError:  # an integer that str() refuses
        return template % tuple(map(_content, row))


def _line(names: tuple[str, ...], kinds: tuple[type, ...]) -> str:
    """The element of a row whose values are of these types, with %s in the place of each."""
    tags = [_tags(name, kind) for name, kind in zip(names, kinds, strict=True)]
    cells = [f"{start}\0{end}" for start, end in tags]
    start, end = _tags(ITEM, dict)
    return f"{start}{''.join(cells)}{end}".replace("%", "%%").replace("\0", "%s")


def _element(key: str, value: Any) -> str:
    kind: type = type(value)
    start, end = _tags(key, kind) if len(key) < LONGEST else _written_tags(key, kind)
    return f"{start}{_content(value)}{end}"


def _content(value: Any) -> str:
    if isinstance(value, str):
        return _escaped(value) if _SPECIAL.search(value) else value
    if isinstance(value, list):
        return "".join([_element(ITEM, item) for item in value])
    if isinstance(value, dict):
        return "".join([_element(key, item) for key, item in _distinct(value).items()])
    return text(value)


def _written_tags(key: str, kind: type) -> tuple[str, str]:
    """The tags around a value of this type: <a_b name="a b" type="str"> and </a_b>."""
    name = tag(key)
    attribute = "" if name == key else f' name="{_attribute(key)}"'
    return f'<{name}{attribute} type="{_TYPES[kind]}">', f"</{name}>"


_tags = lru_cache(maxsize=4096)(_written_tags)


def _escaped(value: str) -> str:
    return _SPECIAL.sub(lambda match: _REFERENCES.get(match[0], "\ufffd"), value)


def _attribute(value: str) -> str:
    return _escaped(value).replace("\t", "&#9;").replace("\n", "&#10;")


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
