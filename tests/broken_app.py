"""An application whose rows fail in the middle, for test_server.py."""

from flask import Flask

from negotiate_api import Api, Resource, Rows

COUNT = 20_000

app = Flask(__name__)
api = Api(app)


def tuples(fail):
    for number in range(COUNT):
        if fail and number == COUNT // 2:
            raise RuntimeError("the source of the rows failed")
        yield number, f"row {number}"


@api.resource("/<any(whole, broken):kind>")
class Numbers(Resource):
    def get(self, kind):
        return Rows(("number", "text"), tuples(kind == "broken"), count=COUNT)
