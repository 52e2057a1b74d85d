"""JSON (RFC 8259). Documents in Flask-RESTful's layout, streams compact with a row a line.

null, booleans, numbers and text are JSON's own; integers have every digit, a Decimal is a number with its digits
(1.10), NaN and the infinities are null. All else is written as data.py says. A body must be UTF-8, with each name once
in an object, without NaN or Infinity, not nested deeper than data.MAX_DEPTH, of at most data.MAX_VALUES values.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from secrets import token_hex
from typing import Any

import msgspec

from .base import Malformed, Representation, Unrepresentable, chunked
from .data import LONG, MAX_DEPTH, MAX_VALUES, REPLACE, TOO_MANY, check_depth, exact, number, plain
from .metadata import PLAIN, Metadata
from .rows import Rows
from .structs import ATOMS, DICTS, ISO, REFUSED, TEXT, RecordWriter, are_written

BOM = b"\xef\xbb\xbf"

# json.dumps has no way to write a Decimal as a number, nor a float as msgspec does. It writes this mark, which no data
# can guess, and the digits.
_MARK = token_hex(16)
_MARKED = re.compile(f'"{_MARK}([^"]*)"')

_TOO_DEEP = "the data is nested too deeply"
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class JSON(Representation):
    """JSON. Options are those of json.dumps, as in Flask-RESTful's RESTFUL_JSON; given any, streams use it too."""

    mediatype = "application/json"
    suffixes = ("json",)

    def __init__(self, **options: Any) -> None:
        self.options: Mapping[str, Any] = {"ensure_ascii": False, **options}
        self._as_ever = self.options == {"ensure_ascii": False}
        self._own_encoder = not options.keys().isdisjoint(("cls", "default"))

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        if self._as_ever:
            try:
                data = _written(data)  # what can be read once is read
                return msgspec.json.format(_ENCODER.encode(data), indent=0) + b"\n"
            except REFUSED:
                return _slowly(data) + b"\n"
        return f"{self.dumps(data)}\n".encode("utf-8", REPLACE)

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        """A row a line: [{...},\\n{...}]\\n. With options of json.dumps the rows are in their layout."""
        lead = b"["
        for lines in self._chunks(rows):
            yield lead + lines
            lead = b",\n"
        yield b"[]\n" if lead == b"[" else b"]\n"

    def decode(self, body: bytes) -> Any:
        return loads(body, self.exact)

    def dumps(self, data: Any) -> str:
        """data as JSON text. Raises Unrepresentable."""
        if self._own_encoder:
            return json.dumps(data, **self.options)
        try:
            return self._dumped(plain(data))
        except RecursionError:
            raise Unrepresentable(_TOO_DEEP) from None

    def _dumped(self, data: Any) -> str:
        try:
            return json.dumps(data, allow_nan=False, **self.options)
        except (TypeError, ValueError):  # a Decimal, an integer that str() refuses
            return _MARKED.sub(r"\1", json.dumps(_marked(data, Decimal), **self.options))

    def _chunks(self, rows: Rows) -> Iterator[bytes]:
        if self._as_ever:
            return (lines[:-1].replace(b"\n", b",\n") for lines in chunked(*LINES.of(rows)))
        return chunked(rows.dicts(), self._laid_out)

    def _laid_out(self, records: list[Mapping[str, Any]]) -> bytes:
        return ",\n".join(map(self.dumps, records)).encode("utf-8", REPLACE)


def compact_lines(items: list[Any]) -> list[bytes]:
    """Each item as JSON without white space. Raises Unrepresentable."""
    return LINES.mappings(items).splitlines()


def _slowly(data: Any, **layout: Any) -> bytes:
    """data that _ENCODER refuses, each value as it writes it. Raises Unrepresentable."""
    try:
        text = json.dumps(_marked(plain(data), (Decimal, float)), ensure_ascii=False, **layout)
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None
    return _MARKED.sub(r"\1", text).encode("utf-8", REPLACE)


def _written(data: Any) -> Any:
    """data, or what _ENCODER writes as data.py says in its place. Raises Unrepresentable, RecursionError."""
    if type(data) in DICTS and TEXT.issuperset(map(type, data)):
        others = {name: _written(value) for name, value in data.items() if type(value) not in ATOMS}
        return {**data, **others} if others else data
    return data if are_written((data,)) else _value(data)


def _line(record: Any) -> bytes:
    return _slowly(record, separators=(",", ":")) + b"\n"


def _value(value: Any) -> Any:
    return _VALUES.get(type(value), plain)(value)


def loads(body: bytes, exactly: bool = False) -> Any:
    """The one JSON text in body; exactly, as Representation.exact says. Raises Malformed."""
    try:
        text = body.removeprefix(BOM).decode()
        check_commas(text)
        data = (_EXACT if exactly else _DECODER).decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start + 1}") from None
    except RecursionError:
        raise Malformed(f"nested deeper than {MAX_DEPTH} levels") from None
    except Malformed:
        raise
    except ValueError:
        raise Malformed("an integer has too many digits") from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        check_depth(data)
    if "\\" in text and _HALF.search(text):
        _refuse_halves(data)
    return data


def read_stored(text: str) -> Any:
    """What a text of JSON means, every digit, that is no body: it may have NaN, and names twice. Raises ValueError."""
    return _STORED.decode(text)


def _refuse_halves(data: Any) -> None:
    try:
        json.dumps(data, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise Malformed("a text holds one half of a surrogate pair") from None


def check_commas(text: str) -> None:
    """Raises Malformed where JSON text holds more than MAX_VALUES values: all but the first of a list have a comma."""
    if text.count(",") >= MAX_VALUES and _STRING.sub("", text).count(",") >= MAX_VALUES:
        raise Malformed(TOO_MANY)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        name = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Malformed(f"the name {name!r} is there twice in one object")
    return record


def _constant(word: str) -> Any:
    raise Malformed(f"{word} is not JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise Malformed(f"the number {digits[:40]} is too large")
    return value


def _marked(value: Any, kinds: Any) -> Any:
    """value with a mark and its digits for each number of these kinds."""
    if isinstance(value, dict):
        return {key: _marked(item, kinds) for key, item in value.items()}
    if isinstance(value, list):
        return [_marked(item, kinds) for item in value]
    if isinstance(value, kinds):
        return _MARK + _ENCODER.encode(value).decode()
    if type(value) is int and value.bit_length() > LONG:
        return _MARK + number(value)
    return value


# json.loads would make one for each line of NDJSON
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
_EXACT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=exact)
_STORED = json.JSONDecoder(parse_float=exact)

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_VALUES: dict[type, Callable[[Any], Any]] = {**ISO, Decimal: lambda value: value if value.is_finite() else None}

LINES = RecordWriter(_ENCODER.encode_lines, _value, _line)
"""Each item as JSON without white space and a newline."""
