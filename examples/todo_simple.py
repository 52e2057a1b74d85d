"""A resource with two methods: PUT writes a thing to do, GET reads it.

$ curl http://127.0.0.1:5000/todo1 -d 'data=Remember the milk' -X PUT
{"todo1": "Remember the milk"}
$ curl http://127.0.0.1:5000/todo1
{"todo1": "Remember the milk"}
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/todo1
todo1
Remember the milk
"""

from flask import Flask, request

from negotiate_api import Api, Resource, abort

app = Flask(__name__)
api = Api(app)

todos = {}


class TodoSimple(Resource):
    """A thing to do."""

    def get(self, todo_id):
        if todo_id not in todos:
            abort(404, message=f"Todo {todo_id} doesn't exist")
        return {todo_id: todos[todo_id]}

    def put(self, todo_id):
        todos[todo_id] = request.form["data"]
        return {todo_id: todos[todo_id]}


api.add_resource(TodoSimple, "/<string:todo_id>")


if __name__ == "__main__":
    app.run()
