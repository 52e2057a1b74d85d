r"""What a method may return: data, a status, headers, rows as they come, or a response of its own.

$ curl -w '%{http_code} %header{etag}\n' http://127.0.0.1:5000/todo3
{"task": "Hello world"}
201 "some-opaque-string"
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/todo4
number,task
1,Hello world
2,Hello world
3,Hello world
$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/todo5
Hello world
"""

from flask import Flask, Response

from negotiate_api import Api, Resource

app = Flask(__name__)
api = Api(app)


@api.resource("/todo1")
class Todo1(Resource):
    """Data alone: the status is 200."""

    def get(self):
        return {"task": "Hello world"}


@api.resource("/todo2")
class Todo2(Resource):
    """Data and a status."""

    def get(self):
        return {"task": "Hello world"}, 201


@api.resource("/todo3")
class Todo3(Resource):
    """Data, a status and headers. The quotation marks belong to an ETag (RFC 9110, section 8.8.3)."""

    def get(self):
        return {"task": "Hello world"}, 201, {"ETag": '"some-opaque-string"'}


@api.resource("/todo4")
class Todo4(Resource):
    """A generator of dicts: rows that are sent while they are read."""

    def get(self):
        for number in (1, 2, 3):
            yield {"number": number, "task": "Hello world"}


@api.resource("/todo5")
class Todo5(Resource):
    """A response of Flask's passes untouched, whatever the client accepts."""

    def get(self):
        return Response("Hello world\n", mimetype="text/plain")


if __name__ == "__main__":
    app.run()
