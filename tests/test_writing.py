"""Published tables written: rows added, changed, replaced and removed, all or nothing."""

import errno
import json
import re

import databases
import pytest
import sqlalchemy as sa
import writing_tables
from werkzeug.exceptions import Forbidden
from writing_tables import stored

from negotiate_api.publish.writing import report, uploads

CSV = {"content_type": "text/csv"}
MERGE = {"headers": {"Prefer": "resolution=merge-duplicates"}}
IGNORE = {"headers": {"Prefer": "resolution=ignore-duplicates"}}


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


def counts(**found):
    return {"added": 0, "changed": 0, "unchanged": 0, "removed": 0, **found}


def errors(answer):
    """(line, column, reason) of each."""
    return [(error["line"], error["column"], error["reason"]) for error in answer.json["errors"]]


# One row


def test_post_of_one_row_answers_with_it_and_where_it_is(client):
    answer = client.post("/data/cities", json={"name": "Moss", "country_code": "NO"})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/data/cities/3")
    assert answer.json == {"id": 3, "name": "Moss", "country_code": "NO", "area": 7, "letters": 4}
    assert client.get("/data/cities/3").json == answer.json


def test_post_of_one_row_tells_the_tag_that_reading_it_tells(client):
    answer = client.post("/data/cities", json={"name": "Ås"})
    assert answer.headers["ETag"] == client.get(answer.headers["Location"]).headers["ETag"]


def test_post_to_a_table_without_a_key_answers_without_location(client, engine):
    answer = client.post("/data/notes", json={"text": "two"})
    assert (answer.status_code, answer.json) == (201, {"text": "two", "stars": None})
    assert "Location" not in answer.headers
    assert stored(engine, "notes", "text") == [("one", 1), ("two", None)]


def test_post_is_answered_in_the_format_that_is_asked_for(client):
    answer = client.post("/data/countries", json={"code": "FI", "name": "Suomi"}, headers={"Accept": "text/csv"})
    assert answer.text == "code,name,population\r\nFI,Suomi,\r\n"


def test_put_replaces_the_row_with_defaults_for_what_is_left_out(client):
    answer = client.put("/data/cities/1", json={"name": "Oslo"})
    assert (answer.status_code, answer.headers["Content-Location"]) == (200, "/data/cities/1")
    assert answer.json == {"id": 1, "name": "Oslo", "country_code": None, "area": 7, "letters": 4}


def test_put_at_a_new_key_creates_the_row(client):
    answer = client.put("/data/names/NO,se", json={"name": "Norga"})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/data/names/NO,se")
    assert client.get("/data/names/NO,se").json == {"country_code": "NO", "language": "se", "name": "Norga"}


def test_patch_changes_what_the_body_has(client):
    answer = client.patch("/data/cities/1", json={"area": "1.50", "country_code": None})
    assert (answer.status_code, answer.json["area"], answer.json["country_code"]) == (200, 1.5, None)
    assert answer.json["name"] == "Oslo"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_row_that_is_not_there_is_404(client, method):
    answer = getattr(client, method)("/data/cities/99", json={"name": "x"})
    assert (answer.status_code, "99" in answer.json["message"]) == (404, True)


def test_a_row_keeps_its_key(client, engine):
    before = stored(engine, "cities")
    answer = client.patch("/data/cities/1", json={"id": 5})
    assert (answer.status_code, errors(answer)[0][:2]) == (422, (1, "id"))
    assert client.patch("/data/cities/1", json={"id": "1"}).status_code == 200
    assert stored(engine, "cities") == before


def test_delete_removes_the_row(client, engine):
    assert client.delete("/data/cities/1").status_code == 204
    assert [row[0] for row in stored(engine, "cities")] == [2]


def test_delete_of_what_other_rows_refer_to_is_409_that_names_them(client):
    answer = client.delete("/data/countries/SE")
    assert answer.status_code == 409
    assert answer.json["message"] == (
        "The row cannot be removed; nothing was. code 'SE' is what other rows refer to: names.country_code."
    )


def test_a_body_of_several_rows_is_no_item(client):
    answer = client.put("/data/cities/1", json=[{"name": "a"}, {"name": "b"}])
    assert (answer.status_code, "one row" in answer.json["message"]) == (400, True)


