"""Rows of other tables that a removed row takes with it: told before it is removed."""

import databases
import pytest
import writing_tables

TABLES = (
    "CREATE TABLE course (id INTEGER PRIMARY KEY, name VARCHAR(9))",
    "CREATE TABLE enrol (id INTEGER PRIMARY KEY, course_id INTEGER,"
    " FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE CASCADE)",
    "CREATE TABLE mark (id INTEGER PRIMARY KEY, enrol_id INTEGER,"
    " FOREIGN KEY (enrol_id) REFERENCES enrol (id) ON DELETE CASCADE)",
    "CREATE TABLE room (id INTEGER PRIMARY KEY, course_id INTEGER,"
    " FOREIGN KEY (course_id) REFERENCES course (id) ON DELETE SET NULL)",
    "INSERT INTO course VALUES (1, 'x'), (2, 'x')",
    "INSERT INTO enrol VALUES (1, 1), (2, 1)",
    "INSERT INTO mark VALUES (1, 1)",
    "INSERT INTO room VALUES (1, 1)",
)

REASON = (
    "2 rows of enrol would go with it, and what refers to those in mark; course_id of 1 row of room would become null"
)


@pytest.fixture(params=databases.KINDS)
def client(request, servers):
    engine = writing_tables.made(writing_tables.emptied(servers, request.param), *TABLES)
    return writing_tables.client_of(engine, ("course",))


def test_a_dry_run_tells_what_goes_with_a_row(client):
    steps = client.delete("/data/course/1?dry_run=1").json
    assert [(step["action"], step["key"], step["reason"]) for step in steps] == [("removed", "1", REASON)]
    for answer in (
        client.delete("/data/course?name=x&confirm=2&dry_run=1"),
        client.put("/data/course?dry_run=1", json=[{"id": 3}]),
    ):
        removed = [(step["key"], step["reason"]) for step in answer.json if step["action"] == "removed"]
        assert removed == [("1", REASON), ("2", None)]
    assert len(client.get("/data/enrol.json").json) == 2


def test_who_asks_for_confirmation_tells_the_tables_that_rows_go_from(client):
    message = client.delete("/data/course?name=x").json["message"]
    assert message == "2 rows are to be removed; confirm=2 removes them, and rows of enrol, mark with them."
    message = client.put("/data/course", json=[{"id": 1}]).json["message"]
    assert "missing=delete removes what is not there, and rows of enrol, mark with it, " in message


def test_a_tree_whose_rows_go_with_each_other_is_told_of_once(servers):
    tree = "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES T ON DELETE CASCADE)"
    rows = "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 1)"
    client = writing_tables.client_of(
        writing_tables.made(writing_tables.emptied(servers, "sqlite"), tree, rows), ("t",)
    )
    (step,) = client.delete("/data/t/1?dry_run=1").json
    assert step["reason"] == "2 rows of t would go with it"
    assert client.delete("/data/t?id=1").json["message"].endswith("removes it, and rows of t with it.")


@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_dry_run_tells_each_row_of_a_table_without_a_key(servers, kind):
    rows = "CREATE TABLE t (a VARCHAR(9), b INTEGER)", "INSERT INTO t VALUES ('y', 1), ('y', 2), ('n', 3)"
    client = writing_tables.client_of(writing_tables.made(writing_tables.emptied(servers, kind), *rows), ("t",))
    steps = client.delete("/data/t?a=y&confirm=2&dry_run=1").json
    assert [(step["action"], step["key"]) for step in steps] == [("removed", None), ("removed", None)]
    assert client.delete("/data/t?a=y&confirm=2").json["removed"] == 2
