"""Bars: one class at two URLs, for all of them and for one."""

from negotiate_api import Resource, abort

BARS = {"north": {"id": "north", "seats": 40}, "south": {"id": "south", "seats": 12}}


class Bar(Resource):
    """All bars, or one."""

    def get(self, id=None):
        if id is None:
            return list(BARS.values())
        if id not in BARS:
            abort(404, message=f"There is no bar {id}.")
        return BARS[id]
