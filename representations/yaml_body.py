"""YAML read: a body as data, built from PyYAML's events and not by its constructors.

| In the body                                   | becomes                                                 |
|-----------------------------------------------|---------------------------------------------------------|
| plain null, Null, NULL, ~ or nothing          | None                                                    |
| plain true, True, TRUE, false, False, FALSE   | bool                                                    |
| plain 12, -3, 0o14, 0xC                       | int                                                     |
| plain 1.5, .5, 1e3                            | float; .inf and .nan are refused                        |
| plain 012, 01.5                               | text, as codes are: YAML 1.1 has 10 for 012             |
| any other plain scalar: no, 12:30, 2020-01-01 | text, as are scalars in quotation marks or blocks       |
| !!str, !!int, !!float, !!bool, !!null         | that value; !!map and !!seq are known, no other tag is  |
| mapping                                       | dict; keys are scalars and become text, each there once |
| sequence                                      | list                                                    |
| alias                                         | a copy of the complete node with that anchor            |

That is the core schema of YAML 1.2 (section 10.3) but for leading zeros, whatever %YAML says. A body is UTF-8 and one
document, or nothing (None), not nested deeper than data.MAX_DEPTH. The merge key of YAML 1.1, <<, is refused rather
than taken for a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from sys import getsizeof
from typing import Any

import yaml

from .base import Malformed
from .data import MAX_DEPTH, MAX_DIGITS, MAX_VALUES, TOO_MANY, exact, plain
from .json import BOM

MAX_ALIASED = 10_000
"""Values that aliases may add to a document; a long text counts as several."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Fraction = Callable[[str], float | Decimal]

_TAGS = "tag:yaml.org,2002:"
_KINDS = {"int": int, "float": float, "bool": bool, "null": type(None)}
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]++|0o[0-7]++|0x[0-9a-fA-F]++")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]++|[0-9]++(?:\.[0-9]*+)?)(?:[eE][-+]?[0-9]++)?")
_ZEROS = re.compile(r"[-+]?0[0-9]")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_FORBIDDEN = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # section 5.1
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TAG_DIRECTIVE = re.compile(r"(?<![^\r\n\x85\u2028\u2029\ufeff])%TAG")


def read(body: bytes, exactly: bool = False) -> Any:
    """The data in a YAML document; exactly, as Representation.exact says.

    Raises Malformed, with line and column, and nothing else.
    """
    reader = _Reader(_text(body), exact if exactly else _finite)
    try:
        return reader.document()
    except Malformed:
        raise
    except yaml.MarkedYAMLError as error:
        what = " ".join(filter(None, (error.problem, error.context)))
        raise _malformed(what[:200], error.problem_mark or reader.mark) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML without libyaml: "\UFFFFFFFF", %YAML 1.999…
        raise _malformed("no YAML after this place", reader.mark) from None


def _text(body: bytes) -> str:
    body = body.removeprefix(BOM)
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _malformed_after(body[: error.start].decode(), "not UTF-8") from None
    if match := _FORBIDDEN.search(text):
        raise _malformed_after(text[: match.start()], f"the character U+{ord(match[0]):04X} is not allowed")
    if text.count("%TAG") > 100 and len(_TAG_DIRECTIVE.findall(text)) > 100:  # libyaml compares each with all others
        raise _malformed_after("", "more than 100 %TAG directives")
    return text


def _malformed(what: str, mark: Any) -> Malformed:
    return Malformed(f"{what} at line {mark.line + 1}, column {mark.column + 1}")


def _malformed_after(text: str, what: str) -> Malformed:
    return Malformed(f"{what} at line {text.count(chr(10)) + 1}, column {len(text) - text.rfind(chr(10))}")


