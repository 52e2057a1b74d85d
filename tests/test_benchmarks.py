"""The benchmarks measure what they say, and what they call answers; make bench runs them."""

import re
from time import process_time_ns
from urllib.request import urlopen

import pytest

from benchmarks import accept, apps, database, requests, rounds, served, table


def spin(milliseconds):
    """Something to do once that takes so much CPU time."""

    def times(count):
        end = process_time_ns() + count * milliseconds * 1_000_000
        while process_time_ns() < end:
            pass

    return times


def test_ratio_is_how_many_times_as_fast_ours_is():
    ratio = rounds.compare(spin(1), spin(3), rounds=4, block=4_000_000)

    assert ratio.median == pytest.approx(3, rel=0.3)
    assert (ratio.ours, ratio.theirs) == pytest.approx((0.001, 0.003), rel=0.3)
    assert ratio.quartiles[0] <= ratio.median <= ratio.quartiles[1]


def test_rounds_begin_with_one_and_then_with_the_other():
    called = []

    def contestant(name):
        def times(count):
            called.append(name)
            spin(1)(count)

        return times

    rounds.compare(contestant("ours"), contestant("theirs"), rounds=4, block=1_000_000)

    assert called[-8:] == ["ours", "theirs", "theirs", "ours"] * 2


@pytest.mark.parametrize(
    ("target", "limit", "missed"),
    [(None, None, False), (2, None, False), (4, None, True), (None, 1500, False), (None, 500, True)],
)
def test_row_says_whether_a_target_is_missed(capsys, target, limit, missed):
    ratio = rounds.Ratio((2.9, 3.0, 3.1), ours=0.001, theirs=0.003)

    assert table.row("ours / theirs", ratio, target, limit) is missed
    assert capsys.readouterr().out.rstrip().endswith("missed |") is missed


@pytest.mark.parametrize(
    "cases", [requests.cases, database.cases, accept.cases], ids=["requests", "database", "accept"]
)
def test_cases_run(cases):
    found = list(cases())

    for case in found:
        case.ours(1)
        case.theirs(1)
    assert len({case.name for case in found}) == len(found) >= 3


def test_request_that_is_answered_otherwise_is_not_measured():
    with pytest.raises(AssertionError, match="404"):
        requests.wsgi(apps.ours(), "/nowhere")
    with pytest.raises(AssertionError, match="text/csv"):
        requests.wsgi(apps.ours(), "/people/1", "text/csv")


def test_profile_shows_functions_of_the_library(capsys):
    case = next(requests.cases())

    requests.profile(case, times=2)

    assert re.search(r"negotiate_api/api\.py:\d+\(make_response\)", capsys.readouterr().out)


def test_server_is_asked_and_its_time_counted():
    with served.served(served.SERVERS["ours"]) as server:
        before = server.spent
        with urlopen(f"{server.url}/pages/25") as answer:
            assert answer.headers["Content-Type"] == "application/json"
        for _ in range(100):
            urlopen(f"{server.url}/pages/100").close()

        assert server.spent > before > 0
