"""Api: Flask-RESTful's, answering in every format its clients ask for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Flask, Request, current_app, make_response
from flask.globals import request_ctx
from flask_restful.utils import unpack
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response

from representations import DEFAULTS, JSON, Alternate, Metadata, Page, Representation, Rows, Unrepresentable

from . import bodies, errors, suffixes
from .error_handling import ErrorHandling
from .exchange import KEY, Exchange
from .negotiation import parse_accept
from .offers import Offers, transformers_of
from .transformers import Transformer, page_links, without_content


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
        self._offered: dict[Any, Offers] = {}
        self._routed: dict[str, bool] = {}
        challenge = serve_challenge_on_401
        super().__init__(None, prefix, default_mediatype, decorators, catch_all_404s, challenge, url_part_order, errors)
        offered = representations if representations is not None else (format_() for format_ in DEFAULTS)
        declared = getattr(type(self), "representations", {})
        self.representations = {**transformers_of(offered, self._describe), **declared}
        if app is not None:
            self.app = app
            self.init_app(app)

    # What is offered

    def representation(self, mediatype: str | Representation) -> Any:
        """Offer a format: a Representation, or the media type of the transformer function that this decorates."""
        if isinstance(mediatype, Representation):
            self.representations.update(transformers_of((mediatype,), self._describe))
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
        return bool(getattr(self._resource(endpoint), "suffixes", False))

    def routes_suffix(self, request: Request) -> bool:
        """Whether the path of the request takes a suffix; asked once a URL rule."""
        rule = request.url_rule
        if rule is None or not self.owns_endpoint(rule.endpoint):
            return False
        if rule.rule not in self._routed:
            any_suffix = next(iter(self._offers(rule.endpoint).suffixes), "")
            opted_in = self.takes_suffix(rule.endpoint)
            self._routed[rule.rule] = suffixes.is_routed(request, any_suffix, rule.endpoint, opted_in)
        return self._routed[rule.rule]

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
        return self._offers_of(self._resource(endpoint))

    def _offers_of(self, resource: Any) -> Offers:
        """The offers of a resource that declares its own, else those of this Api; made anew when they change."""
        declared = getattr(resource, "representations", None)
        if not declared:
            resource, declared = None, self.representations
        known = self._offered.get(resource)
        if known is None or not known.are_of(declared):
            mapping = declared if isinstance(declared, Mapping) else transformers_of(declared, self._describe)
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
        request = request_ctx.request
        known = vars(request).get(KEY)
        if known is None or known.api is not self:
            known = Exchange(self, request, self._offers(request.endpoint))
            setattr(request, KEY, known)
        return cast(Exchange, known)

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
                return self._rendered(exchange, mediatype, data, *args, **kwargs)
            except Unrepresentable as reason:
                if not isinstance(data, (Rows, Iterator)):
                    continue
                current_app.logger.error("Rows, now read in part, have no form as %s: %s", mediatype, reason)
                raise errors.NotAcceptable(self.alternates(), "The data has no form in this format.") from reason
        response = self._rendered(exchange, exchange.offers.mediatypes[0], data, *args, **kwargs)
        if exchange.request.method in ("GET", "HEAD"):
            raise errors.NotAcceptable(self.alternates(), "The data has no form in any acceptable format.")
        return response

    def _rendered(self, exchange: Exchange, mediatype: str, data: Any, *args: Any, **kwargs: Any) -> Response:
        transformer = exchange.offers.transformers.get(mediatype)
        response: Response
        if isinstance(transformer, Transformer):
            response = transformer.render(mediatype, data, *args, **kwargs)
        elif transformer is None and mediatype != "text/plain":
            raise InternalServerError(f"{mediatype} is not among the representations")
        else:
            response = (transformer or _text)(_materialised(data), *args, **kwargs)
            _set_content_type(response, mediatype)
        return self._described(exchange, response, mediatype)

    def _described(self, exchange: Exchange, response: Response, mediatype: str | None = None) -> Response:
        """The fields of the response that tell of negotiation (RFC 9110, sections 8.7 and 12.5.5; RFC 8288)."""
        headers = response.headers
        if without_content(response.status_code):
            response.set_data(b"")
            headers.pop("Content-Type", None)
        if not exchange.chosen:
            response.vary.add("Accept") if "Vary" in headers else headers.add("Vary", "Accept")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.status_code == 200 and exchange.request.method in ("GET", "HEAD"):
            if link := exchange.link():
                headers.add("Link", link)
            if location := exchange.location(mediatype):
                headers.setdefault("Content-Location", location)
        return response

    def _describe(self, representation: Representation, status: int, page: Page | None, more: bool) -> Metadata:
        request, for_people = self._exchange().request, representation.page_size is not None
        return Metadata(
            name=suffixes.name_of(request),
            status=status,
            method=request.method,
            url=suffixes.url_of(request),
            description=_description(self._resource(request.endpoint)) if for_people else "",
            links={**(suffixes.ways_up(request) if for_people else {}), **page_links(page, more)},
            page=page,
            alternates=self.alternates,
        )


_JSON = JSON()
"""What a resource of Flask-RESTful's reads, whatever it writes."""

_FLASKS = "text/html; charset=utf-8"
"""What Flask calls a response that nothing else is said of."""


def _description(resource: Any) -> str:
    """The first paragraph of a resource's own docstring."""
    text = (vars(resource).get("__doc__") if resource else None) or ""
    return inspect.cleandoc(text).partition("\n\n")[0]


def _materialised(data: Any) -> Any:
    """Rows and iterators as lists, for transformers that know of neither."""
    if isinstance(data, Rows):
        return list(data.dicts())
    return list(data) if isinstance(data, Iterator) else data


def _set_content_type(response: Response, mediatype: str) -> None:
    """The Content-Type that a transformer has set itself, else the media type it is registered for."""
    own = [value for value in response.headers.getlist("Content-Type") if value != _FLASKS]
    response.headers["Content-Type"] = own[-1] if own else mediatype


def _text(data: Any, *args: Any, **kwargs: Any) -> Response:
    return cast(Response, make_response(str(data), *args, **kwargs))
