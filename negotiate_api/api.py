"""Api: Flask-RESTful's, answering in every format its clients ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast, overload

from flask import Blueprint, Flask, Request, current_app, make_response
from flask.globals import request_ctx
from flask_restful.utils import unpack
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response

from representations import DEFAULTS, JSON, Alternate, Record, Representation, Rows, Unrepresentable

from . import bodies, errors, suffixes
from .error_handling import ErrorHandling
from .exchange import KEY, Exchange
from .negotiation import parse_accept
from .offers import Declared, Offers, transformers_of
from .transformers import Transformer, add_fields, without_content

Format = TypeVar("Format", bound=Representation)
Function = TypeVar("Function", bound=Callable[..., Response])


class Api(ErrorHandling):
    """A drop-in for flask_restful.Api that negotiates by RFC 9110, section 12.5.1, over any number of formats.

    app, prefix, decorators, serve_challenge_on_401, url_part_order    as in Flask-RESTful
    default_mediatype     sent when nothing is acceptable; None answers 406, and without Accept sends the first
    catch_all_404s        unknown URLs are answered in every format too; on a blueprint, those below its prefix
    errors                bodies by exception class or its name, for subclasses too: {"NoSuchUser": {"status": 404}}
    representations       formats offered, in server preference order; all of representations.DEFAULTS without it
    format_parameter      name of the query parameter that chooses a format; None for none
    app_errorhandlers     False: what app.errorhandler registers is not asked about errors of resources
    report_client_errors  False: got_request_exception tells of server errors alone, not of every 4xx
    """

    representations: dict[str, Callable[..., Response]]

    def __init__(  # noqa: PLR0913, PLR0917 - Flask-RESTful's
        self,
        app: Flask | Blueprint | None = None,
        prefix: str = "",
        default_mediatype: str | None = "application/json",
        decorators: Sequence[Callable[..., Any]] | None = None,
        catch_all_404s: bool = False,
        serve_challenge_on_401: bool = False,
        url_part_order: str = "bae",
        errors: Mapping[Any, Any] | None = None,
        *,
        representations: Iterable[Representation] | None = None,
        format_parameter: str | None = "format",
        app_errorhandlers: bool = True,
        report_client_errors: bool = True,
    ) -> None:
        self.format_parameter = format_parameter
        self.app_errorhandlers, self.report_client_errors = app_errorhandlers, report_client_errors
        self.ordered = representations is not None
        self._offered: dict[Any, Offers] = {}
        self._routed: dict[str, bool] = {}
        challenge = serve_challenge_on_401
        super().__init__(None, prefix, default_mediatype, decorators, catch_all_404s, challenge, url_part_order, errors)
        offered = representations if representations is not None else (format_() for format_ in DEFAULTS)
        declared = getattr(type(self), "representations", {})
        self.representations = Declared({**transformers_of(offered, self._exchange), **declared})
        if app is not None:
            self.app = app
            self.init_app(app)

    # What is offered

    @overload
    def representation(self, mediatype: Format) -> Format: ...
    @overload
    def representation(self, mediatype: str) -> Callable[[Function], Function]: ...
    def representation(self, mediatype: Any) -> Any:
        """Offer a format: a Representation, or the media type of the transformer function that this decorates."""
        if isinstance(mediatype, Representation):
            self.representations.update(transformers_of((mediatype,), self._exchange))
            return mediatype
        return super().representation(mediatype)

    def mediatype_of(self, suffix: str, endpoint: str | None = None) -> str | None:
        """The media type that a suffix means, for the resource of an endpoint or for this Api."""
        return self._offers(endpoint).suffixes.get(suffix)

    def knows_suffix(self, suffix: str) -> bool:
        """Whether a suffix means a format of this Api or of one of its resources."""
        return any(suffix in self._offers_of(resource).suffixes for resource in (None, *self._resources.values()))

    def takes_suffix(self, endpoint: str) -> bool:
        """Whether the resource of an endpoint takes suffixes though its last segment is free text."""
        return bool(getattr(self.resource_of(endpoint), "suffixes", False))

    def routes_suffix(self, request: Request) -> bool:
        """Whether the path of the request takes a suffix; asked once a URL rule."""
        rule = request.url_rule
        if rule is None:
            return False
        known = self._routed.get(rule.rule)
        if known is None:
            any_suffix = next(iter(self._offers(rule.endpoint).suffixes), "")
            known = suffixes.is_routed(request, any_suffix, rule.endpoint, self.takes_suffix(rule.endpoint))
            self._routed[rule.rule] = known = known and self.owns_endpoint(rule.endpoint)
        return known

    def mediatypes(self) -> list[str]:
        """The media ranges of the request's Accept field, those with the most weight first."""
        ranges = parse_accept(self._exchange().accept)
        return [f"{r.type}/{r.subtype}" for r in sorted(ranges, key=lambda r: -r.quality)]

    def alternates(self) -> tuple[Alternate, ...]:
        """Links to the resource of the request in each of its formats."""
        return self._exchange().alternates()

    def body(self) -> Any:
        """The request's body, decoded by its Content-Type. Raises UnsupportedMediaType, MalformedBody and 413."""
        return bodies.read(self._exchange().request, self.readable())

    def readable(self) -> dict[str, Representation]:
        """What reads a body, by media type: the formats of this Api, those of the resource at hand, and JSON."""
        return {JSON.mediatype: _JSON, **self._offers_of(None).readable, **self._exchange().offers.readable}

    def _join(self, app: Any) -> None:
        suffixes.install(app, self)
        super()._join(app)

    def _offers(self, endpoint: str | None) -> Offers:
        return self._offers_of(self.resource_of(endpoint))

    def _offers_of(self, resource: Any) -> Offers:
        """The offers of a resource that declares its own, else those of this Api; made anew when they change."""
        declared = getattr(resource, "representations", None)
        if not declared:
            resource, declared = None, self.representations
        known = self._offered.get(resource)
        if known is None or not known.are_of(declared):
            mapping = declared if isinstance(declared, Mapping) else transformers_of(declared, self._exchange)
            known = self._offered[resource] = Offers(declared, mapping)
        return known

    # From a request to a method's result

    def output(self, resource: Callable[..., Any]) -> Callable[..., Any]:
        """A view that negotiates before the method runs, so that a 406 leaves nothing done."""

        @wraps(resource)
        def view(*args: Any, **kwargs: Any) -> Any:
            exchange = self._exchange()
            if exchange.request.method == "OPTIONS" and not hasattr(getattr(resource, "view_class", None), "options"):
                return self._options()
            exchange.acceptable()
            result = resource(*args, **kwargs)
            if isinstance(result, Response):
                return result
            data, code, headers = unpack(result)
            return self.make_response(data, code, headers=headers)

        view.provide_automatic_options = False  # type: ignore[attr-defined]
        view.required_methods = ("OPTIONS",)  # type: ignore[attr-defined]
        if getattr(view, "methods", ()) is None:  # of a resource without any, which Flask would take for GET
            view.methods = ("OPTIONS",)  # type: ignore[attr-defined]
        return view

    def _exchange(self) -> Exchange:
        """The request at hand as this Api sees it."""
        context = request_ctx._get_current_object()  # type: ignore[attr-defined]
        known: Exchange | None = vars(context.request).get(KEY)
        if known is None or known.api is not self:
            known = Exchange(self, context.app, context.request, self._offers(context.request.endpoint))
            setattr(context.request, KEY, known)
        return known

    def _options(self) -> Response:
        """204 with Allow, and the formats of a body for the methods that take one (RFC 9110, section 9.3.7)."""
        response = current_app.make_default_options_response()
        allowed = set(response.allow)
        response.status_code = 204
        response.headers.pop("Content-Type", None)
        if allowed.intersection(("POST", "PUT", "PATCH")):
            response.headers.extend(errors.accept_fields(bodies.names(self.readable()), allowed))
        return response

    # From a method's result to a Response

    def make_response(self, data: Any, *args: Any, **kwargs: Any) -> Response:
        """data in the best acceptable format that has a form for it; args and headers= as transformers take them.

        fallback_mediatype is sent where nothing is acceptable. Raises NotAcceptable, Unrepresentable.
        """
        exchange, fallback = self._exchange(), kwargs.pop("fallback_mediatype", None)
        for mediatype in exchange.acceptable_or(fallback) if fallback else exchange.acceptable():
            try:
                return self._rendered(exchange, mediatype, data, args, kwargs)
            except Unrepresentable as reason:
                if not isinstance(data, (Rows, Iterator)):
                    continue
                current_app.logger.error("Rows, now read in part, have no form as %s: %s", mediatype, reason)
                raise errors.NotAcceptable(self.alternates(), "The data has no form in this format.") from reason
        response = self._rendered(exchange, exchange.offers.mediatypes[0], data, args, kwargs)
        if exchange.request.method in ("GET", "HEAD"):
            raise errors.NotAcceptable(self.alternates(), "The data has no form in any acceptable format.")
        return response

    def _rendered(self, exchange: Exchange, mediatype: str, data: Any, args: Any, kwargs: Any) -> Response:
        transformer = exchange.offers.transformers.get(mediatype)
        if isinstance(transformer, Transformer):
            return transformer.render(exchange, mediatype, data, *args, **kwargs)
        if transformer is None and mediatype != "text/plain":
            raise InternalServerError(f"{mediatype} is not among the representations")
        response = (transformer or _text)(_materialised(data), *args, **kwargs)
        _set_content_type(response, mediatype)
        return self._described(exchange, response, mediatype)

    def _described(self, exchange: Exchange, response: Response, mediatype: str | None = None) -> Response:
        """response of a transformer function, with the fields that tell of negotiation."""
        if without_content(response.status_code):
            response.set_data(b"")
            response.headers.pop("Content-Type", None)
        add_fields(response.headers, exchange.fields(response.status_code, mediatype))
        return response


_JSON = JSON()
"""What a resource of Flask-RESTful's reads, whatever it writes."""

_FLASKS = "text/html; charset=utf-8"
"""What Flask calls a response that nothing else is said of."""


def _materialised(data: Any) -> Any:
    """Rows and iterators as lists, a Record as a dict, for transformers that know of none of them."""
    if isinstance(data, Record):
        return dict(data)
    if isinstance(data, Rows):
        return list(data.dicts())
    return list(data) if isinstance(data, Iterator) else data


def _set_content_type(response: Response, mediatype: str) -> None:
    """The Content-Type that a transformer has set itself, else the media type it is registered for."""
    own = [v for v in response.headers.getlist("Content-Type") if v != _FLASKS or mediatype == "text/html"]
    response.headers["Content-Type"] = own[-1] if own else mediatype


def _text(data: Any, *args: Any, **kwargs: Any) -> Response:
    return cast(Response, make_response(str(data), *args, **kwargs))
