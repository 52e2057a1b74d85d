"""Flask-RESTful's module of this name, for imports that say it."""

from flask_restful.representations.json import PY3, output_json

__all__ = ["PY3", "output_json"]
