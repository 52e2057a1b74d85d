"""The charset that a text body is in, and the same text in UTF-8.

It is as a byte order mark says, else the charset parameter of Content-Type (RFC 7303, section 3).
"""

from __future__ import annotations

import codecs
import encodings
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from encodings.aliases import aliases
from itertools import chain

# UTF-32's mark begins like UTF-16's.
_MARKS = (
    *((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32")),
    *((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")),
)
# Python remembers for good every name that it is asked for, so it is asked for none but its own.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf_7"))
_CHARSETS = frozenset(module.name for module in pkgutil.iter_modules(encodings.__path__)) - _NO_CHARSETS


def named(start: bytes, parameters: Mapping[str, str]) -> str:
    """What a text that begins with start says to be encoded in, or the parameters of its type; "" without either."""
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), "")
    return marked or parameters.get("charset", "").strip().lower()


def transcoded(chunks: Iterable[bytes], charset: str) -> Iterator[bytes]:
    """A text in UTF-8, without its byte order mark.

    Raises LookupError at a charset that is not known; UnicodeError, whose start counts from the first of all bytes.
    """
    decoder, position, mark = _decoder(charset), 0, "\ufeff"
    for chunk in chain(chunks, (b"",)):
        held = len(decoder.getstate()[0])  # the start of a character
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            error.start += position - held
            raise
        yield text.removeprefix(mark).encode()
        position, mark = position + len(chunk), "" if text else mark


def place(error: UnicodeError) -> str:
    """Where a text is not in its charset."""
    return f"at byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else "text"


def is_utf_8(charset: str) -> bool:
    """Whether a text in charset, or in none, is in UTF-8 as it is."""
    return not charset or _name(charset) in ("utf_8", "utf_8_sig")


def _decoder(charset: str) -> codecs.IncrementalDecoder:
    name = _name(charset)
    if name not in _CHARSETS:
        raise LookupError(charset)
    with suppress(UnicodeError):
        b" ".decode(name)  # a LookupError where it is no charset but a compression, say
    return codecs.getincrementaldecoder(name)()


def _name(charset: str) -> str:
    name = encodings.normalize_encoding(charset)
    return aliases.get(name, name)
