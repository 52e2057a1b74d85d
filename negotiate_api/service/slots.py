"""A semaphore of several processes: the workers of a service, and all services that share an instance folder."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore


class Slots:
    """Locks of files in a folder, which the system lets go of where a process ends, however it does.

    Where nothing can be kept in the folder each process counts for itself.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.paths = [folder / str(index) for index in range(number)]
        self._own = BoundedSemaphore(number)
        self._held: list[Callable[[], None]] = []

    def acquire(self, blocking: bool = False) -> bool:
        """Whether there was a free one; nobody waits for it."""
        try:
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            return any(map(self._take, self.paths))
        except OSError:
            is_free = self._own.acquire(blocking=False)
            if is_free:
                self._held.append(self._own.release)
            return is_free

    def release(self) -> None:
        """Let go of one."""
        self._held.pop()()

    def _take(self, path: Path) -> bool:
        file = path.open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held.append(file.close)
        return True
