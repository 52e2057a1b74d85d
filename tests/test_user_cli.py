"""`run.py user`, and the first administrator, as processes that people start."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from accounts_service import ADA, UNSET, service
from click.testing import CliRunner
from sqlalchemy import select, update

from negotiate_api.publish.databases import engines
from negotiate_api.service import first_administrator, schema
from negotiate_api.service.accounts import USER, User
from negotiate_api.service.app import create_app
from negotiate_api.service.cli import main, prepare
from negotiate_api.service.config import SQLITE
from negotiate_api.service.errors import Unusable
from negotiate_api.service.load import load_world
from negotiate_api.service.models import db

RUN = [sys.executable, str(Path(__file__).parent.parent / "run.py")]

PASSWORD = "nanoseconds of wire"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in UNSET:
        monkeypatch.setenv(name, "")  # and not deleted, so that what the command line leaves is taken away again
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path):
    with service(None, tmp_path):
        yield tmp_path


@pytest.fixture
def run(folder, monkeypatch):
    """Give what runs a command line in this process; gives its exit status, output and errors."""

    def line(*words, stdin=""):
        with monkeypatch.context() as patch:
            for name in [option.envvar for option in main.params if option.envvar]:
                patch.setenv(name, "")
                patch.delenv(name)
            result = CliRunner().invoke(main, ["--instance", str(folder), "user", *words], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.stdout, result.stderr

    return line


def signed_in(folder, name, password, path="/api/user"):
    app = create_app(None, folder)
    response = app.test_client().get(path, auth=(name, password))
    with app.app_context():
        db.engine.dispose()
    return response.status_code


# run.py user


def test_list_has_a_line_for_each_user(run):
    status, out, _ = run("list")
    assert status == 0
    assert [re.sub(r"[0-9]{4}-\S+", "WHEN", line).split("\t") for line in out.splitlines()] == [
        ["1", "administrator", "WHEN", "root"],
        ["2", "user", "WHEN", "ada"],
        ["3", "user", "WHEN", "李雷"],
    ]


def test_add_takes_the_password_from_stdin_and_prints_the_id(run, folder):
    assert run("add", "grace", "--password-stdin", stdin=f"{PASSWORD}\r\n") == (0, "4\n", "")
    assert signed_in(folder, "grace", PASSWORD) == 200
    assert signed_in(folder, "grace", PASSWORD, "/api/create") == 403


def test_add_makes_an_administrator_where_told(run, folder):
    run("add", "grace", "--role", "administrator", "--password-stdin", stdin=PASSWORD)
    assert signed_in(folder, "grace", PASSWORD, "/api/create") == 200


def test_add_takes_no_password_as_an_argument(run):
    status, _, err = run("add", "grace", PASSWORD)
    assert (status, "unexpected extra argument" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "stdin", "reason"),
    [
        (["add", "ada"], PASSWORD, "a user with that name already exists"),
        (["add", "a:b"], PASSWORD, "the name must not hold a colon"),
        (["add", "grace"], "short", "the password must have 8 to 200 characters"),
        (["add", "grace"], "", "the password must have 8 to 200 characters"),
        (["add", "graceful"], "Graceful1", "the password is the name; choose another"),
        (["add", "grace"], f"{PASSWORD}\nmore\n", "the password must be one line of stdin"),
        (["passwd", "nobody"], PASSWORD, "There is no user 'nobody'."),
        (["passwd", "ada"], "password", "the password is among those that are tried first; choose another"),
    ],
)
def test_mistake_is_one_line_and_status_1(run, words, stdin, reason):
    assert run(*words, "--password-stdin", stdin=stdin) == (1, "", f"Error: {reason}\n")


def test_passwd_changes_the_password(run, folder):
    assert run("passwd", "ada", "--password-stdin", stdin=PASSWORD) == (0, "", "")
    assert signed_in(folder, "ada", PASSWORD) == 200
    assert signed_in(folder, *ADA) == 401


def test_token_prints_a_token(run, folder):
    status, out, err = run("token", "ada", "--scope", "write", "--expires", "P1D", "--label", "backup")
    assert (status, err, out.count("\n")) == (0, "", 1)
    app = create_app(None, folder)
    (row,) = app.test_client().get("/api/tokens", headers={"Authorization": f"Bearer {out.strip()}"}).json
    assert (row["name"], row["scope"], bool(row["expires"])) == ("backup", "write", True)
    with app.app_context():
        db.engine.dispose()


def test_token_that_expires_at_no_time_is_refused(run):
    status, out, err = run("token", "ada", "--expires", "soon")
    assert (status, out, err.startswith("Error: --expires must be a time")) == (1, "", True)


@pytest.mark.parametrize(("label", "reason"), [("", "has 0 characters"), ("x" * 201, "has 201"), ("\0", "control")])
def test_token_with_a_label_that_cannot_be_is_refused(run, label, reason):
    status, out, err = run("token", "ada", "--label", label)
    assert (status, out, err.count("\n"), err.startswith("Error: the label ")) == (1, "", 1, True)
    assert reason in err


@pytest.mark.parametrize("words", [("list",), ("passwd", "ada", "--password-stdin"), ("token", "ada")])
@pytest.mark.parametrize("option", ["--instance", "--database"])
def test_database_that_is_not_there_is_told_and_not_made(tmp_path, words, option):
    folder = tmp_path / "mistyped"
    options = ["--instance", str(folder)] + (
        ["--database", f"sqlite:///{folder / 'x'}"] if option == "--database" else []
    )
    result = CliRunner().invoke(main, [*options, "user", *words], input=PASSWORD)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith(f"Error: there is no database {folder}/")
    assert not folder.exists()


def test_add_makes_a_database_that_is_not_there(tmp_path):
    line = ["--instance", str(tmp_path / "new"), "user", "add", "ada", "--password-stdin"]
    assert CliRunner().invoke(main, line, input=PASSWORD).stdout == "1\n"


@pytest.mark.parametrize("words", [(), ("add",), ("list",), ("passwd",), ("token",)])
def test_help_says_what_a_command_does(run, words):
    status, out, _ = run(*words, "--help")
    assert status == 0
    assert out.startswith("Usage:")


def test_database_that_does_not_answer_is_one_line_without_its_password(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:s3cret@127.0.0.1:1/x")
    result = CliRunner().invoke(main, ["user", "list"])
    assert (result.exit_code, result.stderr.count("\n"), "s3cret" in result.stderr) == (1, 1, False)
    assert result.stderr.startswith("Error: the database postgresql+psycopg://me:***@127.0.0.1:1/x cannot be used")


def test_password_that_is_asked_for_is_not_shown(folder):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(RUN[0], [*RUN, "--instance", str(folder), "user", "passwd", "ada"])
    shown = b""
    for prompt in (b"Password:", b"Repeat for confirmation:"):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, PASSWORD.encode() + b"\n")
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    assert (os.waitstatus_to_exitcode(status), PASSWORD.encode() in shown) == (0, False)
    assert signed_in(folder, "ada", PASSWORD) == 200


# The first administrator


@pytest.fixture
def app(database_url, tmp_path):
    """An app on an empty database."""
    app = create_app(database_url, tmp_path)
    with app.app_context():
        schema.upgrade(db.engine)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_first_administrators_made_at_once_are_one(app):
    def make(_):
        with app.app_context():
            return first_administrator.make("admin", None)

    with ThreadPoolExecutor(4) as pool:
        made = [one for one in pool.map(make, range(4)) if one]
    assert len(made) == 1
    with app.app_context():
        assert [user.name for user in db.session.scalars(select(User))] == ["admin"]
    assert app.test_client().get("/api/create", auth=("admin", made[0].password)).status_code == 200


def test_administrator_is_not_made_where_there_is_one(folder):
    app = create_app(None, folder)
    with app.app_context():
        first_administrator.check("ada", "short")
        assert first_administrator.make("admin", PASSWORD) is None
        db.engine.dispose()


def demoted(folder):
    """An app on a database with users, none of whom administers."""
    app = create_app(None, folder)
    with app.app_context():
        db.session.execute(update(User).values(role=USER))
        db.session.commit()
    return app


def test_administrator_is_made_where_all_users_are_ordinary(folder):
    app = demoted(folder)
    with app.app_context():
        first_administrator.check("admin", PASSWORD)
        assert first_administrator.make("admin", PASSWORD).name == "admin"
        assert first_administrator.make("admin", PASSWORD) is None
        db.engine.dispose()
    assert signed_in(folder, "admin", PASSWORD, "/api/create") == 200


@pytest.mark.parametrize("function", [first_administrator.check, first_administrator.make])
def test_ordinary_user_does_not_become_administrator_by_its_name(folder, function):
    app = demoted(folder)
    with app.app_context():
        with pytest.raises(
            Unusable, match=r"'ada' is the name of an ordinary user; .*user add NAME --role administrator"
        ):
            function("ada", PASSWORD)
        db.engine.dispose()


@pytest.mark.parametrize(
    ("name", "password", "wrong"),
    [
        ("admin", "short", "NEGOTIATE_ADMIN_PASSWORD, .* must have"),
        ("a:b", PASSWORD, "NEGOTIATE_ADMIN, .* must not hold a colon"),
        ("graceful", "Graceful1", "NEGOTIATE_ADMIN_PASSWORD, .* is the name"),
    ],
)
@pytest.mark.parametrize("function", [first_administrator.check, first_administrator.make])
def test_first_administrator_that_cannot_be_is_refused(tmp_path, function, name, password, wrong):
    app = create_app(None, tmp_path)
    with app.app_context():
        schema.upgrade(db.engine)
        with pytest.raises(Unusable, match=wrong) as raised:
            function(name, password)
        db.engine.dispose()
    assert password not in str(raised.value).replace("NEGOTIATE_ADMIN", "")


def test_password_of_an_administrator_is_not_in_its_repr():
    assert PASSWORD not in repr(first_administrator.Administrator("admin", PASSWORD))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A database with World, and without users."""
    folder = tmp_path_factory.mktemp("loaded")
    app = create_app(f"sqlite:///{folder / SQLITE}", folder)
    with app.app_context():
        schema.upgrade(db.engine)
        load_world(db.engine)
        db.engine.dispose()
    return folder / SQLITE


