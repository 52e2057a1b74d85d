"""Errors of an Api: one path for all of them, whatever raised it, to a body in the format asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import flask_restful
from flask import current_app, request
from flask.signals import got_request_exception
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from representations import JSON, Unrepresentable
from representations.data import plain

from . import errors
from .exchange import Exchange
from .routing import Routing
from .suffixes import nearest_rule, rule_of
from .transformers import add_fields, response_of, unpacked

Handler = TypeVar("Handler", bound=Callable[..., Any])


class ErrorHandling(Routing):
    """What Api does with exceptions. The `errors` dictionary is matched by class and base class, nearest first."""

    errors: dict[Any, Any]
    default_mediatype: str | None
    catch_all_404s: bool
    serve_challenge_on_401: bool
    app_errorhandlers: bool
    report_client_errors: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._handlers: dict[type[BaseException], Callable[..., Any]] = {}
        super().__init__(*args, **kwargs)

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
        """The answer to an exception: of the `errors` dictionary or a handler of this Api, else of the application's.

        What nothing maps is raised again where the application propagates exceptions.
        """
        _complete(e)
        self._explain(e)
        self._report(e)
        entry = errors.nearest(e, {**self.errors, **self._handlers})
        if isinstance(e, HTTPException) and e.response is not None:
            return e.get_response()
        if callable(entry):
            return self._answered(entry, e)
        return self._by_application(e) or self._told(e) if entry is None else self._told(e, entry)

    def _explain(self, e: Exception) -> None:
        """Let the resource nearest to the URL say why Flask finds none there, or not this method."""
        if e is not request.routing_exception or getattr(e, "data", None) is not None:
            return
        rule, above, rest = nearest_rule(request)
        explain = getattr(self.resource_of(rule.endpoint), "explain", None) if rule else None
        if message := explain and explain(e, above, rest):
            e.data = {"message": message}  # type: ignore[attr-defined]

    def _told(self, e: Exception, entry: Any = None) -> Response:
        """An exception as its body and status, with an entry of the `errors` dictionary over it."""
        body, status = errors.answer(e, entry)
        if status >= 500 and not getattr(e, "is_logged", False):
            current_app.log_exception((type(e), e, e.__traceback__))  # type: ignore[arg-type]
        response = self._error_response(body, status, _headers(e))
        return self.unauthorized(response) if status == 401 else response

    def unauthorized(self, response: Response) -> Response:
        """response with a challenge for Basic credentials where serve_challenge_on_401 is set and it has none."""
        return response if "WWW-Authenticate" in response.headers else super().unauthorized(response)

    def _report(self, e: Exception) -> None:
        if self.report_client_errors or not isinstance(e, HTTPException) or (e.code or 500) >= 500:
            got_request_exception.send(current_app._get_current_object(), exception=e)  # type: ignore[attr-defined]

    def _by_application(self, e: Exception) -> Response | None:
        """What app.errorhandler or blueprint.errorhandler answers; as in Flask, that of 500 after propagation."""
        if handler := self._handler_of_application(e):
            return self._adopted(handler, e)
        flask_restful._handle_flask_propagate_exceptions_config(current_app, e)
        if isinstance(e, HTTPException):
            return None
        failure = InternalServerError(original_exception=e)
        handler = self._handler_of_application(failure)
        if handler is None:
            return None
        current_app.log_exception((type(e), e, e.__traceback__))  # type: ignore[arg-type]
        return self._adopted(handler, failure)

    def _handler_of_application(self, e: Exception) -> Callable[..., Any] | None:
        """That of an exception without a body that its resource wrote for this Api."""
        unknown_url = isinstance(request.routing_exception, NotFound)  # caught on purpose
        if not self.app_errorhandlers or unknown_url or not isinstance(e, Exception):
            return None
        handler = current_app._find_error_handler(e, request.blueprints)
        written = getattr(e, "data", None)
        return None if written is not None and _has_form(written) else cast(Callable[..., Any] | None, handler)

    def _adopted(self, handler: Callable[..., Any], e: Exception) -> Response:
        """What a handler of the application's returns: data in the format asked for, a page to who asks for pages.

        A page that the request does not ask for gives its status to the Api's own answer.
        """
        result = _result(handler, e)
        if not _is_page(result):
            return self._rendered_error(result, e)
        response, exchange = current_app.make_response(result), self._exchange()
        if response.mimetype in exchange.offers.mediatypes and response.mimetype != exchange.acceptable_or("")[0]:
            headers = Headers([pair for pair in response.headers if pair[0] not in _OF_BODY])
            body = response.get_json(silent=True) if response.is_json else errors.answer(e)[0]
            return self._rendered_error((body, response.status_code, headers), e)
        add_fields(response.headers, exchange.fields(response.status_code))
        return response

    def _answered(self, handler: Callable[..., Any], e: Exception) -> Response:
        """What a handler of this Api returns."""
        result = _result(handler, e)
        return result if isinstance(result, Response) else self._rendered_error(result, e)

    def _rendered_error(self, result: Any, e: Exception) -> Response:
        """Data of a handler, or the exception that it passes on; with the fields that the exception asks for."""
        if isinstance(result, HTTPException):
            _complete(result)
            return result.get_response() if result.response is not None else self._told(result)
        body, status, headers = unpacked(result)
        asked = _headers(e)
        asked.update(headers)
        return self._error_response(body, status, asked)

    def _error_response(self, body: Any, status: int, headers: Headers) -> Response:
        """body in the format asked for, or as problem details where Accept names them; else in the first format."""
        exchange = self._exchange()
        try:
            if exchange.wants_problem():
                return self._problem(exchange, body, status, headers)
            fallback = self.default_mediatype or next(iter(exchange.offers.mediatypes), "text/plain")
            return cast(Response, self.make_response(body, status, headers, fallback_mediatype=fallback))
        except Exception:
            current_app.logger.exception("An error could not be rendered; it is answered as JSON.")
            return response_of(_json(body, status), status, headers, JSON.mediatype)

    def _problem(self, exchange: Exchange, body: Any, status: int, headers: Headers) -> Response:
        content = iter(()) if request.method == "HEAD" else JSON().encode(errors.problem(body, status))
        response = response_of(content, status, headers, errors.PROBLEM)
        return cast(Response, self._described(exchange, response))

    def _should_use_fr_error_handler(self) -> bool | None:
        """Whether an error before routing is this Api's: an unknown URL, a method that a URL of its has not."""
        try:
            adapter: Any = current_app.create_url_adapter(request)
            adapter.match()
        except MethodNotAllowed:
            rule = rule_of(adapter)
            return rule is not None and bool(self.owns_endpoint(rule.endpoint))
        except NotFound:
            return bool(self.catch_all_404s) and self._covers(request.path)
        except HTTPException:  # a redirect, a Host that is not trusted
            pass
        return None


