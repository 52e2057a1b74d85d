"""Settings of gunicorn. It reads them as a file, so that nothing of Flask is imported before gevent has patched it.

Command line and GUNICORN_CMD_ARGS come before these.
"""

import signal
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

MOMENT = 0.5
"""Seconds that a connection without a request is kept for when the worker is to end."""

TURN = 0.0001
"""Seconds between two chunks of an answer; with none, gevent would see to new requests after every stream."""


class Worker(GeventWorker):  # type: ignore[misc]
    """gevent's worker, which lets requests take turns, and ends as soon as running answers are finished.

    Ctrl-C lets them finish as SIGTERM does; a second one does not.
    """

    wsgi: Callable[..., Iterable[bytes]]
    waits: set["Wait"]

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = fair(self.wsgi)

    def init_signals(self) -> None:
        super().init_signals()
        self.waits = set()
        signal.signal(signal.SIGINT, self.handle_interrupt)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.alive = False
        gevent.spawn_later(MOMENT, end, frozenset(self.waits))

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        self.handle_exit(sig, frame)

    def handle_interrupt(self, sig: int, frame: FrameType | None) -> None:
        if self.alive:
            self.handle_exit(sig, frame)
        else:
            super().handle_quit(sig, frame)

    def timeout_ctx(self) -> "Wait":
        return Wait(self.waits, self.cfg.keepalive if self.alive else MOMENT)


class Wait(gevent.Timeout):  # type: ignore[misc]
    """The wait for the next request of a connection, one of those in waits."""

    def __init__(self, waits: set["Wait"], seconds: float) -> None:
        super().__init__(seconds, False)
        self.waits = waits
        self.greenlet = gevent.getcurrent()

    def __enter__(self) -> Any:
        self.waits.add(self)
        return super().__enter__()

    def __exit__(self, *error: Any) -> Any:
        self.waits.discard(self)
        return super().__exit__(*error)


def end(waits: Iterable[Wait]) -> None:
    """Close the connections that still wait for a request."""
    for wait in waits:
        if wait in wait.waits:
            wait.greenlet.kill(StopIteration, block=False)  # as where the client closes it


class Fair:
    """The chunks of an answer, with a turn for every other request after each."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            yield chunk
            gevent.sleep(TURN)

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
keepalive = 15  # also the time that a request's header may take
access_log_format = '%(h)s "%(r)s" %(s)s %(B)s bytes %(M)s ms "%({accept}i)s" -> "%({content-type}o)s"'
