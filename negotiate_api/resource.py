"""Resource: Flask-RESTful's, which may say what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import flask_restful
from flask import request
from flask_restful.utils import unpack
from werkzeug.wrappers import Response

from representations import Representation

from .negotiation import acceptable_offers

NEGOTIATING = "_negotiate_api"
"""Attribute of a request that an Api renders."""


class Resource(flask_restful.Resource):  # type: ignore[misc]
    """A drop-in for flask_restful.Resource.

    representations  what this resource offers instead of what its Api does, for data and errors alike, the first one
                     being its default: Representations, or Flask-RESTful's {media type: transformer}
    suffixes         True: "/users/<name>" takes a suffix, so that no name may end in one, like "x.csv"
    """

    representations: ClassVar[Sequence[Representation] | Mapping[str, Any] | None] = None
    suffixes: ClassVar[bool] = False

    def dispatch_request(self, *args: Any, **kwargs: Any) -> Any:
        """What the method returns; rendered here only where no Api does it."""
        offered = self.representations
        self.__dict__["representations"] = None  # Flask-RESTful's dispatch has nothing to choose from
        response = super().dispatch_request(*args, **kwargs)
        if hasattr(request, NEGOTIATING) or not isinstance(offered, Mapping) or isinstance(response, Response):
            return response
        offers = acceptable_offers(tuple(offered), request.headers.get("Accept"))
        return _rendered(offered[offers[0]], offers[0], response) if offers else response


def _rendered(transformer: Callable[..., Response], mediatype: str, result: Any) -> Response:
    data, code, headers = unpack(result)
    response = transformer(data, code, headers)
    response.headers["Content-Type"] = mediatype
    return response
