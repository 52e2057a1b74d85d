"""A file that is read more than once, as it is or unpacked (gzip, RFC 1952).

Whatever happens to the file meanwhile, all passes read the same bytes, or it is refused.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from .problems import Problem, Unloadable
from .progress import Progress, silent

GZIP = b"\x1f\x8b"

LARGEST_RATIO = 300
"""How many times its packed size a file may have once it is longer than UNSUSPICIOUS: real tables stay below 100."""

CHUNK = 1 << 20

UNSUSPICIOUS = 100 * 1024 * 1024


class Source:
    """A regular file. Raises Unloadable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        try:
            found = os.stat(path)
            if not stat.S_ISREG(found.st_mode):
                raise self.refused("it is no regular file")
            self.size = found.st_size
            self._seen = _version(found)
            with path.open("rb") as file:
                self.packed = file.read(2) == GZIP
        except OSError as error:
            raise self.refused(error.strerror or str(error)) from None

    def refused(self, reason: str) -> Unloadable:
        return Unloadable(self.path.name, [Problem(None, None, reason)])

    def binary(self) -> BinaryIO:
        """The bytes from their beginning, unpacked."""
        self._file = self.path.open("rb")
        self.check()
        if not self.packed:
            return self._file
        return io.BufferedReader(_Unpacked(self, self._file), 1 << 18)

    def text(self, encoding: str) -> TextIO:
        """The text from its beginning; line ends stay as they are."""
        return io.TextIOWrapper(cast(io.BufferedReader, self.binary()), encoding, newline="")

    @contextmanager
    def utf8(self, encoding: str) -> Iterator[BinaryIO]:
        """The text from its beginning as UTF-8."""
        if encoding.startswith("utf-8"):
            with self.binary() as file:
                yield file
        else:
            with self.text(encoding) as text:
                yield cast(BinaryIO, _Encoded(text))

    def done(self) -> int:
        """How many bytes of the file have been read in the newest pass."""
        return self.size if self._file.closed else self._file.tell()

    def head(self, size: int) -> bytes:
        with self.binary() as file:
            return file.read(size)

    def digest(self, show: Progress = silent) -> str:
        """SHA-256 of the file as it is on the disk."""
        digest, done = hashlib.sha256(), 0
        with self.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                done += len(chunk)
                show("comparing", done, self.size, 0)
        return digest.hexdigest()

    def check(self) -> None:
        """Raises Unloadable where the file is another one than at first."""
        try:
            same = _version(os.stat(self.path)) == self._seen
        except OSError:
            same = False
        if not same:
            raise self.refused("it changed while it was read")


class _Encoded:
    """Text that is read as UTF-8."""

    def __init__(self, text: TextIO) -> None:
        self.text = text

    def read(self, size: int) -> bytes:
        return self.text.read(size).encode()


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, as far as it is in proportion."""

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self.source, self.file = source, file
        self.content = gzip.GzipFile(fileobj=file)
        self.length = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            size = self.content.readinto(buffer)
        except (OSError, EOFError, zlib.error) as error:
            raise self.source.refused(f"its gzip data are damaged or cut off: {error}") from None
        self.length += size
        if self.length > UNSUSPICIOUS and self.length > LARGEST_RATIO * self.file.tell():
            raise self.source.refused(f"unpacked it is more than {LARGEST_RATIO} times as long; unpack it first")
        return size

    def close(self) -> None:
        if not self.closed:
            self.content.close()
            self.file.close()
        super().close()


def _version(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