@pytest.fixture
def new(loaded, tmp_path):
    """The instance folder of a service that starts for the first time; but that World is there saves time."""
    shutil.copy(loaded, tmp_path)
    return tmp_path


def test_wrong_password_of_the_environment_is_told_before_data_are_loaded(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NEGOTIATE_ADMIN_PASSWORD", "short")
    with pytest.raises(Unusable, match=r"^NEGOTIATE_ADMIN_PASSWORD, "):
        prepare(None, tmp_path)
    assert "Loading World" not in capsys.readouterr().err


def test_failure_to_write_the_administrator_is_told_in_a_line(new, monkeypatch):
    monkeypatch.setattr(engines, "PRAGMAS", (*engines.PRAGMAS, "query_only = ON"))
    with pytest.raises(Unusable, match=r"cannot be used: attempt to write a readonly database$"):
        prepare(None, new)


def started(folder, *options, **variables):
    """Start run.py; gives the process, what it shows up to its end, and its URL."""
    environment = {**os.environ, "NEGOTIATE_INSTANCE": str(folder), "NEGOTIATE_WORKERS": "1", **variables}
    line = [*RUN, "--port", "0", *options]
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    shown = ""
    while "signed in" not in shown:
        text = process.stdout.readline()
        assert text, process.stderr.read()
        shown += text
    return process, shown, re.search(r"http://[0-9.:]+", shown)[0]


def stopped(process):
    """Stop it; gives what it still has to say."""
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    return out + err


def fetched(url, user):
    credentials = b64encode(":".join(user).encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status


def test_first_start_shows_a_password_once_and_keeps_it_nowhere(new):
    process, shown, url = started(new, NEGOTIATE_LOG_LEVEL="debug")
    password = re.search(r"curl -u admin:(\S+) http", shown)[1]
    assert fetched(f"{url}/api/user", ("admin", password)) == 200
    assert password not in stopped(process)
    assert not [path for path in new.iterdir() if password.encode() in path.read_bytes()]
    process, shown, url = started(new)
    assert "admin" not in shown
    assert fetched(f"{url}/api/user", ("admin", password)) == 200
    stopped(process)


def test_first_start_takes_the_name_and_password_of_the_environment(new):
    process, shown, url = started(new, NEGOTIATE_ADMIN="李雷", NEGOTIATE_ADMIN_PASSWORD=PASSWORD)
    assert PASSWORD not in shown
    assert fetched(f"{url}/api/user", ("李雷", PASSWORD)) == 200
    workers = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    for pid in (process.pid, *workers):
        assert PASSWORD.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    assert PASSWORD not in stopped(process)


def test_options_of_accounts_reach_the_workers(new):
    process, _, url = started(new, "--registration", "open", "--account-limit", "2 per minute")
    body = f'{{"name": "grace", "password": "{PASSWORD}"}}'.encode()
    request = urllib.request.Request(f"{url}/api/user", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 201
    codes = []
    for _ in range(3):
        with pytest.raises(urllib.error.HTTPError) as raised:
            fetched(f"{url}/api/user", ("admin", "wrong password"))
        codes.append(raised.value.code)
        raised.value.close()
    assert codes == [401, 401, 429]
    stopped(process)
