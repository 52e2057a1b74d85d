"""Credentials that were found right a moment ago, so that Basic does not hash the password at every request.

What is kept is an HMAC under a key of this process of the stored hash, the address it came from and the password. A
password that is changed has another hash, in whichever process it was changed, so that what is kept of the old one
matches nothing; and who guesses elsewhere learns nothing from it.
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
    """Stored hashes with their passwords, each for some seconds after its last use; of too many, the oldest go."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST, clock: Callable[[], float] = monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._key = secrets.token_bytes(32)
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def add(self, stored: str, password: str, address: str) -> None:
        """Remember that the password, as it came from this address, has this hash."""
        self._renew(self._digest(stored, password, address))
        while len(self._until) > self._most:
            self._until.popitem(last=False)

    def has(self, stored: str, password: str, address: str) -> bool:
        """Whether the password from this address was found to have this hash a moment ago; if so, remember it anew."""
        digest = self._digest(stored, password, address)
        if self._until.get(digest, 0.0) > self._clock():
            self._renew(digest)
            return True
        self._until.pop(digest, None)
        return False

    def _renew(self, digest: bytes) -> None:
        self._until.pop(digest, None)  # so that it is the last to be forgotten
        self._until[digest] = self._clock() + self._seconds

    def _digest(self, stored: str, password: str, address: str) -> bytes:
        return hmac.digest(self._key, f"{stored}\0{address}\0{password}".encode(), "sha256")
