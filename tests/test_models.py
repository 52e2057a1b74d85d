"""What the models have in common: a row is created, saved and deleted in a transaction of its own."""

from negotiate_api.service import schema
from negotiate_api.service.accounts import Todo, User
from negotiate_api.service.app import create_app
from negotiate_api.service.models import db


def test_row_is_created_saved_and_deleted(accounts_url, tmp_path, plain_environment):
    app, other = create_app(accounts_url, tmp_path), create_app(accounts_url, tmp_path)
    with app.app_context():
        schema.upgrade(db.engine)
        user = User.create(name="Grace", password_hash="x")
        number = user.id
        Todo.create(user=user, todo_id="todo1", task="x")
        user.name = "Hopper"
        assert user.save() is user
    with other.app_context():
        assert db.session.get(User, number).name == "Hopper"
    with app.app_context():
        db.session.get(User, number).delete()
    with other.app_context():
        assert db.session.get(User, number) is None
        assert db.session.query(Todo).filter_by(user_id=number).all() == []
    for each in (app, other):
        with each.app_context():
            db.engine.dispose()
