"""A whole resource: arguments that are checked, and an object told with its links.

$ curl -H 'Accept: application/yaml' http://127.0.0.1:5000/Users/1
id: 1
username: ada
email: ada@example.org
user_priority: 4
custom_greeting: Hey there ada!
date_created: Sun, 01 Jan 2012 12:00:00 -0000
date_updated: Sun, 01 Jan 2012 12:00:00 -0000
links:
  friends: http://127.0.0.1:5000/Users/1/Friends
  posts: http://127.0.0.1:5000/Users/1/Posts
$ curl http://127.0.0.1:5000/Users -d username=bob -d email=bob
{"message": {"email": "The user's email: bob is not a valid email"}}
$ curl http://127.0.0.1:5000/Users -d username=bob -d email=bob@example.org -d user_priority=9
{"message": {"user_priority": "The user's priority: 9 is not a valid choice"}}
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from negotiate_api import Api, Resource, abort, fields, marshal_with, reqparse

app = Flask(__name__)
api = Api(app)


@dataclass
class Account:
    """What is kept of a user."""

    id: int
    username: str
    email: str
    user_priority: int
    date_created: datetime
    date_updated: datetime


FIRST_DAY = datetime(2012, 1, 1, 12, tzinfo=UTC)
USERS = {1: Account(1, "ada", "ada@example.org", 4, FIRST_DAY, FIRST_DAY)}


def create_user(username, email, user_priority):
    """A new user."""
    now = datetime.now(UTC)
    user = Account(max(USERS) + 1, username, email, user_priority, now, now)
    USERS[user.id] = user
    return user


def fetch_user(id):
    """The user of that number, or an answer of 404."""
    if id not in USERS:
        abort(404, message=f"There is no user {id}.")
    return USERS[id]


def email(text):
    """The text, if it is an address of e-mail."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise ValueError(f"{text} is not a valid email")
    return text


# In any format that is read, or a form.
BODY = ("json", "form")

post_parser = reqparse.RequestParser()
post_parser.add_argument("username", location=BODY, required=True, help="The user's username: {error_msg}")
post_parser.add_argument("email", type=email, location=BODY, required=True, help="The user's email: {error_msg}")
post_parser.add_argument(
    "user_priority", type=int, location=BODY, default=1, choices=range(5), help="The user's priority: {error_msg}"
)

link_fields = {
    "friends": fields.Url("friends", absolute=True),
    "posts": fields.Url("posts", absolute=True),
}

user_fields = {
    "id": fields.Integer,
    "username": fields.String,
    "email": fields.String,
    "user_priority": fields.Integer,
    "custom_greeting": fields.FormattedString("Hey there {username}!"),
    "date_created": fields.DateTime,
    "date_updated": fields.DateTime,
    # Nested takes its fields from the value of an attribute; here that is the user itself.
    "links": fields.Nested(link_fields, attribute=lambda user: user),
}


@api.resource("/Users")
class Users(Resource):
    """All users; POST adds one."""

    @marshal_with(user_fields)
    def get(self):
        return list(USERS.values())

    @marshal_with(user_fields)
    def post(self):
        args = post_parser.parse_args()
        return create_user(args.username, args.email, args.user_priority), 201


@api.resource("/Users/<int:id>")
class User(Resource):
    """A user, with links to friends and posts."""

    @marshal_with(user_fields)
    def get(self, id):
        return fetch_user(id)


@api.resource("/Users/<int:id>/Friends")
class Friends(Resource):
    """The other users: here they are all friends."""

    @marshal_with({"username": fields.String, "uri": fields.Url("user", absolute=True)})
    def get(self, id):
        fetch_user(id)
        return [user for user in USERS.values() if user.id != id]


@api.resource("/Users/<int:id>/Posts")
class Posts(Resource):
    """What a user has written."""

    def get(self, id):
        return [{"text": f"{fetch_user(id).username} was here."}]


if __name__ == "__main__":
    app.run()
