"""Fields of your own: format() says how a value is written, output() where it comes from.

$ curl -H 'Accept: text/csv' http://127.0.0.1:5000/messages
name,all_caps_name,priority,status
lunch,LUNCH,Normal,Read
fire,FIRE,Urgent,Unread
$ curl http://127.0.0.1:5000/messages/fire
{"name": "fire", "all_caps_name": "FIRE", "priority": "Urgent", "status": "Unread"}
"""

import random

from flask import Flask

from negotiate_api import Api, Resource, abort, fields, marshal_with

app = Flask(__name__)
api = Api(app)

URGENT, UNREAD = 0x01, 0x02
MESSAGES = {"lunch": 0, "fire": URGENT | UNREAD}


class AllCapsString(fields.Raw):
    """Text in capitals."""

    def format(self, value):
        return value.upper()


class UrgentItem(fields.Raw):
    """The first of the flags."""

    def format(self, value):
        return "Urgent" if value & URGENT else "Normal"


class UnreadItem(fields.Raw):
    """The second of the flags."""

    def format(self, value):
        return "Unread" if value & UNREAD else "Read"


class RandomNumber(fields.Raw):
    """A number that no object has."""

    def output(self, key, obj):
        return random.random()


# One attribute may be several fields.
message_fields = {
    "name": fields.String,
    "all_caps_name": AllCapsString(attribute="name"),
    "priority": UrgentItem(attribute="flags"),
    "status": UnreadItem(attribute="flags"),
}


@api.resource("/messages")
class Messages(Resource):
    """All messages."""

    @marshal_with(message_fields)
    def get(self):
        return [{"name": name, "flags": flags} for name, flags in MESSAGES.items()]


@api.resource("/messages/<name>")
class Message(Resource):
    """A message."""

    @marshal_with(message_fields)
    def get(self, name):
        if name not in MESSAGES:
            abort(404, message=f"There is no message {name}.")
        return {"name": name, "flags": MESSAGES[name]}


@api.resource("/random")
class Random(Resource):
    """A field without an attribute."""

    @marshal_with({"name": fields.String, "random": RandomNumber})
    def get(self):
        return {"name": "dice"}


if __name__ == "__main__":
    app.run()
