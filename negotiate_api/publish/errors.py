"""What is wrong with what is to be published, told to whoever starts it."""

from __future__ import annotations


class Unusable(Exception):
    """A database, a file or a setting cannot be used; the message says why, in one line and without secrets."""