def test_a_merge_patch_changes_json_within(servers):
    tables = sa.MetaData()
    sa.Table("things", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("data", sa.JSON))
    for kind in ("sqlite", "postgresql", "mariadb"):
        with writing_tables.filled(
            servers.fresh(kind), tables, {"things": [(1, {"a": 1, "b": {"c": 2, "d": 3}})]}
        ) as engine:
            client = writing_tables.client_of(engine, ("things",))
            body = json.dumps({"data": {"a": None, "b": {"c": 5}, "e": [1]}})
            answer = client.patch("/data/things/1", data=body, content_type="application/merge-patch+json")
            assert answer.json["data"] == {"b": {"c": 5, "d": 3}, "e": [1]}, kind
            answer = client.patch("/data/things/1", json={"data": {"a": None}})
            assert answer.json["data"] == {"a": None}, kind


# Uploads


def test_post_of_rows_adds_them(client, engine):
    answer = client.post("/data/countries", data='code,name,population\r\nFI,Finland,\r\nDK,"Den, mark",6\r\n', **CSV)
    assert (answer.status_code, answer.json) == (201, counts(added=2))
    assert stored(engine, "countries")[:2] == [("DK", "Den, mark", 6), ("FI", "Finland", None)]


def test_merging_changes_what_is_there_and_adds_the_rest(client, engine):
    body = [{"code": "SE", "population": 10}, {"code": "NO", "name": "Norway"}, {"code": "FI", "name": "Suomi"}]
    answer = client.post("/data/countries", json=body, **MERGE)
    assert (answer.status_code, answer.json) == (201, counts(added=1, changed=1, unchanged=1))
    assert answer.headers["Preference-Applied"] == "resolution=merge-duplicates"
    assert stored(engine, "countries") == [("FI", "Suomi", None), ("NO", "Norway", 5), ("SE", "Sweden", 10)]


def test_ignoring_leaves_what_is_there(client, engine):
    body = [{"code": "SE", "name": "Sverige"}, {"code": "FI", "name": "Suomi"}]
    assert client.post("/data/countries", json=body, **IGNORE).json == counts(added=1, unchanged=1)
    assert stored(engine, "countries") == [("FI", "Suomi", None), ("NO", "Norway", 5), ("SE", "Sweden", None)]


def test_patch_of_rows_rejects_keys_that_are_not_there(client, engine):
    answer = client.patch("/data/countries", data="code,population\r\nNO,6\r\nXX,1\r\n", **CSV)
    assert (answer.status_code, errors(answer)) == (422, [(3, "code", "is no row of countries")])
    assert client.patch("/data/countries", data="code,population\r\nNO,6\r\n", **CSV).json == counts(changed=1)
    assert stored(engine, "countries")[0] == ("NO", "Norway", 6)


def test_put_of_rows_asks_before_it_removes_any(client, engine):
    body = "code,name,population\r\nNO,Norway,5\r\n"
    answer = client.put("/data/countries", data=body, **CSV)
    assert (answer.status_code, answer.json["missing"]) == (409, 1)
    assert "missing=delete" in answer.json["message"]
    assert len(stored(engine, "countries")) == 2


def test_put_of_rows_keeps_or_removes_the_others_as_it_says(client, engine):
    body = "country_code,language,name\r\nNO,nb,Norge\r\nNO,se,Norga\r\n"
    assert client.put("/data/names?missing=keep", data=body, **CSV).json == counts(added=1, unchanged=1)
    assert client.put("/data/names?missing=delete", data=body, **CSV).json == counts(unchanged=2, removed=2)
    assert stored(engine, "names", "2") == [("NO", "nb", "Norge"), ("NO", "se", "Norga")]


def test_put_of_rows_frees_what_is_unique_before_it_is_taken(client, engine):
    body = "code,name\r\nNX,Norway\r\n"
    client.delete("/data/names?country_code__isnull=false&confirm=3")
    client.delete("/data/cities?id__isnull=false&confirm=2")
    assert client.put("/data/countries?missing=delete", data=body, **CSV).json == counts(added=1, removed=2)


def test_unique_values_may_be_swapped_with_a_third_row(client):
    body = [{"code": "NO", "name": "Sweden"}, {"code": "SE", "name": "x"}]
    answer = client.patch("/data/countries", json=body)
    assert answer.status_code == 409
    assert client.patch("/data/countries", json=body[::-1]).json == counts(changed=2)