class _Reader:
    """Builds data from events. mark is where the newest of them begins."""

    def __init__(self, text: str, fraction: Fraction) -> None:
        self._fraction = fraction
        self._events = yaml.parse(text, Loader=LOADER)
        self._anchors: dict[str, Any] = {}
        self._aliased = 0
        self._count = 0
        self.mark = yaml.Mark("", 0, 0, 0, None, None)

    def document(self) -> Any:
        self._next()  # the stream's start
        if type(self._next()) is yaml.StreamEndEvent:
            return None
        data = self._node(self._next(), 0)
        self._next()  # the document's end
        if type(self._next()) is not yaml.StreamEndEvent:
            raise _malformed("a second document", self.mark)
        return data

    def _next(self) -> Any:
        event = next(self._events)
        self.mark = event.start_mark
        return event

    def _node(self, event: Any, depth: int) -> Any:
        """The data of the node that begins with event, below depth collections."""
        kind, mark, anchor = type(event), event.start_mark, event.anchor
        self._count += 1
        if self._count > MAX_VALUES:
            raise _malformed(TOO_MANY, mark)
        if kind is yaml.AliasEvent:
            return self._alias(event, depth)
        if anchor:
            self._anchors.pop(anchor, None)
        if kind is yaml.ScalarEvent:
            data = _scalar(event, self._fraction)
        elif depth == MAX_DEPTH:
            raise _malformed(f"nested deeper than {MAX_DEPTH} levels", mark)
        elif kind is yaml.SequenceStartEvent:
            data = self._sequence(event, depth + 1)
        else:
            data = self._mapping(event, depth + 1)
        if anchor:
            self._anchors[anchor] = data
        return data

    def _sequence(self, event: Any, depth: int) -> list[Any]:
        _check_tag(event, "seq")
        items = []
        while type(item := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._node(item, depth))
        return items

    def _mapping(self, event: Any, depth: int) -> dict[str, Any]:
        _check_tag(event, "map")
        record: dict[str, Any] = {}
        while type(start := self._next()) is not yaml.MappingEndEvent:
            key = self._key(start)
            if key in record:
                raise _malformed(f"the name {key[:40]!r} is there twice in one mapping", start.start_mark)
            record[key] = self._node(self._next(), depth)
        return record

    def _key(self, event: Any) -> str:
        if type(event) is yaml.ScalarEvent and event.value == "<<" and event.implicit[0]:
            raise _malformed('the merge key << is not read (as a name it is "<<")', event.start_mark)
        key = None if isinstance(event, yaml.CollectionStartEvent) else self._node(event, 0)
        if isinstance(event, yaml.CollectionStartEvent) or isinstance(key, (list, dict)):
            raise _malformed("a key is no scalar", event.start_mark)
        return key if type(key) is str else next(iter(plain({key: None})))

    def _alias(self, event: Any, depth: int) -> Any:
        if event.anchor not in self._anchors:
            raise _malformed(f"the alias *{event.anchor[:40]} is of no complete node before it", event.start_mark)
        return self._copy(self._anchors[event.anchor], depth)

    def _copy(self, data: Any, depth: int) -> Any:
        """data, sharing no list or dict with the original. Raises Malformed past the bounds."""
        nested = isinstance(data, (list, dict))
        self._aliased += 1 if nested else 1 + getsizeof(data) // 100
        if self._aliased > MAX_ALIASED:
            raise _malformed(f"aliases add more than {MAX_ALIASED} values", self.mark)
        if nested and depth == MAX_DEPTH:
            raise _malformed(f"nested deeper than {MAX_DEPTH} levels", self.mark)
        if isinstance(data, list):
            return [self._copy(item, depth + 1) for item in data]
        if isinstance(data, dict):
            return {self._copy(key, depth): self._copy(item, depth + 1) for key, item in data.items()}
        return data


def _check_tag(event: Any, name: str) -> None:
    if event.tag not in (None, _TAGS + name):
        raise _malformed(f"the tag {event.tag[:60]} is not read here", event.start_mark)


def _scalar(event: Any, fraction: Fraction) -> Any:
    text, tag = event.value, event.tag
    try:
        if not text.isascii() and _SURROGATE.search(text):
            raise ValueError("an escape gives half a character")
        if tag is not None:
            return _tagged(tag, text)
        return _plain(text, fraction) if event.implicit[0] and not _ZEROS.match(text) else text
    except (ValueError, OverflowError) as error:
        raise _malformed(str(error), event.start_mark) from None


def _tagged(tag: str, text: str) -> Any:
    name = tag.removeprefix(_TAGS) if tag.startswith(_TAGS) else ""
    if name == "str":
        return text
    if name not in _KINDS:
        raise ValueError(f"the tag {tag[:60]} is not read here")
    value = _plain(text, _finite)
    if name == "float" and type(value) is int:
        value = float(value)
    if type(value) is not _KINDS[name]:
        raise ValueError(f"{text[:40]!r} is no !!{name}")
    return value


def _plain(text: str, fraction: Fraction) -> Any:
    """What a plain scalar is in the core schema; fraction reads a number that is not whole. Raises ValueError."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return fraction(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number here")
    return text


def _integer(text: str) -> int:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    try:
        if len(text) <= MAX_DIGITS + 1:
            return int(text, base)
    except ValueError:
        pass
    raise ValueError("an integer has too many digits")


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"the number {text[:40]} is too large")
    return value
