"""The application: what there is, and how it is put together."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, request, url_for
from flask_limiter import RateLimitExceeded
from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.middleware.proxy_fix import ProxyFix

from negotiate_api import Api, Resource, abort
from negotiate_api.publish.databases import engines

from . import create, failures, health, published, schema, sign_in, todos, tokens, users, world
from .config import Accounts, settings
from .errors import Busy, LastAdministrator, NoSuchRow, NoSuchTodo, UserAlreadyExistsError
from .models import db
from .verified import Verified

MAX_BODY = 16 * 1024 * 1024

ERRORS: dict[Any, dict[str, Any]] = {
    NoSuchRow: {"status": 404},
    NoSuchTodo: {"status": 404},
    UserAlreadyExistsError: {"message": "A user with that username already exists.", "status": 409},
    LastAdministrator: {"message": "This is the last administrator; appoint another one first.", "status": 409},
}


class Index(Resource):
    """What there is. Each of these in every format: by Accept, by a suffix like .csv, by ?format=csv."""

    def get(self) -> Any:
        return published.index() + [
            {"uri": url_for(endpoint), "description": description}
            for endpoint, description in (
                ("world", "The World data: countries, cities, languages and currencies."),
                ("hello", "The shortest resource there is."),
                ("convert", "POST data in any format, and get it back in another."),
                ("users", "The users. This and what follows is for those who sign in."),
                ("tokens", "Your tokens, for programs."),
                ("todos", "Your todos."),
                ("create", "The database; administrators see what it is, and POST to make what it lacks."),
                ("health", "Whether the server is up."),
                ("ready", "Whether its database answers."),
            )
        ]


class Hello(Resource):
    """The shortest resource there is."""

    def get(self) -> dict[str, Any]:
        return {"status": 1, "message": "Hello World!"}


class Convert(Resource):
    """POST data in any format that is read, and get it back in the one you accept."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def get(self) -> dict[str, str]:
        return {"message": "POST data here in one format, and Accept another."}

    def post(self) -> Any:
        data = self.api.body()
        if request.files:
            abort(415, message="The form holds a file. Send the file itself as the body, with its own Content-Type.")
        return data


def create_app(database_url: str | None = None, instance: str | os.PathLike[str] | None = None, **config: Any) -> Flask:
    """The application on a database, with files in an instance folder (see config.settings). Raises Unusable."""
    given = settings(database_url, instance)
    app = Flask("negotiate_api", static_folder=None, instance_path=str(given.instance))
    app.config.update(
        SECRET_KEY=given.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        SQLALCHEMY_DATABASE_URI=given.database,
        SQLALCHEMY_ENGINE_OPTIONS=engines.options(given.database),
        REGISTRATION=given.accounts.registration,
        QUERY_SECONDS=given.published.query_seconds,
    )
    app.config.update(config)
    _connect(app)
    api = Api(app, default_mediatype=None, catch_all_404s=True, errors=ERRORS)
    _route(api)
    app.extensions[published.EXTENSION] = published.register(api, given.published, given.database, given.instance)
    _guard(app, given.accounts)
    app.after_request(explicit)
    return app


def explicit(response: Response) -> Response:
    """Say what caches and browsers would guess otherwise, and redirect within this host, whatever Host has said."""
    if response.location and response.location.startswith(request.host_url):
        response.location = "/" + response.location.removeprefix(request.host_url).lstrip("/")
    response.headers.setdefault("Cache-Control", "no-cache")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


def _connect(app: Flask) -> None:
    db.init_app(app)
    schema.migrate.init_app(app)
    with app.app_context():
        engines.prepare(db.engine)


def _route(api: Api) -> None:
    api.add_resource(Index, "/")
    api.add_resource(Hello, "/api/helloworld")
    api.add_resource(Convert, "/api/convert", resource_class_kwargs={"api": api})
    world.register(api)
    for module in (users, tokens, todos, create):
        module.register(api)
    health.register(api)
    api.errorhandler(exc.OperationalError, exc.InterfaceError, exc.TimeoutError, StaleDataError)(health.unavailable)
    api.errorhandler(RateLimitExceeded)(failures.exceeded)
    api.errorhandler(Busy)(failures.busy)


def _guard(app: Flask, given: Accounts) -> None:
    app.extensions[sign_in.EXTENSION] = Verified()
    failures.install(app, given)
    if given.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, given.proxies, given.proxies)  # type: ignore[method-assign]
