"""Who is asking: HTTP Basic authentication (RFC 7617) against the table of users."""

from negotiate_api import abort

from .extensions import auth, db
from .models import User


@auth.verify_password
def verify_password(name, password):
    """The user whose name and password these are; auth.current_user() from then on."""
    user = db.session.scalar(db.select(User).filter_by(name=name))
    return user if user and user.has_password(password) else None


@auth.error_handler
def refuse(status):
    """Answer in the format that was asked for, as to any other error."""
    abort(status, message="Unauthorized Access")
