"""Settings of gunicorn. It reads them as a file, so that nothing of Flask is imported before gevent has patched it.

Command line and GUNICORN_CMD_ARGS come before these.
"""

import signal
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker


class Worker(GeventWorker):  # type: ignore[misc]
    """gevent's worker, which lets requests take turns and finishes running answers on Ctrl-C too; not on the second."""

    wsgi: Callable[..., Iterable[bytes]]

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = fair(self.wsgi)

    def init_signals(self) -> None:
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_interrupt)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        self.alive = False

    def handle_interrupt(self, sig: int, frame: FrameType | None) -> None:
        if not self.alive:
            super().handle_quit(sig, frame)
        self.alive = False


class Fair:
    """The chunks of an answer, with a turn for every other request after each."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            yield chunk
            gevent.sleep(0)

    def close(self) -> None:
        if callable(close := getattr(self.chunks, "close", None)):
            close()


def fair(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application whose long answers do not starve short ones."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return Fair(app(environ, start_response))

    return wrapped


worker_class = Worker
control_socket_disable = True
timeout = 60
graceful_timeout = 30
keepalive = 2  # also the time that a request's header may take
access_log_format = '%(h)s "%(r)s" %(s)s %(B)s bytes %(M)s ms "%({accept}i)s" -> "%({content-type}o)s"'
