r"""reqparse: where an argument is looked for, in the query, a form, the headers, cookies, files or the body.

$ curl -b session_id=s1 -A Browser -F name=Ada -F 'picture=hello;filename=a.png' 'http://127.0.0.1:5000/?PageSize=9'
{"name": "Ada", "PageSize": 9, "User-Agent": "Browser", "session_id": "s1", "picture": "a.png of 5 bytes"}
$ curl -H 'text: from the headers' 'http://127.0.0.1:5000/text?text=from+the+query'
{"text": "from the query"}
$ curl -H 'Content-Type: text/csv' -d $'name,born\nAda,1815\n' http://127.0.0.1:5000/body
{"name": "Ada", "born": 1815}
"""

from flask import Flask
from werkzeug.datastructures import FileStorage

from negotiate_api import Api, Resource, reqparse

app = Flask(__name__)
api = Api(app)

everywhere = reqparse.RequestParser()
everywhere.add_argument("name", location="form")
everywhere.add_argument("PageSize", type=int, location="args")
everywhere.add_argument("User-Agent", location="headers")
everywhere.add_argument("session_id", location="cookies")
everywhere.add_argument("picture", type=FileStorage, location="files")

# The last of several locations has precedence.
several = reqparse.RequestParser()
several.add_argument("text", location=["headers", "values"])

# "json" is the body, in JSON or in any other format that is read.
body = reqparse.RequestParser()
body.add_argument("name", location="json", required=True)
body.add_argument("born", location="json", type=int)


@api.resource("/")
class Everywhere(Resource):
    """An argument from each location."""

    def post(self):
        args = everywhere.parse_args()
        if args.picture:
            args.picture = f"{args.picture.filename} of {len(args.picture.read())} bytes"
        return args


@api.resource("/text")
class Several(Resource):
    """An argument from one of several locations."""

    def get(self):
        return several.parse_args()


@api.resource("/body")
class Body(Resource):
    """Arguments from the body."""

    def post(self):
        return body.parse_args()


if __name__ == "__main__":
    app.run()
