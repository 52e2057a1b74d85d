"""A format of your own, by decorator: a function of data, status and headers that makes the response.

Errors take the same way, and the formats that come with the library stay beside yours.

$ curl http://127.0.0.1:5000/cities
[{"name": "Windhoek", "people": 268132}, {"name": "Rundu", "people": 58172}]
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/cities
name;people
Windhoek;268132
Rundu;58172
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/cities/Oslo
message
There is no city Oslo.
"""

import csv
import io
import json

from flask import Flask, make_response

from negotiate_api import Api, Resource, abort

app = Flask(__name__)
api = Api(app)

CITIES = {"Windhoek": 268132, "Rundu": 58172}


@api.representation("application/json")
def output_json(data, code, headers=None):
    """JSON, as the standard library writes it."""
    response = make_response(json.dumps(data) + "\n", code)
    response.headers.extend(headers or {})
    return response


@api.representation("text/csv")
def output_csv(data, code, headers=None):
    """CSV with semicolons, of a record or a list of them."""
    records = data if isinstance(data, list) else [data]
    text = io.StringIO()
    writer = csv.DictWriter(text, records[0], delimiter=";")
    writer.writeheader()
    writer.writerows(records)
    response = make_response(text.getvalue(), code)
    response.headers.extend(headers or {})
    return response


@api.resource("/cities")
class Cities(Resource):
    """Cities and their people."""

    def get(self):
        return [{"name": name, "people": people} for name, people in CITIES.items()]


@api.resource("/cities/<name>")
class City(Resource):
    """A city and its people."""

    def get(self, name):
        if name not in CITIES:
            abort(404, message=f"There is no city {name}.")
        return {"name": name, "people": CITIES[name]}


if __name__ == "__main__":
    app.run()
