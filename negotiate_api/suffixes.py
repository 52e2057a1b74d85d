"""The format in the URL: /users.csv and /users?format=csv, and links to the other formats of a resource.

A suffix is taken off before routing, by a WSGI middleware, so that whatever looks at the request sees the resource's
own path. It is taken off where the path without it belongs to an Api that has that format, and the path as sent either
has no route, or has one whose last segment is free text ("/<name>") beside a fixed one without the suffix ("/users").
Free text alone keeps its dots, unless the Resource opts in with `suffixes = True`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Request, current_app
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter, RequestRedirect, Rule

if TYPE_CHECKING:
    from .api import Api

EXTENSION = "negotiate_api"
"""Key of the application's Apis in app.extensions."""

SUFFIX = "negotiate_api.suffix"
"""Key of the suffix taken from the path, in the WSGI environment."""


class SuffixRouter:
    """WSGI middleware that takes the suffix off a path."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.wsgi_app: WSGIApplication = app.wsgi_app
        self.apis: list[Api] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stem, dot, suffix = environ.get("PATH_INFO", "").rpartition(".")
        if dot and any(api.knows_suffix(suffix.lower()) for api in self.apis):
            self._resolve(environ, stem, suffix.lower())
        return self.wsgi_app(environ, start_response)

    def _resolve(self, environ: WSGIEnvironment, stem: str, suffix: str) -> None:
        whole = self._rule(environ, environ["PATH_INFO"])
        if whole is not None and _is_fixed(whole):
            return
        opted_in = whole is None or any(api.takes_suffix(whole.endpoint) for api in self.apis)
        for path in (stem, f"{stem}/"):
            rule = None if stem.endswith("/") else self._rule(environ, path)
            if rule and (opted_in or _is_fixed(rule)) and self._has(rule.endpoint, suffix):
                environ["PATH_INFO"], environ[SUFFIX] = path, suffix
                return
        if whole is None:
            environ[SUFFIX] = suffix  # the error is told in the format asked for

    def _has(self, endpoint: str, suffix: str) -> bool:
        return any(api.mediatype_of(suffix, endpoint) for api in self.apis if api.owns_endpoint(endpoint))

    def _rule(self, environ: WSGIEnvironment, path: str) -> Rule | None:
        try:
            adapter = self.app.create_url_adapter(Request({**environ, "PATH_INFO": path}))
        except HTTPException:  # a Host that is not trusted
            return None
        return rule_of(adapter) if adapter else None


def install(app: Flask, api: Api) -> None:
    """Let an Api of app be asked for suffixes."""
    if not isinstance(app.wsgi_app, SuffixRouter):
        app.wsgi_app = SuffixRouter(app)  # type: ignore[method-assign]
    app.wsgi_app.apis.append(api)


def rule_of(adapter: MapAdapter, method: str | None = None) -> Rule | None:
    """The rule that an adapter's path matches with any method; None where there is none, or one elsewhere."""
    try:
        return adapter.match(method=method, return_rule=True)[0]
    except MethodNotAllowed as error:
        other = next(iter(error.valid_methods or ()), None)
        return rule_of(adapter, other) if other and method is None else None
    except (HTTPException, RequestRedirect):
        return None


def nearest_rule(request: Request) -> tuple[Rule | None, str, str]:
    """The rule of the path of the request, or of the nearest above it that has one; the path of that, and the rest."""
    segments = request.path.removesuffix(f".{request.environ.get(SUFFIX)}").split("/")
    for end in range(len(segments), 0, -1):
        for above in ("/".join(segments[:end]), "/".join([*segments[:end], ""])):
            adapter = current_app.create_url_adapter(Request({**request.environ, "PATH_INFO": _wsgi(above)}))
            if adapter and (rule := rule_of(adapter)):
                return rule, above, "/".join(segments[end:])
    return None, "", ""


def query(request: Request, without: Iterable[str] = (), **more: str) -> str:
    """The query of the request less some parameters and with more; with its "?", or nothing."""
    if not request.query_string and not more:
        return ""
    left = [(name, value) for name, value in request.args.items(multi=True) if name not in without]
    pairs = [*left, *more.items()]
    return f"?{urlencode(pairs)}" if pairs else ""


def _is_fixed(rule: Rule) -> bool:
    """Whether the last segment of a rule is no variable."""
    return "<" not in rule.rule.rstrip("/").rpartition("/")[2]


def is_routed(request: Request, suffix: str, endpoint: str, opted_in: bool) -> bool:
    """Whether the path of the request takes a suffix (see SuffixRouter)."""
    if request.path.endswith("/"):
        return False
    adapter = current_app.create_url_adapter(
        Request({**request.environ, "PATH_INFO": _wsgi(f"{request.path}.{suffix}")})
    )
    found = rule_of(adapter) if adapter else None
    fixed = request.url_rule is not None and _is_fixed(request.url_rule) and bool(found and not _is_fixed(found))
    return found is None or fixed or (opted_in and found.endpoint == endpoint)


def path_of(request: Request) -> str:
    """The path of the request as a client sees it, without a suffix."""
    return _quoted(request.root_path + request.path)


def name_of(request: Request) -> str:
    """A name for the resource of the request: the last segment of its path, and the one before a variable segment."""
    return _name(request.path, request.url_rule.rule if request.url_rule else "")


@lru_cache(maxsize=512)
def _name(path: str, rule: str) -> str:
    *before, last = ["index", *filter(None, path.split("/"))]
    return f"{before[-1]} {last}" if rule.rstrip("/").endswith(">") and len(before) > 1 else last


def ways_up(request: Request) -> tuple[str, ...]:
    """URLs of the paths above that have a route, the outermost first."""
    adapter = current_app.create_url_adapter(request)
    segments = request.path.rstrip("/").split("/")
    above = ["/".join(segments[:end]) for end in range(1, len(segments))]
    spelled = (next((p for p in (f"{path}/", path) if p and adapter and adapter.test(p, "GET")), "") for path in above)
    return tuple(_quoted(request.root_path + path) for path in spelled if path)


def _wsgi(path: str) -> str:
    return path.encode().decode("latin-1")


@lru_cache(maxsize=512)
def _quoted(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=~-._")
