"""Flask-RESTful's module of this name, for imports that say it."""

from flask_restful.utils import PY3, OrderedDict, http_status_message, unpack

__all__ = ["PY3", "OrderedDict", "http_status_message", "unpack"]