@pytest.mark.parametrize("rows", [999, 1000, 1001, 2500])
def test_an_upload_is_written_in_batches_as_one(client, engine, rows):
    lines = [f"{number},City {number},NO" for number in range(1, rows + 1)]
    body = "\r\n".join(["id,name,country_code", *lines])
    assert client.post("/data/cities", data=body, **CSV, **MERGE).json["added"] == rows - 2
    answer = client.post("/data/cities", data=f"{body}\r\n1,twice,NO", **CSV, **MERGE)
    assert errors(answer) == [(rows + 2, "id", "is on line 2 too")]
    assert len(stored(engine, "cities")) == rows


def test_generated_columns_are_passed_over_unless_they_differ(client):
    assert client.post("/data/cities", json=[{"id": 9, "name": "x", "letters": 1}]).json == counts(added=1)
    assert client.patch("/data/cities/1", json={"letters": 4, "name": "y"}).status_code == 200
    answer = client.patch("/data/cities/1", json={"letters": 3})
    assert (answer.status_code, errors(answer)[0][1]) == (422, "letters")


def test_an_empty_field_is_null_or_empty_text_or_the_default(client, engine):
    assert client.post("/data/cities", data="id,name,area\r\n,,\r\n", **CSV).status_code == 201
    assert stored(engine, "cities")[-1][1:4] == ("", None, None)


def test_null_is_no_value_of_a_column_that_takes_none(client):
    answer = client.post("/data/cities", json=[{"name": None}])
    assert (answer.status_code, errors(answer)) == (422, [(1, "name", "takes no null")])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "names"), ("PATCH", "names"), ("PUT", "names?missing=keep"), ("PUT", "names?missing=delete")],
)
def test_a_body_without_rows_is_400(client, engine, method, path):
    before = stored(engine, "names", "1, 2")
    for body in ({"data": "country_code,language\r\n", **CSV}, {"json": []}):
        answer = client.open(f"/data/{path}", method=method, **body)
        assert (answer.status_code, "no rows" in answer.json["message"]) == (400, True)
    assert stored(engine, "names", "1, 2") == before


@pytest.mark.parametrize("mark", [";", "\t"], ids=["semicolon", "tab"])
def test_fields_of_csv_are_divided_by_what_makes_columns_of_its_header(client, engine, mark):
    body = f'code{mark}name{mark}population\r\nFI{mark}"Suo{mark}mi"{mark}\r\n'
    assert client.post("/data/countries", data=body, **CSV).json == counts(added=1)
    assert stored(engine, "countries")[0] == ("FI", f"Suo{mark}mi", None)


def test_fields_of_csv_are_divided_by_commas_where_that_makes_a_column(client, engine):
    answer = client.post("/data/countries", data="name;x,code\r\nSuomi;1,FI\r\n", **CSV)
    assert errors(answer) == [(1, "name;x", "is no column of countries; there is name")]


def test_a_number_is_what_it_is_written_as_in_a_column_of_text(client, engine):
    assert client.post("/data/countries", json=[{"code": 12, "name": 1.5}]).json == counts(added=1)
    assert stored(engine, "countries")[0] == ("12", "1.5", None)


# What cannot be stored


def test_every_bad_row_is_told_with_line_and_reason(client, engine):
    body = "code,name,population\r\nXX,,x\r\nFI,Norway,1\r\nSE,Sweden,1\r\nDK,Danmark,-1\r\nIS,Island,1\r\n"
    answer = client.post("/data/countries", data=body, **CSV)
    found = {(line, column): reason for line, column, reason in errors(answer)}
    assert found.keys() == {(2, "population"), (3, "name"), (4, "code"), (5, "population")}
    assert found[2, "population"] == "is no whole number"
    assert found[3, "name"].startswith("is another row's already")
    assert found[5, "population"].replace("`", "") == "breaks the rule population >= 0 (constraint people)"
    assert answer.json["message"] == "4 of 5 rows cannot be stored; nothing was."
    assert (answer.status_code, len(stored(engine, "countries"))) == (422, 2)


def test_rows_with_more_or_fewer_fields_are_told_with_the_others(client, engine):
    body = "code,name,population\r\nFI\r\nDK,Danmark,x\r\nIS,Island,1,2\r\n"
    answer = client.post("/data/countries", data=body, **CSV)
    assert answer.status_code == 422
    assert errors(answer) == [
        (2, None, "has 1 field, the header has 3"),
        (3, "population", "is no whole number"),
        (4, None, "has 4 fields, the header has 3"),
    ]
    assert len(stored(engine, "countries")) == 2


