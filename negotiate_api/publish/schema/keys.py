"""Names of tables and values of keys as the segments of a URL's path (RFC 3986, section 3.3).

A server decodes %2F before it looks where segments end, so that percent-encoding is not enough: "a/b" is written as
"a~2Fb", and what is left is percent-encoded.

    /          ~2F      between segments
    .          ~2E      begins a suffix
    ,          ~2C      between the columns of a key
    < >        ~3C ~3E  around the variables of a URL rule
    ~          ~7E      begins all of these
    a control character: the bytes of its UTF-8, "~0A"
    empty text: "~"
    null: "~n", where a page begins after a row that has none
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NULL = "~n"

_MARKED = re.compile(r"[/.,~<>\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MARKS = re.compile("(?:~[0-9A-Fa-f]{2})+")
_WELL_FORMED = re.compile("(?:[^~]|~[0-9A-Fa-f]{2})*")


def segment(text: str | None) -> str:
    """text as one segment."""
    if text is None:
        return NULL
    return _MARKED.sub(_mark, text) or "~"


def text_of(segment: str) -> str | None:
    """The text of a segment, or None for null. Raises ValueError where it is none that segment() writes."""
    if "~" not in segment:
        return segment
    if segment in (NULL, "~"):
        return None if segment == NULL else ""
    if not _WELL_FORMED.fullmatch(segment):
        raise ValueError("has a ~ that no two hexadecimal digits follow; ~ itself is ~7E")
    try:
        return _MARKS.sub(lambda match: bytes.fromhex(match[0].replace("~", "")).decode(), segment)
    except UnicodeDecodeError:
        raise ValueError("has bytes after ~ that are no UTF-8") from None


def join(texts: Iterable[str | None]) -> str:
    """The texts of several values as one segment."""
    return ",".join(map(segment, texts))


def split(segment: str, count: int) -> tuple[str | None, ...]:
    """The texts of count values; where it is one, a comma is its own. Raises ValueError."""
    parts = segment.split(",") if count > 1 else [segment]
    if len(parts) != count:
        raise ValueError(f"has {len(parts)} {'value' if len(parts) == 1 else 'values'}, and {count} are needed")
    return tuple(map(text_of, parts))


def _mark(match: re.Match[str]) -> str:
    return "".join(f"~{byte:02X}" for byte in match[0].encode("utf-8", "replace"))
