"""Where the service keeps its files, its secret, and how it lets users in.

From arguments, else the environment, else the instance folder.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL

from negotiate_api.publish.databases import engines

from .errors import Unusable
from .sources import Sources, sources

ROOT = Path(__file__).resolve().parents[2]
"""The folder of run.py; of the packages where they were installed."""

_PACKED = Path(__file__).with_name("data")
INSTALLED = _PACKED.is_dir()
"""Whether this comes from a wheel, which holds the folder data here, and not beside run.py."""

DATA = _PACKED if INSTALLED else ROOT / "data"

_SHARED = Path(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"))
INSTANCE = _SHARED / "negotiate_api" if INSTALLED else ROOT / "instance"
"""The instance folder where none is named: beside run.py, or among the user's data, wherever the command is given."""

SQLITE = "negotiate_api.sqlite"

OPEN, CLOSED = REGISTRATIONS = ("open", "closed")
"""Who may add users: everybody, or administrators."""

ACCOUNT_LIMIT, ADDRESS_LIMIT = "10 per 15 minutes", "100 per 15 minutes"
"""Failures to sign in that are let through. An account's bound who guesses at it; an address's, who guesses at many."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """How users are let in.

    registration                  OPEN or CLOSED
    account_limit, address_limit  failures to sign in, as "10 per 15 minutes"
    redis                         URL of the Redis that counts them; None counts in the memory of each worker
    proxies                       how many proxies before the server say in X-Forwarded-For who the client is
    """

    registration: str = CLOSED
    account_limit: str = ACCOUNT_LIMIT
    address_limit: str = ADDRESS_LIMIT
    redis: str | None = field(default=None, repr=False)  # it may hold a password
    proxies: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What create_app() needs to know. The folder is made when something is first kept in it."""

    database: URL
    instance: Path
    secret_key: str = field(repr=False)
    accounts: Accounts
    published: Sources = field(repr=False)


def settings(database_url: str | None = None, instance: str | os.PathLike[str] | None = None) -> Settings:
    """Settings from these, or from DATABASE_URL and NEGOTIATE_INSTANCE. Raises Unusable."""
    url, folder = places(database_url, instance)
    if url.database == str(folder / SQLITE):
        _kept(folder, SQLITE)
    return Settings(url, folder, _secret_key(folder), accounts(), sources())


def places(database_url: str | None = None, instance: str | os.PathLike[str] | None = None) -> tuple[URL, Path]:
    """The database and the instance folder, which may not be there yet. Raises Unusable."""
    folder = Path(instance or os.environ.get("NEGOTIATE_INSTANCE") or INSTANCE).absolute()
    text = database_url or os.environ.get("DATABASE_URL")
    return engines.url_of(text) if text else engines.sqlite(folder / SQLITE), folder


def accounts() -> Accounts:
    """How the environment says that users are let in. Raises Unusable."""
    registration = os.environ.get("NEGOTIATE_REGISTRATION") or CLOSED
    if registration not in REGISTRATIONS:
        raise Unusable(f"NEGOTIATE_REGISTRATION is {registration!r}; it must be {' or '.join(REGISTRATIONS)}")
    proxies = os.environ.get("NEGOTIATE_TRUSTED_PROXIES") or "0"
    if not (proxies.isascii() and proxies.isdigit()):
        raise Unusable(f"NEGOTIATE_TRUSTED_PROXIES is {proxies!r}; it must be a number")
    return Accounts(
        registration,
        os.environ.get("NEGOTIATE_ACCOUNT_LIMIT") or ACCOUNT_LIMIT,
        os.environ.get("NEGOTIATE_ADDRESS_LIMIT") or ADDRESS_LIMIT,
        _redis(),
        int(proxies),
    )


def _redis() -> str | None:
    """REDIS_URL. Raises Unusable where what connects to it is not installed."""
    given = os.environ.get("REDIS_URL")
    if given and find_spec("redis") is None:
        raise Unusable("there is no client for Redis: pip install 'negotiate_api[redis]'")
    return given


def _secret_key(folder: Path) -> str:
    """The key in the environment, else the one in the folder, made at the first start."""
    given = os.environ.get("SECRET_KEY") or os.environ.get("NEGOTIATE_SECRET_KEY")
    return given or _stored_key(_kept(folder, "secret_key"))


def _stored_key(path: Path) -> str:
    try:
        if not path.exists():
            _store_key(path)
        return _checked_key(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"the secret key {path} cannot be read or written: {_reason(error)}") from None


def _checked_key(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise Unusable(f"the secret key {path} is open to others; remove it, and a new one is made")
    key = path.read_text("ascii").strip()
    if len(key) < 32:
        raise Unusable(f"the secret key {path} has fewer than 32 characters; remove it, and a new one is made")
    return key


def _store_key(path: Path) -> None:
    """Write a new key, whole or not at all: of two processes that start at once, one's key is kept."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _kept(folder: Path, name: str) -> Path:
    """The path of a file in the instance folder. Raises Unusable where the folder cannot be written to."""
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"the instance folder {folder} cannot be made: {_reason(error)}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unusable(f"the instance folder {folder} cannot be written to")
    return folder / name


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