@pytest.mark.parametrize(
    ("suffix", "line"),
    [
        ("csv", "3,population,x,is no whole number"),
        ("tsv", "3\tpopulation\tx\tis no whole number"),
        ("md", "| 3 | population | x | is no whole number |"),
        ("html", "<td>population</td><td>x</td><td>is no whole number</td>"),
    ],
)
def test_every_bad_row_is_a_row_of_a_table(client, suffix, line):
    body = "code,name,population\r\nFI,x\r\nDK,Danmark,x\r\n" + "XX,y,z\r\n" * 100
    answer = client.post(f"/data/countries.{suffix}", data=body, **CSV)
    assert (answer.status_code, line in answer.text) == (422, True)
    assert "2 more are not told" in answer.text or suffix == "html"
    if suffix == "csv":
        assert len(answer.text.splitlines()) == 102
        assert answer.text.splitlines()[:2] == ["line,column,value,reason", '2,,,"has 2 fields, the header has 3"']


def test_errors_beyond_a_hundred_are_counted(client):
    body = "code,name,population\r\n" + "\r\n".join(f"FI,{number},many" for number in range(250))
    answer = client.post("/data/countries", data=body, **CSV)
    assert (answer.status_code, len(answer.json["errors"]), answer.json["more"]) == (422, 100, 150)
    assert answer.json["message"] == "250 of 250 rows cannot be stored; nothing was."


def test_two_rows_of_an_upload_that_are_at_odds_are_both_told(client):
    answer = client.post("/data/countries", data="code,name\r\nFI,a\r\nDK,b\r\nIS,a\r\nFI,c\r\n", **CSV)
    assert answer.status_code == 409
    assert [(line, column) for line, column, _ in errors(answer)] == [(4, "name"), (5, "code")]
    assert ["line 2" in reason for *_, reason in errors(answer)] == [True, True]


@pytest.mark.parametrize("mode", [MERGE, IGNORE], ids=["merge", "ignore"])
def test_a_key_that_is_there_twice_in_an_upload_is_told_with_both_lines(client, mode):
    answer = client.post("/data/countries", data="code,name\r\nNO,a\r\nSE,b\r\nNO,c\r\n", **CSV, **mode)
    assert (answer.status_code, errors(answer)) == (409, [(4, "code", "is on line 2 too")])


def test_a_reference_to_nothing_is_409_that_says_so(client):
    answer = client.post("/data/cities", json={"name": "x", "country_code": "XX"})
    assert answer.status_code == 409
    assert errors(answer) == [
        (1, "country_code", "refers to a row that is not there: countries has none with code 'XX'")
    ]


def test_unknown_columns_are_told_with_those_that_are_like_them(client):
    answer = client.post("/data/countries", data="code,nmae\r\nFI,x\r\n", **CSV)
    assert (answer.status_code, errors(answer)) == (422, [(1, "nmae", "is no column of countries; there is name")])
    answer = client.post("/data/countries", json=[{"code": "FI", "name": "x", "nmae": 1}] * 3)
    assert [(line, column) for line, column, _ in errors(answer)] == [(1, "nmae")]


def test_a_lenient_client_may_send_columns_that_are_not_there(client):
    headers = {"Prefer": "handling=lenient"}
    answer = client.post("/data/countries", data="code,nmae,name\r\nFI,x,Suomi\r\n", headers=headers, **CSV)
    assert (answer.status_code, answer.json) == (201, counts(added=1))


def test_a_header_of_very_many_names_is_refused_at_once(client):
    names = ",".join(f"c{number}" for number in range(50_000))
    answer = client.post("/data/countries", data=f"{names}\r\n", **CSV)
    assert (answer.status_code, len(answer.json["errors"]), answer.json["more"]) == (422, 100, 49_900)


def test_a_value_that_is_missing_is_told(client):
    answer = client.post("/data/countries", json=[{"code": "FI"}])
    assert errors(answer) == [(1, "name", "is missing")]


