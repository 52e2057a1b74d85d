"""Ranges of bytes (RFC 9110, section 14) and If-Range (section 13.1.5).

One range is answered; several, and what is none by the grammar, are passed over, as a server may (section 14.2).
"""

from __future__ import annotations

import re

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_date

_RANGE = re.compile(r"bytes=[ \t,]*(?:(\d{1,1000})-(\d{0,1000})|-(\d{1,1000}))[ \t,]*", re.ASCII | re.IGNORECASE)
"""ranges-specifier of one range-spec: int-range or suffix-range (section 14.1.1), in a list that may have empty items.

Digits have an end, as int() takes no more than some thousand.
"""


def asked(field: str, size: int) -> range | None:
    """The bytes out of size that a Range field asks for; None for all. Raises RequestedRangeNotSatisfiable."""
    found = _RANGE.fullmatch(field.strip())
    if not found:
        return None
    first, last, suffix = found.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(size - int(suffix), 0)
    part = range(start, min(int(last) + 1, size) if last else size)
    if not part:
        raise RequestedRangeNotSatisfiable(size, description=f"Range asks for none of the {size} bytes that there are.")
    return part


def holds(field: str, tag: str, modified: float | None) -> bool:
    """Whether what If-Range names is what there is, byte by byte: a strong tag that is the same, or the same date.

    A date in Last-Modified is strong, as it is sent only some seconds after it (section 8.8.2.2).
    """
    field = field.strip()
    if field.startswith(('"', "W/")):
        return field == tag
    date = parse_date(field)
    return date is not None and modified is not None and date.timestamp() == int(modified)
