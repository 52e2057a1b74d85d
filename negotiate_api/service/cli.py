"""The command line: check everything that can be wrong, load the data, say where to look, become the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from . import database, server
from .app import create_app
from .config import settings
from .errors import Unusable
from .load import load_world
from .models import db

F = TypeVar("F", bound=Callable[..., Any])

LEVELS = ("debug", "info", "warning", "error")

CORES = os.cpu_count() or 1

ADDRESSES = """\
Serving World on {url}/ (Ctrl-C stops it). To try:

  in a browser       {url}/api/world/countries
  in a spreadsheet   {url}/api/world/cities.csv
  in YAML            {url}/api/world/countries/NA.yaml
  from a program     curl -H 'Accept: application/xml' {url}/api/world/currencies/NAD
"""


def option(*names: str, variable: str, **settings: Any) -> Callable[[F], F]:
    """An option that may also come from an environment variable."""
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


@click.command(context_settings={"show_default": True, "max_content_width": 100})
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
    show_default="instance, beside run.py",
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
def main(host: str, port: int, database_url: str | None, instance: Path | None, **serving: Any) -> None:
    """Serve the World data, each resource in every format, until SIGTERM or Ctrl-C.

    The first start makes the database and loads the data.
    """
    try:
        bound = server.bind(host, port)
        prepare(database_url, instance)
        server.listen(bound)
    except Unusable as error:
        raise click.ClickException(str(error)) from None
    click.echo(ADDRESSES.format(url=server.url(bound)))
    server.Server(**serving).take_over(bound)


def prepare(database_url: str | None, instance: Path | None) -> None:
    """Make the database and load it; leave in the environment what create_app() in the workers needs.

    Raises Unusable.
    """
    given = settings(database_url, instance)
    os.environ["DATABASE_URL"] = given.database.render_as_string(hide_password=False)
    os.environ["NEGOTIATE_INSTANCE"] = str(given.instance)
    with create_app().app_context():
        database.check(db.engine)
        load_world(db.engine)
