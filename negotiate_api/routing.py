"""Where an Api's resources are: their URLs on applications and blueprints, and the endpoints they get there.

An endpoint is named as Flask names every other one: "parent.child.user" on a nested blueprint, so that the
`before_request` functions of both guard it. A blueprint may be registered many times, each with a prefix of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

import flask_restful
from flask import Blueprint, Flask, current_app, has_app_context, has_request_context, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.views import MethodView

R = TypeVar("R", bound=type[MethodView])


class Routing(flask_restful.Api):  # type: ignore[misc]
    """What Api does with URLs."""

    app: Flask | Blueprint | None
    blueprint: Blueprint | None
    blueprint_setup: BlueprintSetupState | None
    prefix: str
    endpoints: set[str]
    decorators: list[Callable[..., Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._resources: dict[str, Any] = {}
        self._claimed: dict[Any, str] = {}
        self._mounts: WeakKeyDictionary[Any, list[tuple[str, str]]] = WeakKeyDictionary()
        self._registrations: list[BlueprintSetupState] = []
        self._apps: WeakSet[Any] = WeakSet()
        super().__init__(*args, **kwargs)

    def init_app(self, app: Flask | Blueprint) -> None:
        """Add the resources to an application, or to a blueprint when that is registered."""
        super().init_app(app)

    def add_resource(
        self,
        resource: type[MethodView],
        *urls: str,
        endpoint: str | None = None,
        resource_class_args: Sequence[Any] = (),
        resource_class_kwargs: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Answer with a resource at URLs.

        endpoint               its name for url_for, without the blueprint's; the class name in lower case
        resource_class_args    what the class is called with, once a request; resource_class_kwargs likewise
        options                go to flask.Flask.add_url_rule
        """
        given = {
            "endpoint": endpoint,
            "resource_class_args": resource_class_args,
            "resource_class_kwargs": resource_class_kwargs,
        }
        options.update({name: value for name, value in given.items() if value})
        super().add_resource(resource, *urls, **options)
        if self.app is None:
            for app in [] if self.blueprint else self._apps:
                self._register_view(app, resource, *urls, **options)

    def resource(self, *urls: str, **options: Any) -> Callable[[R], R]:
        """Decorate a resource; with the arguments of add_resource()."""
        return cast(Callable[[R], R], super().resource(*urls, **options))

    def url_for(self, resource: type[MethodView], **values: Any) -> str:
        """The URL of a resource of this Api, under the registration of its blueprint that the request came by."""
        endpoint = self._claimed.get(resource, "")
        if self._resources.get(endpoint) is not resource:  # another class has the endpoint now
            known = [name for name, held in self._resources.items() if held is resource]
            endpoint = known[-1] if known else resource.endpoint  # type: ignore[attr-defined]
        return url_for(self._prefix() + endpoint, **values)

    def owns_endpoint(self, endpoint: str) -> bool:
        """Whether an endpoint, named with its blueprint, is of this Api."""
        return self._own(endpoint) in self.endpoints

    def _own(self, endpoint: str | None) -> str | None:
        """The name of an endpoint in this Api; None for what is elsewhere."""
        if not self.blueprint or not endpoint:
            return endpoint
        return next((endpoint[len(p) :] for p in self._prefixes() if endpoint.startswith(p)), None)

    def _prefix(self) -> str:
        """What stands before the names of endpoints: that of the request at hand, else the first."""
        prefixes = self._prefixes()
        here = request.endpoint or "" if has_request_context() else ""
        return next((p for p in prefixes if here.startswith(p)), prefixes[0])

    def _prefixes(self) -> list[str]:
        """What stands before the names of endpoints, by registration of the blueprint."""
        if not self.blueprint:
            return [""]
        return [prefix for prefix, _ in self._here()] or [f"{self.blueprint.name}."]

    def _here(self) -> list[tuple[str, str]]:
        """What stands before endpoints and before paths in this application, by registration of the blueprint."""
        app = current_app._get_current_object() if has_app_context() else None  # type: ignore[attr-defined]
        if app is None and self.blueprint_setup is not None:
            app = self.blueprint_setup.app
        return self._mounts.get(app, []) if app is not None else []

    def resource_of(self, endpoint: str | None) -> Any:
        """The class that answers at an endpoint; None for what is elsewhere."""
        return self._resources.get(self._own(endpoint) or "")

    def _covers(self, path: str) -> bool:
        """Whether a path is below the prefix of this Api's blueprint."""
        return not self.blueprint or any(_is_below(path, prefix) for _, prefix in self._here())

    # How resources get there

    def _deferred_blueprint_init(self, setup_state: BlueprintSetupState) -> None:
        if self.blueprint_setup is None or self.blueprint_setup.app is not setup_state.app:
            self._registrations = []
        self.blueprint_setup = setup_state
        self._registrations.append(setup_state)
        mount = _prefix(setup_state), self._complete_url("", setup_state.url_prefix or "")
        self._mounts.setdefault(setup_state.app, []).append(mount)
        setup_state.add_url_rule = partial(_add_url_rule, setup_state)  # type: ignore[method-assign]
        self._init_app(setup_state.app)

    def _init_app(self, app: Any) -> None:
        if app not in self._apps:
            self._apps.add(app)
            self._join(app)
        for resource, urls, options in self.resources:
            self._register_view(app, resource, *urls, **options)

    def _join(self, app: Any) -> None:
        """Let an application ask this Api about errors."""
        app.handle_exception = partial(self.error_router, app.handle_exception)
        app.handle_user_exception = partial(self.error_router, app.handle_user_exception)

    def _register_view(self, app: Any, resource: Any, *urls: str, **options: Any) -> None:
        endpoint = options.pop("endpoint", None) or resource.__name__.lower()
        args, kwargs = options.pop("resource_class_args", ()), options.pop("resource_class_kwargs", {})
        self._claim(app, endpoint, resource)
        view = self.output(resource.as_view(endpoint, *args, **kwargs))
        for decorator in self.decorators:
            view = decorator(view)
        for url in urls:
            rule = partial(self._complete_url, url) if self.blueprint else self._complete_url(url, "")
            for target in self._targets(app):
                target.add_url_rule(rule, view_func=view, **options)

    def _targets(self, app: Any) -> list[Any]:
        """What takes URL rules: the application or blueprint, or the registrations that a blueprint has already."""
        if not self._registrations:
            return [app]
        return self._registrations if app is self.blueprint else self._registrations[-1:]

    def _claim(self, app: Any, endpoint: str, resource: Any) -> None:
        """Note whose an endpoint is. Raises ValueError where it is that of another class."""
        prefix = _prefix(self._registrations[-1]) if self._registrations else ""
        view = getattr(app, "view_functions", {}).get(prefix + endpoint)
        taken = getattr(view, "view_class", resource)
        if taken != resource:
            raise ValueError(f"This endpoint ({endpoint}) is already set to the class {taken.__name__}.")
        self.endpoints.add(endpoint)
        self._resources.pop(endpoint, None)
        self._resources[endpoint] = resource
        self._claimed[resource] = endpoint
        resource.mediatypes, resource.endpoint = self.mediatypes_method(), endpoint


def _prefix(state: BlueprintSetupState) -> str:
    return f"{state.name_prefix}.{state.name}.".lstrip(".")


def _add_url_rule(
    state: BlueprintSetupState, rule: Any, endpoint: str | None = None, view_func: Any = None, **options: Any
) -> None:
    """BlueprintSetupState.add_url_rule, for a rule that knows itself where the blueprint's prefix goes."""
    if not callable(rule):
        BlueprintSetupState.add_url_rule(state, rule, endpoint, view_func, **options)
        return
    options.setdefault("subdomain", state.subdomain)
    defaults = {**state.url_defaults, **options.pop("defaults", {})}
    name = _prefix(state) + (endpoint or view_func.__name__)
    state.app.add_url_rule(rule(state.url_prefix), name, view_func, defaults=defaults, **options)


def _is_below(path: str, prefix: str) -> bool:
    """Whether a path begins with the segments of a prefix, of which those in <> are any."""
    wanted, found = prefix.strip("/").split("/"), path.lstrip("/").split("/")
    pairs = zip(wanted, found, strict=False)
    return wanted == [""] or (len(found) >= len(wanted) and all(w == f or w[:1] == "<" for w, f in pairs))
