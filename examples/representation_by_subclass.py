"""Formats of your own, by a subclass of Api: it offers these and no others.

$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/cities
name,people
Windhoek,268132
Rundu,58172
$ curl -H 'Accept: application/xml' http://127.0.0.1:5000/cities
<records><record><name>Windhoek</name><people>268132</people></record><record><name>Rundu</name><people>58172</people></record></records>
$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/cities
- name: Windhoek
  people: 268132
- name: Rundu
  people: 58172
"""

import csv
import io
import json
from html import escape
from xml.etree import ElementTree

import yaml
from flask import Flask, make_response

import negotiate_api
from negotiate_api import Resource

CITIES = [{"name": "Windhoek", "people": 268132}, {"name": "Rundu", "people": 58172}]


def respond(text, code, headers):
    """The response that a text makes."""
    response = make_response(text, code)
    response.headers.extend(headers or {})
    return response


def records_of(data):
    """The records of a list, or the one there is."""
    return data if isinstance(data, list) else [data]


def output_json(data, code, headers=None):
    """JSON."""
    return respond(json.dumps(data) + "\n", code, headers)


def output_yaml(data, code, headers=None):
    """YAML."""
    return respond(yaml.safe_dump(data, sort_keys=False), code, headers)


def output_csv(data, code, headers=None):
    """CSV."""
    records, text = records_of(data), io.StringIO()
    writer = csv.DictWriter(text, records[0])
    writer.writeheader()
    writer.writerows(records)
    return respond(text.getvalue(), code, headers)


def output_xml(data, code, headers=None):
    """XML: an element a record, in it one a value."""
    root = ElementTree.Element("records")
    for record in records_of(data):
        element = ElementTree.SubElement(root, "record")
        for name, value in record.items():
            ElementTree.SubElement(element, name).text = str(value)
    return respond(ElementTree.tostring(root), code, headers)


def output_html(data, code, headers=None):
    """HTML: a table."""
    records = records_of(data)
    head = "".join(f"<th>{escape(name)}" for name in records[0])
    rows = ("".join(f"<td>{escape(str(value))}" for value in record.values()) for record in records)
    table = "".join(f"<tr>{row}" for row in (head, *rows))
    return respond(f"<!doctype html><title>{code}</title><table>{table}</table>\n", code, headers)


class Api(negotiate_api.Api):
    """An Api that offers five formats, each written here."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.representations = {
            "application/json": output_json,
            "application/xml": output_xml,
            "text/html": output_html,
            "text/csv": output_csv,
            "application/yaml": output_yaml,
        }


app = Flask(__name__)
api = Api(app, catch_all_404s=True)


@api.resource("/cities")
class Cities(Resource):
    """Cities and their people."""

    def get(self):
        return CITIES


if __name__ == "__main__":
    app.run()
