"""One resource, every format its clients ask for: from negotiate_api import Api, Resource.

Every name of flask_restful is here, under the same path, so that changing the import is all.
"""

from typing import TYPE_CHECKING, Any

import flask_restful
from flask_restful import DEFAULT_REPRESENTATIONS, OrderedDict, http_status_message, output_json, unpack

from representations import DEFAULTS, Malformed, Representation, Rows, Unrepresentable

from . import fields, inputs, reqparse
from . import representations as representations
from . import utils as utils
from .api import Api
from .errors import abort
from .marshalling import marshal, marshal_with, marshal_with_field
from .representations import json as _json  # noqa: F401 - so that they are there by their whole names
from .resource import Resource
from .utils import cors as _cors  # noqa: F401

__all__ = [
    "DEFAULTS",
    "DEFAULT_REPRESENTATIONS",
    "Api",
    "Malformed",
    "OrderedDict",
    "Representation",
    "Resource",
    "Rows",
    "Unrepresentable",
    "abort",
    "fields",
    "http_status_message",
    "inputs",
    "marshal",
    "marshal_with",
    "marshal_with_field",
    "output_json",
    "reqparse",
    "unpack",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """What else flask_restful has, such as the names that it imports itself: request, url_for."""
        if name.startswith("_") or not hasattr(flask_restful, name):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(flask_restful, name)
