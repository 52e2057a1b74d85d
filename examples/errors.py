r"""Errors: answers by exception class, unknown URLs, and a log of all that is raised.

$ curl -w '%{http_code}\n' http://127.0.0.1:5000/users -d name=ada
{"message": "A user with that username already exists.", "status": 409}
409
$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/users/2
message: A resource with that ID no longer exists.
status: 410
extra: User 1 is still there.
$ curl -o /dev/null -w '%{http_code} %{content_type}\n' http://127.0.0.1:5000/nowhere.csv
404 text/csv; charset=utf-8
"""

from flask import Flask, got_request_exception

from negotiate_api import Api, Resource, fields, marshal_with, reqparse


class UserAlreadyExistsError(Exception):
    """Two users would have the same name."""


class ResourceDoesNotExist(Exception):
    """What was asked for is not there."""


class UserDoesNotExist(ResourceDoesNotExist):
    """The entry of the base class answers for this one too."""


errors = {
    "UserAlreadyExistsError": {
        "message": "A user with that username already exists.",
        "status": 409,
    },
    "ResourceDoesNotExist": {
        "message": "A resource with that ID no longer exists.",
        "status": 410,
        "extra": "User 1 is still there.",
    },
}

app = Flask(__name__)
api = Api(app, errors=errors, catch_all_404s=True)

USERS = {1: "ada"}

parser = reqparse.RequestParser()
parser.add_argument("name", required=True, help="A user has a name.")


def log_exception(sender, exception, **extra):
    """Log an exception that a request has raised, whatever is answered to it."""
    sender.logger.warning("Got exception during processing: %r", exception)


got_request_exception.connect(log_exception, app)


@api.resource("/users")
class Users(Resource):
    """All users."""

    @marshal_with({"id": fields.Integer, "name": fields.String})
    def get(self):
        return [{"id": number, "name": name} for number, name in USERS.items()]

    def post(self):
        name = parser.parse_args().name
        if name in USERS.values():
            raise UserAlreadyExistsError(name)
        USERS[max(USERS) + 1] = name
        return {"id": max(USERS), "name": name}, 201


@api.resource("/users/<int:id>")
class User(Resource):
    """A user."""

    def get(self, id):
        if id not in USERS:
            raise UserDoesNotExist(id)
        return {"id": id, "name": USERS[id]}


@api.resource("/crash")
class Crash(Resource):
    """A bug: the client learns nothing of it, the log everything."""

    def get(self):
        raise RuntimeError("The engine is on fire.")


@app.route("/about")
def about():
    """A page of the application, not of its API."""
    return "<p>Users, in every format.</p>"


if __name__ == "__main__":
    app.run()
