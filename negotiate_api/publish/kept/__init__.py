"""Finished exports kept on disk, and sent from there: whole or by ranges, with their length."""

from .store import Kept

__all__ = ["Kept"]
