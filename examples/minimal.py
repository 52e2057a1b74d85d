"""The smallest API there is: one resource at one URL, in every format.

$ curl http://127.0.0.1:5000/
{"hello": "world"}
$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/
hello: world
$ curl 'http://127.0.0.1:5000/?format=csv'
hello
world
"""

from flask import Flask

from negotiate_api import Api, Resource

app = Flask(__name__)
api = Api(app)


class HelloWorld(Resource):
    """A greeting."""

    def get(self):
        return {"hello": "world"}


api.add_resource(HelloWorld, "/")


if __name__ == "__main__":
    app.run()
