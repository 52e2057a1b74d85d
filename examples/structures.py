"""Structures: a flat object told as a nested one, lists, and objects within objects.

$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/nested
name: bob
billing_address:
  line 1: "123 fake street"
  line 2: null
  city: New York
  state: NY
  zip: "10468"
shipping_address:
  line 1: "555 nowhere"
  line 2: null
  city: New York
  state: NY
  zip: "10468"
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/complex
name,address.line 1,address.line 2,address.city,address.state,address.zip
bob,123 fake street,"",New York,NY,10468
$ curl http://127.0.0.1:5000/absent
{"all_null": {"city": null}, "null": null, "default": {}}
"""

from flask import Flask

from negotiate_api import Api, Resource, fields, marshal_with

app = Flask(__name__)
api = Api(app)

address_fields = {
    "line 1": fields.String(attribute="addr1"),
    "line 2": fields.String(attribute="addr2"),
    "city": fields.String,
    "state": fields.String,
    "zip": fields.String,
}

# A dict within the dict: its fields are attributes of the same object.
complex_fields = {"name": fields.String, "address": address_fields}

# Nested: they are attributes of the object that the attribute holds.
nested_fields = {
    "name": fields.String,
    "billing_address": fields.Nested(address_fields),
    "shipping_address": fields.Nested(address_fields),
}

city_fields = {"city": fields.String}
absent_fields = {
    "all_null": fields.Nested(city_fields),
    "null": fields.Nested(city_fields, allow_null=True),
    "default": fields.Nested(city_fields, default={}),
}

NEW_YORK = {"city": "New York", "state": "NY", "zip": "10468"}


@api.resource("/complex")
class Complex(Resource):
    """A flat object, told as a nested one."""

    @marshal_with(complex_fields)
    def get(self):
        return {"name": "bob", "addr1": "123 fake street", "addr2": "", **NEW_YORK}


@api.resource("/list")
class Lists(Resource):
    """A field that is a list."""

    @marshal_with({"name": fields.String, "first_names": fields.List(fields.String)})
    def get(self):
        return {"name": "Bougnazal", "first_names": ["Emile", "Raoul"]}


@api.resource("/nested")
class Nested(Resource):
    """An object that holds two others."""

    @marshal_with(nested_fields)
    def get(self):
        return {
            "name": "bob",
            "billing_address": {"addr1": "123 fake street", **NEW_YORK},
            "shipping_address": {"addr1": "555 nowhere", **NEW_YORK},
        }


@api.resource("/absent")
class Absent(Resource):
    """What becomes of objects that are not there."""

    @marshal_with(absent_fields)
    def get(self):
        return {}


if __name__ == "__main__":
    app.run()
