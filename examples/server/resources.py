"""The resources of the API."""

from sqlalchemy.exc import IntegrityError

from negotiate_api import Resource, abort, fields, inputs, marshal_with, reqparse

from .extensions import api, auth, db
from .models import User

# A name holds no colon, which is where Basic authentication ends it. Neither comes from a URL: those are logged.
BODY = ("json", "form")
credentials = reqparse.RequestParser()
NAME = inputs.regex("^[^:]{1,200}$")
credentials.add_argument("name", type=NAME, location=BODY, required=True, help="1 to 200 characters, none a colon.")
credentials.add_argument("password", type=inputs.regex("."), location=BODY, required=True, help="It is missing.")

user_fields = {"id": fields.Integer, "name": fields.String}


@api.resource("/api/helloworld")
class HelloWorld(Resource):
    """A greeting, for everybody."""

    def get(self):
        return {"status": 1, "message": "Hello World!"}


@api.resource("/api/create")
class Create(Resource):
    """Makes the database and its first user, who may then add the others."""

    def post(self):
        first = credentials.parse_args()
        db.create_all()
        if db.session.scalar(db.select(User).limit(1)):
            abort(409, message="The database exists already!")
        User.create(first.name, first.password)
        return {"message": "The database is ready!"}, 201


@api.resource("/api/user")
class UserList(Resource):
    """All users; POST adds one."""

    decorators = [auth.login_required]

    @marshal_with(user_fields, envelope="users")
    def get(self):
        return db.session.scalars(db.select(User).order_by(User.id)).all()

    def post(self):
        user = credentials.parse_args()
        try:
            User.create(user.name, user.password)
        except IntegrityError:
            abort(409, message=f"User {user.name} exists already!")
        return {"message": f"Add User: {user.name} finish!"}, 201
