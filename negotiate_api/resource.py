"""Resource: Flask-RESTful's, which may say what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar

from flask import current_app, request
from flask_restful.utils import unpack
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from representations import Representation

from .exchange import exchange_of
from .negotiation import acceptable_offers

if TYPE_CHECKING:
    from flask.views import MethodView as Base
else:
    from flask_restful import Resource as Base

Decorator = Callable[..., Any]


class Resource(Base):
    """A drop-in for flask_restful.Resource.

    representations  what this resource offers instead of what its Api does, for data and errors alike, the first one
                     being its default: Representations, or Flask-RESTful's {media type: transformer}
    method_decorators    around each method, the last outermost; {"get": [...]} around some
    suffixes         True: "/users/<name>" takes a suffix, so that no name may end in one, like "x.csv"
    explain          (405 or 404 error, path of this resource, rest of the URL's path) -> the message that it is told
                     with, where this resource is the one at the URL, or the nearest above it; "" for no other message
    """

    method_decorators: ClassVar[list[Decorator] | Mapping[str, Sequence[Decorator]]] = []
    representations: ClassVar[Sequence[Representation] | Mapping[str, Any] | None] = None
    suffixes: ClassVar[bool] = False
    explain: ClassVar[Callable[[HTTPException, str, str], str] | None] = None

    @classmethod
    def as_view(cls, name: str, *class_args: Any, **class_kwargs: Any) -> Callable[..., Any]:
        """Flask's, less what it asks each request anew."""
        view = super().as_view(name, *class_args, **class_kwargs)
        if cls.decorators or not cls.init_every_request or iscoroutinefunction(cls.dispatch_request):
            return view

        @wraps(view)
        def quick(*args: Any, **kwargs: Any) -> Any:
            return cls(*class_args, **class_kwargs).dispatch_request(*args, **kwargs)

        return quick

    def dispatch_request(self, *args: Any, **kwargs: Any) -> Any:
        """What the method returns; rendered here only where no Api does it."""
        result = self._method_in_decorators()(*args, **kwargs)
        offered = self.representations
        if offered is None or not isinstance(offered, Mapping) or isinstance(result, Response) or exchange_of(request):
            return result
        offers = acceptable_offers(tuple(offered), request.headers.get("Accept"))
        return _rendered(offered[offers[0]], offers[0], result) if offers else result

    def _method_in_decorators(self) -> Callable[..., Any]:
        """The method of the request, in its decorators."""
        name = request.method.lower()
        method = getattr(self, name, None) or (getattr(self, "get", None) if name == "head" else None)
        assert method is not None, f"{type(self).__name__} has no method {request.method}"
        method = _synchronous(method)
        decorators: Any = self.method_decorators
        if decorators and isinstance(decorators, Mapping):
            decorators = decorators.get(name)
        if not decorators:
            return method
        for decorator in decorators:
            method = decorator(method)
        return current_app.ensure_sync(method)


def _synchronous(method: Callable[..., Any]) -> Callable[..., Any]:
    return current_app.ensure_sync(method) if _is_async(getattr(method, "__func__", method)) else method


_is_async = lru_cache(maxsize=4096)(iscoroutinefunction)  # it takes microseconds


def _rendered(transformer: Callable[..., Response], mediatype: str, result: Any) -> Response:
    data, code, headers = unpack(result)
    response = transformer(data, code, headers)
    response.headers["Content-Type"] = mediatype
    return response
