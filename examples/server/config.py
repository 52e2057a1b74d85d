"""Settings. The environment goes over them: FLASK_SQLALCHEMY_DATABASE_URI=sqlite:////tmp/users.sqlite."""


class DefaultConfig:
    """SQLite, in a file of the instance folder."""

    SQLALCHEMY_DATABASE_URI = "sqlite:///server-example.sqlite"
    HTTP_BASIC_AUTH_REALM = "server"
