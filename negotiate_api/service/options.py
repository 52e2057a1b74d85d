"""Options of the command line, each of which may come from the environment, and is left there for the workers."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from typing import Any, TypeVar

import click

from negotiate_api.publish.databases import clocks

from .sources import EXPORTS, LONGEST

F = TypeVar("F", bound=Callable[..., Any])


class Word(click.ParamType):  # type: ignore[type-arg]
    """Text of which a variable of the environment has several, quoted as for a shell where it holds spaces."""

    name = "text"

    def split_envvar_value(self, rv: str) -> list[str]:
        try:
            return shlex.split(rv)
        except ValueError as error:
            raise click.UsageError(f"{rv!r} cannot be split into words: {str(error).lower()}") from None


def option(*names: str, variable: str, **settings: Any) -> Callable[[F], F]:
    """An option that may also come from an environment variable."""
    return click.option(*names, envvar=variable, show_envvar=True, **settings)


def leave(context: click.Context) -> None:
    """Leave the options in the environment, where create_app() finds them, in the workers too."""
    for option in context.command.params:
        value = context.params.get(option.name or "")
        if value is not None and isinstance(option.envvar, str):
            os.environ[option.envvar] = shlex.join(value) if isinstance(value, tuple) else str(value)


def publishing(command: F) -> F:
    """Decorate a command that takes the options of what is published."""
    for decorate in reversed(PUBLISHING):
        command = decorate(command)
    return command


PUBLISHING: tuple[Callable[[F], F], ...] = (
    option(
        "--publish",
        multiple=True,
        type=Word(),
        metavar="[NAME=]URL|FILE",
        variable="NEGOTIATE_PUBLISH",
        help="A database, or a file of rows: its tables are served at /data/; with NAME those of a database at "
        "/data/NAME/, and a file as the table NAME. May be given again.",
    ),
    option(
        "--writable",
        multiple=True,
        type=Word(),
        metavar="TABLE,...",
        variable="NEGOTIATE_WRITABLE",
        help="Published tables that users may write to, once they sign in; NAME/TABLE of a database with a NAME.",
    ),
    option(
        "--private",
        is_flag=True,
        variable="NEGOTIATE_PRIVATE",
        help="Let nobody read what is published without signing in.",
    ),
    option(
        "--settings",
        type=click.Path(exists=True, dir_okay=False, resolve_path=True),
        metavar="FILE",
        variable="NEGOTIATE_SETTINGS",
        help="YAML: names, titles and order of what is published, what is left out, and kinds of the columns of files.",
    ),
    option(
        "--require-match",
        is_flag=True,
        variable="NEGOTIATE_REQUIRE_MATCH",
        help="Let nobody write to published tables without If-Match.",
    ),
    option(
        "--cache-control",
        metavar="VALUE",
        variable="NEGOTIATE_CACHE_CONTROL",
        show_default="no-cache",
        help="The Cache-Control field of published tables; with --private they are never stored.",
    ),
    option(
        "--query-seconds",
        default=clocks.SECONDS,
        type=click.FloatRange(0, LONGEST),
        metavar="SECONDS",
        show_default=f"{clocks.SECONDS:.0f}",
        variable="NEGOTIATE_QUERY_SECONDS",
        help="How long a database may take until it has rows, or further ones, to answer with; then the answer is 503. "
        "0 is without end.",
    ),
    option(
        "--exports",
        default=EXPORTS,
        type=click.IntRange(0, 99_999),
        metavar="NUMBER",
        show_default=f"{EXPORTS}",
        variable="NEGOTIATE_EXPORTS",
        help="How many tables all workers together send whole at once; a further one is answered with 503 and "
        "Retry-After, pages and rows never are. 0 is without limit.",
    ),
    option(
        "--keep",
        metavar="SIZE",
        variable="NEGOTIATE_KEEP",
        show_default="0",
        help="How much room finished exports of whole tables may have in the instance folder, as 500MB or 2GB; they "
        "are sent from there until the database changes, with their length and by ranges.",
    ),
    option(
        "--delimiter",
        metavar="CHARACTER",
        variable="NEGOTIATE_DELIMITER",
        show_default="detected",
        help="What is between the columns of published files.",
    ),
    option(
        "--encoding",
        metavar="NAME",
        variable="NEGOTIATE_ENCODING",
        show_default="detected",
        help="How the text of published files is encoded.",
    ),
    option(
        "--load-anew",
        multiple=True,
        type=Word(),
        metavar="TABLE,...",
        variable="NEGOTIATE_LOAD_ANEW",
        help="Tables that are loaded from their files anew at this start; what was written to them is lost.",
    ),
)
