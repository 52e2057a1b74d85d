"""Whether the process is up, and whether its database answers: for load balancers and supervisors."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from negotiate_api import Api, Resource
from negotiate_api.publish.databases.unavailable import in_a_line

from .accounts import User
from .models import db

RETRY = {"Retry-After": "5"}


class Health(Resource):
    """The process is up."""

    def get(self) -> dict[str, str]:
        return {"status": "ok"}


class Ready(Resource):
    """The database answers, and has tables."""

    def get(self) -> Any:
        try:
            db.session.execute(select(User.id).limit(1))
        except SQLAlchemyError as error:
            current_app.logger.warning("The database does not answer: %s", in_a_line(error))
            return {"status": "unavailable"}, 503, RETRY
        return {"status": "ok"}


def register(api: Api) -> None:
    """Add the resources."""
    api.add_resource(Health, "/healthz")
    api.add_resource(Ready, "/readyz")


def unavailable(error: Exception) -> Any:
    """The answer where the database could not be asked: 503, and when to try again."""
    current_app.logger.error("The database could not be asked: %s", in_a_line(error))
    return {"message": "The database does not answer. Try again later."}, 503, RETRY
