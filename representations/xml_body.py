"""XML read: a body as data, and the element names that keys are spelt with.

The attribute type says what an element of our vocabulary holds; other XML is read by its shape:

| Element                                           | becomes                                             |
|---------------------------------------------------|-----------------------------------------------------|
| type="int", "float", "number", "bool", "null"     | that value; Decimal for number                      |
| type="str", or neither type nor elements within   | its text, every blank of it kept                    |
| type="list"                                       | list                                                |
| type="dict", or elements within                   | dict; without type, elements of one name are a list |
| other attributes                                  | entries of a dict, the value beside them "#text"    |
| the root without type or other attributes         | list where it holds only <item>, or nothing         |

A name attribute is the key where tag() spells that key as the element's name; xmlns declarations, comments and
processing instructions are passed over, prefixes stay part of a name. A document type is refused, so there are no
entities. A body that begins with UTF-8's byte order mark is UTF-8 whatever it declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from xml.parsers import expat

from .base import Malformed
from .data import MAX_DEPTH, MAX_VALUES, TOO_MANY

ITEM: Final = "item"
"""The name of a list's elements."""

LONGEST = 255
"""Characters that an element's name may have."""

BOM = b"\xef\xbb\xbf"
BLANK = " \t\r\n"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_ENCODINGS = re.compile(
    r"utf-?(8|16)(le|be)?|(us-)?ascii|iso[-_]8859-\d{1,2}|(windows-|cp)125\d|koi8-[ru]", re.IGNORECASE
)
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}  # in lists dicttoxml writes True

Position = tuple[int, int]


def tag(key: str) -> str:
    """The element name for key: key itself where it is a name, a_b for "a b", n1 for "1", else "key"."""
    return _tag(key) if len(key) < LONGEST else "key"


@lru_cache(maxsize=4096)
def _tag(key: str) -> str:
    if _is_name(key):
        return key
    if (key.isdigit() or _DECIMAL.fullmatch(key)) and _is_name(f"n{key}"):
        return f"n{key}"
    joined = key.replace(" ", "_")
    return joined if _is_name(joined) else "key"


def _is_name(word: str) -> bool:
    """Whether word is a name without a prefix. Beyond ASCII expat's answer, which is stricter than libxml2's."""
    if word.isascii():
        return _NAME.fullmatch(word) is not None
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(name)
    try:
        parser.Parse(f"<{word}/>", True)
    except expat.ExpatError:
        return False
    return seen == [word] and ":" not in word


def read(body: bytes) -> Any:
    """The data in an XML document. Raises Malformed, with line and column, and nothing else."""
    marked = body.startswith(BOM)
    reader = _Reader(expat.ParserCreate("utf-8" if marked else None))
    if not marked:
        reader.parser.XmlDeclHandler = reader.declaration
    try:
        reader.parser.Parse(body.removeprefix(BOM), True)
    except Malformed:
        raise
    except expat.ExpatError as error:
        raise malformed(expat.ErrorString(error.code), (error.lineno, error.offset + 1)) from None
    except (LookupError, ValueError):  # of the codec that the declaration names
        raise malformed("the encoding is unknown or not supported", reader.position()) from None
    return reader.data


def malformed(what: str, position: Position) -> Malformed:
    """The exception that says what is wrong, and at which line and column, counted from 1."""
    return Malformed(f"{what} at line {position[0]}, column {position[1]}")


