"""The service as people start it: a process of run.py, asked over sockets."""

import gzip
import http.client
import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Timer

import gevent
import pytest
from gevent.event import Event

from negotiate_api import sharing
from negotiate_api.service import server
from representations import DEFAULTS

TESTS = Path(__file__).parent
ROOT = TESTS.parent

SECONDS = 60
"""How long anything here may take before it is given up."""

STREAMED = [format_.suffixes[0] for format_ in DEFAULTS if format_().page_size is None]

UNREACHABLE = "postgresql+psycopg://nobody:s3cret@127.0.0.1:1/x"


def environment(**variables):
    own = {name: value for name, value in os.environ.items() if not name.startswith(("NEGOTIATE_", "DATABASE_URL"))}
    return {**own, **variables}


def command(*options):
    return [sys.executable, str(ROOT / "run.py"), *map(str, options)]


def run(*options, **variables):
    """Run run.py to its end."""
    line, known = command(*options), environment(**variables)
    return subprocess.run(line, env=known, capture_output=True, text=True, timeout=SECONDS, check=False)


class Service:
    """A running process; killed by a watchdog, should it not come to say where it listens."""

    def __init__(self, *options, **variables):
        self.process = subprocess.Popen(
            command("--port", 0, *options),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.summary = self._summary()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.summary)
        assert found, self.process.communicate()[1]
        self.port = int(found[1])

    def _summary(self):
        watchdog = Timer(SECONDS, self.process.kill)
        watchdog.start()
        lines = []
        while not lines or (lines[-1] and "signed in" not in lines[-1]):
            lines.append(self.process.stdout.readline())
        watchdog.cancel()
        return "".join(lines)

    def get(self, path, method="GET", headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        with closing(connection):
            connection.request(method, path, headers=dict(headers))
            response = connection.getresponse()
            return response, response.read()

    def connect(self, buffer=None):
        """A socket to the service; with a small buffer for what it does not read."""
        client = socket.socket()
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.settimeout(SECONDS)
        client.connect(("127.0.0.1", self.port))
        return client

    def is_listening(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def wait(self):
        """Exit code, and what is left on stdout and stderr."""
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err

    def stop(self):
        self.process.terminate()
        return self.wait()


@contextmanager
def running(*options, **variables):
    service = Service(*options, **variables)
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def serving(served, **variables):
    """Run another application than the service; gives its address."""
    with closing(server.bind("127.0.0.1", 0)) as bound:
        server.listen(bound)
        descriptor = bound.fileno()
        known = environment(PYTHONPATH=str(ROOT), **variables)
        process = subprocess.Popen(
            served.command(descriptor), pass_fds=[descriptor], stderr=subprocess.DEVNULL, env=known
        )
        try:
            yield bound.getsockname()
        finally:
            process.terminate()
            process.wait(SECONDS)


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="module")
def service(instance):
    with running("--instance", instance) as started:
        yield started


def eventually(condition):
    """Poll until a condition holds."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "gave up waiting"
        time.sleep(0.01)


def body_of(raw):
    """The chunks of a chunked answer joined; an error where the last one is missing."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert b"chunked" in head
    chunks = []
    while True:
        size, _, rest = rest.partition(b"\r\n")
        if int(size, 16) == 0:
            return b"".join(chunks)
        chunks.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]


def read_all(client):
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


# Start


def test_service_answers_at_the_addresses_it_prints(service):
    addresses = re.findall(r"http://[^/]+(/\S*)", service.summary)
    assert len(addresses) == 7
    private = [address for address in addresses if address in ("/api/user", "/api/todos.csv")]
    assert [service.get(address)[0].status for address in private] == [401, 401]
    assert {service.get(address)[0].status for address in addresses if address not in private} == {200}


def test_service_serves_a_table_whole(service):
    response, body = service.get("/api/world/cities", headers={"Accept": "text/csv"})
    assert response.getheader("Content-Type") == "text/csv; charset=utf-8"
    assert body == gzip.decompress((ROOT / "data" / "world" / "cities.csv.gz").read_bytes())


