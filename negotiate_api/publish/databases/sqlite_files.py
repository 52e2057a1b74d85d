"""SQLite's files seen from outside: in which way they can be read without changing anything.

POSIX takes away all locks that a process has on a file as any descriptor of it is closed, SQLite's own among them. So
what is opened here stays open.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Lock

MAGIC = b"SQLite format 3\0"

Identity = tuple[int, int]

_open: dict[str, tuple[Identity, int]] = {}
"""Path -> device and inode, and the descriptor of it."""

_held: Counter[int] = Counter()
"""How many read through a descriptor."""

_opening = Lock()


def peek(path: str | Path, size: int, offset: int = 0) -> bytes:
    """Bytes of a file that SQLite may have open. Raises OSError."""
    with _opening:
        return os.pread(_descriptor(str(path)), size, offset)


def hold(path: str, inode: int) -> int:
    """A descriptor to read a file with, which is open until it is let go of. Raises OSError where it is another one."""
    with _opening:
        descriptor = _descriptor(path)
        if os.fstat(descriptor).st_ino != inode:
            raise FileNotFoundError(f"another file was put at {path}")
        _held[descriptor] += 1
        return descriptor


def let_go(descriptor: int) -> None:
    """Hold a descriptor no more."""
    with _opening:
        _held[descriptor] -= 1
        if not any(descriptor == current for _, current in _open.values()):
            _close(descriptor)


def _descriptor(path: str) -> int:
    identity, descriptor = _open.get(path, (None, -1))
    if identity == _identity(os.stat(path)):
        return descriptor
    if identity:
        _close(descriptor)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    _open[path] = _identity(os.fstat(descriptor)), descriptor
    return descriptor


def _close(descriptor: int) -> None:
    """Close what nobody holds of a file that is at no path, whose locks nobody waits for."""
    if not _held[descriptor] and not os.fstat(descriptor).st_nlink:
        os.close(descriptor)
        del _held[descriptor]


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def is_database(path: str | Path) -> bool:
    """Whether a file is SQLite's. Raises OSError."""
    return peek(path, len(MAGIC)) == MAGIC


def state(path: str) -> tuple[int, ...]:
    """What differs once something has been written to a database, be it in its write-ahead log. Raises OSError."""
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns, logged(path)


def log(path: str) -> str:
    """Where the write-ahead log of a database is: SQLite has it beside the file that links lead to."""
    return f"{os.path.realpath(path)}-wal"


def logged(path: str) -> int:
    """Bytes in the write-ahead log of a database; 0 where there is none."""
    with suppress(FileNotFoundError):
        return os.stat(log(path)).st_size
    return 0


def way(path: str) -> str:
    """The parameters of a URI that open a database and change no file beside it. Raises OSError.

    SQLite would make a log and an index of it for whoever reads a database in WAL mode. Where another program has made
    them they are read as they are; where nobody has, there is nothing in a log, and so no need for one.
    """
    if not _logs(path) or (os.path.exists(f"{os.path.realpath(path)}-shm") and os.path.exists(log(path))):
        return "mode=ro&readonly_shm=1"
    if logged(path):
        raise PermissionError(f"it was left with changes in {log(path)} that SQLite has to merge first: open it once")
    return IMMUTABLE


IMMUTABLE = "mode=ro&immutable=1"


def _logs(path: str) -> bool:
    """Whether a database is in WAL mode (SQLite's file format, section 1.3)."""
    return peek(path, 2, 18) == b"\2\2"
