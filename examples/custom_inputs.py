"""Input types of your own: functions that convert a value, or raise ValueError.

$ curl 'http://127.0.0.1:5000/?OddNumber=7&Status=in-progress'
{"OddNumber": 7, "Odd": null, "Status": 1}
$ curl 'http://127.0.0.1:5000/?OddNumber=8'
{"message": {"OddNumber": "Value is not odd"}}
$ curl -H 'Accept: application/yaml' 'http://127.0.0.1:5000/?Odd=8'
message:
  Odd: "The parameter 'Odd' is not odd. You gave us the value: 8"
"""

from flask import Flask

from negotiate_api import Api, Resource, reqparse

app = Flask(__name__)
api = Api(app)

STATUSES = ("init", "in-progress", "completed")


def odd_number(value):
    """The number, if it is odd."""
    number = int(value)
    if number % 2 == 0:
        raise ValueError("Value is not odd")
    return number


def named_odd_number(value, name):
    """The same with a second parameter, which is given the name of the argument."""
    number = int(value)
    if number % 2 == 0:
        raise ValueError(f"The parameter '{name}' is not odd. You gave us the value: {value}")
    return number


def task_status(value):
    """The number that stands for a status inside: 0 for "init"."""
    if value not in STATUSES:
        raise ValueError(f"{value} is not one of {', '.join(STATUSES)}")
    return STATUSES.index(value)


parser = reqparse.RequestParser()
parser.add_argument("OddNumber", type=odd_number)
parser.add_argument("Odd", type=named_odd_number)
parser.add_argument("Status", type=task_status)


@api.resource("/")
class Task(Resource):
    """What the arguments have become."""

    def get(self):
        return parser.parse_args()


if __name__ == "__main__":
    app.run()