def test_service_answers_head_of_a_stream_without_content(service):
    response, body = service.get("/api/world/cities", method="HEAD")
    assert (response.status, body) == (200, b"")


def test_service_tells_no_versions(service):
    response, _ = service.get("/healthz")
    assert not re.search(r"\d", response.getheader("Server", ""))


def test_service_keeps_its_secret_to_the_owner(service, instance):
    assert (instance / "secret_key").stat().st_mode & 0o777 == 0o600


def test_second_start_loads_nothing_and_has_all(tmp_path):
    with running("--instance", tmp_path) as first:
        tables = json.loads(first.get("/api/world/")[1])
        key = (tmp_path / "secret_key").read_text()
        assert "Loading World" in first.stop()[2]
    with running("--instance", tmp_path) as second:
        assert json.loads(second.get("/api/world/")[1]) == tables
        assert second.stop() == (0, second.stop()[1], "")
    assert (tmp_path / "secret_key").read_text() == key


def test_two_starts_at_once_load_once(tmp_path):
    with running("--instance", tmp_path) as one, running("--instance", tmp_path) as other:
        assert one.get("/api/world/")[1] == other.get("/api/world/")[1]
        assert [one.stop()[2], other.stop()[2]].count("") == 1


def test_service_is_set_by_the_environment(tmp_path):
    database = tmp_path / "elsewhere.sqlite"
    variables = {"NEGOTIATE_INSTANCE": str(tmp_path / "own"), "DATABASE_URL": f"sqlite:///{database}"}
    with running(NEGOTIATE_LOG_LEVEL="info", NEGOTIATE_WORKERS="1", NEGOTIATE_THREADS="5", **variables) as service:
        assert service.get("/readyz")[0].status == 200
    assert database.exists()
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["secret_key"]


def test_service_logs_a_request_a_line_where_asked_to(instance):
    with running("--instance", instance, "--log-level", "info") as service:
        service.get("/healthz?a=1", headers={"Accept": "text/csv"})
        _, out, _ = service.stop()
    (line,) = [line for line in out.splitlines() if "healthz" in line]
    assert re.match(r"\[\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\] 127\.0\.0\.1 ", line)
    assert '"text/csv" -> "text/csv; charset' in line


def test_version_is_that_of_the_package():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert run("--version").stdout == f"negotiate_api, version {version}\n"


# What a client may not say


SEEN = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [" ".join((environ["wsgi.url_scheme"], environ["SCRIPT_NAME"], environ["PATH_INFO"])).encode()]
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """The address of an application that answers with what of a request a proxy might change."""
    folder = tmp_path_factory.mktemp("seen")
    (folder / "seen_app.py").write_text(SEEN)
    with serving(server.Server(app="seen_app:app", folder=folder, workers=1)) as address:
        yield address


@pytest.mark.parametrize(
    "field", ["SCRIPT_NAME: /public", "PATH_INFO: /x", "X-Forwarded-Proto: https", "X-Forwarded-SSL: on"]
)
def test_fields_of_a_proxy_that_is_not_there_are_passed_over(seen, field):
    with closing(socket.create_connection(seen, SECONDS)) as client:
        client.sendall(f"GET /public/it HTTP/1.1\r\nHost: x\r\n{field}\r\nConnection: close\r\n\r\n".encode())
        assert read_all(client).endswith(b"http  /public/it\r\n0\r\n\r\n")


# What cannot start


