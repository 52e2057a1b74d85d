"""The fields: renamed, with defaults, and one of each type.

$ curl http://127.0.0.1:5000/renamed
{"name": "bob", "shouted": "BOB", "address": "New York"}
$ curl http://127.0.0.1:5000/default
{"name": "Anonymous User", "address": null}
$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/types
string: "5"
formatted: Hello Doug
integer: 5
float: 0.1
arbitrary: "634271127864378216478362784632784678324.23432"
fixed: "3.14"
price: "9.99000"
boolean: false
rfc822: Sun, 01 Jan 2012 12:00:00 -0000
iso8601: "2012-01-01T12:00:00+00:00"
list:
- 1
- 2
raw:
  as: it is
"""

from datetime import UTC, datetime

from flask import Flask

from negotiate_api import Api, Resource, fields, marshal_with

app = Flask(__name__)
api = Api(app)

renamed = {
    "name": fields.String(attribute="private_name"),
    "shouted": fields.String(attribute=lambda user: user["private_name"].upper()),
    "address": fields.String(attribute="home.city"),
}

with_default = {
    "name": fields.String(default="Anonymous User"),
    "address": fields.String,
}

types = {
    "string": fields.String,
    "formatted": fields.FormattedString("Hello {name}"),
    "integer": fields.Integer,
    "float": fields.Float,
    "arbitrary": fields.Arbitrary,
    "fixed": fields.Fixed(decimals=2),
    "price": fields.Price,
    "boolean": fields.Boolean,
    "rfc822": fields.DateTime(dt_format="rfc822", attribute="time"),
    "iso8601": fields.DateTime(dt_format="iso8601", attribute="time"),
    "list": fields.List(fields.Integer),
    "raw": fields.Raw,
}

VALUES = {
    "name": "Doug",
    "string": 5,
    "integer": "5",
    "float": "0.1",
    "arbitrary": "634271127864378216478362784632784678324.23432",
    "fixed": "3.14159",
    "price": "9.99",
    "boolean": [],
    "time": datetime(2012, 1, 1, 12, tzinfo=UTC),
    "list": ["1", 2.0],
    "raw": {"as": "it is"},
}


@api.resource("/renamed")
class Renamed(Resource):
    """Fields by other names than their attributes have."""

    @marshal_with(renamed)
    def get(self):
        return {"private_name": "bob", "home": {"city": "New York"}}


@api.resource("/default")
class Default(Resource):
    """Fields of attributes that are not there."""

    @marshal_with(with_default)
    def get(self):
        return {}


@api.resource("/types")
class Types(Resource):
    """One field of each type."""

    @marshal_with(types)
    def get(self):
        return VALUES


if __name__ == "__main__":
    app.run()
