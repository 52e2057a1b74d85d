"""fields.Url: links between resources, relative, absolute and with a scheme.

$ curl http://127.0.0.1:5000/todos/1
{"name": "milk", "uri": "/todos/1", "absolute_uri": "http://127.0.0.1:5000/todos/1", "https_uri": "https://127.0.0.1:5000/todos/1"}
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/todos
name,uri
milk,/todos/1
bread,/todos/2
"""

from flask import Flask

from negotiate_api import Api, Resource, abort, fields, marshal_with

app = Flask(__name__)
api = Api(app)

TODOS = {1: {"id": 1, "name": "milk"}, 2: {"id": 2, "name": "bread"}}

# "todo_resource" is the endpoint; its URL takes the object's id.
todo_fields = {
    "name": fields.String,
    "uri": fields.Url("todo_resource"),
    "absolute_uri": fields.Url("todo_resource", absolute=True),
    "https_uri": fields.Url("todo_resource", absolute=True, scheme="https"),
}


@api.resource("/todos")
class Todos(Resource):
    """All there is to do, each with its URL."""

    @marshal_with({"name": fields.String, "uri": fields.Url("todo_resource")})
    def get(self):
        return list(TODOS.values())


@api.resource("/todos/<int:id>", endpoint="todo_resource")
class Todo(Resource):
    """A thing to do, with its URL in full."""

    @marshal_with(todo_fields)
    def get(self, id):
        if id not in TODOS:
            abort(404, message=f"Todo {id} doesn't exist")
        return TODOS[id]


if __name__ == "__main__":
    app.run()
