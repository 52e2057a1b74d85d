"""Who is asking: Basic (RFC 7617) with a name and password, or Bearer (RFC 6750) with a token (Flask-HTTPAuth).

Without credentials, or with wrong ones, the answer is 401 with a challenge for each scheme; 403 is for who is known but
may not. What is answered then depends on who asks, and says so to caches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, after_this_request, request
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth, MultiAuth
from werkzeug import exceptions

from . import origins
from .accounts import ADMINISTRATOR, READ

View = TypeVar("View", bound=Callable[..., Any])

REALM = "negotiate_api"

FOR_ADMINISTRATORS = "This is for administrators."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed in, as stored at that moment.

    proof           what is stored of the password or the token that came
    scope, expires  of the token; with a password, None
    """

    id: int
    name: str = field(compare=False)
    role: str
    proof: str = field(repr=False)
    scope: str | None = None
    expires: datetime | None = None

    @property
    def administers(self) -> bool:
        return self.role == ADMINISTRATOR


class Unauthorized(exceptions.Unauthorized):
    """401 with a challenge for each scheme; error is Bearer's (RFC 6750, section 3.1)."""

    def __init__(self, message: str, error: str | None = None) -> None:
        super().__init__(message)
        self.error = error

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        challenges = (f'Basic realm="{REALM}", charset="UTF-8"', bearer(self.error))
        return [*super().get_headers(*args, **kwargs), *(("WWW-Authenticate", c) for c in challenges)]


class InsufficientScope(exceptions.Forbidden):
    """403 for a token that does not reach so far (RFC 6750, section 3.1)."""

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), ("WWW-Authenticate", bearer("insufficient_scope"))]


def bearer(error: str | None) -> str:
    """Bearer's challenge."""
    return f'Bearer realm="{REALM}"' + (f', error="{error}"' if error else "")


def scheme() -> str:
    """The scheme of the request's credentials, in lower case (RFC 9110, section 11.1)."""
    return request.headers.get("Authorization", "").partition(" ")[0].lower()


class Basic(HTTPBasicAuth):  # type: ignore[misc]
    """HTTPBasicAuth that takes the scheme in any case, and no other scheme for its own."""

    def is_compatible_auth(self, headers: Any) -> bool:
        return scheme() == "basic"

    def get_auth(self) -> Any:
        return super().get_auth() if self.is_compatible_auth(request.headers) else None


class Bearer(HTTPTokenAuth):  # type: ignore[misc]
    """HTTPTokenAuth that takes the scheme in any case."""

    def is_compatible_auth(self, headers: Any) -> bool:
        return scheme() == "bearer"


basic = Basic(realm=REALM)
tokens = Bearer(realm=REALM)
_either = MultiAuth(basic, tokens)


@basic.error_handler  # type: ignore[untyped-decorator]
def _no_password(status: int) -> None:
    given = scheme() == "basic"
    refuse(status, "The name or the password is wrong." if given else "Sign in with a name and password, or a token.")


@tokens.error_handler  # type: ignore[untyped-decorator]
def _no_token(status: int) -> None:
    refuse(status, "The token is not known, or has expired.", "invalid_token")


@basic.get_user_roles  # type: ignore[untyped-decorator]
@tokens.get_user_roles  # type: ignore[untyped-decorator]
def _role(caller: Caller) -> str:
    return caller.role


def refuse(status: int, message: str, error: str | None = None) -> None:
    """Raises what Flask-HTTPAuth asks for, so that it is answered in the format asked for."""
    raise Unauthorized(message, error) if status == 401 else exceptions.Forbidden(FOR_ADMINISTRATORS)


def required(view: View) -> View:
    """Decorate a view that is for those who sign in."""
    return _guarded(view)


def administrator(view: View) -> View:
    """Decorate a view that is for administrators."""
    return _guarded(view, ADMINISTRATOR)


def required_unless(open_: Callable[[], bool]) -> Callable[[View], View]:
    """Decorate a view that is for everybody where open_ says so; but credentials that come have to be right."""

    def decorator(view: View) -> View:
        guarded = _guarded(view)

        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if scheme() or not open_():
                return guarded(*args, **kwargs)
            origins.check()
            return view(*args, **kwargs)

        return cast(View, wrapped)

    return decorator


def caller() -> Caller:
    """Who signed in for this request."""
    return cast(Caller, _either.current_user())


def signed_in() -> bool:
    """Whether somebody did; always, but under required_unless()."""
    return _either.current_user() is not None


def need_administrator() -> None:
    """Raises Forbidden where the caller is none."""
    if not caller().administers:
        raise exceptions.Forbidden(FOR_ADMINISTRATORS)


def _guarded(view: View, role: str | None = None) -> View:
    @_either.login_required(role=role)  # type: ignore[untyped-decorator]
    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> Any:
        if scheme() == "basic":
            origins.check()
        elif caller().scope == READ and request.method not in origins.SAFE:
            raise InsufficientScope("The token is for reading.")
        return view(*args, **kwargs)

    @wraps(view)
    def personal(*args: Any, **kwargs: Any) -> Any:
        after_this_request(_personal)
        return allowed(*args, **kwargs)

    return cast(View, personal)


def _personal(response: Response) -> Response:
    response.vary.add("Authorization")
    response.headers["Cache-Control"] = "private, no-store"
    return response
