"""Servers of the benchmarks: started, asked, weighed and ended, by proc(5) and curl (Linux).

A server is all processes of the group that its command begins; so a master with one worker is weighed as one.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120
"""How long a server may take to start, or to end."""

LONGEST = 1800
"""Seconds that an answer may take."""

TOLD = "%{http_code} %{content_type}\n%{time_starttransfer} %{time_total} %{size_download}"


class NotAnswered(AssertionError):
    """A server, or a program, does not do what is to be measured."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds by the clock and of CPU, seconds until the first byte, and bytes."""

    wall: float
    cpu: float
    first: float = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at a URL."""

    url: str
    group: int
    idle: dict[int, float] = field(default_factory=dict)

    @property
    def spent(self) -> float:
        """Seconds of CPU so far."""
        stats = [fields for _, fields in _processes(self.group)]
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")

    @property
    def grown(self) -> float:
        """MB that it ever held above what it held when idle() was called."""
        return sum(memory(pid, "VmHWM") - self.idle.get(pid, 0) for pid, _ in _processes(self.group))

    @property
    def held(self) -> float:
        """MB that it holds."""
        return sum(memory(pid, "VmRSS") for pid, _ in _processes(self.group))

    def rest(self) -> None:
        """Take what it holds now for what it holds when idle, and forget what it ever held."""
        for pid, _ in _processes(self.group):
            Path(f"/proc/{pid}/clear_refs").write_text("5")
            self.idle[pid] = memory(pid, "VmRSS")

    def ask(self, path: str, headers: Mapping[str, str], mediatype: str, least: int = 0) -> Answer:
        """A whole answer of at least so many bytes, thrown away. Raises NotAnswered."""
        line = ["curl", "--silent", "--show-error", "--output", "/dev/null", "--write-out", TOLD]
        line += ["--max-time", str(LONGEST)]
        for name, value in headers.items():
            line += ["--header", f"{name}: {value}"]
        before = self.spent
        ended = subprocess.run([*line, self.url + path], capture_output=True, text=True, check=False)
        spent = self.spent - before
        status, _, figures = ended.stdout.partition("\n")
        if ended.returncode or not status.startswith(f"200 {mediatype}"):
            raise NotAnswered(f"{self.url}{path} answered {status!r} {ended.stderr.strip()}")
        first, wall, size = map(float, figures.split())
        if size < least:
            raise NotAnswered(f"{self.url}{path} answered {size:,.0f} bytes, and {least:,} are the least there can be")
        return Answer(wall, spent, first, int(size))


def memory(pid: int, field: str) -> float:
    """VmRSS, what a process holds now, or VmHWM, the most it ever held, in MB; 0 for one that has ended."""
    try:
        match = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(match[1]) * 1024 / 1e6 if match else 0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], ready: str = "/", **environment: str) -> Iterator[Server]:
    """A server that answers at ready, whatever the status; {port} in its command is one that is free.

    Raises NotAnswered.
    """
    port = free_port()
    line = [part.format(port=port) for part in command]
    with TemporaryFile("w+") as log:
        surroundings = {"cwd": ROOT, "env": {**os.environ, **environment}, "stdout": log, "stderr": log}
        process = subprocess.Popen(line, stdin=subprocess.DEVNULL, start_new_session=True, **surroundings)  # type: ignore[call-overload]
        try:
            server = Server(f"http://127.0.0.1:{port}", process.pid)
            end = time.monotonic() + SECONDS
            while not answers(server.url + ready):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise NotAnswered(f"{' '.join(line)} did not start: {log.read()[-2000:]}")
                time.sleep(0.02)
            server.rest()
            yield server
        finally:
            stop(process)


def answers(url: str) -> bool:
    """Whether a server answers anything."""
    try:
        urlopen(url, timeout=SECONDS).close()
    except HTTPError:
        return True
    except (URLError, ConnectionError, TimeoutError):
        return False
    return True


def stop(process: subprocess.Popen[str]) -> None:
    """End a server and all that it has started."""
    for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, SECONDS)):
        try:
            os.killpg(process.pid, sign)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run(command: Sequence[str]) -> Answer:
    """A program whose output is thrown away. Raises NotAnswered."""
    before, start = os.times(), time.perf_counter()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall, after = time.perf_counter() - start, os.times()
    if ended.returncode:
        raise NotAnswered(f"{' '.join(command)}: {ended.stderr.decode()}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Answer(wall, cpu)


def _processes(group: int) -> Iterator[tuple[int, list[str]]]:
    """Number and stat fields, from the state on, of the processes of a group."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group:
            yield int(path.parent.name), fields
