"""ours.py with the driver of the standard library, as where apsw is not installed."""

import sys

sys.modules["apsw"] = None  # type: ignore[assignment]

from .ours import create  # noqa: E402

__all__ = ["create"]
