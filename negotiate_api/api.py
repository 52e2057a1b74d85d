"""Api: Flask-RESTful's, answering in every format its clients ask for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, cast

from flask import current_app, make_response, request
from flask_restful.utils import unpack
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response

from representations import DEFAULTS, JSON, Alternate, Metadata, Page, Representation, Rows, Unrepresentable

from . import bodies, errors, suffixes
from .error_handling import ErrorHandling
from .negotiation import parse_accept
from .offers import Offers, transformers_of
from .resource import NEGOTIATING
from .transformers import Transformer, page_links, without_content


class Api(ErrorHandling):
    """A drop-in for flask_restful.Api that negotiates by RFC 9110, section 12.5.1, over any number of formats.

    default_mediatype  sent when nothing is acceptable; None answers 406 instead, and without Accept sends the first
    errors             bodies by exception class or class name, for subclasses too: {"NoSuchUser": {"status": 404, ...}}
    catch_all_404s     unknown URLs are answered in every format too; on a blueprint, those below its prefix
    representations    formats offered, in server preference order; all of representations.DEFAULTS without it
    format_parameter   name of the query parameter that chooses a format; None for none
    """

    representations: dict[str, Callable[..., Response]]

    def __init__(
        self,
        app: Any = None,
        prefix: str = "",
        default_mediatype: str | None = "application/json",
        *args: Any,
        representations: Iterable[Representation] | None = None,
        format_parameter: str | None = "format",
        **kwargs: Any,
    ) -> None:
        self.format_parameter = format_parameter
        self._resources: dict[str, Any] = {}
        self._handlers: dict[type[BaseException], Callable[..., Any]] = {}
        self._known: dict[Any, Offers] = {}
        self._routed: dict[str, bool] = {}
        super().__init__(None, prefix, default_mediatype, *args, **kwargs)
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

    def mediatypes(self) -> list[str]:
        """The media ranges of the request's Accept field, those with the most weight first."""
        ranges = parse_accept(request.headers.get("Accept"))
        return [f"{r.type}/{r.subtype}" for r in sorted(ranges, key=lambda r: -r.quality)]

    def alternates(self) -> tuple[Alternate, ...]:
        """Links to the resource of the request in each of its formats."""
        formats = self._offers(request.endpoint).formats
        return suffixes.alternates(request, formats, self.format_parameter, self._takes_suffix_here())

    def body(self) -> Any:
        """The request's body, decoded by its Content-Type. Raises UnsupportedMediaType, MalformedBody and 413."""
        return bodies.read(request, self.readable())

    def readable(self) -> dict[str, Representation]:
        """What reads a body, by media type: the formats of this Api, those of the resource at hand, and JSON."""
        return {
            JSON.mediatype: _JSON,
            **self._offers_of(None).readable,
            **self._offers(request.endpoint).readable,
        }

    def _register_view(self, app: Any, resource: Any, *urls: Any, **kwargs: Any) -> None:
        self._resources[kwargs.get("endpoint") or resource.__name__.lower()] = resource
        super()._register_view(app, resource, *urls, **kwargs)

    def _init_app(self, app: Any) -> None:
        suffixes.install(app, self)
        super()._init_app(app)

    def _resource(self, endpoint: str | None) -> Any:
        owned = endpoint and self.owns_endpoint(endpoint)
        return self._resources.get(str(endpoint).rpartition(".")[2]) if owned else None

    def _offers(self, endpoint: str | None) -> Offers:
        return self._offers_of(self._resource(endpoint))

    def _offers_of(self, resource: Any) -> Offers:
        """The offers of a resource that declares its own, else those of this Api; made anew when they change."""
        declared = getattr(resource, "representations", None) or self.representations
        key = tuple(declared.items()) if isinstance(declared, Mapping) else tuple(declared)
        if key not in self._known:
            transformers = declared if isinstance(declared, Mapping) else transformers_of(declared, self._describe)
            self._known[key] = Offers(transformers)
        return self._known[key]

    # From a request to the formats to try

    def output(self, resource: Callable[..., Any]) -> Callable[..., Any]:
        """A view that negotiates before the method runs, so that a 406 leaves nothing done."""

        @wraps(resource)
        def view(*args: Any, **kwargs: Any) -> Any:
            setattr(request, NEGOTIATING, self)
            if request.method == "OPTIONS" and not hasattr(getattr(resource, "view_class", None), "options"):
                return self._options()
            self._acceptable()
            result = resource(*args, **kwargs)
            if isinstance(result, Response):
                return result
            data, code, headers = unpack(result)
            return self.make_response(data, code, headers=headers)

        view.provide_automatic_options = False  # type: ignore[attr-defined]
        view.required_methods = ("OPTIONS",)  # type: ignore[attr-defined]
        return view

    def _override(self) -> str | None:
        """The suffix in the path, else in ?format=."""
        suffix = request.environ.get(suffixes.SUFFIX)
        chosen = suffix or (request.args.get(self.format_parameter) if self.format_parameter else None)
        return str(chosen).lower() if chosen else None

    def _is_overridden(self) -> bool:
        """Whether the URL has chosen the format, and not the Accept field."""
        return (self._override() or "") in self._offers(request.endpoint).suffixes

    def _acceptable(self, fallback: str | None = None) -> tuple[str, ...]:
        """Media types to try in turn; fallback is for errors, which must be told somehow. Raises NotAcceptable."""
        offers, suffix = self._offers(request.endpoint), self._override()
        if suffix in offers.suffixes:
            return (offers.suffixes[suffix],)
        if suffix is not None and fallback is None:
            message = f"There is no format {suffix[:40]!r}. Available are those listed."
            raise errors.NotAcceptable(self.alternates(), message)
        acceptable = offers.acceptable(request.headers.get("Accept"))
        if not acceptable and offers.prefers(errors.PROBLEM, request.headers.get("Accept")):
            acceptable = tuple(m for m in offers.mediatypes if m == JSON.mediatype)  # who reads problems reads JSON
        default = fallback or self._default(offers)
        if acceptable or default:
            return acceptable or (str(default),)
        raise errors.NotAcceptable(self.alternates(), "None of the formats is acceptable. Available are those listed.")

    def _default(self, offers: Offers) -> str | None:
        """What is sent when nothing is acceptable: default_mediatype, or the first format of a resource without it."""
        if self.default_mediatype is None or self.default_mediatype in offers.mediatypes:
            return cast(str | None, self.default_mediatype)
        own = offers.mediatypes and offers.transformers != self.representations
        return offers.mediatypes[0] if own else cast(str | None, self.default_mediatype)

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
        for mediatype in self._acceptable(kwargs.pop("fallback_mediatype", None)):
            try:
                return self._rendered(mediatype, data, *args, **kwargs)
            except Unrepresentable as reason:
                if not isinstance(data, (Rows, Iterator)):
                    continue
                current_app.logger.error("Rows, now read in part, have no form as %s: %s", mediatype, reason)
                raise errors.NotAcceptable(self.alternates(), "The data has no form in this format.") from reason
        response = self._rendered(self._offers(request.endpoint).mediatypes[0], data, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            raise errors.NotAcceptable(self.alternates(), "The data has no form in any acceptable format.")
        return response

    def _rendered(self, mediatype: str, data: Any, *args: Any, **kwargs: Any) -> Response:
        transformer = self._offers(request.endpoint).transformers.get(mediatype)
        if transformer is None and mediatype != "text/plain":
            raise InternalServerError(f"{mediatype} is not among the representations")
        own = isinstance(transformer, Transformer)
        response = (transformer or _text)(data if own else _materialised(data), *args, **kwargs)
        if isinstance(transformer, Transformer):
            response.headers["Content-Type"] = transformer.content_type(mediatype)
        elif response.content_type in (None, "text/html; charset=utf-8"):  # Flask's, not the transformer's own
            response.headers["Content-Type"] = mediatype
        return self._described(response, mediatype)

    def _described(self, response: Response, mediatype: str | None = None) -> Response:
        """The fields of the response that tell of negotiation (RFC 9110, sections 8.7 and 12.5.5; RFC 8288)."""
        if without_content(response.status_code):
            response.set_data(b"")
            response.headers.pop("Content-Type", None)
        overridden = self._is_overridden()
        if not overridden:
            response.vary.add("Accept")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if response.status_code == 200 and request.method in ("GET", "HEAD"):
            links = (f'<{a.href}>; rel="alternate"; type="{a.mediatype}"' for a in self.alternates())
            response.headers.add("Link", ", ".join(links))
            location = self._offers(request.endpoint).formats.get(mediatype or "")
            if location and not overridden and self._takes_suffix_here():
                response.headers.setdefault("Content-Location", suffixes.url_of(request, suffix=location))
        return response

    # What a format may know of the request

    def _takes_suffix_here(self) -> bool:
        """Whether the path of the request takes a suffix; asked once a URL rule."""
        rule = request.url_rule
        if rule is None or not self.owns_endpoint(rule.endpoint):
            return False
        if rule.rule not in self._routed:
            any_suffix = next(iter(self._offers(rule.endpoint).suffixes), "")
            opted_in = self.takes_suffix(rule.endpoint)
            self._routed[rule.rule] = suffixes.is_routed(request, any_suffix, rule.endpoint, opted_in)
        return self._routed[rule.rule]

    def _describe(self, representation: Representation, status: int, page: Page | None, more: bool) -> Metadata:
        for_people = representation.page_size is not None
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


def _description(resource: Any) -> str:
    """The first paragraph of a resource's own docstring."""
    text = (vars(resource).get("__doc__") if resource else None) or ""
    return inspect.cleandoc(text).partition("\n\n")[0]


def _materialised(data: Any) -> Any:
    """Rows and iterators as lists, for transformers that know of neither."""
    if isinstance(data, Rows):
        return list(data.dicts())
    return list(data) if isinstance(data, Iterator) else data


def _text(data: Any, *args: Any, **kwargs: Any) -> Response:
    response = make_response(str(data), *args, **kwargs)
    response.headers["Content-Type"] = "text/plain"
    return cast(Response, response)
