"""Which resource is at which URL. A second version of the API is a second blueprint here."""

from flask import Blueprint

from negotiate_api import Api

from .resources.bar import Bar
from .resources.baz import Baz
from .resources.foo import Foo, Foos

v1 = Blueprint("v1", __name__)

api = Api(v1, catch_all_404s=True)

api.add_resource(Foos, "/Foo")
api.add_resource(Foo, "/Foo/<string:id>")
api.add_resource(Bar, "/Bar", "/Bar/<string:id>")
api.add_resource(Baz, "/Baz/<string:id>")
