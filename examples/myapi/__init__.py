"""A project in several files, laid out to grow: an application, its routes, its resources, and the types they share.

myapi/
    __init__.py      the application
    __main__.py      what python -m examples.myapi starts
    routes.py        a blueprint, the Api on it, and which resource is at which URL
    resources/       the resources, a module a subject
    types.py         input types and fields that several resources use

$ curl http://127.0.0.1:5000/api/v1/Foo
[{"id": "1", "name": "First", "created": "2012-01-01T12:00:00+00:00"}]
$ curl http://127.0.0.1:5000/api/v1/Baz/x7 -X PUT -H 'Content-Type: application/yaml' -d 'name: seventh'
{"id": "x7", "name": "Seventh"}
$ curl http://127.0.0.1:5000/api/v1/Bar.csv
id,seats
north,40
south,12
"""

from flask import Flask

from . import routes


def create_app():
    """The application, with the first version of its API below /api/v1."""
    app = Flask(__name__)
    app.register_blueprint(routes.v1, url_prefix="/api/v1")
    return app
