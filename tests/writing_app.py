"""The service with a resource that everybody may write to, for test_storage.py.

Each request adds a todo and counts it in another one. In between it lets others run, as a request does that logs.
"""

import time

from sqlalchemy import select

from negotiate_api.service.accounts import Todo
from negotiate_api.service.app import create_app
from negotiate_api.service.models import db
from negotiate_api.service.transactions import retried

COUNT = "count"

app = create_app()


@retried
def add(name):
    counter = db.session.scalars(select(Todo).where(Todo.todo_id == COUNT).with_for_update()).one()
    db.session.add(Todo(user_id=counter.user_id, todo_id=name, task="written"))
    db.session.flush()
    time.sleep(0.001)
    counter.task = str(int(counter.task) + 1)


@app.post("/written/<name>")
def write(name):
    add(name)
    return "", 201
