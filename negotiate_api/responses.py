"""Whole responses: a body in bytes, with all of its fields, made and sent without a look at each of them.

They are of the application's class of responses, and whatever is done to one before it is sent is sent. What is left
out is what Werkzeug corrects and counts at the end, where nothing is to correct.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Response
from werkzeug.datastructures import Headers

Fields = list[tuple[str, str]]


def whole(response_class: Any, body: bytes, code: int, content_type: str, fields: Fields) -> Response:
    """A response whose fields are these, after Content-Type and Content-Length. They hold no line breaks."""
    made = _made(response_class, code)
    if made is None:
        response: Response = response_class(body, code, content_type=content_type)
        response.headers._list.extend(fields)
        return response
    class_, state = made
    headers, chunks = Headers(), [body]
    headers._list = [("Content-Type", content_type), ("Content-Length", str(len(body))), *fields]
    response = class_.__new__(class_)
    response.__dict__ = {
        **state,
        "headers": headers,
        "response": chunks,
        "_on_close": [],
        _MADE: (chunks, headers._list.copy()),
    }
    return response


@lru_cache(maxsize=64)
def _made(response_class: Any, code: int) -> tuple[Any, dict[str, Any]] | None:
    """A class and the state of its responses of a status; None where it is not known how they are made."""
    if any(getattr(response_class, name) is not getattr(Response, name) for name in _OWN):
        return None
    state = vars(response_class(b"", code))
    return (_reduced(response_class), state) if state.keys() == _STATE else None


@lru_cache(maxsize=16)
def _reduced(response_class: Any) -> Any:
    """response_class less what Werkzeug does at the end.

    A third of the time of a small answer goes into looking for relative and international URLs in its fields.
    """

    def reduced(self: Response, protocol: Any) -> Any:
        return response_class.__new__, (response_class,), {k: v for k, v in vars(self).items() if k != _MADE}

    def get_wsgi_response(self: Any, environ: Any) -> Any:
        chunks, fields = vars(self).get(_MADE, (None, None))
        is_as_made = self.response is chunks and self.headers._list == fields and self._status_code == 200
        if not is_as_made or self._on_close or environ["REQUEST_METHOD"] == "HEAD":
            return response_class.get_wsgi_response(self, environ)
        return chunks, self._status, fields

    methods = {
        "get_wsgi_response": get_wsgi_response,
        "__reduce_ex__": reduced,
        "__module__": response_class.__module__,
    }
    return type(response_class.__name__, (response_class,), methods)


_MADE = "_negotiate_api_made"
"""Attribute of a whole response: its body and fields as they were made."""

_STATE = {"headers", "response", "direct_passthrough", "_on_close", "_status", "_status_code"}
_OWN = (
    "__new__",
    "__init__",
    "__setattr__",
    "set_data",
    "get_wsgi_response",
    "get_wsgi_headers",
    "get_app_iter",
    "iter_encoded",
    "close",
)