@pytest.mark.parametrize("value", ["x" * 51, "\0", 10**30, [1], {"a": 1}, "\ud800"], ids=repr)
def test_no_value_is_a_failure_of_the_server(client, value):
    body = json.dumps([{"code": "FI", "name": value, "population": value}])
    answer = client.post("/data/countries", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert "message" in answer.json


@pytest.mark.parametrize("name", ["'; DROP TABLE countries; --", "a\0b", "%s", ":x", "?", '"', "`"])
def test_hostile_names_of_columns_are_names(client, engine, name):
    answer = client.post("/data/countries", json=[{name: 1}])
    assert (answer.status_code, errors(answer)[0][1]) == (422, name)
    assert len(stored(engine, "countries")) == 2


def table_of(servers, kind, *statements, **options):
    """A client of a table t that statements make."""
    return writing_tables.client_of(
        writing_tables.made(writing_tables.emptied(servers, kind), *statements), ("t",), **options
    )


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"pieces": 0}, "pieces", "breaks the rule pieces > 0"),
        ({"pay": "-5.50"}, "pay", "breaks the rule pay >= 0 (constraint rich)"),
        ({"a": 5, "b": 3}, "a, b", "breaks the rule a < b: a is 5 and b is 3"),
    ],
    ids=["of a column", "with a name", "of two columns"],
)
@pytest.mark.parametrize("kind", databases.KINDS)
def test_a_rule_that_a_row_breaks_is_told_with_its_words(servers, kind, row, column, reason):
    client = table_of(
        servers,
        kind,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, pieces INTEGER CHECK (pieces > 0), pay NUMERIC(8, 2), a INTEGER,"
        " b INTEGER, CONSTRAINT rich CHECK (pay >= 0), CHECK (a < b))",
    )
    answer = client.post("/data/t", json=[{"id": 1, **row}])
    ((_, told, found),) = errors(answer)
    plain = re.sub(r" \(constraint (?!rich)\w+\)|`|::numeric", "", found)
    assert (answer.status_code, told, plain) == (422, column, reason)
    assert "Decimal" not in answer.text


DECLINES = {
    "sqlite": [
        f"CREATE TRIGGER on_{verb} BEFORE {verb} ON t WHEN {row}.v = 'no' BEGIN SELECT RAISE(IGNORE); END"
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ],
    "postgresql": [
        "CREATE FUNCTION decline() RETURNS trigger AS $$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql",
        *(
            f"CREATE TRIGGER on_{verb} BEFORE {verb} ON t FOR EACH ROW WHEN ({row}.v = 'no') EXECUTE FUNCTION decline()"
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
        ),
    ],
}


@pytest.mark.parametrize("kind", DECLINES)
def test_what_a_trigger_passes_over_is_told_and_not_counted(servers, kind):
    rows = ("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO t VALUES (1, 'no'), (2, 'yes')")
    client = table_of(servers, kind, *rows, *DECLINES[kind])
    before = client.get("/data/t.csv").text
    for method, path, body in (
        ("POST", "t", [{"id": 8, "v": "yes"}, {"id": 9, "v": "no"}]),
        ("POST", "t", {"id": 9, "v": "no"}),
        ("PUT", "t/9", {"v": "no"}),
        ("PUT", "t/2", {"v": "no"}),
        ("DELETE", "t/1", None),
        ("PUT", "t?missing=delete", [{"id": 2, "v": "yes"}]),
    ):
        answer = client.open(f"/data/{path}", method=method, json=body)
        assert answer.status_code == 422, (method, path, answer.text)
        assert errors(answer)[0][1:] == ("id", "is passed over by a trigger of the database")
    assert client.get("/data/t.csv").text == before


def test_rows_with_a_null_in_their_key_are_removed_as_many_as_are_told(servers):
    rows = (
        "CREATE TABLE t (k TEXT PRIMARY KEY, v INTEGER)",
        "INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('', 3), ('z', 4)",
    )
    client = table_of(servers, "sqlite", *rows)
    body = [{"k": "z", "v": 4}]
    steps = client.put("/data/t?missing=delete&dry_run=1", json=body).json
    assert [(step["action"], step["key"]) for step in steps] == [
        ("removed", "~n"),
        ("removed", "~n"),
        ("removed", "~"),
        ("unchanged", "z"),
    ]
    assert client.put("/data/t?missing=delete", json=body).json == counts(unchanged=1, removed=3)
    assert client.get("/data/t").json == body


TREE = "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER, FOREIGN KEY (up) REFERENCES t (id){})"


