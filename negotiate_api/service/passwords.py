"""What may be a password: OpaqueString (RFC 8265, section 4.2), long enough, and none that is tried first.

The rules are those of NIST SP 800-63B, section 3.1.1.2: any character, no mixture asked for, nothing cut off, a list of
common ones. No message holds the password.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from string import digits, punctuation
from typing import Any
from unicodedata import category, normalize

from .config import DATA

LEAST, MOST = 8, 200

LONGEST = 4 * MOST
"""Characters of a password as it comes, decomposed maybe. Composing takes the square of the length."""

FEWEST = 4
"""Different characters that a password must have."""

COMMON: Path = DATA / "common_passwords.txt.gz"


def password(text: Any) -> str:
    """A password in the form that is hashed. Raises ValueError saying what is wrong with it."""
    if not isinstance(text, str):
        raise ValueError("must be text; where a format takes it for something else, quote it")
    prepared = opaque(text)
    if not LEAST <= len(prepared) <= MOST:
        raise ValueError(f"must have {LEAST} to {MOST} characters")
    if len(set(prepared)) < FEWEST:
        raise ValueError(f"must have {FEWEST} different characters")
    if not tried_first(prepared).isdisjoint(common()):
        raise ValueError("is among those that are tried first; choose another")
    return prepared


def differing(password: str, name: str) -> str:
    """password. Raises ValueError where it is the name, maybe with digits or signs after it."""
    if name.casefold() in tried_first(password):
        raise ValueError("is the name; choose another")
    return password


def opaque(text: str) -> str:
    """Text in the form that passwords are compared in: every space is ASCII's, composed (NFC). Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError(f"must have {LEAST} to {MOST} characters")
    if any(category(char) in ("Cc", "Cs", "Cn") for char in text):
        raise ValueError("must not hold control characters")
    return normalize("NFC", "".join(" " if category(char) == "Zs" else char for char in text))


def normal(text: str) -> str:
    """A password to sign in with, as it is compared; of text that cannot be one "", which nobody has."""
    try:
        return opaque(text)
    except ValueError:
        return ""


def tried_first(password: str) -> set[str]:
    """The words that a password is, as guessers see it: in lower case, and less what is hung on it."""
    word = password.casefold()
    return {word, word.rstrip(digits), word.rstrip(digits + punctuation), word.strip(digits + punctuation)} - {""}


@cache
def common() -> frozenset[str]:
    """The passwords that are tried first."""
    return frozenset(gzip.decompress(COMMON.read_bytes()).decode("ascii").split())
