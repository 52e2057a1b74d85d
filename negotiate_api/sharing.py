"""Turns of requests that share a thread, as they do under gevent: it goes on with another only where one waits.

Of all long answers one goes on at a time, and then gevent looks at its sockets: a short answer waits for a piece of one
of them, however many there are.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from threading import Event
from typing import Any

TURN = 0.000001
"""Seconds to sleep so that others run: with none gevent would see to no new request for a while, and anything longer
lasts a millisecond."""

_line: deque[Event] = deque()
"""Who waits for a turn, the first of whom has it."""


def is_shared() -> bool:
    """Whether gevent has made requests share a thread."""
    monkey: Any = sys.modules.get("gevent.monkey")
    return bool(monkey and monkey.is_module_patched("time"))


def take_turn() -> None:
    """Let others run, where requests share a thread."""
    if not is_shared():
        return
    mine = Event()
    _line.append(mine)
    try:
        if _line[0] is not mine:
            mine.wait()
        time.sleep(TURN)
    finally:
        _line.remove(mine)
        if _line:
            _line[0].set()
