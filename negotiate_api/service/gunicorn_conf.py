"""Settings of gunicorn. It reads them as a file, so that nothing of Flask is imported before gevent has patched it.

Command line and GUNICORN_CMD_ARGS come before these.
"""

import signal
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import FrameType
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

MOMENT = 0.5
"""Seconds that a connection without a request is kept for when the worker is to end."""

PATIENCE = 30.0
"""Seconds for which nothing of a request's body may arrive."""

LATE = b"The body has not arrived in time.\n"


class Worker(GeventWorker):  # type: ignore[misc]
    """gevent's worker, which lets requests take turns, and ends as soon as running answers are finished.

    Ctrl-C lets them finish as SIGTERM does; a second one does not.
    """

    wsgi: Callable[..., Iterable[bytes]]
    waits: set["Wait"]

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = fair(patient(self.wsgi))

    def init_signals(self) -> None:
        super().init_signals()
        self.waits = set()
        signal.signal(signal.SIGINT, self.handle_interrupt)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> Any:
        req.unreader.sock = Patient(sock, req, PATIENCE)
        try:
            return super().handle_request(listener_name, req, sock, addr)
        except Silence:  # the answer had begun
            raise StopIteration from None
        finally:
            req.unreader.sock = sock

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


class Silence(BaseException):
    """A client sends no more of a body. No Exception, so that no application takes it for a mistake in the body."""


class Patient:
    """The socket that the body of a request is read from. Raises Silence where nothing arrives for some seconds."""

    def __init__(self, sock: Any, request: Any, seconds: float) -> None:
        self.sock = sock
        self.request = request
        self.seconds = seconds

    def recv(self, size: int) -> Any:
        with gevent.Timeout(self.seconds, False):
            return self.sock.recv(size)
        self.request.force_close()
        raise Silence


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
    """The chunks of an answer, with a turn for every other request before each but the first."""

    def __init__(self, chunks: Iterable[bytes], take_turn: Callable[[], None]) -> None:
        self.chunks = chunks
        self.take_turn = take_turn

    def __iter__(self) -> Iterator[bytes]:
        chunks = iter(self.chunks)
        yield from islice(chunks, 1)
        for chunk in chunks:
            self.take_turn()
            yield chunk

    def close(self) -> None:
        if callable(close := getattr(self.chunks, "close", None)):
            close()


def fair(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application whose long answers do not starve short ones."""
    from negotiate_api.sharing import take_turn  # noqa: PLC0415 - gevent has patched what this imports by now

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return Fair(app(environ, start_response), take_turn)

    return wrapped


def patient(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers 408 where the body of a request does not arrive (RFC 9110, section 15.5.9)."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except Silence:
            start_response("408 Request Timeout", [("Content-Type", "text/plain"), ("Content-Length", str(len(LATE)))])
            return [LATE]

    return wrapped


worker_class = Worker
control_socket_disable = True
timeout = 60
graceful_timeout = 30
keepalive = 15  # also the time that a request's header may take
forwarder_headers = ""  # what a proxy says is read by ProxyFix, where --trusted-proxies has it
secure_scheme_headers: dict[str, str] = {}
access_log_format = '%(t)s %(h)s "%(r)s" %(s)s %(B)s bytes %(M)s ms "%({accept}i)s" -> "%({content-type}o)s"'