@pytest.mark.parametrize(("kind", "more"), [("sqlite", ""), ("postgresql", " DEFERRABLE")])
def test_a_row_may_come_before_the_one_that_it_refers_to(servers, kind, more):
    client = table_of(servers, kind, TREE.format(more))
    body = [{"id": 2, "up": 1}, {"id": 1, "up": None}]
    assert client.post("/data/t", json=body).json == counts(added=2)
    answer = client.post("/data/t", json=[{"id": 4, "up": 3}, {"id": 5, "up": 1}])
    reason = "refers to a row that is not there: t has none with id 3"
    assert (answer.status_code, errors(answer)) == (409, [(1, "up", reason)])
    assert answer.json["message"].startswith("1 of 2 rows cannot be stored")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_the_line_that_has_to_come_first_is_told(servers, kind):
    client = table_of(servers, kind, TREE.format(""))
    answer = client.post("/data/t", json=[{"id": 2, "up": 1}, {"id": 1, "up": None}])
    reason = "refers to a row that is not there: t has none with id 1; line 2 is to add it, and has to come before"
    assert (answer.status_code, errors(answer)) == (409, [(1, "up", reason)])


def test_a_reference_to_what_is_not_published_is_409_too(servers):
    tree = "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t, x INTEGER REFERENCES x)"
    client = table_of(servers, "sqlite", "CREATE TABLE x (id INTEGER PRIMARY KEY)", tree, tables=["t"])
    answer = client.post("/data/t", json=[{"id": 1, "x": 9}])
    assert (answer.status_code, "nothing was stored" in answer.json["message"]) == (409, True)


def test_keys_that_a_collation_takes_for_the_same_are_told_with_both_lines(servers):
    client = table_of(servers, "mariadb", "CREATE TABLE t (k VARCHAR(9) PRIMARY KEY) COLLATE utf8mb4_general_ci")
    for options in ({}, MERGE):
        answer = client.post("/data/t", data="k\r\nb\r\nB\r\nb \r\n", **CSV, **options)
        assert (answer.status_code, errors(answer)) == (409, [(n, "k", "is on line 2 too") for n in (3, 4)])


def test_a_value_that_only_the_database_refuses_is_told_with_its_column(servers):
    client = table_of(servers, "postgresql", "CREATE TABLE t (a INET, b TEXT)")
    answer = client.post("/data/t", json=[{"a": "10.0.0.x", "b": "x"}])
    assert errors(answer) == [(1, "a", "is nothing that the column takes")]
    assert answer.json["errors"][0]["value"] == "10.0.0.x"


@pytest.mark.parametrize("suffix", ["json", "csv", "md"])
def test_a_body_that_cannot_be_read_is_400_of_a_dry_run_too(client, suffix):
    answer = client.post(f"/data/cities.{suffix}?dry_run=1", data=b"\xff[", content_type="application/json")
    assert (answer.status_code, "message" in answer.text) == (400, True)


# Too little room


class Full:
    """A temporary file on a disk that is full."""

    def __init__(self, *_, **__):
        pass

    def write(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self, *_):
        pass

    __exit__ = close

    def __enter__(self):
        return self


@pytest.mark.parametrize(
    ("module", "path", "charset"),
    [(uploads, "countries", "utf-16"), (report, "countries?dry_run=1", "utf-8")],
    ids=["upload", "report"],
)
def test_a_full_disk_is_503_in_words(engine, client, monkeypatch, module, path, charset):
    monkeypatch.setattr(module, "SpooledTemporaryFile", Full)
    body = {"data": "code,name\r\nFI,x\r\n".encode(charset), "content_type": f"text/csv; charset={charset}"}
    answer = client.post(f"/data/{path}", headers={"Accept": "application/json"}, **body)
    assert (answer.status_code, b"no room left" in answer.data) == (503, True)
    assert len(stored(engine, "countries")) == 2


# A dry run


def test_a_dry_run_tells_every_step_and_stores_nothing(client, engine):
    before = stored(engine, "countries")
    body = "code,name,population\r\nNO,Norge,5\r\nSE,Sweden,\r\nFI,Suomi,1\r\nXX,x,y\r\n"
    answer = client.post("/data/countries?dry_run=1", data=body, **CSV, **MERGE)
    columns = ("action", "line", "key", "column", "old", "new", "reason")
    assert [tuple(step[name] for name in columns) for step in answer.json] == [
        ("changed", 2, "NO", "name", "Norway", "Norge", None),
        ("unchanged", 3, "SE", None, None, None, None),
        ("added", 4, "FI", None, None, None, None),
        ("rejected", 5, "XX", "population", None, "y", "is no whole number"),
    ]
    assert stored(engine, "countries") == before