class _Element:
    """An element while it is read. kind is its type attribute, if that is of our vocabulary."""

    __slots__ = ("attributes", "children", "key", "kind", "position", "text")

    def __init__(self, name: str, attributes: dict[str, str], position: Position) -> None:
        self.key = name
        self.kind = attributes.pop("type") if attributes.get("type") in _KINDS else None
        self.attributes = _without_namespaces(attributes) if attributes else attributes
        self.children: list[tuple[str, Any, Position]] = []
        self.position = position
        self.text: list[str] = []

    def take_key(self) -> None:
        """Let the name attribute be the key, where the element's name is spelt from it."""
        name = self.attributes.get("name", self.key)
        if name != self.key and tag(name) == self.key:
            self.key = self.attributes.pop("name")

    def value(self) -> Any:
        text = "".join(self.text)
        if self.kind == "list":
            self.refuse(text, "text in a list")
            value: Any = [child for _, child, _ in self.children]
        elif self.kind == "dict" or (self.children and not self.kind):
            self.refuse(text, "text beside elements")
            return self.record()
        else:
            value = self.leaf(text)
        return self.beside_attributes(value) if self.attributes else value

    def root_value(self) -> Any:
        """value(), where <item> elements alone make a list, and nothing at all an empty one."""
        bare = not self.kind and not self.attributes
        if bare and (self.only_items() if self.children else not "".join(self.text).strip(BLANK)):
            self.kind = "list"
        return self.value()

    def only_items(self) -> bool:
        return all(key == ITEM for key, _, _ in self.children)

    def leaf(self, text: str) -> Any:
        if self.children:
            raise malformed(f"elements in <{self.key[:40]}>, which is of type {self.kind}", self.position)
        try:
            return _LEAVES[self.kind](text) if self.kind else text
        except ValueError as error:
            raise malformed(str(error), self.position) from None

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = dict(self.attributes)
        repeated = set()
        for key, value, position in self.children:
            if key not in record:
                record[key] = value
            elif self.kind or key in self.attributes:
                raise malformed(f"the name {key[:40]!r} is there twice", position)
            elif key in repeated:
                record[key].append(value)
            else:
                record[key] = [record[key], value]
                repeated.add(key)
        return record

    def beside_attributes(self, value: Any) -> dict[str, Any]:
        return {**self.attributes, "#text": value} if self.kind or value else {**self.attributes}

    def refuse(self, text: str, what: str) -> None:
        if text.strip(BLANK):
            raise malformed(f"{what}, in <{self.key[:40]}>", self.position)


class _Reader:
    """Builds data from the events of a parser; data is there once the root element is closed."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.data: Any = None
        self.open: list[_Element] = []
        self.count = 0
        self.parser = parser
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartElementHandler = self.start
        parser.CharacterDataHandler = self.text
        parser.EndElementHandler = self.end

    def position(self) -> Position:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def declaration(self, _: str, encoding: str | None, __: int) -> None:
        """Refuses what expat would ask Python's codecs for: they remember every name that they are asked for."""
        if encoding and not _ENCODINGS.fullmatch(encoding):
            raise malformed(f"the encoding {encoding[:40]!r} is unknown or not supported", self.position())

    def doctype(self, *_: Any) -> None:
        raise malformed("a document type (<!DOCTYPE>) is not accepted", self.position())

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise malformed(f"nested deeper than {MAX_DEPTH} levels", self.position())
        self.count += 1 + len(attributes)
        if self.count > MAX_VALUES:
            raise malformed(TOO_MANY, self.position())
        element = _Element(name, attributes, self.position())
        if self.open and element.attributes:
            element.take_key()
        self.open.append(element)

    def text(self, text: str) -> None:
        self.open[-1].text.append(text)

    def end(self, _: str) -> None:
        element = self.open.pop()
        if self.open:
            self.open[-1].children.append((element.key, element.value(), element.position))
        else:
            self.data = element.root_value()


def _without_namespaces(attributes: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in attributes.items() if name != "xmlns" and not name.startswith("xmlns:")}


def _integer(text: str) -> int:
    digits = _matched(_INTEGER, text, "an integer")
    try:
        return int(digits)
    except ValueError:
        raise ValueError("an integer has too many digits") from None


def _float(text: str) -> float:
    value = float(_matched(_NUMBER, text, "a number"))
    if not isfinite(value):
        raise ValueError(f"the number {text[:40]!r} is too large")
    return value


def _number(text: str) -> Decimal:
    try:
        return Decimal(_matched(_NUMBER, text, "a number"))
    except InvalidOperation:
        raise ValueError(f"the number {text[:40]!r} has too large an exponent") from None


def _matched(pattern: re.Pattern[str], text: str, what: str) -> str:
    text = text.strip(BLANK)
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not {what}")
    return text


def _boolean(text: str) -> bool:
    word = text.strip(BLANK)
    if word not in _BOOLEANS:
        raise ValueError(f"{text[:40]!r} is neither true nor false")
    return _BOOLEANS[word]


def _null(text: str) -> None:
    if text.strip(BLANK):
        raise ValueError(f"the text {text[:40]!r} in a null")


_LEAVES: Mapping[str, Callable[[str], Any]] = {
    "int": _integer,
    "float": _float,
    "number": _number,
    "bool": _boolean,
    "null": _null,
    "str": str,
}
_KINDS = frozenset((*_LEAVES, "dict", "list"))
