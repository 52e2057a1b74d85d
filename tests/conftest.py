"""What the tests share: databases, and the service with accounts on each of them."""

import signal
import sqlite3
from contextlib import suppress

import accounts_service
import databases
import pytest
from flask import has_app_context, has_request_context
from sqlalchemy import Pool, event


def pytest_configure():
    """Programs that the tests start end by SIGINT also where a shell runs the tests in the background, without it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_connection_is_left():
    """What a test's engines keep of connections to files is closed with it: Python 3.13 warns where nobody does."""
    opened = []

    def note(connection, record):
        if isinstance(connection, sqlite3.Connection):
            opened.append((connection, record))

    event.listen(Pool, "connect", note)
    yield
    event.remove(Pool, "connect", note)
    for connection, record in opened:
        with suppress(sqlite3.ProgrammingError):  # of another thread, or closed
            if record.dbapi_connection is connection and not record.in_use and is_of_file(connection):
                record.invalidate()


def is_of_file(connection):
    return any(path for _, _, path in connection.execute("PRAGMA database_list"))


@pytest.fixture(autouse=True)
def no_context_is_left():
    """A request that is over has left nothing behind it."""
    yield
    assert not has_app_context()
    assert not has_request_context()


def pytest_report_header():
    return databases.versions()


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    """The database servers; each starts when it is first asked for."""
    started = databases.Servers(tmp_path_factory.mktemp("databases"))
    yield started
    started.stop()


@pytest.fixture(params=databases.KINDS)
def database_url(request, servers):
    """The URL of a new and empty database, of each kind in turn."""
    return servers.fresh(request.param)


@pytest.fixture(scope="module", params=databases.KINDS)
def world_url(request, servers):
    """The URL of a database that has World, of each kind in turn; it is for reading."""
    return servers.world(request.param)


@pytest.fixture(scope="session")
def redis_url(servers):
    """The URL of a Redis server. Its keys are every test's; take a prefix of your own."""
    return servers["redis"].url


@pytest.fixture(params=databases.KINDS)
def accounts_url(request, servers):
    """The URL of a database for accounts_service.service, of each kind in turn."""
    return servers.accounts(request.param)


@pytest.fixture
def app(accounts_url, tmp_path):
    """The service with three users, on each kind of database in turn."""
    with accounts_service.service(accounts_url, tmp_path) as app:
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def plain_environment(monkeypatch):
    for name in accounts_service.UNSET:
        monkeypatch.delenv(name, raising=False)