@pytest.mark.parametrize("column", ["population", "zz"])
def test_rows_of_the_body_are_not_told_to_be_removed_where_they_are_rejected(client, engine, column):
    body = [
        {"language": "nb", "country_code": "NO", "name": "x"},
        {"language": "nn", "country_code": "NO", "name": [1]},
    ]
    steps = client.put("/data/names?dry_run=1", json=body).json
    found = [(step["action"], step["key"]) for step in steps]
    assert found == [("removed", "SE,sv"), ("changed", "NO,nb"), ("rejected", "NO,nn")]
    body = [{"code": "NO", "name": "Norway", column: "many"}, {"code": "SE", "name": "Sweden", column: "x"}]
    answer = client.put("/data/countries", json=body)
    assert (answer.status_code, answer.json["message"].split(";")[0]) == (422, "2 of 2 rows cannot be stored")
    assert errors(answer)[0][:2] == (1, column)
    steps = client.put("/data/countries?dry_run=1", json=body).json
    assert {(step["action"], step["line"]) for step in steps} <= {("rejected", 1), ("rejected", 2)}
    assert client.put("/data/names", json=[{"country_code": "NO", "language": "nb"}]).json["missing"] == 2


def test_a_dry_run_is_answered_in_the_format_that_is_asked_for(client):
    answer = client.put("/data/names.csv?dry_run=1", json=[{"country_code": "NO", "language": "nb", "name": "Norge"}])
    assert answer.text.splitlines() == [
        "action,line,key,column,old,new,reason",
        'removed,,"NO,nn",,,,',
        'removed,,"SE,sv",,,,',
        'unchanged,1,"NO,nb",,,,',
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "cities", {"name": "x"}),
        ("PUT", "cities/1", {"name": "x"}),
        ("PUT", "cities/8", {"name": "x"}),
        ("PATCH", "cities/1", {"name": "x"}),
        ("DELETE", "cities/1", None),
        ("PATCH", "cities", [{"id": 1, "name": "x"}]),
        ("DELETE", "cities?id=1", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_write_can_be_tried(client, engine, method, path, body):
    before = stored(engine, "cities")
    mark = "&" if "?" in path else "?"
    answer = client.open(f"/data/{path}{mark}dry_run=1", method=method, json=body)
    assert (answer.status_code, len(answer.json)) == (200, 1 if path != "cities/1" or method != "PUT" else 3)
    assert stored(engine, "cities") == before


# Filtered removal


def test_rows_that_filters_find_are_removed_where_their_number_is_confirmed(client, engine):
    asked = client.delete("/data/cities?country_code=NO")
    assert (asked.status_code, asked.json["rows"], "confirm=2" in asked.json["message"]) == (400, 2, True)
    wrong = client.delete("/data/cities?country_code=NO&confirm=1")
    assert (wrong.status_code, wrong.json["rows"], len(stored(engine, "cities"))) == (409, 2, 2)
    right = client.delete("/data/cities?country_code=NO&confirm=2")
    assert (right.status_code, right.json, stored(engine, "cities")) == (200, counts(removed=2), [])


@pytest.mark.parametrize("query", ["confirm=2", "limit=1&confirm=1", "id=1&sort=id&confirm=1", "id=1&confirm=x"])
def test_removal_needs_filters_and_nothing_else(client, engine, query):
    assert client.delete(f"/data/cities?{query}").status_code == 400
    assert len(stored(engine, "cities")) == 2


def test_removal_of_rows_that_others_refer_to_names_these(client):
    answer = client.delete("/data/countries?code__in=NO,SE&confirm=2")
    assert answer.status_code == 409
    assert {error["value"] for error in answer.json["errors"]} == {"NO", "SE"}


# What is asked of the answer


@pytest.mark.parametrize("returns", ["minimal", "headers-only"])
def test_minimal_answers_have_no_body(client, returns):
    headers = {"Prefer": f"return={returns}"}
    added = client.post("/data/cities", json={"name": "x"}, headers=headers)
    assert (added.status_code, added.data, added.headers["Location"]) == (201, b"", "/data/cities/3")
    assert added.headers["Preference-Applied"] == f"return={returns}"
    assert client.post("/data/cities", json=[{"name": "y"}], headers=headers).status_code == 204
    assert client.patch("/data/cities/1", json={"name": "z"}, headers=headers).status_code == 204


def test_representation_of_an_upload_is_the_rows_as_they_are_stored(client):
    headers = {"Prefer": "return=representation, resolution=merge-duplicates"}
    answer = client.post("/data/cities", json=[{"id": 1, "area": 1}, {"id": 8, "name": "x"}], headers=headers)
    assert [(row["id"], row["name"], row["area"], row["letters"]) for row in answer.json] == [
        (1, "Oslo", 1, 4),
        (8, "x", 7, 1),
    ]


def test_strict_clients_are_told_of_what_is_not_known(client):
    answer = client.post("/data/cities", json={"name": "x"}, headers={"Prefer": "handling=strict, return=all"})
    assert (answer.status_code, "return=all" in answer.json["message"]) == (400, True)


# Who may


def test_tables_that_are_not_writable_answer_405_with_allow(engine):
    client = writing_tables.client_of(engine, ())
    for method, path in (
        ("POST", "countries"),
        ("PUT", "countries"),
        ("DELETE", "countries/NO"),
        ("PATCH", "countries/NO"),
    ):
        answer = client.open(f"/data/{path}", method=method, json={})
        assert answer.status_code == 405
        assert {"GET", "HEAD"} <= {name.strip() for name in answer.headers["Allow"].split(",")}


def test_confirm_is_asked_as_each_transaction_begins(engine):
    def confirm():
        raise Forbidden("no more")

    client = writing_tables.client_of(engine, confirm=confirm)
    before = stored(engine, "countries")
    assert client.post("/data/countries", json={"code": "FI", "name": "x"}).status_code == 403
    assert client.delete("/data/countries/NO").status_code == 403
    assert stored(engine, "countries") == before


def test_parameters_that_are_not_known_are_400(client):
    for method, path in (
        ("POST", "countries?limit=1"),
        ("PUT", "countries?mising=delete"),
        ("PUT", "countries/NO?x=1"),
    ):
        assert client.open(f"/data/{path}", method=method, json={"name": "x"}).status_code == 400


# Words


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("area", "1.234,50", "is no number; write 1234.50"),
        ("area", "-0,5", "is no number; write -0.5"),
        ("area", "1,234", "is no number; write a point before the decimals, and nothing between thousands"),
        ("area", "x,5", "is no number"),
        ("founded", "31.12.2024", "is no date, such as 2024-12-31; write 2024-12-31"),
        ("founded", "12/31/2024", "is no date, such as 2024-12-31; write 2024-12-31"),
        ("founded", "01/02/2024", "is no date, such as 2024-12-31; write 2024-01-02 or 2024-02-01"),
        ("founded", "31.12.24", "is no date, such as 2024-12-31"),
    ],
)
def test_numbers_and_dates_of_other_countries_are_told_how_to_be_written(servers, column, value, reason):
    client = table_of(servers, "sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, area DECIMAL(9, 2), founded DATE)")
    answer = client.post("/data/t", data=f"id;{column}\n1;{value}\n", **CSV)
    assert (answer.status_code, errors(answer)) == (422, [(2, column, reason)])


