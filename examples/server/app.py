"""The application: settings, extensions, and a page that is no part of the API."""

from flask import Flask
from flask.views import MethodView

from . import authentication, resources
from .config import DefaultConfig
from .extensions import api, db

__all__ = ["authentication", "create_app", "resources"]  # imported for what they register


class HelloWorld(MethodView):
    """A greeting, in plain Flask."""

    def get(self):
        return "Hello World!"


def create_app(config=None):
    """The application; config goes over the settings."""
    app = Flask(__name__)
    app.config.from_object(DefaultConfig)
    app.config.from_prefixed_env()
    app.config.from_mapping(config)
    app.add_url_rule("/", view_func=HelloWorld.as_view("hello"))
    api.init_app(app)
    db.init_app(app)
    return app
