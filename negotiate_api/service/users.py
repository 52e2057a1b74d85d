"""The users as resources. An administrator sees and changes all of them, everybody else the own one.

Who is not shown a user is told that there is none, 404 and not 403 (RFC 9110, section 15.5.4), so that nobody learns
which there are.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from sqlalchemy import select

from negotiate_api import Api, Resource, Rows, fields, marshal
from negotiate_api.publish import etags

from . import auth, names, passwords, records, user_store
from .accounts import ROLES, User
from .collection import collection
from .config import OPEN
from .errors import NoSuchRow
from .models import db
from .world import link

USER = {**dict.fromkeys(("id", "name", "role", "created"), fields.Raw), "uri": link("user", id="id")}

NAME: records.Fields = {"name": names.username}
PASSWORD: records.Fields = {"password": passwords.password}
ROLE: records.Fields = {"role": records.one_of(ROLES)}


def registers() -> bool:
    """Whether the request is one that everybody may send: to register."""
    return request.method == "POST" and current_app.config["REGISTRATION"] == OPEN


class Users(Resource):
    """The users: all of them for an administrator, else your own. POST a name and a password to add one."""

    decorators = [auth.required_unless(registers)]

    def get(self) -> Rows:
        caller = auth.caller()
        query = select(User.id, User.name, User.role, User.created).order_by(User.id)
        return collection(query if caller.administers else query.where(User.id == caller.id), "user", "id")

    def post(self) -> Any:
        if not registers():
            auth.need_administrator()
        need_password()
        values = hashed(records.read(NAME | PASSWORD, role_if_allowed()), "")
        user = user_store.add(values)
        etags.tagged(state(user))
        added = marshal(user, USER)
        return {"message": f"The user {user.name} was added.", **added}, 201, {"Location": added["uri"]}


class OneUser(Resource):
    """A user. PUT a name and a password, PATCH some of it, or DELETE it with its todos and tokens."""

    decorators = [auth.required]

    def get(self, id: int) -> Any:  # noqa: A002 - the name of the column
        user = shown(id)
        etags.tagged(state(user))
        return marshal(user, USER)

    def put(self, id: int) -> Any:  # noqa: A002
        return marshal(changed(id, NAME | PASSWORD, {}), USER)

    def patch(self, id: int) -> Any:  # noqa: A002
        user = changed(id, {}, NAME | PASSWORD)
        etags.tagged(state(user))
        return marshal(user, USER)

    def delete(self, id: int) -> Any:  # noqa: A002
        shown(id)
        need_password()
        user_store.remove(id, unless_changed)
        return "", 204


def shown(user_id: int) -> User:
    """A user that the caller is shown. Raises NoSuchRow."""
    caller = auth.caller()
    user = db.session.get(User, user_id) if caller.administers or caller.id == user_id else None
    if user is None:
        raise NoSuchRow("user", user_id)
    return user


def changed(user_id: int, required: records.Fields, optional: records.Fields) -> User:
    """A user with what the body says."""
    user = shown(user_id)
    values = records.read(required, {**optional, **role_if_allowed()})
    if not values.keys().isdisjoint(PASSWORD | ROLE):
        need_password()
    unless_changed(user)
    return user_store.change(user_id, hashed(values, user.name), unless_changed)


def hashed(values: dict[str, Any], name: str) -> dict[str, Any]:
    """user_store.hashed(), told as a wrong field."""
    try:
        return user_store.hashed(values, name)
    except ValueError as error:
        return records.refuse({"password": str(error)})


def need_password() -> None:
    """Raises InsufficientScope where the caller came with a token, so that it makes nothing that outlives it."""
    if auth.signed_in() and auth.caller().scope:
        raise auth.InsufficientScope("A token adds and removes no users, and changes no passwords and no roles.")


def role_if_allowed() -> records.Fields:
    """The field that only administrators set."""
    return ROLE if auth.signed_in() and auth.caller().administers else {}


def state(user: User) -> str:
    """What of its tag is the same in every format."""
    return etags.state(marshal(user, USER), user.version)


def unless_changed(user: User) -> None:
    """Raises PreconditionFailed where the user is not as the client says."""
    etags.check(state(user))


def register(api: Api) -> None:
    """Add the resources."""
    api.add_resource(Users, "/api/user", endpoint="users")
    api.add_resource(OneUser, "/api/user/<int(max=2147483647):id>", endpoint="user")
