"""Streams: responses that are sent while their rows are read.

The context of a request stays until its last row is sent, so that a generator may read from db.session. Flask's own
stream_with_context tears down what the context holds before the first row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from typing import Any

from flask import current_app
from flask.globals import _cv_app, _cv_request

from representations import Rows


class Stream:
    """The chunks of a response, read in the context of its request, which is torn down after the last of them.

    A chunk that fails is logged and ends the connection, so that no client takes a part for the whole.
    """

    def __init__(self, rows: Rows, chunks: Iterator[bytes]) -> None:
        self._rows, self._chunks = rows, chunks
        self._context: Context | None = _kept()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._context.run(self._next) if self._context else None
        if chunk is None:
            self.close()
            raise StopIteration
        return chunk

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the rows and the context; again is allowed."""
        context, self._context = getattr(self, "_context", None), None
        if context:
            context.run(_let_go, self._rows.close)

    def _next(self) -> bytes | None:
        try:
            return next(self._chunks, None)
        except Exception as error:
            told = None if getattr(error, "is_logged", False) else error
            current_app.logger.error(
                "A stream of rows failed after it had begun; the connection is aborted.", exc_info=told
            )
            raise


def _kept() -> Context:
    """A context of its own, in which this request goes on when Flask has forgotten it here.

    Flask forgets what it noted last, and tears down with the last that is left; so this is put before the others.
    """
    context = copy_context()
    for variable in (_cv_app, _cv_request):
        pushed: Any = variable.get()
        token = context.run(variable.set, pushed)
        pushed._cv_tokens.insert(0, token if variable is _cv_app else (token, None))
    return context


def _let_go(close: Callable[[], Any]) -> None:
    """Close, and end the request as Flask does, unless somebody else still holds it: a test client, say."""
    try:
        close()
    finally:
        for variable in (_cv_request, _cv_app):
            pushed: Any = variable.get()
            if len(pushed._cv_tokens) > 1:
                del pushed._cv_tokens[0]
            else:
                pushed.pop()
