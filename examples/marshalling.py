"""marshal_with: what of an object is told, and how it is called; with an envelope, or with one field alone.

$ curl http://127.0.0.1:5000/todo/my_todo
{"task": "Remember the milk", "uri": "/todo/my_todo"}
$ curl http://127.0.0.1:5000/profile
{"resource": {"name": "Ada", "address": "12 St James's Square", "date_updated": "Sun, 01 Jan 2012 12:00:00 -0000"}}
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/profile
resource.name,resource.address,resource.date_updated
Ada,12 St James's Square,"Sun, 01 Jan 2012 12:00:00 -0000"
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from negotiate_api import Api, Resource, fields, marshal, marshal_with, marshal_with_field

app = Flask(__name__)
api = Api(app)

todo_fields = {
    "task": fields.String,
    "uri": fields.Url("todo_ep"),
}

profile_fields = {
    "name": fields.String,
    "address": fields.String,
    "date_updated": fields.DateTime(dt_format="rfc822"),
}


@dataclass
class TodoDao:
    """A thing to do. Its status is no field, so nobody is told of it."""

    todo_id: str
    task: str
    status: str = "active"


@dataclass
class Profile:
    """A person. The phone number stays inside."""

    name: str
    address: str
    phone: str
    date_updated: datetime


ADA = Profile("Ada", "12 St James's Square", "0123", datetime(2012, 1, 1, 12, tzinfo=UTC))


@api.resource("/todo/<string:todo_id>", endpoint="todo_ep")
class Todo(Resource):
    """The fields of an object, one of which is made up."""

    @marshal_with(todo_fields)
    def get(self, todo_id):
        return TodoDao(todo_id, "Remember the milk")


@api.resource("/profile")
class ProfileInEnvelope(Resource):
    """The same below a name of their own."""

    @marshal_with(profile_fields, envelope="resource")
    def get(self):
        return ADA

    def post(self):
        return marshal(ADA, profile_fields, envelope="resource"), 201


@api.resource("/profiles")
class Profiles(Resource):
    """A list of objects; without an envelope it is a table."""

    @marshal_with(profile_fields)
    def get(self):
        return [ADA, ADA]


@api.resource("/numbers")
class Numbers(Resource):
    """A value that is one field."""

    @marshal_with_field(fields.List(fields.Integer))
    def get(self):
        return ["1", 2, 3.0]


if __name__ == "__main__":
    app.run()
