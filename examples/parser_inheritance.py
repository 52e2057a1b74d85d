"""reqparse: parsers that share arguments, by copying one and adding, replacing or removing.

$ curl 'http://127.0.0.1:5000/copy?foo=1&bar=2'
{"foo": 1, "bar": 2}
$ curl -H 'Content-Type: application/yaml' -d 'foo: one' http://127.0.0.1:5000/replaced
{"bar": null, "foo": "one"}
$ curl 'http://127.0.0.1:5000/removed?foo=1&bar=2'
{"bar": 2}
"""

from flask import Flask

from negotiate_api import Api, Resource, reqparse

app = Flask(__name__)
api = Api(app)

parser = reqparse.RequestParser()
parser.add_argument("foo", type=int)

# Both "foo" and "bar".
parser_copy = parser.copy()
parser_copy.add_argument("bar", type=int)

# "foo" is a text now that the body must have.
parser_replaced = parser_copy.copy()
parser_replaced.replace_argument("foo", required=True, location="json")

# "bar" alone.
parser_removed = parser_copy.copy()
parser_removed.remove_argument("foo")


@api.resource("/parent")
class Parent(Resource):
    """The arguments that the others share."""

    def get(self):
        return parser.parse_args()


@api.resource("/copy")
class Copy(Resource):
    """One argument more."""

    def get(self):
        return parser_copy.parse_args()


@api.resource("/replaced")
class Replaced(Resource):
    """One argument instead of another."""

    def post(self):
        return parser_replaced.parse_args()


@api.resource("/removed")
class Removed(Resource):
    """One argument less."""

    def get(self):
        return parser_removed.parse_args()


if __name__ == "__main__":
    app.run()
