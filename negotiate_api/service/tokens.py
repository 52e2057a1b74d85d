"""The tokens of who signs in, as resources. A secret is told once, as it is made; kept is its digest.

A token gives no more than it has: those made with it reach and last no further.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aniso8601 import parse_datetime, parse_duration
from sqlalchemy import select

from negotiate_api import Api, Resource, Rows, fields, marshal
from negotiate_api.publish import etags

from . import auth, records
from .accounts import READ, SCOPES, WRITE, Token, now
from .collection import collection
from .errors import NoSuchRow
from .models import db
from .sign_in import digest, new_secret
from .transactions import retried
from .world import link

TOKEN = {**dict.fromkeys(("id", "name", "scope", "created", "expires"), fields.Raw), "uri": link("token", id="id")}


class Tokens(Resource):
    """Your tokens. POST a name, and maybe a scope and when it expires, to make one; its secret is told this once."""

    decorators = [auth.required]

    def get(self) -> Rows:
        query = select(Token.id, Token.name, Token.scope, Token.created, Token.expires).order_by(Token.id)
        return collection(query.where(Token.user_id == auth.caller().id), "token", "id")

    def post(self) -> Any:
        values = records.read({"name": records.text(200)}, {"scope": records.one_of(SCOPES), "expires": expiry})
        values = narrowed({"scope": READ, **values})
        secret = new_secret()
        made = marshal(add(auth.caller().id, secret, values), TOKEN)
        return {"token": secret, **made}, 201, {"Location": made["uri"]}


class OneToken(Resource):
    """One of your tokens. DELETE revokes it."""

    decorators = [auth.required]

    def get(self, id: int) -> Any:  # noqa: A002 - the name of the column
        shown = marshal(own(id), TOKEN)
        etags.tagged(etags.state(shown))
        return shown

    @retried
    def delete(self, id: int) -> Any:  # noqa: A002
        token = own(id)
        etags.check(etags.state(marshal(token, TOKEN)))
        db.session.delete(token)
        return "", 204


def expiry(value: Any) -> datetime:
    """A field: a point in time, or how long from now (ISO 8601); whole days may be a number."""
    text = f"P{value}D" if str(value).isascii() and str(value).isdigit() else str(value)
    try:
        when = _in(text) if text.startswith("P") else _at(text)
    except (ValueError, OverflowError, NotImplementedError):
        raise ValueError("must be a time like 2030-01-31T00:00:00Z, or how long from now, like P30D or PT8H") from None
    if when <= now():
        raise ValueError("must be in the future")
    return when


def narrowed(values: dict[str, Any]) -> dict[str, Any]:
    """values as far as the caller's own token reaches. Raises InsufficientScope."""
    caller = auth.caller()
    if caller.scope == READ and values["scope"] == WRITE:
        raise auth.InsufficientScope("A token for reading makes none for writing.")
    if caller.expires:
        if values.get("expires", caller.expires) > caller.expires:
            raise auth.InsufficientScope("A token makes none that lasts longer than itself.")
        return {"expires": caller.expires, **values}
    return values


@retried
def add(user_id: int, secret: str, values: dict[str, Any]) -> Token:
    """A new token of a user."""
    token = Token(user_id=user_id, digest=digest(secret), **values)
    db.session.add(token)
    return token


def own(token_id: int) -> Token:
    """A token of the caller. Raises NoSuchRow."""
    token = db.session.get(Token, token_id)
    if token is None or token.user_id != auth.caller().id:
        raise NoSuchRow("token", token_id)
    return token


def _in(duration: str) -> datetime:
    length: timedelta = parse_duration(duration)
    return (now() + length).replace(microsecond=0)


def _at(text: str) -> datetime:
    when: datetime = parse_datetime(text)
    zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).replace(microsecond=0)


def register(api: Api) -> None:
    """Add the resources."""
    api.add_resource(Tokens, "/api/tokens", endpoint="tokens")
    api.add_resource(OneToken, "/api/tokens/<int(max=2147483647):id>", endpoint="token")
