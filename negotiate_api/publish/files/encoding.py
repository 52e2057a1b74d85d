"""The encoding of a text file: told by its first bytes, given, or UTF-8; else windows-1252 where that makes sense.

Every byte is looked at before anything is loaded. Text that is neither is refused, with what it would read as.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO

from .problems import MOST, Problem, Problems
from .progress import Progress, silent
from .source import Source

# UTF-32's mark begins like UTF-16's.
MARKS = (
    *((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)

WESTERN = "windows-1252"

CANDIDATES = (
    *("windows-1252", "windows-1250", "windows-1251", "windows-1253", "windows-1254", "cp850", "mac-roman"),
    *("shift_jis", "gb18030", "big5", "euc-kr"),
)
"""What text that is not UTF-8 is shown in."""

CHUNK = 1 << 20

PLACES = 5
"""Places that are told of a file that is all in another encoding."""

NUL = "the character U+0000: this is no text, or its encoding is to be given, such as utf-16-le"

_WITHOUT_RETURN = ("utf-16", "utf-32", "utf-7")
"""Encodings in which there is no going on after an error."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_CAPITALS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒŠŽ"
_SMALL = "ßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿœšž"
_MARKS = "€‚„…‹‘’“”•–—›™\xa0¡¢£§©ª«®°±²³´µ·¹º»¼½¾¿"
_PART = rf"(?:[A-Z{_CAPITALS}]*[a-z{_SMALL}]*+)"
_PLAUSIBLE = re.compile(rf"[{_MARKS}]*{_PART}(?:[’–—\xa0\xad]{_PART})*[{_MARKS}]*")

WORDS = 100_000
"""Different words beyond ASCII that are looked at."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """name is Python's; how says how it is known, or nothing."""

    name: str
    how: str = ""


def find(source: Source, given: str | None, problems: Problems, show: Progress = silent) -> Encoding:
    """The encoding that all of a file is in. Raises Unloadable."""
    found = _named(source, given, problems)
    wrong = list(islice(_wrong(source, found.name, show), MOST))
    if wrong and not found.how and wrong[0].reason != NUL:
        if words := _western(source):
            return Encoding(WESTERN, f"detected, as it is not UTF-8: it has {words}; give another one if that is wrong")
        wrong = [*wrong[:PLACES], Problem(None, None, f"give its encoding: {_readings(source)}")]
    problems.extend(wrong)
    problems.end()
    return found


def _named(source: Source, given: str | None, problems: Problems) -> Encoding:
    head = source.head(4)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, "told by its byte order mark")
    if given is None:
        return Encoding("utf-8")
    try:
        "".encode(given)
        return Encoding(codecs.lookup(given).name, "as given")
    except (LookupError, ValueError):
        raise problems.fail(None, None, f"there is no encoding {given!r}; one is utf-8, another windows-1252") from None


def _wrong(source: Source, encoding: str, show: Progress) -> Iterator[Problem]:
    """Each place that is not in an encoding, and the first U+0000."""
    line, column = 1, 1
    with source.binary() as file:
        for text, wrong in _decoded(file, encoding):
            show("looking at", source.done(), source.size, 0)
            if (nul := text.find("\0")) >= 0:
                yield Problem(*_moved(line, column, text[:nul]), NUL)
                return
            line, column = _moved(line, column, text)
            if wrong:
                yield Problem(line, column, f"{_named_bytes(wrong)} not {encoding.removesuffix('-sig').upper()}")
                if encoding.startswith(_WITHOUT_RETURN):
                    return
                column += 1


def _decoded(file: BinaryIO, encoding: str) -> Iterator[tuple[str, bytes]]:
    """Text, and the bytes after it that are none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    last = False
    while not last:
        chunk = file.read(CHUNK)
        last = not chunk
        while True:
            try:
                text = decoder.decode(chunk, last)
            except UnicodeDecodeError as error:
                decoder = codecs.getincrementaldecoder(encoding)()
                yield error.object[: error.start].decode(encoding, "replace"), error.object[error.start : error.end]
                chunk = error.object[error.end :]
            else:
                yield text, b""
                break


def _moved(line: int, column: int, text: str) -> tuple[int, int]:
    """Where one is after some text. A lone CR ends a line too."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    if not ends:
        return line, column + len(text)
    return line + ends, len(text) - max(text.rfind("\n"), text.rfind("\r"))


def _named_bytes(wrong: bytes) -> str:
    named = " ".join(f"0x{byte:02X}" for byte in wrong[:4])
    return f"the byte {named} is" if len(wrong) == 1 else f"the bytes {named} are"


def _western(source: Source) -> str:
    """Some words of a file whose text makes sense in windows-1252; nothing where it does not."""
    words = _words(source)
    try:
        texts = sorted(word.decode(WESTERN) for word in words)
    except UnicodeDecodeError:
        return ""
    plausible = [text for text in texts if _is_plausible(text)]
    if len(plausible) < 0.95 * len(texts):
        return ""
    return ", ".join(map(repr, sorted(plausible, key=len, reverse=True)[:3]))


def _is_plausible(text: str) -> bool:
    """Whether a word could be of a language of western Europe: one capital at its beginning, and some ASCII in it."""
    letters = [character for character in text if character.isalpha()]
    strange = sum(not letter.isascii() for letter in letters)
    return bool(_PLAUSIBLE.fullmatch(text)) and strange <= len(letters) - strange + 1


def _words(source: Source) -> set[bytes]:
    words: set[bytes] = set()
    with source.binary() as file:
        for line in iter(partial(file.readline, CHUNK), b""):
            if not line.isascii() and len(words) < WORDS:
                words.update(_WORD.findall(line))
    return words


def _readings(source: Source) -> str:
    """What a word of a file that is not UTF-8 would be in several encodings."""
    word = max((word for word in _words(source) if not _is_utf8(word)), key=len, default=b"")[:40]
    found: dict[str, str] = {}
    for name in CANDIDATES:
        text = word.decode(name, "replace")
        if text.isalpha():
            found.setdefault(text, name)
    return "; ".join(f"in {name} there is {text!r}" for text, name in found.items())


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True
