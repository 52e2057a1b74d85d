"""Kept: finished exports as files of a folder, in which there are never more than so many bytes.

A file's name is of all that its bytes depend on, so that nothing in it is ever out of date. What is of an older version
of its database goes as soon as something of a newer one is written, and what was used least recently makes room.

Any number of processes may use a folder, without a word between them: a draft gets its name when it is whole, and what
is removed is still there for who has it open. A process that finds no other there removes everything, as another
program, or the same with other formats, would write other bytes.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from weakref import finalize

log = logging.getLogger(__name__)

STEP = 1024 * 1024
"""Bytes that a draft grows by, at least, before there is a look for room again."""

NAME = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16})-[0-9a-f]{32}(\.[0-9a-f]{16})?")
"""Which database, which version of it, and which export; then which draft of that."""


class Kept:
    """Exports in a folder, which is made for its owner alone; size is how many bytes they may have in all."""

    def __init__(self, folder: str | os.PathLike[str], size: int) -> None:
        self.folder, self.size = Path(folder).absolute(), size
        self._is_joined = False
        with self._logged():
            self._join()

    def name(self, database: str, version: str, export: str) -> str:
        """The name by which an export is kept, in which nothing of these can be read."""
        return f"{_digest(database)[:16]}-{_digest(version)[:16]}-{_digest(export)[:32]}"

    def find(self, name: str) -> BinaryIO | None:
        """What is kept by a name, for who asks to close."""
        path = self.folder / name
        with self._logged(), suppress(FileNotFoundError):
            if self._is_joined:
                os.utime(path)
                return open(path, "rb", buffering=0)
        return None

    def draft(self, name: str) -> Draft | None:
        """A draft of what is to be kept by a name; None where it cannot be made."""
        with self._logged():
            self._join()
            return Draft(self, name)
        return None

    def make_room(self, name: str) -> bool:
        """Whether there is room for a file that is here, where need be after what is older was removed."""
        files = sorted(self._files(name))
        excess = sum(size for _, _, size, _ in files) - self.size
        for is_current, _, size, other in files:
            if other != name and (excess > 0 or not is_current):
                self.remove(other)
                excess -= size
        return excess <= 0 and any(other == name for *_, other in files)

    def remove(self, name: str) -> None:
        """Remove a file, unless somebody else did. Raises OSError."""
        (self.folder / name).unlink(missing_ok=True)

    def _files(self, name: str) -> Iterator[tuple[bool, int, int, str]]:
        """Of each file: whether no file by this name makes it old, when it was used, its size and name."""
        database, version, _ = name.split("-")
        for entry in os.scandir(self.folder):
            if found := NAME.fullmatch(entry.name):
                with suppress(FileNotFoundError):
                    status = entry.stat()
                    is_current = found[1] != database or found[2] == version
                    yield is_current, status.st_mtime_ns, status.st_size, entry.name

    def _join(self) -> None:
        """Be among the processes at the folder; alone there, empty it first. Raises OSError."""
        self.folder.mkdir(0o700, parents=True, exist_ok=True)
        if self._is_joined:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with ExitStack() as stack:
            stack.callback(os.close, lock)
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for name in filter(NAME.fullmatch, os.listdir(self.folder)):
                    self.remove(name)
            fcntl.flock(lock, fcntl.LOCK_SH)
            finalize(self, stack.pop_all().close)  # it is held for as long as this lives
        self._is_joined = True

    @contextmanager
    def _logged(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fail(error)

    def fail(self, error: OSError) -> None:
        """Say in the log why something is not kept."""
        log.warning("What is exported cannot be kept in %s: %s", self.folder, error.strerror or error)


class Draft:
    """A file while it is written. Where it cannot be, or gets too long, it is dropped, and nobody else is bothered."""

    def __init__(self, kept: Kept, name: str) -> None:
        """Raises OSError."""
        self.kept, self.name = kept, name
        self.size = self.checked = 0
        self._own = f"{name}.{secrets.token_hex(8)}"
        path = kept.folder / self._own
        self._file: BinaryIO | None = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def write(self, chunk: bytes) -> None:
        """Add to it, if it is still there."""
        with self._or_drop():
            if self._file and self._fits(len(chunk)):
                self._file.write(chunk)

    def keep(self) -> None:
        """Give it its name, as it is whole."""
        with self._or_drop(), suppress(FileNotFoundError):  # it has made room
            if self._file:
                self._file.close()
                os.replace(self.kept.folder / self._own, self.kept.folder / self.name)
                self.kept.make_room(self.name)
        self.drop()

    def drop(self) -> None:
        """Remove it; again is allowed, and after keep()."""
        file, self._file = self._file, None
        if file:
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                self.kept.remove(self._own)

    def _fits(self, more: int) -> bool:
        """Whether it may grow; where it may not, or another one was first, it is dropped. Raises OSError."""
        self.size += more
        if self.size > self.kept.size:
            self.drop()
        elif self.size >= self.checked:
            self.checked = self.size + max(self.kept.size // 32, STEP)
            is_known = (self.kept.folder / self.name).exists()
            if is_known or not self.kept.make_room(self._own):
                self.drop()
        return self._file is not None

    @contextmanager
    def _or_drop(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.kept.fail(error)
            self.drop()


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
