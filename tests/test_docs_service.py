"""The page docs/service.md: its lines of curl run against the service, and do what it says."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from accounts_service import UNSET, service
from werkzeug.security import generate_password_hash

from negotiate_api.service.accounts import User
from negotiate_api.service.cli import main
from negotiate_api.service.models import db

ROOT = Path(__file__).parent.parent

PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")

LINES = [line for line in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[0].splitlines() if line.startswith("curl")]

ANSWERS = [
    r"id,name,role,created,uri\r\n1,admin,administrator,",
    r'"message": "The user ada was added.", "id": 4, "name": "ada"',
    r"name: 李雷\nrole: user",
    r'"todo_id": "todo1", "task": "build an API"',
    r'<todo_id type="str">todo1</todo_id><task type="str">build an API</task>',
    r'"task": "test an API"',
    r"^$",
    r'"token": "nga_[\w-]{43}", .*"scope": "read", .*"expires": "2',
    r'"message": "The database exists, but lacks tables: cities, .*"database": "sqlite 3.*"schema": "\d+", "ready"',
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def url(tmp_path, monkeypatch):
    """The URL of the service with two users, admin, who administers, and one that is none of the page's."""
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    with service(None, tmp_path) as app:
        with app.app_context():
            admin, other, third = db.session.get(User, 1), db.session.get(User, 2), db.session.get(User, 3)
            admin.name, other.name, third.name = "admin", "other", "third"
            admin.password_hash = generate_password_hash("secret of tests", "scrypt:512:8:1")
            db.session.commit()
        server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


def test_lines_of_curl_are_answered_as_the_page_says(url):
    environment = {**os.environ, "URL": url, "PASSWORD": "secret of tests"}
    run = [
        subprocess.run(["bash", "-c", f"{line} -sS"], env=environment, capture_output=True, check=True)
        for line in LINES
    ]
    answers = [done.stdout.decode() for done in run]
    assert len(answers) == len(ANSWERS)
    for line, answer, expected in zip(LINES, answers, ANSWERS, strict=True):
        assert re.search(expected, answer), (line, answer)


def test_table_of_urls_names_each_route_with_its_methods(tmp_path, monkeypatch):
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    with service(None, tmp_path) as app:
        rules = {
            re.sub(r"int\(.*?\):", "", rule.rule): ", ".join(
                method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method in rule.methods
            )
            for rule in app.url_map.iter_rules()
        }
    rows = re.findall(r"^\| `(/api/\S+)` \| ([A-Z, ]+) \|", PAGE, re.MULTILINE)
    assert rows == [(path, rules[path]) for path, _ in rows]
    open_ = ("/api/helloworld", "/api/convert")
    assert {path for path in rules if path.startswith("/api/") and not path.startswith("/api/world")} - set(open_) == {
        path for path, _ in rows
    }


def test_commands_of_the_page_are_those_there_are():
    words = re.findall(r"^\.venv/bin/python run\.py user (\w+)", PAGE, re.MULTILINE)
    assert set(words) == set(main.commands["user"].commands)
    for word in words:
        subprocess.run(
            [sys.executable, "run.py", "user", word, "--help"],
            check=True,
            capture_output=True,
            cwd=ROOT,
        )
