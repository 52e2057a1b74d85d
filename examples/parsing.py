"""reqparse: arguments that are converted, required, repeated, renamed, and refused with a reason.

$ curl -d 'rate=foo' http://127.0.0.1:5000/rate
{"message": {"rate": "Rate cannot be converted: invalid literal for int() with base 10: 'foo'"}}
$ curl -d 'name=bob' -d 'name=sue' -d 'name=joe' http://127.0.0.1:5000/names
{"name": ["bob", "sue", "joe"]}
$ curl 'http://127.0.0.1:5000/strict?rate=3&rat=4'
{"message": "Unknown arguments: rat"}
"""

from flask import Flask

from negotiate_api import Api, Resource, reqparse

app = Flask(__name__)
api = Api(app)

rate = reqparse.RequestParser()
rate.add_argument("rate", type=int, help="Rate cannot be converted: {error_msg}")
rate.add_argument("name")

required = reqparse.RequestParser()
required.add_argument("name", required=True, help="Name cannot be blank!")

names = reqparse.RequestParser()
names.add_argument("name", action="append")

renamed = reqparse.RequestParser()
renamed.add_argument("name", dest="public_name")

options = reqparse.RequestParser(trim=True, bundle_errors=True)
options.add_argument("size", choices=("small", "large"), default="small", case_sensitive=False)
options.add_argument("tags", action="split")
options.add_argument("pages", type=int, ignore=True)
options.add_argument("note", store_missing=False, nullable=False)


class Parsed(Resource):
    """What a parser makes of a request: of its query, of a form, or of a body in any format."""

    def __init__(self, parser, strict=False):
        self.parser, self.strict = parser, strict

    def get(self):
        return self.parser.parse_args(strict=self.strict)

    post = get


api.add_resource(Parsed, "/rate", endpoint="rate", resource_class_args=(rate,))
api.add_resource(Parsed, "/strict", endpoint="strict", resource_class_args=(rate, True))
api.add_resource(Parsed, "/required", endpoint="required", resource_class_args=(required,))
api.add_resource(Parsed, "/names", endpoint="names", resource_class_args=(names,))
api.add_resource(Parsed, "/renamed", endpoint="renamed", resource_class_args=(renamed,))
api.add_resource(Parsed, "/options", endpoint="options", resource_class_args=(options,))


if __name__ == "__main__":
    app.run()
