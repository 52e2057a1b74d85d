"""`run.py user`: the users from the command line, for whoever may read the instance folder.

A password comes from a prompt that does not show it, or from stdin; never from an argument, which other users of the
machine see.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import select

from . import app, config, database, names, passwords, records, schema, sign_in, tokens, user_store
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
    with told(is_made=True):
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
        label = checked(records.text(200), label, "the label")
        found, secret = user_store.named(name), sign_in.new_secret()
        until = checked(tokens.expiry, expires, "--expires") if expires else None
        tokens.add(found.id, secret, {"name": label, "scope": scope, "expires": until})
        click.echo(secret)


@contextmanager
def told(is_made: bool = False) -> Iterator[None]:
    """Within, the database is at hand, made where that is wanted; what goes wrong is one line, and exit status 1."""
    try:
        if not is_made:
            check_there()
        with app.create_app().app_context(), database.told(db.engine):
            schema.upgrade(db.engine)
            yield
    except UserAlreadyExistsError:
        raise click.ClickException("a user with that name already exists") from None
    except (NoSuchRow, Unusable, LastAdministrator) as error:
        raise click.ClickException(str(error)) from None


def check_there() -> None:
    """Raises Unusable where the file of an SQLite database is not there: it has no users, and is not to be made."""
    url, _ = config.places()
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise Unusable(f"there is no database {url.database}; --instance or --database before `user` names another")


def checked(field: Callable[[Any], T], value: Any, what: str) -> T:
    """A value as field gives it; what it is, where it is wrong."""
    try:
        return field(value)
    except ValueError as error:
        raise click.ClickException(f"{what} {error}") from None


def asked(name: str, from_stdin: bool) -> str:
    """The password for a user, of one line of stdin or as typed twice."""
    if from_stdin:
        text = checked(one_line, sys.stdin.read(), "the password")
    else:
        text = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return checked(lambda text: passwords.differing(passwords.password(text), name), text, "the password")


def one_line(text: str) -> str:
    """The only line of text. Raises ValueError where there are more."""
    first, _, rest = text.partition("\n")
    if rest:
        raise ValueError("must be one line of stdin")
    return first.removesuffix("\r")
