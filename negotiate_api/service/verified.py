"""Credentials that were found right a moment ago, so that Basic does not hash the password at every request.

What is kept is an HMAC under a key of this process of the stored hash and the password. A password that is changed has
another hash, in whichever process it was changed, so that what is kept of the old one matches nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

SECONDS = 300.0

MOST = 10_000


class Verified:
    """Pairs of a stored hash and its password, each for some seconds; of too many, the oldest are forgotten."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._key = secrets.token_bytes(32)
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def add(self, stored: str, password: str) -> None:
        """Remember that the password has this hash."""
        self._until[self._digest(stored, password)] = self._clock() + self._seconds
        while len(self._until) > self._most:
            self._until.popitem(last=False)

    def has(self, stored: str, password: str) -> bool:
        """Whether the password was found to have this hash a moment ago."""
        digest = self._digest(stored, password)
        if self._until.get(digest, 0.0) > self._clock():
            return True
        self._until.pop(digest, None)
        return False

    def _digest(self, stored: str, password: str) -> bytes:
        return hmac.digest(self._key, f"{stored}\0{password}".encode(), "sha256")
