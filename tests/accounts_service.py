"""The service with three users, for the tests of accounts. Their hashes are cheap, so that a test may sign in often."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

from sqlalchemy import delete, text
from werkzeug.security import generate_password_hash

from negotiate_api.service import schema
from negotiate_api.service.accounts import ADMINISTRATOR, USER, Todo, Token, User
from negotiate_api.service.app import create_app
from negotiate_api.service.models import db

ROOT, ADA, LI = ("root", "battery staple"), ("ada", "difference engine"), ("李雷", "韩梅梅韩梅梅你好吗")

UNSET = (
    *("DATABASE_URL", "NEGOTIATE_INSTANCE", "SECRET_KEY", "NEGOTIATE_SECRET_KEY", "REDIS_URL"),
    *("NEGOTIATE_REGISTRATION", "NEGOTIATE_ACCOUNT_LIMIT", "NEGOTIATE_ADDRESS_LIMIT", "NEGOTIATE_TRUSTED_PROXIES"),
    *("NEGOTIATE_ADMIN", "NEGOTIATE_ADMIN_PASSWORD"),
)
"""Variables that a test must not have from outside."""


@contextmanager
def service(url, folder, **config):
    """Give an app on a database with an administrator, root, two more users, and nothing else."""
    app = create_app(url, folder, **config)
    with app.app_context():
        schema.upgrade(db.engine)
        empty(db.session, db.engine.dialect.name)
        for (name, password), role in ((ROOT, ADMINISTRATOR), (ADA, USER), (LI, USER)):
            db.session.add(User(name=name, password_hash=generate_password_hash(password, "scrypt:512:8:1"), role=role))
            db.session.flush()
        db.session.commit()
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def empty(session, dialect):
    """Remove all users and what is theirs; the next has the id 1, and so the rest."""
    for table in (Token.__table__, Todo.__table__, User.__table__):
        session.execute(delete(table))
        if dialect == "postgresql":
            session.execute(text(f"ALTER SEQUENCE {table.name}_id_seq RESTART"))
        elif dialect == "mariadb":
            session.execute(text(f"ALTER TABLE {table.name} AUTO_INCREMENT = 1"))
        else:
            session.execute(text(f"DELETE FROM sqlite_sequence WHERE name = '{table.name}'"))


def token(client, user, **fields):
    """Make a token of a user; gives the fields of a request that has it."""
    secret = client.post("/api/tokens", auth=user, json={"name": "test", **fields}).json["token"]
    return {"Authorization": f"Bearer {secret}"}


def at_once(*calls):
    """Run these, each in a thread, as nearly at once as can be; gives what they give."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
