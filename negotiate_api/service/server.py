"""The server: a socket of our own, handed to gunicorn, which takes the place of this process.

gunicorn with gevent ends a broken stream detectably, finishes running answers when it is stopped and is not blocked by
slow clients. It begins as a fresh process, so that gevent's patches come before anything they patch is imported.
"""

from __future__ import annotations

import errno
import os
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .config import ROOT
from .errors import Unusable

CONFIG = Path(__file__).with_name("gunicorn_conf.py")

BACKLOG = 2048

REASONS = {
    errno.EADDRINUSE: "port {port} is in use; choose another with --port",
    errno.EACCES: "port {port} needs more rights than this user has; choose another with --port",
    errno.EADDRNOTAVAIL: "{host} is not an address of this machine; choose another with --host",
}


def bind(host: str, port: int) -> socket.socket:
    """A socket on host and port, any free one for 0; it does not listen yet. Raises Unusable."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise Unusable(f"the host {host!r} is not known; choose another with --host") from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with _told(host, port):
        bound.bind(address)
    return bound


def listen(bound: socket.socket) -> None:
    """Let clients connect. Raises Unusable, as another process may have been quicker."""
    with _told(*bound.getsockname()[:2]):
        bound.listen(BACKLOG)


def url(bound: socket.socket) -> str:
    """The address of a socket for a browser on this machine."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Server:
    """How an app is served.

    app      "module:name" or "module:factory()" in a folder
    workers  processes
    threads  requests that each of them serves at once
    level    of the log
    """

    app: str = "negotiate_api.service.app:create_app()"
    folder: Path = ROOT
    workers: int = 2
    threads: int = 1000
    level: str = "warning"

    def command(self, descriptor: int) -> list[str]:
        """The command line that serves on a listening socket."""
        line = [sys.executable, "-P", "-m", "gunicorn", "--config", str(CONFIG), "--chdir", str(self.folder)]
        line += ["--bind", f"fd://{descriptor}", "--workers", str(self.workers)]
        line += ["--worker-connections", str(self.threads), "--log-level", self.level]
        logged = ["--access-logfile", "-"] if self.level in ("debug", "info") else []
        return [*line, *logged, self.app]

    def take_over(self, bound: socket.socket) -> NoReturn:
        """Become the server."""
        _allow_many_files()
        bound.set_inheritable(True)
        sys.stdout.flush()
        line = self.command(bound.fileno())
        os.execv(line[0], line)


def _allow_many_files() -> None:
    """Raise the number of open files, three of which a reader of SQLite takes, as far as it may be raised."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    """Raises Unusable in place of OSError."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0, "host {host}, port {port}: {error}")
        raise Unusable(reason.format(host=host, port=port, error=error.strerror)) from None
