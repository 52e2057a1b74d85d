"""Foos: a collection that grows, and its items."""

from datetime import UTC, datetime

from negotiate_api import Resource, abort, fields, marshal_with, reqparse

from ..types import Title, name

FOOS = {"1": {"id": "1", "name": "first", "created": datetime(2012, 1, 1, 12, tzinfo=UTC)}}

parser = reqparse.RequestParser()
parser.add_argument("name", type=name, required=True, help="{error_msg}")

foo_fields = {"id": fields.String, "name": Title, "created": fields.DateTime(dt_format="iso8601")}


class Foos(Resource):
    """All foos; POST adds one."""

    @marshal_with(foo_fields)
    def get(self):
        return list(FOOS.values())

    @marshal_with(foo_fields)
    def post(self):
        number = str(len(FOOS) + 1)
        FOOS[number] = {"id": number, "name": parser.parse_args().name, "created": datetime.now(UTC)}
        return FOOS[number], 201


class Foo(Resource):
    """A foo."""

    @marshal_with(foo_fields)
    def get(self, id):
        if id not in FOOS:
            abort(404, message=f"There is no foo {id}.")
        return FOOS[id]
