"""Failed sign-ins, counted by account and by address (Flask-Limiter): after too many of them the answer is 429.

Only wrong passwords count. They are counted in the memory of each worker, or for all of them in Redis; where Redis does
not answer, in memory until it does.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, IPv6Network, ip_address
from time import time
from typing import Any

from flask import Flask, current_app, g, request
from flask_limiter import Limiter
from limits import parse_many
from limits.storage import storage_from_string

from .config import ACCOUNT_LIMIT, Accounts
from .errors import Unusable

REDIS_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}

EXTENSION = "negotiate_api.sign_in_limits"


def install(app: Flask, given: Accounts) -> None:
    """Let app count failures, and refuse further ones. Raises Unusable."""
    options: Any = REDIS_OPTIONS if given.redis else {}
    limiter = Limiter(
        account_of_request,
        app=app,
        strategy="moving-window",
        storage_uri=checked_redis(given.redis) if given.redis else "memory://",
        storage_options=options,
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        key_prefix="negotiate_api",
    )
    check = nothing
    for limit, key in ((given.account_limit, account_of_request), (given.address_limit, address_of_request)):
        check = limiter.shared_limit(checked(limit), key.__name__, key_func=key, deduct_when=by_itself)(check)
    app.extensions[EXTENSION] = limiter, check


def check(name: str) -> None:
    """Raises RateLimitExceeded where too many have failed to sign in with this name, or from this address."""
    g.account = name
    current_app.extensions[EXTENSION][1]()


def nothing() -> None:
    """What the limits are put around."""


def count() -> None:
    """Count the request as a failure: now, not after its answer, so that whoever waited for a turn finds it counted."""
    limiter: Limiter = current_app.extensions[EXTENSION][0]
    for limit in limiter.current_limits:
        try:
            limiter.limiter.hit(limit.limit, *limit.request_args)
        except Exception:  # what Redis and its client raise; the next check falls back to memory
            current_app.logger.exception("A failure to sign in could not be counted.")


def by_itself(response: Any) -> bool:
    """Whether Flask-Limiter is to count the request: never, count() does."""
    return False


def account_of_request() -> str:
    """What stands for the account: a digest, as a name may be long and of any characters."""
    return hashlib.sha256(g.account.encode()).hexdigest()[:32]


def address_of_request() -> str:
    """The address of the client; of IPv6 the network of 64 bits, all of whose addresses one client has."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped  # as a socket for both takes IPv4
        return str(mapped or IPv6Network((int(address), 64), strict=False))
    return str(address)


def exceeded(error: Exception) -> Any:
    """The answer to who has failed too often: 429 and when to try again (RFC 6585, section 4)."""
    limit = current_app.extensions[EXTENSION][0].current_limit
    seconds = max(1, limit.reset_at - int(time())) if limit else 60
    message = f"Too many failed to sign in. Try again in {seconds} seconds."
    return {"message": message}, 429, {"Retry-After": str(seconds)}


def busy(error: Exception) -> Any:
    """The answer where too many passwords are being hashed."""
    return {"message": "Too many are signing in at once. Try again in a moment."}, 503, {"Retry-After": "5"}


def checked(limit: str) -> str:
    """A limit as it is written. Raises Unusable."""
    try:
        parse_many(limit)
    except ValueError:
        raise Unusable(f"the limit {limit!r} is not of the form {ACCOUNT_LIMIT!r}") from None
    return limit


def checked_redis(url: str) -> str:
    """A Redis URL. Raises Unusable, but not where Redis does not answer."""
    try:
        if url.partition("://")[0] not in ("redis", "rediss", "redis+unix"):
            raise ValueError
        storage_from_string(url, **REDIS_OPTIONS)
    except Exception:  # of redis, limits or urllib; their messages may hold the password
        raise Unusable("Redis is given by a URL like redis://host:6379/0, or rediss:// for TLS") from None
    return url
