"""What the tests share: databases."""

import databases
import pytest


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
