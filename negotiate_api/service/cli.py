"""The command line: check everything that can be wrong, load the data, say where to look, become the server.

Without a command it serves; `run.py user` is in user_cli.py.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from negotiate_api.publish import Publication
from negotiate_api.publish.databases import engines

from . import database, first_administrator, published, schema, server
from .app import create_app
from .config import ACCOUNT_LIMIT, ADDRESS_LIMIT, CLOSED, INSTALLED, INSTANCE, REGISTRATIONS, settings
from .errors import Unusable
from .first_administrator import Administrator
from .load import load_world
from .load_files import load_files
from .models import db
from .options import leave, option, publishing
from .sources import tables
from .user_cli import user

LEVELS = ("debug", "info", "warning", "error")

VERSION = "0.1.0"
"""As in pyproject.toml, which is not there where this is installed."""

CORES = os.cpu_count() or 1

PUBLISHED = """\
Published{how}:

{addresses}
"""

ADDRESSES = """\
Serving World on {url}/ (Ctrl-C stops it). To try:

  in a browser       {url}/api/world/countries
  in a spreadsheet   {url}/api/world/cities.csv
  in YAML            {url}/api/world/countries/NA.yaml
  from a program     curl -H 'Accept: application/xml' {url}/api/world/currencies/NAD
  signed in          curl -u NAME {url}/api/todos.csv
"""

FIRST = """\
The first administrator is {name!r}. The password is shown this once, and kept nowhere:

  curl -u {credentials} {url}/api/user

`{command} user passwd` sets another one.
"""


@click.group(invoke_without_command=True, context_settings={"show_default": True, "max_content_width": 100})
@option("--host", default="127.0.0.1", variable="NEGOTIATE_HOST", help="Address to listen on; 0.0.0.0 is every one.")
@option(
    "--port",
    default=5000,
    type=click.IntRange(0, 65535),
    variable="NEGOTIATE_PORT",
    help="Port to listen on; 0 is any free one.",
)
@option(
    "--workers",
    default=min(2, CORES),
    type=click.IntRange(1),
    variable="NEGOTIATE_WORKERS",
    help=f"Processes that serve; as many as cores are of use, here {CORES}.",
)
@option(
    "--threads",
    default=1000,
    type=click.IntRange(1),
    variable="NEGOTIATE_THREADS",
    help="Requests that each worker serves at once (they are gevent's greenlets).",
)
@option(
    "--database",
    "database_url",
    metavar="URL",
    variable="DATABASE_URL",
    show_default="SQLite in the instance folder",
    help="postgresql://USER:PASSWORD@HOST/NAME, mariadb://..., mysql://... or sqlite:///PATH",
)
@option(
    "--instance",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    variable="NEGOTIATE_INSTANCE",
    show_default=str(INSTANCE) if INSTALLED else "instance, beside run.py",
    help="Folder of the secret key and the SQLite database.",
)
@option(
    "--log-level",
    "level",
    default="warning",
    type=click.Choice(LEVELS),
    variable="NEGOTIATE_LOG_LEVEL",
    help="What is logged; with info and debug a line for each request.",
)
@option(
    "--registration",
    default=CLOSED,
    type=click.Choice(REGISTRATIONS),
    variable="NEGOTIATE_REGISTRATION",
    help="Who may add users: everybody, or administrators.",
)
@option(
    "--account-limit",
    default=ACCOUNT_LIMIT,
    metavar="LIMIT",
    variable="NEGOTIATE_ACCOUNT_LIMIT",
    help="Failures to sign in to one account; beyond, the answer is 429.",
)
@option(
    "--address-limit",
    default=ADDRESS_LIMIT,
    metavar="LIMIT",
    variable="NEGOTIATE_ADDRESS_LIMIT",
    help="Failures to sign in from one address.",
)
@option(
    "--redis",
    metavar="URL",
    variable="REDIS_URL",
    show_default="each worker counts by itself",
    help="Where the failures of all workers are counted: redis://HOST:6379/0",
)
@option(
    "--trusted-proxies",
    default=0,
    type=click.IntRange(0),
    variable="NEGOTIATE_TRUSTED_PROXIES",
    help="Proxies before the server, whose X-Forwarded-For says where a request is from.",
)
@publishing
@click.version_option(VERSION, prog_name="negotiate_api")
@click.pass_context
def main(
    context: click.Context, /, host: str, port: int, database_url: str | None, instance: Path | None, **given: Any
) -> None:
    """Serve the World data, each resource in every format, until SIGTERM or Ctrl-C.

    The first start makes the database, loads the data and makes an administrator. Without Redis each worker counts
    failures to sign in by itself, so that a limit is that of each. COMMANDs look after the users; --database and
    --instance come before them.
    """
    leave(context)
    if context.invoked_subcommand is not None:
        os.environ.pop("NEGOTIATE_PUBLISH", None)
        return
    try:
        bound = server.bind(host, port)
        prepare(database_url, instance, server.url(bound))
        server.listen(bound)
    except Unusable as error:
        raise click.ClickException(str(error)) from None
    click.echo(ADDRESSES.format(url=server.url(bound)))
    server.Server(**{name: given[name] for name in ("workers", "threads", "level")}).take_over(bound)


def tell(first: Administrator | None, url: str) -> None:
    """Show the password of the first administrator, at once: nothing that fails later may take it away."""
    if first and first.password:
        credentials = shlex.quote(f"{first.name}:{first.password}")
        command = click.get_current_context().find_root().info_name
        click.echo(FIRST.format(name=first.name, credentials=credentials, url=url, command=command))


def prepare(database_url: str | None, instance: Path | None, url: str = "") -> None:
    """Make the database and load it, and what is published; leave in the environment what the workers need.

    Raises Unusable.
    """
    given = settings(database_url, instance)
    os.environ["DATABASE_URL"] = given.database.render_as_string(hide_password=False)
    os.environ["NEGOTIATE_INSTANCE"] = str(given.instance)
    os.environ["NEGOTIATE_PUBLISH"] = shlex.join(given.published.texts)
    name, password = os.environ.get("NEGOTIATE_ADMIN") or "admin", os.environ.pop("NEGOTIATE_ADMIN_PASSWORD", None)
    load_files(
        given.instance,
        given.published.files,
        tables("NEGOTIATE_LOAD_ANEW"),
        delimiter=os.environ.get("NEGOTIATE_DELIMITER") or None,
        encoding=os.environ.get("NEGOTIATE_ENCODING") or None,
        told=published.of_sources(given.published),
    )
    app = create_app()
    with app.test_request_context(), database.told(db.engine):
        engines.check(db.engine)
        schema.upgrade(db.engine)
        first_administrator.check(name, password)  # before the data, which take a while
        load_world(db.engine)
        tell(first_administrator.make(name, password), url)
        show(app.extensions[published.EXTENSION], url)


def show(found: Sequence[Publication], url: str) -> None:
    """Say where the tables are that are published, and let go of their databases."""
    if found:
        written = sorted(
            published.shown_name(one, name) for one in found for name, table in one.tables.items() if table.writable
        )
        how = f"; those who sign in write to {', '.join(written)}" if written else ", to be read"
        addresses = "\n".join(f"  {address}" for address in published.addresses(found, url))
        click.echo(PUBLISHED.format(how=how, addresses=addresses))
    for one in found:
        one.engine.dispose()


main.add_command(user)
