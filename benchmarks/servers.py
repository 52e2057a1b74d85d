"""What run.py's server was chosen by: python -m benchmarks.servers [--save]

Each candidate serves the same application with one worker, afresh for each question. A small request beside slow
clients is asked for fifty times at most; the slowest of them is told, and how many had no answer within five seconds.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from os import kill
from typing import Any

from . import latency, results
from .contestants import PYTHON, wsgi
from .processes import Server, serving

APP = "benchmarks.exporters.faults:create()"
ALIASED = "benchmarks.exporters.faults:create"
LOCAL = "127.0.0.1:{port}"

CANDIDATES: dict[str, tuple[str, ...]] = {
    "gunicorn gevent, run.py's": (PYTHON, "-m", "benchmarks.exporters.ours", "{port}", APP),
    "gunicorn gthread, 8 threads": (*wsgi(APP), "--worker-class", "gthread", "--threads", "8"),
    "gunicorn sync": wsgi(APP),
    "granian, 8 threads": (
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", "1", "--blocking-threads", "8", "--no-ws", "--log-level", "error", ALIASED),
    ),
    "waitress, 8 threads": (*(PYTHON, "-m", "waitress", f"--listen={LOCAL}", "--threads=8", "--call", ALIASED),),
}

SLOW = 500
"""Clients that do not read, or that do not finish their request."""

IN_FLIGHT = 20
"""Answers that are being sent when the server is told to end."""

ASKED = 50
PATIENCE = 5.0
SETTLED = 60

HEAD = (
    *("server", "broken exports noticed", f"whole of {IN_FLIGHT} at SIGTERM", f"beside {SLOW} slow readers"),
    *(f"beside {SLOW} half requests", "1,000 connections", "requests/s", "MB idle", "MB at most"),
)


def broken(server: Server) -> str:
    """Of three exports that fail in the middle, how many curl takes for failed."""
    line = ["curl", "--silent", "--output", "/dev/null", f"{server.url}/broken.csv"]
    noticed = sum(subprocess.run(line, check=False).returncode != 0 for _ in range(3))
    return f"{noticed} of 3"


def drained(server: Server) -> str:
    """How many of the answers that were being sent at SIGTERM came whole."""
    line = ["curl", "--silent", "--limit-rate", "4M", "--output", "/dev/null", f"{server.url}/whole.csv"]
    clients = [subprocess.Popen(line) for _ in range(IN_FLIGHT)]
    time.sleep(1)
    kill(server.group, signal.SIGTERM)
    whole = sum(client.wait() == 0 for client in clients)
    return str(whole)


def slow_readers(server: Server) -> str:
    """A small request while clients read nothing of what they asked for: at once, and when all buffers are full."""
    with clients(server, b"GET /whole.csv HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        at_once = small(server)
        settle(server)
        return f"{at_once}; then {small(server)}"


def half_requests(server: Server) -> str:
    """A small request while clients have not finished theirs."""
    with clients(server, b"GET /small HTTP/1.1\r\nHost: loc"):
        return small(server)


def connections(server: Server) -> str:
    """99 of 100 requests on 1,000 connections, and how many failed."""
    told = wrk(server, "-c1000", "-d5s", "--latency", "--timeout", "30s")
    errors = re.search(r"Socket errors: (.+)", told)
    slowest = re.search(r"99%\s+(\S+)", told)
    return f"p99 {slowest[1] if slowest else '?'}{f', {errors[1]}' if errors else ''}"


def throughput(server: Server) -> str:
    """Small requests a second, on eight connections."""
    found = re.search(r"Requests/sec:\s+([\d.]+)", wrk(server, "-c8", "-d3s"))
    return f"{float(found[1]):,.0f}" if found else "none"


QUESTIONS: tuple[Callable[[Server], str], ...] = (
    *(broken, drained, slow_readers, half_requests, connections, throughput),
)


@contextmanager
def clients(server: Server, request: bytes) -> Iterator[None]:
    """So many connections that have sent this, and do nothing more."""
    port = int(server.url.rpartition(":")[2])
    opened = []
    try:
        for _ in range(SLOW):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(PATIENCE)
            client.connect(("127.0.0.1", port))
            client.sendall(request)
            opened.append(client)
        time.sleep(1)
        yield
    finally:
        for client in opened:
            client.close()


def settle(server: Server) -> None:
    """Wait until the server has nothing to do, or too long."""
    end = time.monotonic() + SETTLED
    spent = -1.0
    while spent != server.spent and time.monotonic() < end:
        spent = server.spent
        time.sleep(0.5)


def small(server: Server) -> str:
    """The slowest of some small requests, and how many had no answer."""
    found = []
    for seconds in latency.requests(f"{server.url}/small", 2 * PATIENCE, PATIENCE):
        found.append(seconds)
        if len(found) == ASKED:
            break
    answered = [seconds for seconds in found if seconds is not None]
    slowest = f"{max(answered) * 1000:.0f} ms" if answered else "none"
    waiting = len(found) - len(answered)
    return f"{slowest}, {waiting} of {len(found)} unanswered" if waiting else slowest


def wrk(server: Server, *options: str) -> str:
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("wrk is not installed; `make bench` installs it, from Debian's package of that name")
    line = [program, "-t1", *options, f"{server.url}/small"]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def asked(command: tuple[str, ...]) -> list[str]:
    """What a candidate answers to each question, and the memory that it takes."""
    told, idle, most = [], 0.0, 0.0
    for question in QUESTIONS:
        with serving(command, "/small") as server:
            idle = server.held
            told.append(question(server))
            most = max(most, idle + server.grown)
    return [*told, f"{idle:.0f}", f"{most:.0f}"]


def table(found: Mapping[str, Any]) -> str:
    """What was found, in Markdown."""
    return results.markdown(HEAD, [(name, *told) for name, told in found["servers"].items()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", default="", help="the servers that have this in their name")
    parser.add_argument("--save", action="store_true", help="keep the figures in benchmarks/results/")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(results.markdown(HEAD, []))
    found = {}
    for name, command in CANDIDATES.items():
        if options.only in name:
            found[name] = asked(command)
            print(results.line((name, *found[name])), flush=True)
    if options.save:
        results.save("servers", servers=found)


if __name__ == "__main__":
    sys.exit(main())