def test_help_names_every_option_and_variable():
    text = run("--help").stdout
    for option in ("--host", "--port", "--workers", "--threads", "--database", "--instance", "--log-level"):
        assert option in text
    for name in ("HOST", "PORT", "WORKERS", "THREADS", "INSTANCE", "LOG_LEVEL"):
        assert f"NEGOTIATE_{name}" in text
    assert "DATABASE_URL" in text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--database", UNREACHABLE], r"nobody:\*\*\*@127.0.0.1:1/x cannot be used: .*refused"),
        (["--database", "mariadb://nobody:s3cret@127.0.0.1:1/x"], r"cannot be used: .*refused"),
        (["--database", "nonsense:s3cret"], "given by a URL"),
        (["--database", "oracle://me:s3cret@h/x"], "no driver for oracle"),
        (["--database", "sqlite:////nowhere/x.sqlite"], "unable to open database file"),
        (["--database", f"sqlite:///{__file__}"], "file is not a database"),
        (["--instance", f"{__file__}/instance"], "cannot be made: Not a directory"),
        (["--host", "nowhere.invalid"], "the host 'nowhere.invalid' is not known"),
        (["--host", "192.0.2.1"], "192.0.2.1 is not an address of this machine"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_service_that_cannot_start_says_why_in_a_line(tmp_path, options, reason):
    ended = run("--port", 0, "--instance", tmp_path / "instance", *options)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(rf"Error: .*{reason}.*\n", ended.stderr)
    assert "s3cret" not in ended.stderr


def test_busy_port_is_told_with_a_way_out(service, instance):
    ended = run("--port", service.port, "--instance", instance)
    assert ended.returncode == 1
    assert ended.stderr == f"Error: port {service.port} is in use; choose another with --port\n"


@pytest.mark.parametrize("options", [("--port", "x"), ("--port", "70000"), ("--workers", "0"), ("--log-level", "loud")])
def test_wrong_option_exits_with_2(options):
    ended = run(*options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"Invalid value for '{options[0]}'" in ended.stderr


@pytest.mark.parametrize("made", [False, True])
def test_missing_package_is_told_with_a_way_out(tmp_path, made):
    copy, python = Path(shutil.copy(ROOT / "run.py", tmp_path)), tmp_path / ".venv" / "bin" / "python"
    if made:
        python.parent.mkdir(parents=True)
        python.touch()
    line = [sys.executable, "-S", str(copy)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False)
    way = f"`{python} {copy}` has it" if made else "`make run` installs what is needed, and starts"
    assert (ended.returncode, ended.stderr) == (1, f"Error: the package 'negotiate_api' is missing; {way}.\n")


# Stop


def interrupt_all(process):
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does, workers included


@pytest.mark.parametrize(
    "end",
    [lambda process: process.terminate(), lambda process: process.send_signal(signal.SIGINT), interrupt_all],
    ids=["SIGTERM", "SIGINT", "Ctrl-C"],
)
def test_end_finishes_a_running_answer(instance, end):
    with running("--instance", instance) as service, closing(service.connect(buffer=4096)) as client:
        client.sendall(b"GET /api/world/cities.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        first = client.recv(2000)
        end(service.process)
        eventually(lambda: not service.is_listening())
        assert service.process.poll() is None
        rows = json.loads(body_of(first + read_all(client)))
        assert len(rows) == 34_006
        assert service.wait()[0] == 0


def test_end_does_not_wait_for_idle_connections(instance):
    with running("--instance", instance) as service, closing(service.connect()) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(2000)
        service.process.terminate()
        assert service.process.wait(10) == 0  # keepalive is 15 seconds


def test_second_interrupt_does_not_wait(instance):
    with running("--instance", instance) as service, closing(service.connect(buffer=4096)) as client:
        client.sendall(b"GET /api/world/cities.json HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(2000)
        interrupt_all(service.process)
        eventually(lambda: not service.is_listening())
        interrupt_all(service.process)
        assert service.wait()[0] == 0


# Broken streams


@pytest.fixture(scope="module")
def broken():
    with serving(server.Server(app="broken_app:app", folder=TESTS, workers=1)) as (host, port):
        yield f"http://{host}:{port}"


def curl(url):
    line = ["curl", "--silent", "--max-time", str(SECONDS), url]
    return subprocess.run(line, capture_output=True, timeout=2 * SECONDS, check=False)


@pytest.mark.parametrize("suffix", STREAMED)
def test_broken_stream_is_an_error_to_curl(broken, suffix):
    ended = curl(f"{broken}/broken?format={suffix}")
    assert ended.returncode == 18
    assert ended.stdout  # a part of it, begun as 200


@pytest.mark.parametrize("suffix", STREAMED)
def test_whole_stream_is_no_error_to_curl(broken, suffix):
    ended = curl(f"{broken}/whole?format={suffix}")
    assert ended.returncode == 0
    assert b"19999" in ended.stdout


# Clients that are slow, or fast


def test_slow_clients_do_not_block_others(service):
    with ExitStack() as stack:
        clients = [stack.enter_context(service.connect(buffer=4096)) for _ in range(80)]
        for client in clients[:30]:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nAcc")
        for client in clients[30:60]:
            client.sendall(b"POST /api/convert HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n[")
        for client in clients[60:]:
            client.sendall(b"GET /api/world/cities.json HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        times = []
        for path in ("/healthz", "/readyz") * 5:
            start = time.monotonic()
            assert service.get(path)[0].status == 200
            times.append(time.monotonic() - start)
    assert sorted(times)[5] < 1


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    """The address of the service, which waits for a body for a moment only."""
    folder = tmp_path_factory.mktemp("impatient")
    conf = server.CONFIG.read_text().replace("PATIENCE = 30.0", "PATIENCE = 0.5")
    (folder / "conf.py").write_text(conf)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "CONFIG", folder / "conf.py")
        with serving(server.Server(workers=1), NEGOTIATE_INSTANCE=str(folder)) as address:
            yield address


@pytest.mark.parametrize(
    ("field", "part"),
    [("Content-Length: 9", b"[1"), ("Content-Length: 9", b""), ("Transfer-Encoding: chunked", b"2\r\n[1\r\n")],
)
@pytest.mark.parametrize("kind", ["application/json", "text/csv", "application/x-www-form-urlencoded"])
def test_body_that_stops_to_arrive_is_408_and_the_end_of_the_connection(impatient, field, part, kind):
    with closing(socket.create_connection(impatient, SECONDS)) as client:
        head = f"POST /api/convert HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\nContent-Type: {kind}\r\n{field}\r\n\r\n"
        client.sendall(head.encode() + part)
        answer = read_all(client)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    assert answer.endswith(b"\r\n\r\nThe body has not arrived in time.\n")


def test_body_that_arrives_slowly_is_read(impatient):
    with closing(socket.create_connection(impatient, SECONDS)) as client:
        client.sendall(b"POST /api/convert HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
        client.sendall(b"Content-Type: application/json\r\nContent-Length: 7\r\n\r\n")
        for byte in b"[1,2,3]":
            client.send(bytes((byte,)))
            time.sleep(0.1)  # the longest silence is what is limited, and these make more than one together
        assert read_all(client).startswith(b"HTTP/1.1 200 ")


def test_streams_take_turns(monkeypatch):
    monkeypatch.setattr(sharing, "is_shared", lambda: True)
    monkeypatch.setattr(sharing, "Event", Event)
    monkeypatch.setattr(sharing, "time", gevent)
    fair = runpy.run_path(str(ROOT / "negotiate_api" / "service" / "gunicorn_conf.py"))["fair"]
    turns = []

    def read(name):
        turns.extend(name + chunk.decode() for chunk in fair(lambda *_: iter([b"1", b"2", b"3"]))({}, None))

    gevent.joinall([gevent.spawn(read, "a"), gevent.spawn(read, "b")], timeout=SECONDS)
    assert turns == ["a1", "b1", "a2", "b2", "a3", "b3"]


def test_stream_that_is_left_is_closed():
    fair = runpy.run_path(str(ROOT / "negotiate_api" / "service" / "gunicorn_conf.py"))["fair"]
    closed = []

    class Chunks(list):
        def close(self):
            closed.append(True)

    fair(lambda environ, start_response: Chunks([b"1"]))({}, None).close()
    assert closed == [True]
