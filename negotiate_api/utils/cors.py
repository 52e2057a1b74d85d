"""Cross-origin requests: Flask-RESTful's decorator, which leaves it to the Api to render what a method returns."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import after_this_request, current_app, request
from werkzeug.wrappers import Response


def crossdomain(  # noqa: PLR0913, PLR0917 - Flask-RESTful's
    origin: str | Iterable[str] = "",
    methods: Iterable[str] | None = None,
    headers: str | Iterable[str] | None = None,
    expose_headers: str | Iterable[str] | None = None,
    max_age: float | timedelta = 21600,
    attach_to_all: bool = True,
    automatic_options: bool = True,
    credentials: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a method, or a view or an Api's or a resource's decorators, to answer pages of other origins (CORS).

    methods            those that the URL has, without it
    max_age            seconds
    attach_to_all      False: only answers to OPTIONS have the fields
    automatic_options  False: the function answers OPTIONS itself
    """
    fields = {
        "Access-Control-Allow-Origin": origin if isinstance(origin, str) else ", ".join(origin),
        "Access-Control-Allow-Methods": methods and ", ".join(sorted(method.upper() for method in methods)),
        "Access-Control-Max-Age": str(max_age.total_seconds() if isinstance(max_age, timedelta) else max_age),
        "Access-Control-Allow-Credentials": "true" if credentials else None,
        "Access-Control-Allow-Headers": _names(headers),
        "Access-Control-Expose-Headers": _names(expose_headers),
    }

    def attach(response: Response) -> Response:
        for name, value in fields.items():
            if value is not None:
                response.headers[name] = value
        if methods is None:
            response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(_allowed()))
        return response

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def opened(*args: Any, **kwargs: Any) -> Any:
            if attach_to_all or request.method == "OPTIONS":
                after_this_request(attach)
            if automatic_options and request.method == "OPTIONS":
                return current_app.make_default_options_response()
            return current_app.ensure_sync(function)(*args, **kwargs)

        if not inspect.ismethod(function):
            opened.provide_automatic_options = False  # type: ignore[attr-defined]
        return opened

    return decorator


def _names(fields: str | Iterable[str] | None) -> str | None:
    return fields if fields is None or isinstance(fields, str) else ", ".join(map(str.upper, fields))


def _allowed() -> Iterable[str]:
    return set(current_app.make_default_options_response().allow)
