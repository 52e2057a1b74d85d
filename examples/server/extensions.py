"""The extensions, which meet the application in create_app."""

from flask_httpauth import HTTPBasicAuth
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from negotiate_api import Api

ERRORS = {
    "OperationalError": {
        "message": "The database does not answer. Where there is none yet, POST /api/create makes it.",
        "status": 503,
    },
}


class Base(DeclarativeBase):
    """What the models have in common: names for their constraints, which migrations need."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


api = Api(errors=ERRORS, serve_challenge_on_401=True)
auth = HTTPBasicAuth()
db = SQLAlchemy(model_class=Base)
