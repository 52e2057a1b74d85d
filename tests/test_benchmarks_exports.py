"""The benchmarks of exports ask everybody for the same rows, weigh what they say, and fail where a target is missed."""

import csv
import io
import json
import sqlite3
import sys
from pathlib import Path
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest

from benchmarks import chart, contestants, exports, flights, growth, latency, processes, report, results, servers
from benchmarks.contestants import Ask, Contestant
from benchmarks.processes import Answer, NotAnswered

ALLOCATES = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        held = bytearray(50_000_000) if self.path == "/much" else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"held")
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("flights") / "flights.db"
    flights.fill(path, ([name if name in flights.TEXT else str(n) for name in flights.COLUMNS[1:]] for n in range(90)))
    return path


@pytest.fixture(scope="module")
def allocating():
    with processes.serving((sys.executable, "-c", ALLOCATES, "{port}")) as server:
        yield server


def answered(url, ask):
    with urlopen(Request(url + ask.path, headers=ask.headers)) as response:
        assert response.headers["Content-Type"].startswith(ask.mediatype or ask.accept)
        return response.read().decode()


def test_database_has_null_where_a_flight_has_none(tmp_path):
    record = ["NA" if name in ("dep_time", "tailnum") else "1" for name in flights.COLUMNS[1:]]
    flights.fill(tmp_path / "flights.db", [record, record])

    with sqlite3.connect(tmp_path / "flights.db") as connection:
        assert connection.execute("SELECT id, year, carrier, dep_time, tailnum FROM flights").fetchall() == [
            (1, 1, "1", None, None),
            (2, 1, "1", None, None),
        ]
    connection.close()


@pytest.mark.parametrize(
    "one", [contestants.ours, contestants.stock, contestants.stock_dicts], ids=lambda one: one.name
)
def test_contestants_answer_all_rows_of_the_table(one, database):
    wanted = [
        {"id": n + 1, **{name: name if name in flights.TEXT else n for name in flights.COLUMNS[1:]}} for n in range(90)
    ]

    with processes.serving(one.filled(database), one.ready, BENCHMARK_DATABASE=str(database)) as server:
        assert json.loads(answered(server.url, one.asks["JSON"])) == wanted
        assert list(csv.DictReader(io.StringIO(answered(server.url, one.asks["CSV"])))) == [
            {name: str(value) for name, value in row.items()} for row in wanted
        ]


def test_contestant_that_is_not_installed_is_missing():
    assert Contestant("nobody", (), needs="no_such_program").missing
    assert not Contestant("somebody", (), needs="flask").missing


@pytest.mark.parametrize(
    ("path", "mediatype", "least", "told"),
    [
        ("/little", "text/csv", 0, "200 text/plain"),
        ("/little", "text/plain", 5, "4 bytes"),
    ],
    ids=["media type", "too short"],
)
def test_answer_that_is_another_is_not_measured(allocating, path, mediatype, least, told):
    with pytest.raises(NotAnswered, match=told):
        allocating.ask(path, {}, mediatype, least)


def test_server_that_does_not_start_tells_why():
    with (
        pytest.raises(NotAnswered, match=r"did not start: (?s:.)*ZeroDivisionError"),
        processes.serving((sys.executable, "-c", "1/0")),
    ):
        pass


def test_memory_is_what_an_answer_held_above_idle(allocating):
    allocating.ask("/little", {}, "text/plain")
    allocating.rest()
    allocating.ask("/little", {}, "text/plain")
    little = allocating.grown
    allocating.ask("/much", {}, "text/plain")

    assert little < 10
    assert allocating.grown == pytest.approx(50, abs=10)


def test_program_that_fails_is_not_measured():
    with pytest.raises(NotAnswered, match="no such thing"):
        processes.run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def measured(*walls, first=0.01):
    return [Answer(wall, wall, first, 100) for wall in walls]


def test_ratio_is_the_median_of_the_rounds():
    found = exports.export("JSON", "another", Ask(""), (measured(2, 9, 4), 5.0), measured(1, 2, 1))

    assert (found.ratio, found.wall, found.runs) == (4, 4, 3)


def test_figures_of_a_part_are_those_of_the_whole():
    found = exports.export(
        "JSON", "another", Ask("", part=10, slow=True), (measured(2, first=1.5), 5.0), measured(1, 2, 3)
    )

    assert (found.wall, found.cpu, found.first, found.size) == (20, 20, 15, 1000)
    assert (found.ratio, found.grown) == (10, 5)


@pytest.mark.parametrize(
    ("walls", "first", "grown", "missed"),
    [
        ((1.9, 1.9), 0.01, 29, []),
        ((2.1, 2.1), 0.01, 29, ["times the limit"]),
        ((1.9, 1.9), 0.2, 29, ["to the first byte"]),
        ((1.9, 1.9), 0.01, 31, ["MB above idle"]),
    ],
    ids=["reached", "time", "first byte", "memory"],
)
def test_ours_has_targets_of_time_and_memory(walls, first, grown, missed):
    found = exports.export("JSON", contestants.OURS, Ask(""), (measured(*walls, first=first), grown), measured(1, 1))

    assert len(found.missed) == len(missed)
    assert all(what in why for what, why in zip(missed, found.missed, strict=True))


def test_choice_of_rows_keeps_ours():
    chosen = exports.chosen("flask-restful, dicts")

    assert {format_: [one.name for one in those] for format_, those in chosen.items()} == {
        "CSV": ["negotiate_api", "Flask-RESTful, dicts"],
        "JSON": ["negotiate_api", "Flask-RESTful, dicts"],
    }


def test_growth_is_told_of_time_memory_and_depth():
    flat = {
        "exports": {"CSV": {"100000": (0.1, 9), "1000000": (1.0, 9)}},
        "pages": {"1": 0.01, "10": 0.01, "100": 0.01},
    }
    steep = {
        "exports": {"CSV": {"100000": (0.1, 9), "1000000": (2.0, 99)}},
        "pages": {"1": 0.01, "10": 0.01, "100": 0.1},
    }

    assert growth.missed(flat) == []
    assert [why.rpartition(" takes ")[0] for why in growth.missed(steep)] == ["a row of CSV", "CSV", "the deepest page"]


def test_percentile_is_what_so_many_did_not_take_longer_than():
    assert latency.percentile([n / 100 for n in range(101)], 99) == pytest.approx(0.99)


def test_server_of_the_service_lets_clients_notice_a_broken_export():
    with processes.serving(servers.CANDIDATES["gunicorn gevent, run.py's"], "/small") as server:
        assert servers.broken(server) == "3 of 3"


def test_chart_names_everybody_with_the_seconds():
    found = results.load("exports")
    drawn = ElementTree.fromstring(chart.chart(found))
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]

    for one in found["exports"]:
        if one["format"] in chart.FORMATS and not one["name"].startswith(contestants.CLI):
            assert one["name"] in texts
    assert len(drawn.findall("{http://www.w3.org/2000/svg}rect[@class='ours']")) >= len(chart.FORMATS)


def test_documentation_has_what_was_kept():
    text = Path("docs/performance.md").read_text(encoding="utf-8")

    assert report.filled(text) == text
    assert Path("docs/exports.svg").read_text(encoding="utf-8") == chart.chart(results.load("exports"))
