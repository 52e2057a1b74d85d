"""Errors of an Api: one path for all of them, whatever raised it, to a body in the format asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import flask_restful
from flask import current_app, request
from flask.signals import got_request_exception
from flask_restful.utils import unpack
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from representations import JSON

from . import errors
from .suffixes import rule_of
from .transformers import response_of

Handler = TypeVar("Handler", bound=Callable[..., Any])


class ErrorHandling(flask_restful.Api):  # type: ignore[misc]
    """What Api does with exceptions. The `errors` dictionary is matched by class and base class, nearest first."""

    _handlers: dict[type[BaseException], Callable[..., Any]]

    def errorhandler(self, *exceptions: type[BaseException]) -> Callable[[Handler], Handler]:
        """Decorate a function that answers these exceptions: error -> data, (data, status[, headers]) or a Response."""

        def decorator(function: Handler) -> Handler:
            self._handlers.update(dict.fromkeys(exceptions, function))
            return function

        return decorator

    def error_router(self, original_handler: Callable[[Exception], Any], e: Exception) -> Any:
        """The answer to an error under this Api; any other goes to the application's own handler."""
        if self._has_fr_route():
            try:
                return self.handle_error(e)
            except Exception as failure:
                if failure is not e:
                    current_app.logger.exception("An error could not be answered by its Api.")
        return original_handler(e)

    def handle_error(self, e: Exception) -> Response:
        """The answer to an exception. What nothing maps is raised again where the application propagates exceptions."""
        got_request_exception.send(current_app._get_current_object(), exception=e)  # type: ignore[attr-defined]
        entry = errors.nearest(e, {**self.errors, **self._handlers})
        if entry is None:
            flask_restful._handle_flask_propagate_exceptions_config(current_app, e)
        if isinstance(e, HTTPException) and e.response is not None:
            return e.get_response()
        if callable(entry):
            return self._handled(entry(e))
        body, status = errors.answer(e, entry)
        if status >= 500:
            current_app.log_exception((type(e), e, e.__traceback__))  # type: ignore[arg-type]
        response = self._error_response(body, status, _headers(e))
        return cast(Response, self.unauthorized(response)) if status == 401 else response

    def _handled(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        body, status, headers = unpack(result)
        return self._error_response(body, status, Headers(headers))

    def _error_response(self, body: Any, status: int, headers: Headers) -> Response:
        """body in the format asked for, or as problem details where Accept names them; else in the first format."""
        offers = self._offers(request.endpoint)
        try:
            if not self._is_overridden() and offers.prefers(errors.PROBLEM, request.headers.get("Accept")):
                return self._problem(body, status, headers)
            fallback = self.default_mediatype or next(iter(offers.mediatypes), "text/plain")
            return cast(Response, self.make_response(body, status, headers, fallback_mediatype=fallback))
        except Exception:
            current_app.logger.exception("An error could not be rendered; it is answered as JSON.")
            response = response_of(JSON().encode(body), status, headers)
            response.headers["Content-Type"] = JSON.mediatype
            return response

    def _problem(self, body: Any, status: int, headers: Headers) -> Response:
        content = iter(()) if request.method == "HEAD" else JSON().encode(errors.problem(body, status))
        response = response_of(content, status, headers)
        response.headers["Content-Type"] = errors.PROBLEM
        return cast(Response, self._described(response))

    def _should_use_fr_error_handler(self) -> bool | None:
        """Whether an error before routing is this Api's: an unknown URL, a method that a URL of its has not."""
        adapter: Any = current_app.create_url_adapter(request)
        try:
            adapter.match()
        except MethodNotAllowed:
            rule = rule_of(adapter)
            return rule is not None and bool(self.owns_endpoint(rule.endpoint))
        except NotFound:
            return bool(self.catch_all_404s) and self._covers(request.path)
        except HTTPException:  # a redirect
            pass
        return None

    def _covers(self, path: str) -> bool:
        """Whether a path is below the prefix of this Api's blueprint."""
        prefix = self._complete_url("", self.blueprint_setup.url_prefix or "") if self.blueprint_setup else ""
        return path == prefix or path.startswith(f"{prefix.rstrip('/')}/")


def _headers(error: Exception) -> Headers:
    """The fields an HTTPException asks for, Content-Type and Content-Length excepted: those are of its own page."""
    headers = Headers(error.get_response().headers if isinstance(error, HTTPException) else ())
    for name in ("Content-Type", "Content-Length"):
        headers.pop(name, None)
    return headers
