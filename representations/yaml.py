r"""YAML 1.2 (RFC 9512) in block style, written so that a reader of YAML 1.1 sees the same data.

| Data                | YAML                                                                              |
|---------------------|-----------------------------------------------------------------------------------|
| None, bool          | null, true, false                                                                 |
| int                 | every digit                                                                       |
| float               | as in JSON, an exponent with dot and sign: 1.0e+16; NaN, the infinities are null  |
| Decimal             | number with its digits: 1.10                                                      |
| str                 | plain where it begins with a letter and no reader takes it for anything but text, |
|                     | else in double quotes on one line: "no", "08", "2020-01-01", "a: b", "two\nlines" |
| dict, list          | block mapping in declared order, block sequence; {} and [] where empty            |
| all else            | as data.py says                                                                   |

Anchors, aliases and tags are never written. What is read, yaml_body.py says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Literal

import yaml

from .base import Representation, Unrepresentable, chunked, sliced
from .data import REPLACE, number, plain
from .metadata import PLAIN, Metadata
from .rows import Row, Rows, alike
from .text_columns import SLICE, Cells, by_type, decimals, interleaved, literals, narrow, quoted
from .yaml_body import read

LONG_KEY = 1000
"""Characters of a key above which it is written as "? key": readers look for the colon of others as far as 1024."""

LONGEST = 250
"""Characters of a key up to which it is remembered how it is written."""

_TOO_DEEP = "the data is nested too deeply"
_WIDTH = 2**31 - 1

# Beyond ASCII: controls, spaces, and marks that some reader strips, hides or refuses.
_UNSAFE = r"\x80-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff0-\uffff"
_SAFE = rf"[^\x00-\x1f\x7f\"#:<>\[\\\]`{{|}}{_UNSAFE}]"
# The first lookahead is for speed: it keeps most texts from being tried against each word.
_WORD = (
    r"(?=[fFiInNoOtTyY][a-zA-Z]{0,7}+(?![^\0]))"
    r"(?ai:y|n|yes|no|on|off|true|false|null|none|nil|nan|inf|infinity)(?![^\0])"
)
# No word, but a letter, then safe characters, a colon only with something right behind it, and no space at the end.
_TEXT = rf"(?!{_WORD})[^\W\d_]{_SAFE}*+(?::[\w/]{_SAFE}*+)*+(?<! )"
_PLAIN = re.compile(_TEXT)
# Texts with a NUL behind each.
_ALL_PLAIN = re.compile(rf"(?:{_TEXT}\0)*+")
_EACH = re.compile(rf"(?:({_TEXT})(?=\0))?+[^\0]*+\0")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_EXPONENT = re.compile(r"(\.\d++)?([eE])([-+]?)")

_quoted = json.JSONEncoder(ensure_ascii=False).encode


class YAML(Representation):
    """YAML. engine is "builtin", or "pyyaml" for PyYAML's own writer: slower, and it escapes what is beyond U+FFFF."""

    mediatype = "application/yaml"
    aliases = ("application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
    suffixes = ("yaml", "yml")

    def __init__(self, engine: Literal["builtin", "pyyaml"] = "builtin") -> None:
        if engine not in ("builtin", "pyyaml"):
            raise ValueError(f"the engine is 'builtin' or 'pyyaml', not {engine!r}")
        self._write = _node if engine == "builtin" else _by_pyyaml

    def encode(self, data: Any, meta: Metadata = PLAIN) -> bytes:
        if type(data) is list and data and self._write is _node:
            return b"".join(map(_records, sliced(data, SLICE)))
        try:
            return self._write(plain(data)).encode("utf-8", REPLACE) + b"\n"
        except RecursionError:
            raise Unrepresentable(_TOO_DEEP) from None

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        if self._write is _node and rows.columns and not rows.mappings:
            chunks = chunked(rows.tuples(), partial(interleaved, _heads(rows.columns), "\n", _cells))
        else:
            chunks = chunked(rows.dicts(), self.encode)
        yield next(chunks, b"[]\n")
        yield from chunks

    def decode(self, body: bytes) -> Any:
        return read(body, self.exact)


def _node(data: Any, pad: str = "") -> str:
    """data as a block node without a line's end, its lines after the first indented by pad."""
    if data and type(data) is dict:
        return f"\n{pad}".join([_key(key, pad) + _value(item, pad) for key, item in data.items()])
    if data and type(data) is list:
        return f"\n{pad}".join(["- " + _node(item, f"{pad}  ") for item in data])
    return _SCALARS[type(data)](data)


def _key(key: str, pad: str) -> str:
    """A key and its colon, in a mapping at pad."""
    written = _remembered(key) if len(key) <= LONGEST else _text(key)
    return f"? {written}\n{pad}:" if len(written) > LONG_KEY else f"{written}:"


def _value(data: Any, pad: str) -> str:
    """What follows the colon, in a mapping at pad."""
    if data and type(data) is dict:
        return f"\n{pad}  {_node(data, f'{pad}  ')}"
    if data and type(data) is list:
        return f"\n{pad}{_node(data, pad)}"
    return f" {_SCALARS[type(data)](data)}"


def _text(text: str) -> str:
    return text if _is_plain(text) else _escaped(_quoted(text))


_remembered = lru_cache(maxsize=4096)(_text)


def _escaped(text: str) -> str:
    """JSON with escapes for what readers of YAML refuse or strip."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _is_plain(text: str) -> bool:
    """Whether every reader of YAML 1.1 and of 1.2 takes text for text without quotation marks."""
    return _PLAIN.fullmatch(text) is not None


def _number(value: float | Decimal) -> str:
    return _dotted(number(value))


def _dotted(numbers: str) -> str:
    """Numbers with a dot and a sign where there is an exponent, 1.0e+16: 1e16 is text to a reader of YAML 1.1."""
    return _EXPONENT.sub(lambda match: f"{match[1] or '.0'}{match[2]}{match[3] or '+'}", numbers)


_SCALARS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: number,
    float: _number,
    Decimal: _number,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): lambda _: "null",
    dict: lambda _: "{}",
    list: lambda _: "[]",
}


def _records(records: list[Any]) -> bytes:
    """The items of a list, a block each. Raises Unrepresentable."""
    if parts := alike(records):
        names, rows = parts
        return interleaved(_heads(names), "\n", _cells, rows)
    try:
        return "".join([f"- {_node(plain(record), '  ')}\n" for record in records]).encode("utf-8", REPLACE)
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None


def _heads(columns: Row) -> list[str]:
    """What stands before each value of a row."""
    keys = [narrow(_key(name, "  ")) for name in plain(dict.fromkeys(columns))]
    return [f"- {keys[0]}", *(f"\n  {key}" for key in keys[1:])]


def _cells(column: Row) -> Cells:
    """A column: what follows the colon of each value."""
    return _literals(column) or by_type(column, " null", _typed)


def _literals(column: Sequence[Any]) -> Cells | None:
    if not (found := literals(column)):
        return None
    kind, texts = found
    return " ", (_dotted(texts) if kind is float and "e" in texts else texts).split(",")


def _typed(kind: type, values: Sequence[Any]) -> Cells:
    """Values of one type. Raises Unrepresentable."""
    if kind is str:
        return " ", _texts(values)
    if kind is Decimal and (digits := decimals(values)):
        return " ", digits
    try:
        return _literals(values) or ("", [narrow(_value(plain(value), "  ")) for value in values])
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None


def _texts(texts: Sequence[str]) -> Sequence[str]:
    """Each text as _text() writes it, narrow; texts that are there often are written once."""
    once = list(set(texts))
    if len(once) * 2 > len(texts):
        return _written(texts)
    return list(map(dict(zip(once, _written(once), strict=True)).__getitem__, texts))


def _written(texts: Sequence[str]) -> Sequence[str]:
    joined = "\0".join([*texts, ""])
    if joined.count("\0") > len(texts):
        joined = "\0".join([*[text.replace("\0", "\1") for text in texts], ""])
    if _ALL_PLAIN.fullmatch(joined):
        return texts if joined.isascii() else narrow(joined).split("\0")[:-1]
    quotes = _escaped(quoted(texts)).split("\0")
    cells = [plain or quote for plain, quote in zip(_EACH.findall(joined), quotes, strict=True)]
    return cells if joined.isascii() else narrow("\0".join(cells)).split("\0")


def _by_pyyaml(data: Any) -> str:
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH)
    return text.removesuffix("\n").removesuffix("\n...")  # the mark that ends a scalar which is a document


def _dumper(base: Any) -> Any:
    """A subclass of a dumper of PyYAML that writes plain data with no aliases, text as _is_plain() says."""
    dumper: Any = type("Dumper", (base,), {"ignore_aliases": lambda *_: True})
    dumper.add_representer(str, _represent_text)
    for kind in (int, float, Decimal):
        dumper.add_representer(kind, _represent_number)
    return dumper


def _represent_text(dumper: Any, text: str) -> Any:
    text = text.encode("utf-8", REPLACE).decode()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if _is_plain(text) else '"')


def _represent_number(dumper: Any, value: float | Decimal) -> Any:
    digits = _number(value)
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in digits else 'int'}", digits)


_Dumper = _dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper))
