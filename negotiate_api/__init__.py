"""One resource, every format its clients ask for: from negotiate_api import Api, Resource."""

from flask_restful import abort, fields, inputs, marshal, marshal_with, marshal_with_field

from representations import DEFAULTS, Malformed, Representation, Rows, Unrepresentable

from . import reqparse
from .api import Api
from .resource import Resource

__all__ = [
    "DEFAULTS",
    "Api",
    "Malformed",
    "Representation",
    "Resource",
    "Rows",
    "Unrepresentable",
    "abort",
    "fields",
    "inputs",
    "marshal",
    "marshal_with",
    "marshal_with_field",
    "reqparse",
]
