r"""YAML 1.2 (RFC 9512) in block style, written so that a reader of YAML 1.1 sees the same data.

| Data                | YAML                                                                              |
|---------------------|-----------------------------------------------------------------------------------|
| None, bool          | null, true, false                                                                 |
| int                 | every digit                                                                       |
| float               | 0.1, 1.0e+16; NaN and the infinities are null                                     |
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
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Literal

import yaml

from .base import Representation, Unrepresentable, chunked
from .data import REPLACE, number, plain
from .metadata import PLAIN, Metadata
from .rows import Row, Rows
from .yaml_body import read

LONG_KEY = 1000
"""Characters of a key above which it is written as "? key": readers look for the colon of others as far as 1024."""

_SHORT = 60
_TOO_DEEP = "the data is nested too deeply"
_WIDTH = 2**31 - 1

# Beyond ASCII: controls, spaces, and marks that some reader strips, hides or refuses.
_UNSAFE = r"\x80-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff\ufff0-\uffff"
_SAFE = rf"[^\x00-\x1f\x7f\"#:<>\[\\\]`{{|}}{_UNSAFE}]"
# A letter, then safe characters, a colon only with something right behind it, and no space at the end.
_PLAIN = re.compile(rf"[^\W\d_]{_SAFE}*+(?::[\w/]{_SAFE}*+)*+(?<! )")
_WORDS = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nil", "nan", "inf", "infinity")
)
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_WHOLE = re.compile(r"\A(-?\d+)(?=[eE])")

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
        try:
            return self._write(plain(data)).encode("utf-8", REPLACE) + b"\n"
        except RecursionError:
            raise Unrepresentable(_TOO_DEEP) from None

    def iter_encode(self, rows: Rows, meta: Metadata = PLAIN) -> Iterator[bytes]:
        if self._write is _node and rows.columns and not rows.mappings:
            chunks = chunked(rows.tuples(), _rows_writer(rows.columns))
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
    written = _text(key)
    return f"? {written}\n{pad}:" if len(written) > LONG_KEY else f"{written}:"


def _value(data: Any, pad: str) -> str:
    """What follows the colon, in a mapping at pad."""
    if data and type(data) is dict:
        return f"\n{pad}  {_node(data, f'{pad}  ')}"
    if data and type(data) is list:
        return f"\n{pad}{_node(data, pad)}"
    return f" {_SCALARS[type(data)](data)}"


def _text(text: str) -> str:
    return text if _is_plain(text) else _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", _quoted(text))


def _is_plain(text: str) -> bool:
    """Whether every reader of YAML 1.1 and of 1.2 takes text for text without quotation marks."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


def _number(value: float | Decimal) -> str:
    """The digits, with a dot where there is an exponent: 1e+16 is text to a reader of YAML 1.1."""
    return _WHOLE.sub(r"\1.0", number(value))


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


def _rows_writer(columns: tuple[str, ...]) -> Callable[[list[Row]], bytes]:
    """What writes rows as encode() writes the list of their dicts, the keys prepared once."""
    keys = [_key(name, "  ") for name in plain(dict.fromkeys(columns))]
    row_lines = "- " + "\n  ".join(key.replace("%", "%%") + "%s" for key in keys) + "\n"
    texts = _Texts()

    def write(rows: list[Row]) -> bytes:
        lines = [row_lines % tuple([texts[item] if type(item) is str else _cell(item) for item in row]) for row in rows]
        return "".join(lines).encode("utf-8", REPLACE)

    return write


def _cell(item: Any) -> str:
    """What follows the colon of a column. Raises Unrepresentable."""
    try:
        return _value(plain(item), "  ")
    except RecursionError:
        raise Unrepresentable(_TOO_DEEP) from None


class _Texts(dict[str, str]):
    """What follows a key whose value is text. Remembers short texts: columns repeat them."""

    def __missing__(self, text: str) -> str:
        written = f" {_text(text)}"
        if len(text) <= _SHORT:
            if len(self) >= 5000:
                self.clear()
            self[text] = written
        return written


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
