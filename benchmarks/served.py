"""Small requests through servers, in CPU time of the server a request, while wrk asks over eight connections (Linux).

gunicorn with one gevent worker serves what is WSGI, uvicorn with one worker FastAPI. All run throughout, and each in
turn is asked for a second. Requests per second would tell as much of what else the machine does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.request import urlopen

from . import apps
from .rounds import Ratio
from .table import row

ROOT = Path(__file__).parent.parent
ROUNDS, ROUNDS_NAIVE = 7, 3
GUNICORN = ("gunicorn", "--worker-class", "gevent", "--workers", "1", "--bind", "127.0.0.1:0")
SERVERS = {
    "ours": (*GUNICORN, "benchmarks.apps:ours()"),
    "Flask-RESTful": (*GUNICORN, "benchmarks.apps:stock()"),
    "naive": (*GUNICORN, "benchmarks.apps:naive()"),
    "Django REST framework": (*GUNICORN, "benchmarks.django_peer:application"),
    "FastAPI": ("uvicorn", "--port", "0", "--no-access-log", "benchmarks.fastapi_peer:application"),
}
PATHS = {"item": "/people/1", "25 rows": "/pages/25", "100 rows": "/pages/100"}
MARSHALLED = "/records/1"
JSON = "application/json"
OTHERS = ("Flask-RESTful", "Django REST framework", "FastAPI")


class Server(NamedTuple):
    """A server that answers at a URL; all its processes are in one group."""

    url: str
    group: int

    @property
    def spent(self) -> float:
        """Seconds of CPU so far (proc(5))."""
        stats = [path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
        ticks = sum(int(stat[11]) + int(stat[12]) for stat in stats if int(stat[2]) == self.group)
        return ticks / os.sysconf("SC_CLK_TCK")


def show(rounds: int = ROUNDS) -> int:
    """Measures and prints; how many targets were missed."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(served(command)) for name, command in SERVERS.items()}
        for what, path in PATHS.items():
            spent = measure({name: servers[name] for name in ("ours", *OTHERS)}, path, JSON, rounds)
            for name in OTHERS:
                row(f"served: JSON, {what} / {name}", ratio(spent["ours"], spent[name]))
        pair = {name: servers[name] for name in ("ours", "Flask-RESTful")}
        spent = measure(pair, MARSHALLED, JSON, rounds)
        found = ratio(spent["ours"], spent["Flask-RESTful"])
        missed = row("served: JSON, marshalled item / Flask-RESTful", found, target=1.4)
        pair = {name: servers[name] for name in ("ours", "naive")}
        for mediatype, (format_, library) in naive_formats().items():
            for what, path in PATHS.items():
                spent = measure(pair, path, mediatype, min(rounds, ROUNDS_NAIVE))
                row(f"served: {format_}, {what} / {library}", ratio(spent["ours"], spent["naive"]))
    return int(missed)


def naive_formats() -> dict[str, tuple[str, str]]:
    """What apps.naive() answers beside JSON: format and library by media type."""
    return {mediatype: (format_, library) for format_, library, mediatype, _ in reversed(apps.NAIVE)}


@contextmanager
def served(command: tuple[str, ...]) -> Iterator[Server]:
    """A server, up and running. Each says in its log what port it has."""
    line = [sys.executable, "-m", *command]
    with subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stderr
            found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)
            url = next((match[0] for match in found if match), None)
            assert url, f"{command} did not start"
            urlopen(f"{url}/people/1", timeout=30).close()
            yield Server(url, process.pid)
        finally:
            process.terminate()


def measure(servers: dict[str, Server], path: str, mediatype: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of CPU a request, of each server by round."""
    spent: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(rounds):
        for name in list(servers)[:: 1 if number % 2 else -1]:
            before = servers[name].spent
            requests = wrk(servers[name].url + path, mediatype)
            spent[name].append((servers[name].spent - before) / requests)
    return spent


def wrk(url: str, mediatype: str) -> int:
    """Asks for a second; how many requests were answered."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is not installed; `make bench` installs it, from Debian's package of that name")
    line = [program, "-t1", "-c8", "-d1s", "-H", f"Accept: {mediatype}", url]
    told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    match = re.search(r"(\d+) requests in", told)
    assert match, told
    return int(match[1])


def ratio(ours: list[float], theirs: list[float]) -> Ratio:
    """How many times as fast ours is."""
    rounds = tuple(their / own for own, their in zip(ours, theirs, strict=True))
    return Ratio(rounds, median(ours), median(theirs))
