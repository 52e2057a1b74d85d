"""Every input type that comes with the library.

$ curl 'http://127.0.0.1:5000/?url=https://example.org/&boolean=true&natural=0&int_range=12'
{"url": "https://example.org/", "natural": 0, "int_range": 12, "boolean": true}
$ curl 'http://127.0.0.1:5000/?iso8601interval=2013-01-01/P3D'
{"iso8601interval": ["2013-01-01T00:00:00+00:00", "2013-01-04T00:00:00+00:00"]}
$ curl 'http://127.0.0.1:5000/?positive=0'
{"message": {"positive": "Invalid positive: 0. positive must be a positive integer"}}
"""

from flask import Flask

from negotiate_api import Api, Resource, inputs, reqparse

app = Flask(__name__)
api = Api(app)

TYPES = {
    "url": inputs.url,
    "regex": inputs.regex("^[a-z]+$"),
    "natural": inputs.natural,
    "positive": inputs.positive,
    "int_range": inputs.int_range(1, 12, argument="int_range"),
    "boolean": inputs.boolean,
    "date": inputs.date,
    "datetime_from_iso8601": inputs.datetime_from_iso8601,
    "datetime_from_rfc822": inputs.datetime_from_rfc822,
    "iso8601interval": inputs.iso8601interval,
}

parser = reqparse.RequestParser()
for name, type_ in TYPES.items():
    parser.add_argument(name, type=type_, store_missing=False)


@api.resource("/")
class Inputs(Resource):
    """What the arguments have become; those that were not sent are left out."""

    def get(self):
        return parser.parse_args()


if __name__ == "__main__":
    app.run()
