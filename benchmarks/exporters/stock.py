"""Flask-RESTful as documented: a model, marshal_with, a transformer for each format. Models are Flask-SQLAlchemy's.

/flights are objects of the model, /dicts are rows that Python's sqlite3 gives as dicts.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import yaml
from dicttoxml import dicttoxml
from flask import Flask, Response, make_response
from flask_restful import Api, Resource, fields, marshal_with
from flask_sqlalchemy import SQLAlchemy

from benchmarks.flights import COLUMNS, TEXT

PATH = os.environ["BENCHMARK_DATABASE"]
FIELDS = {name: fields.String if name in TEXT else fields.Integer for name in COLUMNS}

application = Flask("stock")
application.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{PATH}"
db = SQLAlchemy(application)
with application.app_context():
    db.reflect()

api = Api(application)


class Flight(db.Model):  # type: ignore[name-defined, misc]
    __table__ = db.metadata.tables["flights"]


@api.resource("/flights")
class Flights(Resource):  # type: ignore[misc]
    @marshal_with(FIELDS)
    def get(self) -> Any:
        return Flight.query.all()


@api.resource("/dicts")
class Dicts(Resource):  # type: ignore[misc]
    @marshal_with(FIELDS)
    def get(self) -> Any:
        with closing(sqlite3.connect(PATH)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM flights")]


@api.representation("text/csv")
def as_csv(data: Any, code: int, headers: Any = None) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(data)
    return make_response(text.getvalue(), code, headers)


@api.representation("application/xml")
def as_xml(data: Any, code: int, headers: Any = None) -> Response:
    return make_response(dicttoxml(data), code, headers)


def as_yaml(dumper: Any) -> Callable[..., Response]:
    def transform(data: Any, code: int, headers: Any = None) -> Response:
        rows = [dict(row) for row in data]  # neither dumper has a form for marshal's OrderedDict
        return make_response(yaml.dump(rows, Dumper=dumper, sort_keys=False, allow_unicode=True), code, headers)

    return transform


api.representation("application/yaml")(as_yaml(yaml.SafeDumper))
api.representation("application/x-libyaml")(as_yaml(yaml.CSafeDumper))
