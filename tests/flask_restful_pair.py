"""The two libraries that a test can run with: this one, and Flask-RESTful, which it stands in for."""

import functools

import flask_restful
import flask_restful.inputs
import flask_restful.reqparse
import flask_restful.utils.cors
import pytest
from flask import Flask

import negotiate_api

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")

either_library = pytest.mark.parametrize("library", [negotiate_api, flask_restful], ids=lambda m: m.__name__)
"""The test holds with both libraries."""

DEFECTS = set()
"""The numbers of the defects that have a test."""


def defect(number):
    """The test holds here and fails with Flask-RESTful. number is the defect's in docs/flask-restful.md."""
    DEFECTS.add(number)

    def decorator(body):
        @functools.wraps(body)
        def test(library, **arguments):
            if library is negotiate_api:
                body(library, **arguments)
            else:
                with pytest.raises((Exception, pytest.fail.Exception)):
                    body(library, **arguments)

        return either_library(test)

    return decorator


def resource(library, **attributes):
    """A Resource class; a method that is given as a value returns that."""
    methods = {k: v if callable(v) else (lambda self, v=v, **_: v) for k, v in attributes.items() if k in METHODS}
    return type("Thing", (library.Resource,), {**attributes, **methods})


def client_of(library, config=(), url="/", api_options=(), **attributes):
    """A client of an application that has one Resource, with these attributes."""
    app = Flask("app")
    app.config.update(config)
    library.Api(app, **dict(api_options)).add_resource(resource(library, **attributes), url)
    return app.test_client()


def raising(error):
    """A function that raises error, whatever it is called with."""

    def method(*_, **__):
        raise error

    return method
