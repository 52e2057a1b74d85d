"""Published tables written on a condition, and by several at once (RFC 9110, section 13; RFC 6585, section 3)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from types import SimpleNamespace

import databases
import pytest
import sqlalchemy as sa
import writing_tables
from writing_tables import stored

from negotiate_api.publish.databases import transactions

WRITERS = 4


@pytest.fixture(scope="module", params=databases.KINDS)
def database(request, servers):
    """A database with the tables of writing_tables, of each kind in turn."""
    with writing_tables.filled(servers.fresh(request.param)) as engine:
        yield engine


@pytest.fixture
def engine(database):
    """The same with their rows, whatever other tests have written."""
    writing_tables.refill(database)
    return database


@pytest.fixture
def client(engine):
    return writing_tables.client_of(engine)


def at_once(engine, send, writers=WRITERS):
    """The statuses of what several clients send at once; send is handed a client and a number."""
    application = writing_tables.client_of(engine).application
    start = Barrier(writers)

    def one(number):
        with application.test_client() as client:
            start.wait()
            return send(client, number).status_code

    with ThreadPoolExecutor(writers) as pool:
        return Counter(pool.map(one, range(writers)))


# If-Match and If-None-Match


@pytest.mark.parametrize("suffix", ["json", "yaml", "csv", "xml"])
def test_a_tag_read_in_any_format_lets_a_row_be_written_once(client, suffix):
    match = {"If-Match": client.get(f"/data/cities/1.{suffix}").headers["ETag"]}
    assert client.patch("/data/cities/1", json={"name": "x"}, headers=match).status_code == 200
    assert client.patch("/data/cities/1", json={"name": "y"}, headers=match).status_code == 412
    assert client.delete("/data/cities/1", headers=match).status_code == 412
    assert client.get("/data/cities/1").json["name"] == "x"


def test_the_tag_of_an_answer_lets_its_row_be_written_again(client):
    tag = client.post("/data/cities", json={"name": "x"}).headers["ETag"]
    for name in ("y", "z"):
        answer = client.patch("/data/cities/3", json={"name": name}, headers={"If-Match": tag})
        assert answer.status_code == 200
        tag = answer.headers["ETag"]


def test_a_row_may_be_created_only_where_there_is_none(client):
    absent = {"If-None-Match": "*"}
    assert client.put("/data/cities/9", json={"name": "x"}, headers=absent).status_code == 201
    assert client.put("/data/cities/9", json={"name": "y"}, headers=absent).status_code == 412
    assert client.put("/data/cities/8", json={"name": "y"}, headers={"If-Match": "*"}).status_code == 412


def test_a_table_is_written_only_as_it_was_read(client, engine):
    tag = client.get("/data/names.csv").headers.get("ETag")
    if tag is None:
        assert engine.dialect.name == "mariadb"  # which tells no version
        tag = "*"
    body = [{"country_code": "NO", "language": "nb", "name": "x"}]
    assert client.patch("/data/names", json=body, headers={"If-Match": tag}).status_code == 200
    assert client.patch("/data/names", json=body, headers={"If-Match": '"1-0.json"'}).status_code == 412
    if tag != "*":
        assert client.patch("/data/names", json=body, headers={"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "cities", 428),
        ("PATCH", "cities", 428),
        ("DELETE", "cities?id=1&confirm=1", 428),
        ("PUT", "cities/1", 428),
        ("PATCH", "cities/1", 428),
        ("DELETE", "cities/1", 428),
        ("POST", "cities", 201),
    ],
)
def test_what_changes_rows_needs_a_condition_where_that_is_required(engine, method, path, status):
    client = writing_tables.client_of(engine, require_match=True)
    before = stored(engine, "cities")
    answer = client.open(f"/data/{path}", method=method, json={"name": "x"})
    assert (answer.status_code, "message" in answer.json or status == 201) == (status, True)
    if status == 428:
        assert stored(engine, "cities") == before
        answer = client.patch("/data/cities/1", json={"name": "x"}, headers={"If-Match": "*"})
        assert answer.status_code == 200


def test_what_changes_nothing_needs_no_condition(engine):
    client = writing_tables.client_of(engine, require_match=True)
    for method, path in (("PUT", "cities/1"), ("PATCH", "cities/1"), ("DELETE", "cities/1"), ("DELETE", "cities?id=1")):
        mark = "&" if "?" in path else "?"
        answer = client.open(f"/data/{path}{mark}dry_run=1", method=method, json={"name": "x"})
        assert answer.status_code == 200, (method, path)


@pytest.mark.parametrize("read", ["names", "names?language=nb", "names.csv"])
def test_rows_are_removed_from_the_table_or_the_part_of_it_that_was_read(engine, client, read):
    tag = client.get(f"/data/{read}").headers.get("ETag")
    if tag is None:
        assert engine.dialect.name == "mariadb"  # which tells no version
        return
    match = {"If-Match": tag}
    assert client.delete("/data/names?language=nb&confirm=1", headers=match).status_code == 200
    assert client.delete("/data/names?language=nn&confirm=1", headers=match).status_code == 412


# Several at once


def test_of_writers_with_one_tag_one_writes_the_row(engine, client):
    match = {"If-Match": client.get("/data/cities/1").headers["ETag"]}

    def send(client, number):
        return client.patch("/data/cities/1", json={"name": f"by {number}"}, headers=match)

    assert at_once(engine, send) == {200: 1, 412: WRITERS - 1}


def test_of_writers_with_one_tag_one_writes_the_table(engine, client):
    tag = client.get("/data/names").headers.get("ETag")
    if tag is None:
        assert engine.dialect.name == "mariadb"  # which tells no version
        return

    def send(client, number):
        body = [{"country_code": "NO", "language": "nb", "name": f"by {number}"}]
        return client.patch("/data/names", json=body, headers={"If-Match": tag})

    assert at_once(engine, send) == {200: 1, 412: WRITERS - 1}


def test_of_writers_who_create_one_row_one_does(engine):
    def send(client, number):
        return client.put("/data/cities/9", json={"name": f"by {number}"}, headers={"If-None-Match": "*"})

    assert at_once(engine, send) == {201: 1, 412: WRITERS - 1}


def test_of_writers_who_put_one_row_each_does(engine):
    found = at_once(engine, lambda client, number: client.put("/data/cities/9", json={"name": f"by {number}"}))
    assert found == {201: 1, 200: WRITERS - 1}


def test_of_writers_who_merge_new_rows_each_does(engine):
    def send(client, number):
        body = [{"id": row, "name": f"{row} by {number}"} for row in range(50, 0, -1)]
        return client.post("/data/cities", json=body, headers={"Prefer": "resolution=merge-duplicates"})

    assert sum(at_once(engine, send).values()) == WRITERS
    assert len(stored(engine, "cities")) == 50
    assert len({row[1].partition(" by ")[2] for row in stored(engine, "cities")}) == 1


def test_of_writers_who_change_rows_in_other_orders_none_fails(engine):
    def send(client, number):
        order = (("NO", "SE"), ("SE", "NO"))[number % 2]
        return client.patch("/data/countries", json=[{"code": code, "population": number} for code in order])

    assert at_once(engine, send) == {200: WRITERS}
    assert len({row[2] for row in stored(engine, "countries")}) == 1


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_transaction_that_was_slower_runs_anew(servers, kind):
    met, ended = Barrier(2), Event()

    def work(first, second, attempts):
        def change(connection):
            attempts.append(1)
            assert len(attempts) == 1 or ended.wait(60)  # else they may meet once more
            for code in (first, second):
                connection.exec_driver_sql(f"UPDATE countries SET population = population + 1 WHERE code = '{code}'")
                if code == first and len(attempts) == 1:
                    met.wait()

        return change

    rows = {"countries": [("NO", "Norway", 0), ("SE", "Sweden", 0)]}
    with writing_tables.filled(servers.fresh(kind), rows=rows) as engine, ThreadPoolExecutor(2) as pool:
        publication = SimpleNamespace(engine=engine, confirm=lambda: None)
        attempts = [], []

        def run(one):
            transactions.run(publication, one)
            ended.set()

        works = work("NO", "SE", attempts[0]), work("SE", "NO", attempts[1])
        for done in [pool.submit(run, one) for one in works]:
            done.result()
        assert sorted(map(len, attempts)) == [1, 2]
        assert [row[2] for row in stored(engine, "countries")] == [2, 2]


# Foreign keys that are checked as a transaction ends


@pytest.fixture(params=["sqlite", "postgresql"])
def deferred(request, servers):
    """A client of a table whose rows refer to others of it, which is checked late; and its engine."""
    tables = sa.MetaData()
    parent = sa.ForeignKey("staff.id", deferrable=True, initially="DEFERRED")
    sa.Table("staff", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("head", parent))
    with writing_tables.filled(servers.fresh(request.param), tables, {"staff": [(1, None)]}) as engine:
        yield writing_tables.client_of(engine, ("staff",)), engine


def test_rows_may_refer_to_later_ones_where_that_is_checked_late(deferred):
    client, engine = deferred
    assert client.post("/data/staff", json=[{"id": 2, "head": 3}, {"id": 3, "head": 1}]).status_code == 201
    assert stored(engine, "staff") == [(1, None), (2, 3), (3, 1)]


def test_references_to_nothing_are_told_by_line_where_they_are_checked_late(deferred):
    client, engine = deferred
    answer = client.post("/data/staff", data="id,head\r\n2,3\r\n3,9\r\n", content_type="text/csv")
    assert answer.status_code == 409
    assert [(error["line"], error["column"], error["value"]) for error in answer.json["errors"]] == [(3, "head", 9)]
    assert stored(engine, "staff") == [(1, None)]


def test_a_dry_run_tells_what_is_checked_late(deferred):
    client, _ = deferred
    steps = client.post("/data/staff?dry_run=1", json=[{"id": 2, "head": 3}, {"id": 3, "head": 9}]).json
    assert [(step["action"], step["line"], step["key"]) for step in steps] == [
        ("added", 1, "2"),
        ("added", 2, "3"),
        ("rejected", 2, None),
    ]


def test_rows_that_others_refer_to_stay_where_that_is_checked_late(deferred):
    client, engine = deferred
    assert client.post("/data/staff", json={"id": 2, "head": 1}).status_code == 201
    answer = client.delete("/data/staff/1")
    assert (answer.status_code, "staff.head" in answer.json["message"]) == (409, True)
    assert client.delete("/data/staff?id__lte=2&confirm=2").status_code == 200
    assert stored(engine, "staff") == []
