"""Bazes: items that are put where their client wants them."""

from negotiate_api import Resource, abort, fields, marshal_with, reqparse

from ..types import Title, name

BAZES = {}

parser = reqparse.RequestParser()
parser.add_argument("name", type=name, required=True, help="{error_msg}")

baz_fields = {"id": fields.String, "name": Title}


class Baz(Resource):
    """A baz."""

    @marshal_with(baz_fields)
    def get(self, id):
        if id not in BAZES:
            abort(404, message=f"There is no baz {id}.")
        return BAZES[id]

    @marshal_with(baz_fields)
    def put(self, id):
        is_new = id not in BAZES
        BAZES[id] = {"id": id, "name": parser.parse_args().name}
        return BAZES[id], 201 if is_new else 200
