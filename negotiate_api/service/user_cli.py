"""`run.py user`: the users from the command line, for whoever may read the instance folder.

A password comes from a prompt that does not show it, or from stdin; never from an argument, which other users of the
machine see.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from . import app, database, names, passwords, schema, sign_in, tokens, user_store
from .accounts import READ, ROLES, SCOPES, USER, User
from .errors import LastAdministrator, NoSuchRow, Unusable, UserAlreadyExistsError
from .models import db

T = TypeVar("T")

FIELD = "\t"

from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")


@click.group()
def user() -> None:
    """Look after the users."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=USER, help="What the user may do.")
@from_stdin
def add(name: str, role: str, password_stdin: bool) -> None:
    """Add a user, and print its id."""
    with told():
        name = checked(names.username, name, "the name")
        values = user_store.hashed({"name": name, "role": role, "password": asked(name, password_stdin)}, name)
        click.echo(user_store.add(values).id)


@user.command("list")
def list_() -> None:
    """Print the users, a line each: id, role, when it was added, and name, with tabs between."""
    with told():
        for row in db.session.execute(select(User.id, User.role, User.created, User.name).order_by(User.id)):
            click.echo(FIELD.join((str(row.id), row.role, row.created.isoformat(), row.name)))


@user.command()
@click.argument("name")
@from_stdin
def passwd(name: str, password_stdin: bool) -> None:
    """Change the password of a user."""
    with told():
        found = user_store.named(name)
        values = user_store.hashed({"password": asked(found.name, password_stdin)}, found.name)
        user_store.change(found.id, values, lambda user: None)


@user.command()
@click.argument("name")
@click.option("--label", default="command line", help="A name for the token.")
@click.option("--scope", type=click.Choice(SCOPES), default=READ, help="What the token allows.")
@click.option("--expires", metavar="WHEN", help="2030-01-31T00:00:00Z, or P30D for thirty days; never without it.")
def token(name: str, label: str, scope: str, expires: str | None) -> None:
    """Make a token for a user, and print it; it cannot be shown again."""
    with told():
        found, secret = user_store.named(name), sign_in.new_secret()
        until = checked(tokens.expiry, expires, "--expires") if expires else None
        tokens.add(found.id, secret, {"name": label, "scope": scope, "expires": until})
        click.echo(secret)


@contextmanager
def told() -> Iterator[None]:
    """Within, the database is at hand; what goes wrong is one line, and exit status 1."""
    try:
        with app.create_app().app_context(), told_of_database():
            schema.upgrade(db.engine)
            yield
    except UserAlreadyExistsError:
        raise click.ClickException("a user with that name already exists") from None
    except (NoSuchRow, Unusable, LastAdministrator) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def told_of_database() -> Iterator[None]:
    """Raises Unusable in place of SQLAlchemyError."""
    try:
        yield
    except SQLAlchemyError as error:
        raise database.unusable(db.engine.url, error) from None


def checked(field: Callable[[Any], T], value: Any, what: str) -> T:
    """A value as field gives it; what it is, where it is wrong."""
    try:
        return field(value)
    except ValueError as error:
        raise click.ClickException(f"{what} {error}") from None


def asked(name: str, from_stdin: bool) -> str:
    """The password for a user, of one line of stdin or as typed twice."""
    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    else:
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return checked(lambda text: passwords.differing(passwords.password(text), name), text, "the password")
