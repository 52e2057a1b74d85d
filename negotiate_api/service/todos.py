"""The todos of who signs in, as resources: Flask-RESTful's example, kept in a database and each user's own.

Whoever writes locks the row of the user first (sign_in.confirm), so that two todos posted at once get two ids.
"""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import Any
from unicodedata import normalize

from sqlalchemy import func, select

from negotiate_api import Api, Resource, Rows, fields, marshal
from negotiate_api.publish import etags

from . import auth, records
from .accounts import Todo
from .collection import collection
from .errors import NoSuchTodo
from .models import db
from .transactions import retried
from .world import link

TODO = {"todo_id": fields.Raw, "task": fields.Raw, "uri": link("todo", todo_id="todo_id")}

TASK: records.Fields = {"task": records.text(10_000)}

ID = re.compile(r"[\w-]{1,100}")

NUMBERED = re.compile(r"todo([1-9][0-9]{0,17})")
"""The ids that are given here; those beyond were chosen by a client, and count for nothing."""

BEYOND = 10**18


class Todos(Resource):
    """Your todos. POST a task to add one."""

    decorators = [auth.required]

    def get(self) -> Rows:
        query = select(Todo.todo_id, Todo.task).where(Todo.user_id == auth.caller().id).order_by(Todo.id)
        return collection(query, "todo", "todo_id")

    def post(self) -> Any:
        todo = added(records.read(TASK))
        etags.tagged(state(todo))
        shown = marshal(todo, TODO)
        return shown, 201, {"Location": shown["uri"]}


class OneTodo(Resource):
    """One of your todos. PUT a task to change it, or to add it under this id; or DELETE it."""

    decorators = [auth.required]
    suffixes = True

    def get(self, todo_id: str) -> Any:
        todo = own(todo_id)
        etags.tagged(state(todo))
        return marshal(todo, TODO)

    def put(self, todo_id: str) -> Any:
        todo, is_new = put(checked(todo_id), records.read(TASK))
        shown = marshal(todo, TODO)
        return (shown, 201, {"Location": shown["uri"]}) if is_new else shown

    @retried
    def delete(self, todo_id: str) -> Any:
        todo = own(todo_id)
        etags.check(state(todo))
        db.session.delete(todo)
        return "", 204


def own(todo_id: str) -> Todo:
    """A todo of the caller. Raises NoSuchTodo."""
    todo = found(todo_id)
    if todo is None:
        raise NoSuchTodo(todo_id)
    return todo


def found(todo_id: str) -> Todo | None:
    """A todo of the caller, if there is one with this id."""
    name = normalize("NFC", todo_id)
    query = select(Todo).where(Todo.user_id == auth.caller().id, Todo.todo_id == name)
    return db.session.scalar(query) if ID.fullmatch(name) else None


@retried
def added(values: dict[str, Any]) -> Todo:
    """A new todo of the caller, under the next id."""
    return _new(next_id(), values)


@retried
def put(todo_id: str, values: dict[str, Any]) -> tuple[Todo, bool]:
    """The todo of this id with these values, and whether it is new."""
    todo = found(todo_id)
    etags.check(state(todo) if todo else None)
    if todo is None:
        return _new(todo_id, values), True
    todo.task = values["task"]
    return todo, False


def next_id() -> str:
    """todo1, or one more than the highest that there is; where that cannot be, than the next one with room after it."""
    length = func.length(Todo.todo_id)
    query = select(Todo.todo_id).where(Todo.user_id == auth.caller().id, Todo.todo_id.like("todo%"))
    ids = db.session.scalars(query.order_by(length.desc(), Todo.todo_id.desc()))
    numbers = (int(match[1]) for match in map(NUMBERED.fullmatch, ids) if match)
    return next(f"todo{low + 1}" for high, low in pairwise(chain([BEYOND], numbers, [0])) if low + 1 < high)


def checked(todo_id: str) -> str:
    """An id that a client chose. Answers 400 where it cannot be one."""
    name = normalize("NFC", todo_id)
    if not ID.fullmatch(name):
        records.refuse({"todo_id": "must have 1 to 100 letters, digits, hyphens and underscores"})
    return name


def state(todo: Todo) -> str:
    """What of its tag is the same in every format."""
    return etags.state(marshal(todo, TODO), todo.version)


def _new(todo_id: str, values: dict[str, Any]) -> Todo:
    todo = Todo(user_id=auth.caller().id, todo_id=todo_id, **values)
    db.session.add(todo)
    return todo


def register(api: Api) -> None:
    """Add the resources."""
    api.add_resource(Todos, "/api/todos", endpoint="todos")
    api.add_resource(OneTodo, "/api/todos/<todo_id>", endpoint="todo")