def test_unknown_columns_are_told_with_more_than_are_listed(servers):
    names = [f"c{number}" for number in range(30)]
    client = table_of(servers, "sqlite", f"CREATE TABLE t (id INTEGER PRIMARY KEY, {', '.join(names)})")
    reason = errors(client.post("/data/t", json=[{"zz": 1}]))[0][2]
    assert reason.endswith("c17, c18, …")
    client = table_of(servers, "sqlite", "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)")
    assert errors(client.post("/data/t", json=[{"zz": 1}]))[0][2] == "is no column of t; there is id, a, b"


@pytest.mark.parametrize("mediatype", ["application/json-patch+json", "application/xml-patch+xml"])
@pytest.mark.parametrize("path", ["countries", "countries/NO"])
def test_a_patch_in_steps_is_415_with_what_is_taken(client, path, mediatype):
    body = '[{"op": "replace", "path": "/name", "value": "x"}]'
    answer = client.patch(f"/data/{path}", data=body, content_type=mediatype)
    assert (answer.status_code, mediatype in answer.json["message"]) == (415, True)
    accepted = answer.headers["Accept-Patch"].split(", ")
    assert {"application/json", "application/merge-patch+json", "text/csv"} <= set(accepted)
    assert client.patch("/data/countries/NO", json={"name": "x"}, content_type="application/merge-patch+json").json


def test_a_type_that_the_database_was_built_without_is_told(servers):
    client = table_of(servers, "postgresql", "CREATE TABLE t (id int PRIMARY KEY, x xml)")
    answer = client.post("/data/t", json=[{"id": 1, "x": None}, {"id": 2, "x": "<a/>"}])
    assert (answer.status_code, errors(answer)) == (
        422,
        [(2, None, "has a value of a type that the database was built without")],
    )
