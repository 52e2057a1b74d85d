"""URLs and endpoints: several URLs for one resource, names for them, and an Api that meets its application later.

$ curl http://127.0.0.1:5000/hello
{"hello": "world"}
$ curl http://127.0.0.1:5000/todo/7
{"todo_id": 7, "uri": "/todo/7"}
$ curl http://127.0.0.1:5000/special/foo.yaml
message: Hello, special World!
elsewhere: "/foo"
"""

from flask import Flask, url_for

from negotiate_api import Api, Resource

api = Api()


class HelloWorld(Resource):
    """A greeting, at two URLs."""

    def get(self):
        return {"hello": "world"}


class Todo(Resource):
    """A resource whose endpoint is named, so that url_for and fields.Url find it by that name."""

    def get(self, todo_id):
        return {"todo_id": todo_id, "uri": url_for("todo_ep", todo_id=todo_id)}


class FooSpecial(Resource):
    """A link by class, which api.url_for takes where url_for takes an endpoint."""

    def get(self):
        return {"message": "Hello, special World!", "elsewhere": api.url_for(Foo)}


api.add_resource(HelloWorld, "/", "/hello")
api.add_resource(Todo, "/todo/<int:todo_id>", endpoint="todo_ep")
api.add_resource(FooSpecial, "/special/foo", endpoint="special_foo")


@api.resource("/foo")
class Foo(Resource):
    """Routed by a decorator. Its endpoint is "foo", its data is text."""

    def get(self):
        return "Hello, World!"


app = Flask(__name__)
api.init_app(app)


if __name__ == "__main__":
    app.run()
