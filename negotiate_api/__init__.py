"""One resource, every format its clients ask for: from negotiate_api import Api, Resource.

Every name of flask_restful is here, under the same path, so that changing the import is all.
"""

from flask_restful import DEFAULT_REPRESENTATIONS, OrderedDict, http_status_message, output_json, unpack

from representations import DEFAULTS, Malformed, Representation, Rows, Unrepresentable

from . import fields, inputs, reqparse
from .api import Api
from .errors import abort
from .marshalling import marshal, marshal_with, marshal_with_field
from .resource import Resource
from .utils import cors as _cors  # noqa: F401 - so that negotiate_api.utils.cors is there

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
