"""A whole API: a list of things to do that is read, added to, changed and deleted from.

$ curl http://127.0.0.1:5000/todos
{"todo1": {"task": "build an API"}, "todo2": {"task": "?????"}, "todo3": {"task": "profit!"}}
$ curl http://127.0.0.1:5000/todos -d 'task=something new'
{"task": "something new"}
$ curl http://127.0.0.1:5000/todos -H 'Content-Type: application/yaml' -d 'task: read YAML too'
{"task": "read YAML too"}
$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/todos/todo5
task: read YAML too
"""

from itertools import count

from flask import Flask

from negotiate_api import Api, Resource, abort, reqparse

app = Flask(__name__)
api = Api(app)

TODOS = {
    "todo1": {"task": "build an API"},
    "todo2": {"task": "?????"},
    "todo3": {"task": "profit!"},
}
numbers = count(4)

parser = reqparse.RequestParser()
parser.add_argument("task", required=True, help="What is to be done?")


def abort_if_todo_doesnt_exist(todo_id):
    """Answer 404 where there is no such thing to do."""
    if todo_id not in TODOS:
        abort(404, message=f"Todo {todo_id} doesn't exist")


class Todo(Resource):
    """A thing to do."""

    def get(self, todo_id):
        abort_if_todo_doesnt_exist(todo_id)
        return TODOS[todo_id]

    def delete(self, todo_id):
        abort_if_todo_doesnt_exist(todo_id)
        del TODOS[todo_id]
        return "", 204

    def put(self, todo_id):
        TODOS[todo_id] = parser.parse_args()
        return TODOS[todo_id], 201


class TodoList(Resource):
    """All there is to do."""

    def get(self):
        return TODOS

    def post(self):
        task = parser.parse_args()
        todo_id = f"todo{next(numbers)}"
        TODOS[todo_id] = task
        return task, 201, {"Location": api.url_for(Todo, todo_id=todo_id)}


api.add_resource(TodoList, "/todos")
api.add_resource(Todo, "/todos/<todo_id>")


if __name__ == "__main__":
    app.run()
