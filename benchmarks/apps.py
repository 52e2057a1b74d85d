"""The same resources with this library, with Flask-RESTful alone, and as a view of Flask that does nothing.

/people/1 is an item, /pages/25 and /pages/100 are lists, of what JSON can hold. /records/1 and /lists/100 are
marshalled by ten fields, as the documentation of Flask-RESTful shows it, /linked/1 by these and the URL of the
person. The resources are the same classes but for their base.
"""

from __future__ import annotations

import csv
import io
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import flask_restful
import yaml
from dicttoxml import dicttoxml
from flask import Flask, Response, make_response

import negotiate_api
from representations import CSV, JSON, YAML

from .people import ITEM, PAGES, RECORDS

Transformer = Callable[..., Response]


def ours(**options: Any) -> Flask:
    """negotiate_api with all of its formats."""
    app = Flask("ours")
    return _routed(app, negotiate_api.Api(app, **options), negotiate_api)


def stock(transformers: Mapping[str, Transformer] = MappingProxyType({})) -> Flask:
    """Flask-RESTful with its JSON, and with transformers by media type."""
    app = Flask("stock")
    api = flask_restful.Api(app)
    api.representations.update(transformers)
    return _routed(app, api, flask_restful)


def floor() -> Flask:
    """A view whose response is made beforehand but for its copy: what Flask itself costs."""
    app = Flask("floor")
    body = f"{json.dumps(ITEM)}\n".encode()

    @app.route("/people/<int:number>")
    def item(number: int) -> Response:
        return Response(body, content_type="application/json")

    return app


def as_csv(data: Any, code: int, headers: Any = None) -> Response:
    rows = data if isinstance(data, list) else [data]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return make_response(text.getvalue(), code, headers)


def as_xml(data: Any, code: int, headers: Any = None) -> Response:
    return make_response(dicttoxml(data), code, headers)


class _Safe(yaml.SafeDumper):
    """Writes what marshal() gives too, which PyYAML refuses: it is of OrderedDicts."""


class _SafeInC(yaml.CSafeDumper):
    """The same with libyaml."""


for _dumper in (_Safe, _SafeInC):
    _dumper.add_representer(OrderedDict, lambda dumper, data: dumper.represent_dict(data.items()))


def as_yaml(data: Any, code: int, headers: Any = None) -> Response:
    return make_response(yaml.dump(data, Dumper=_Safe, sort_keys=False, allow_unicode=True), code, headers)


def as_yaml_in_c(data: Any, code: int, headers: Any = None) -> Response:
    text = yaml.dump(data, Dumper=_SafeInC, sort_keys=False, allow_unicode=True)
    return make_response(text, code, headers)


NAIVE: tuple[tuple[str, str, str, Transformer], ...] = (
    ("CSV", "csv", "text/csv", as_csv),
    ("XML", "dicttoxml", "application/xml", as_xml),
    ("YAML", "PyYAML", "application/yaml", as_yaml),
    ("YAML", "PyYAML with libyaml", "application/yaml", as_yaml_in_c),
)
"""Format, library, media type and the transformer that Flask-RESTful's documentation and its users write with it."""


def naive() -> Flask:
    """Flask-RESTful with a transformer for each media type, the first there is."""
    return stock({mediatype: transformer for _, _, mediatype, transformer in reversed(NAIVE)})


FEW = (JSON(), CSV(), YAML())
FEW_NAIVE = {"text/csv": as_csv, "application/yaml": as_yaml}
"""The same formats beside JSON, none of which a browser's Accept field names, so that both answer it in JSON."""


def definition(fields: Any) -> dict[str, Any]:
    """Ten fields of a person, of the types that the documentation begins with."""
    city = {"name": fields.String, "country": fields.String, "people": fields.Integer}
    return {
        "id": fields.Integer,
        "name": fields.String,
        "email": fields.String,
        "city": fields.Nested(city),
        "balance": fields.Float,
        "rate": fields.Float,
        "active": fields.Boolean,
        "born": fields.String,
        "seen": fields.DateTime,
        "note": fields.String(default="none"),
    }


def _routed(app: Flask, api: Any, library: Any) -> Flask:
    plain = definition(library.fields)
    linked = {**plain, "uri": library.fields.Url("linked")}

    class Person(library.Resource):
        def get(self, number: int) -> Any:
            return ITEM

    class Page(library.Resource):
        def get(self, size: int) -> Any:
            return PAGES[size]

    class Marshalled(library.Resource):
        @library.marshal_with(plain)
        def get(self, id: int) -> Any:  # noqa: A002 - as the field
            return RECORDS[25][id - 1]

    class Linked(library.Resource):
        @library.marshal_with(linked)
        def get(self, id: int) -> Any:  # noqa: A002 - as the field
            return RECORDS[25][id - 1]

    class List(library.Resource):
        @library.marshal_with(plain)
        def get(self, size: int) -> Any:
            return RECORDS[size]

    api.add_resource(Person, "/people/<int:number>")
    api.add_resource(Page, "/pages/<int:size>")
    api.add_resource(Marshalled, "/records/<int:id>")
    api.add_resource(Linked, "/linked/<int:id>")
    api.add_resource(List, "/lists/<int:size>")
    return app
