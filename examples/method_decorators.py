r"""Decorators of a resource: of all its methods, of some, or of its view.

$ curl -w '%{http_code} %header{www-authenticate}\n' http://127.0.0.1:5000/diary
{"message": "Sign in, please."}
401 Basic realm="diary"
$ curl -u ada:lovelace http://127.0.0.1:5000/diary
{"entry": "The engine weaves algebraic patterns."}
$ curl http://127.0.0.1:5000/notes
{"note": "GET is for everybody."}
"""

import secrets
from functools import wraps

from flask import Flask, request
from werkzeug.security import check_password_hash, generate_password_hash

from negotiate_api import Api, Resource, abort

app = Flask(__name__)
app.config["HTTP_BASIC_AUTH_REALM"] = "diary"
api = Api(app, serve_challenge_on_401=True)

PASSWORDS = {"ada": generate_password_hash("lovelace")}
NOBODY = generate_password_hash(secrets.token_hex())  # so that an unknown name takes as long as a wrong password


def is_authentic(authorization):
    """Whether the credentials of a request are those of an account (RFC 7617)."""
    if authorization is None or authorization.type != "basic":
        return False
    return check_password_hash(PASSWORDS.get(authorization.username, NOBODY), authorization.password)


def authenticate(method):
    """Let a method run for those who have signed in, or for all where it is marked as public."""

    @wraps(method)
    def wrapper(*args, **kwargs):
        if not getattr(method, "is_public", False) and not is_authentic(request.authorization):
            abort(401, message="Sign in, please.")
        return method(*args, **kwargs)

    return wrapper


def public(method):
    """Mark a method as one that needs no account."""
    method.is_public = True
    return method


def stamped(view):
    """A decorator of views, as Flask has them."""

    @wraps(view)
    def wrapper(*args, **kwargs):
        return {**view(*args, **kwargs), "by": "The view"}

    return wrapper


class PrivateResource(Resource):
    """What a resource inherits from to be private."""

    method_decorators = [authenticate]


@api.resource("/diary")
class Diary(PrivateResource):
    """For those alone who have signed in."""

    def get(self):
        return {"entry": "The engine weaves algebraic patterns."}


@api.resource("/notes")
class Notes(PrivateResource):
    """Read by everybody, deleted by those who have signed in."""

    @public
    def get(self):
        return {"note": "GET is for everybody."}

    def delete(self):
        return {"note": "It is gone."}


@api.resource("/letters")
class Letters(Resource):
    """Decorators by method, instead of for all of them."""

    method_decorators = {"delete": [authenticate]}

    def get(self):
        return {"letter": "Dear reader"}

    def delete(self):
        return {"letter": "It is gone."}


@api.resource("/stamped")
class Stamped(Resource):
    """Decorators of the view, around all of its methods."""

    decorators = [stamped]

    def get(self):
        return {"letter": "Dear reader"}


if __name__ == "__main__":
    app.run()