_OF_BODY = ("Content-Type", "Content-Length")


def _complete(error: Exception) -> None:
    """Give an HTTPException whose class forgets to call super().__init__() what Werkzeug expects of it."""
    if isinstance(error, HTTPException):
        for name in ("description", "response"):
            vars(error).setdefault(name, getattr(error, name, None))


def _headers(error: Exception) -> Headers:
    """The fields an HTTPException asks for, Content-Type and Content-Length excepted: those are of its own page."""
    headers = Headers(error.get_response().headers if isinstance(error, HTTPException) else ())
    for name in _OF_BODY:
        headers.pop(name, None)
    return headers


def _json(body: Any, status: int) -> bytes:
    """body, or where that has no form even as JSON, what the status means."""
    try:
        return JSON().encode(body)
    except Unrepresentable:
        return JSON().encode({"message": HTTP_STATUS_CODES.get(status, "Error")})


def _result(handler: Callable[..., Any], e: Exception) -> Any:
    """What a handler returns. Raises TypeError where that is nothing."""
    result = current_app.ensure_sync(handler)(e)
    if result is None:
        raise TypeError(f"the error handler {handler!r} returned nothing")
    return result


def _is_page(result: Any) -> bool:
    """Whether a handler's result has its body already, and is no data."""
    body = result[0] if isinstance(result, tuple) and result else result
    return isinstance(body, (Response, str, bytes))


def _has_form(data: Any) -> bool:
    try:
        plain(data)
    except Unrepresentable:
        return False
    return True
