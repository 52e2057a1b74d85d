"""The whole of a table over HTTP, beside the sqlite3 program and other frameworks; make bench prints it.

The rows of a format are of one run: sqlite3, this library and who is about as fast take turns, then the slow ones are
asked once each, between two runs of sqlite3. The limit is what the sqlite3 program takes to write the table to
/dev/null, as CSV or, for what it cannot write, as JSON. A ratio is the median of those of the rounds. Each format has
fresh servers: the first answer tells the first byte cold, the later ones tell it warm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from . import flights, results
from .contestants import CLI, MEDIATYPES, OURS, SERVERS, Ask, Contestant, cli
from .processes import Answer, Server, run, serving

TARGETS = {"CSV": 2.0, "JSON": 2.0, "NDJSON": 2.1, "XML": 3.3, "YAML": 3.2, "HTML": 3.0, "MessagePack": 1.8}
"""The most times of the limit that an export of ours is to take."""

AIMS = {"CSV": 1.3, "JSON": 1.2, "XML": 2.0, "YAML": 2.0}
"""What it should take with apsw, which nothing fails by."""

GROWN, WARM, COLD = 30, 0.1, 0.3
"""The most MB that its server is to grow by, and seconds to the first byte."""

LEAST = 60
"""Bytes of a row that no format is shorter than."""

HEAD = ("export", "seconds", "CPU", "× limit", "target", "first byte", "cold", "MB above idle", "MB")

Measured = tuple[list[Answer], float]
"""What a server answered, and how many MB it grew by."""


@dataclass(frozen=True, slots=True)
class Run:
    """How exports are measured; in a quick one the slow have one row in twenty at most."""

    rows: int = flights.ROWS
    rounds: int = 5
    quick: bool = False

    def asks(self, format_: str, servers: tuple[Contestant, ...]) -> dict[Contestant, Ask]:
        """What each of them is asked for that has the format."""
        asks = {one: one.asks[format_] for one in servers if format_ in one.asks}
        if self.quick:
            asks = {one: replace(ask, part=max(ask.part, 20)) if ask.slow else ask for one, ask in asks.items()}
        return asks


@dataclass(frozen=True, slots=True)
class Export:
    """What a contestant took for a format: medians of its runs, those of a part of the rows multiplied.

    ratio   how many times of the limit
    first   seconds to the first byte; cold is that of a fresh server, None where there is one run only
    grown   MB of memory above idle, of the part
    missed  the targets that it is to reach and does not
    """

    format: str
    name: str
    runs: int
    part: int
    wall: float
    cpu: float
    ratio: float
    first: float = 0
    cold: float | None = None
    grown: float | None = None
    size: int = 0
    missed: tuple[str, ...] = ()


def measure(format_: str, servers: tuple[Contestant, ...], how: Run) -> Iterator[Export]:
    """All that have the format, each as soon as it is measured; the limit first."""
    asks = how.asks(format_, servers)
    limits, found = in_turn(format_, {one: ask for one, ask in asks.items() if not ask.slow}, how)
    yield Export(format_, f"{CLI} -{mode(format_)}", how.rounds, 1, *_medians(limits), 1.0)
    for one, measured in found.items():
        yield export(format_, one.name, asks[one], measured, limits)
    for one in [one for one in asks if one not in found]:
        yield export(format_, one.name, asks[one], *alone(format_, one, asks[one], how))


def mode(format_: str) -> str:
    """The mode of the sqlite3 program that a format is held against."""
    return "csv" if format_ == "CSV" else "json"


def in_turn(format_: str, asks: Mapping[Contestant, Ask], how: Run) -> tuple[list[Answer], dict[Contestant, Measured]]:
    """The limits of each round, and what was measured. The order changes from round to round."""
    line = cli(flights.database(how.rows), mode(format_))
    limits: list[Answer] = []
    answers: dict[Contestant, list[Answer]] = {one: [] for one in asks}
    with ExitStack() as stack:
        servers = {one: stack.enter_context(started(one, how.rows)) for one in asks}
        for number in range(how.rounds):
            limits.append(run(line))
            for one in list(asks)[:: -1 if number % 2 else 1]:
                answers[one].append(_answer(servers[one], asks[one], how.rows))
        return limits, {one: (answers[one], servers[one].grown) for one in asks}


def alone(format_: str, one: Contestant, ask: Ask, how: Run) -> tuple[Measured, list[Answer]]:
    """One answer of a slow one, and the limits before and after it."""
    line = cli(flights.database(how.rows), mode(format_))
    rows = how.rows // ask.part
    with started(one, rows) as server:
        before, answer, after = run(line), _answer(server, ask, rows), run(line)
        return ([answer], server.grown), [before, after]


def started(one: Contestant, rows: int) -> Any:
    """Its server, of so many rows."""
    database = flights.database(rows)
    return serving(one.filled(database), one.ready, BENCHMARK_DATABASE=str(database))


def _answer(server: Server, ask: Ask, rows: int) -> Answer:
    path = ask.path.replace("{name}", flights.database(rows).stem)
    return server.ask(path, ask.headers, ask.mediatype or ask.accept, least=LEAST * rows)


def _medians(answers: list[Answer]) -> tuple[float, float]:
    return median(one.wall for one in answers), median(one.cpu for one in answers)


def export(format_: str, name: str, ask: Ask, measured: Measured, limits: list[Answer]) -> Export:
    """What is told of it. Who is asked once is held against what the limit takes before and after."""
    answers, grown = measured
    wall, cpu = (figure * ask.part for figure in _medians(answers))
    paired = len(answers) == len(limits)
    ratios = [mine.wall / limit.wall for mine, limit in zip(answers, limits, strict=True)] if paired else []
    found = Export(
        format=format_,
        name=name,
        runs=len(answers),
        part=ask.part,
        wall=wall,
        cpu=cpu,
        ratio=median(ratios) if ratios else wall / _medians(limits)[0],
        first=median(one.first for one in answers[1:] or answers) * (ask.part if ask.slow else 1),
        cold=answers[0].first if len(answers) > 1 else None,
        grown=grown,
        size=answers[0].size * ask.part,
    )
    return replace(found, missed=tuple(_missed(found))) if name == OURS else found


def _missed(found: Export) -> Iterator[str]:
    for what, is_, most in (
        ("times the limit", found.ratio, TARGETS[found.format]),
        ("MB above idle", found.grown, GROWN),
        ("seconds to the first byte", found.first, WARM),
        ("seconds to the first byte, cold", found.cold, COLD),
    ):
        if is_ is not None and is_ > most:
            yield f"{found.format} {is_:.2f} {what}, {most} at most"


def row(found: Export) -> tuple[str, ...]:
    """Its row of the table."""
    name = f"{found.format}: {found.name}{f' (1/{found.part} of the rows)' if found.part > 1 else ''}"
    times = (f"{found.wall:.2f}", f"{found.cpu:.2f}", f"{found.ratio:.2f}", target(found))
    if found.grown is None:
        return (name, *times, "", "", "", "")
    return (name, *times, span(found.first), span(found.cold), f"{found.grown:.0f}", f"{found.size / 1e6:.0f}")


def target(found: Export) -> str:
    """What ours is to reach, and with apsw should."""
    if found.name == OURS:
        return f"≤ {TARGETS[found.format]:g}{' missed' if found.missed else ''}"
    return f"aim {AIMS[found.format]:g}" if found.name.startswith(OURS) and found.format in AIMS else ""


def span(seconds: float | None) -> str:
    """Seconds, short ones in ms."""
    return "" if seconds is None else f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def table(found: Mapping[str, Any]) -> str:
    """What was kept of a run, in Markdown."""
    return results.markdown(HEAD, [row(Export(**one)) for one in found["exports"]])


def chosen(only: str) -> dict[str, tuple[Contestant, ...]]:
    """By format, who is there of those whose "FORMAT: NAME" has this text; ours is, where anyone is."""
    text, there = only.lower(), [one for one in SERVERS if not one.missing]
    wanted = {
        format_: tuple(one for one in there if text in f"{format_}: {one.name}".lower() and format_ in one.asks)
        for format_ in MEDIATYPES
    }
    ours = next(one for one in there if one.name == OURS)
    return {format_: tuple(dict.fromkeys((ours, *those))) for format_, those in wanted.items() if those}


def show(how: Run, only: str = "", save: bool = False) -> int:
    """Measures and prints; how many targets were missed."""
    for name in [one.name for one in SERVERS if one.missing]:
        print(f"{name} is not installed, and left out.")
    print(f"{how.rows:,} rows of {len(flights.COLUMNS)} columns, {how.rounds} rounds\n")
    print(results.markdown(HEAD, []))
    found = []
    for format_, servers in chosen(only).items():
        for one in measure(format_, servers, how):
            found.append(one)
            print(results.line(row(one)), flush=True)
    missed = [why for one in found for why in one.missed]
    print(f"\nMissed: {'; '.join(missed) or 'nothing'}")
    if save:
        results.save("exports", how=asdict(how), exports=[*map(asdict, found)])
    return len(missed)
