"""The table of users."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db


class User(db.Model):
    """A user. Of the password only a hash is kept, from which it cannot be told."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))

    @classmethod
    def create(cls, name, password):
        """A new user, saved. Raises IntegrityError where there is one of that name."""
        user = cls(name=name, password_hash=generate_password_hash(password))
        db.session.add(user)
        db.session.commit()
        return user

    def has_password(self, password):
        """Whether that is the user's password."""
        return check_password_hash(self.password_hash, password)
