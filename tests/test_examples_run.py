"""Each example is started by its one line and asked what its docstring says, with the answers that stand there."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
from test_examples import EXAMPLES, NAMES

ROOT = EXAMPLES.parent
HERE = "127.0.0.1:5000"
SECONDS = 60
"""How long anything here may take before it is given up."""


@contextmanager
def started(line, tmp_path):
    """The process of a command line and its address. It is given its socket, so that no port need be free."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "{}:{}".format(*listener.getsockname())
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FLASK_")},
            "WERKZEUG_RUN_MAIN": "true",  # take the socket, as a reloaded server does
            "WERKZEUG_SERVER_FD": str(listener.fileno()),
            "FLASK_SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/example.sqlite",
        }
        process = subprocess.Popen(
            [sys.executable, *line],
            cwd=ROOT,
            env=environment,
            pass_fds=(listener.fileno(),),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        yield process, address
    finally:
        process.kill()
        process.communicate()


def commands(text):
    """The command lines of a text, each with the output that follows it."""
    blocks = re.findall(r"^\$ (.+)\n((?:(?!\$ |```).+\n)*)", text, re.MULTILINE)
    return [(command, output.strip()) for command, output in blocks]


def output(command, address):
    """What a command prints when the example listens at an address."""
    shown = command.replace("curl", f"curl -sS --max-time {SECONDS}", 1).replace(HERE, address)
    done = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.replace("\r\n", "\n").replace(address, HERE).strip()


def docstring(name):
    module, package = EXAMPLES / f"{name}.py", EXAMPLES / name / "__init__.py"
    path = module if module.exists() else package
    return f"{ast.get_docstring(ast.parse(path.read_text(encoding='utf-8')))}\n"


@pytest.mark.parametrize("name", NAMES)
def test_example_runs_and_answers_as_its_docstring_says(name, tmp_path):
    asked = commands(docstring(name))
    assert 2 <= len(asked) <= 4
    with started(["-m", f"examples.{name}"], tmp_path) as (process, address):
        for command, shown in asked:
            assert output(command, address) == shown
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in log


@pytest.mark.parametrize("name", ["todo", "myapi"])
def test_example_runs_with_flask_too(name, tmp_path):
    with started(["-m", "flask", "--app", f"examples.{name}", "run", "--port", "5001"], tmp_path) as (_, address):
        command, shown = commands(docstring(name))[0]
        assert output(command, address) == shown
