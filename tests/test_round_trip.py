"""What was exported and comes back untouched changes nothing, in every format on every database."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import sqlalchemy as sa
import writing_tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FORMATS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "ndjson": "application/x-ndjson",
    "json": "application/json",
    "msgpack": "application/vnd.msgpack",
}

HOSTILE = [
    *(
        "",
        " ",
        "  x ",
        "NULL",
        "null",
        "~",
        "NaN",
        "NA",
        "no",
        "on",
        "true",
        "0",
        "00123",
        "08",
        "0x10",
        "1e3",
        "1_000",
    ),
    *("12345678901234567890123", "1.10", "-0", "+1", ".5", "2024-01-01", "12:30", "1:30", "2024-01-01T00:00:00Z"),
    *('"', '""', "'", ",", "\t", ";", "a\nb", "a\r\nb", "\n", "=1+1", "-", "- x", "# x", "x: y", "[1]", "{}", "|", ">"),
    *(
        "\ufeff",
        "\ufeffx",
        "😀",
        "👩‍👩‍👧",
        "שלום",
        "\u202eabc",
        "é",
        "e\u0301",
        "\u2028",
        "\\",
        "\\n",
        "<b>&amp;</b>",
        "]]>",
        "%s",
    ),
]

TEXT = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff"), max_size=12
)
LONG = {"allow_nan": False, "allow_infinity": False}
DAY = st.dates(date(1000, 1, 1), date(9999, 12, 31))
MOMENT = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(lambda found: found.replace(microsecond=0))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.sampled_from(["", "x", "1", "true", "null", '"x"', "[1]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b.c", ""]), inner, max_size=3),
    max_leaves=5,
)

COLUMNS = {
    "text": (sa.String(200), TEXT),
    "needed": (sa.String(200), TEXT),
    "whole": (sa.BigInteger, st.integers(-(2**63), 2**63 - 1)),
    "real": (sa.Double, st.floats(-1e300, 1e300, **LONG) | st.sampled_from([0.1, 1.0, 1e-7])),
    "exact": (sa.Numeric(12, 2), st.decimals(Decimal(-10), Decimal(10), places=2, **LONG)),
    "truth": (sa.Boolean, st.booleans()),
    "day": (sa.Date, DAY),
    "clock": (sa.Time, st.times().map(lambda found: found.replace(microsecond=0))),
    "moment": (sa.DateTime, MOMENT),
    "bytes": (sa.LargeBinary, st.binary(max_size=8)),
    "data": (sa.JSON(none_as_null=True), JSON.filter(lambda value: value is not None)),
}

ROW = st.fixed_dictionaries(
    {name: values if name == "needed" else st.none() | values for name, (_, values) in COLUMNS.items()}
)


def metadata():
    tables = sa.MetaData()
    columns = [sa.Column(name, kind, nullable=name != "needed") for name, (kind, _) in COLUMNS.items()]
    sa.Table("things", tables, sa.Column("id", sa.Integer, primary_key=True), *columns, mariadb_charset="utf8mb4")
    return tables


@pytest.fixture
def engine(database_url):
    with writing_tables.filled(database_url, metadata(), {}) as engine:
        yield engine


def fill(engine, rows):
    things = metadata().tables["things"]
    with engine.begin() as connection:
        connection.execute(things.delete())
        connection.execute(things.insert(), [{"id": number, **row} for number, row in enumerate(rows, 1)])


WAYS = (("PUT", {}), ("POST", {"Prefer": "resolution=merge-duplicates"}), ("PATCH", {}))


def every_way_back(client, count, ways=WAYS, table="things"):
    """Sends every export back, and looks that nothing is changed by it."""
    unchanged = {"added": 0, "changed": 0, "unchanged": count, "removed": 0}
    for suffix, mediatype in FORMATS.items():
        export = client.get(f"/data/{table}.{suffix}")
        assert export.status_code == 200, (suffix, export.text)
        for method, headers in ways:
            back = client.open(
                f"/data/{table}", method=method, data=export.data, content_type=mediatype, headers=headers
            )
            if back.json != unchanged:
                steps = client.put(f"/data/{table}?dry_run=1", data=export.data, content_type=mediatype)
                assert steps.text == "", (suffix, method, back.text, export.data)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_round_trip_of_an_untouched_export_changes_nothing(engine, rows):
    fill(engine, rows)
    every_way_back(writing_tables.client_of(engine, ("things",)), len(rows), WAYS[:1])


def test_round_trip_of_every_hostile_text_changes_nothing(engine):
    empty = dict.fromkeys(COLUMNS)
    fill(engine, [{**empty, "text": text, "needed": text} for text in HOSTILE])
    every_way_back(writing_tables.client_of(engine, ("things",)), len(HOSTILE))


def test_round_trip_keeps_moments_with_a_zone(servers):
    tables = sa.MetaData()
    sa.Table(
        "things", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", sa.DateTime(timezone=True))
    )
    rows = {"things": [(1, datetime(2024, 1, 1, 12, tzinfo=UTC)), (2, None)]}
    with writing_tables.filled(servers.fresh("postgresql"), tables, rows) as engine:
        client = writing_tables.client_of(engine, ("things",))
        every_way_back(client, 2)
        body = "id,at\r\n1,2024-01-01T13:00:00+01:00\r\n2,\r\n"
        answer = client.put("/data/things", data=body, content_type="text/csv")
    assert answer.json["unchanged"] == 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_round_trip_into_an_empty_table_gives_the_same_rows(database_url, suffix):
    with writing_tables.filled(database_url, metadata(), {}) as engine:
        row = {
            "text": None,
            "needed": "",
            "whole": 2**62,
            "real": 0.1,
            "exact": Decimal("1.10"),
            "truth": False,
            "day": date(2024, 2, 29),
            "clock": time(1, 2, 3),
            "moment": datetime(2024, 2, 29, 1, 2, 3),
            "bytes": b"\x00\xff",
            "data": {"a": [1, None, "x"]},
        }
        fill(engine, [row])
        client = writing_tables.client_of(engine, ("things",))
        before, export = client.get("/data/things.json").json, client.get(f"/data/things.{suffix}").data
        assert client.delete("/data/things?id=1&confirm=1").status_code == 200
        assert client.post("/data/things", data=export, content_type=FORMATS[suffix]).status_code == 201
        assert client.get("/data/things.json").json == before


ODD = {
    "postgresql": [
        "CREATE TABLE things (id INTEGER PRIMARY KEY, d DOUBLE PRECISION[], r REAL[], n NUMERIC[])",
        "INSERT INTO things VALUES (1, '{1,NaN,Infinity}', '{NaN,0.1}', '{NaN,1.50}'), (2, NULL, '{}', NULL)",
    ],
    "mariadb": [
        "CREATE TABLE things (id INTEGER PRIMARY KEY, s SET('x', 'y'), e ENUM('a', 'b'), y YEAR)",
        "SET sql_mode = ''",
        "INSERT INTO things VALUES (1, 'x,y', 'a', 2001), (2, '', '', 0), (3, NULL, NULL, NULL), (4, 'y', 'b', 0)",
    ],
    "sqlite": [
        "CREATE TABLE things (id INTEGER PRIMARY KEY, data JSON)",
        """INSERT INTO things VALUES (1, '1.0'), (2, '"1.0"'), (3, '5'), (4, '[1.0]'), (5, 'null')""",
    ],
}


@pytest.mark.parametrize("kind", ODD)
def test_round_trip_of_what_formats_cannot_write_changes_nothing(servers, kind):
    engine = writing_tables.made(writing_tables.emptied(servers, kind), *ODD[kind])
    before = writing_tables.stored(engine, "things")
    client = writing_tables.client_of(engine, ("things",))
    every_way_back(client, len(before))
    assert str(writing_tables.stored(engine, "things")) == str(before)


def test_a_number_that_a_column_of_json_would_round_is_refused(servers):
    client = writing_tables.client_of(writing_tables.made(servers.fresh("sqlite"), ODD["sqlite"][0]), ("things",))
    answer = client.post("/data/things", json=[{"data": 2**70}])
    assert (answer.status_code, answer.json["errors"][0]["reason"]) == (422, "has more digits than the database keeps")
    assert client.post("/data/things", json={"data": [2**70, "5", True]}).json["data"] == [2**70, "5", True]


def test_real_numbers_in_a_list_are_numbers(servers):
    client = writing_tables.client_of(
        writing_tables.made(writing_tables.emptied(servers, "postgresql"), *ODD["postgresql"]), ("things",)
    )
    assert client.get("/data/things/1").json["r"] == [None, 0.1]


LONG_NUMBER = "1234567890123456.5678"
NESTED = f'{{"a": [{LONG_NUMBER}, 0.1, 1.50, null], "e": {{}}, "z": -{LONG_NUMBER}}}'


def digits_of(engine, column):
    """What the database holds of the last row, as text."""
    text = "CHAR(200)" if engine.dialect.name == "mariadb" else "TEXT"
    return writing_tables.stored(engine, f"(SELECT CAST({column} AS {text}), id FROM things) t", "2")[-1][0]


def long_numbers(servers, kind):
    columns = "id INTEGER PRIMARY KEY, d NUMERIC(24, 4), r DOUBLE PRECISION, n BIGINT, t VARCHAR(40), j JSON"
    return writing_tables.made(writing_tables.emptied(servers, kind), f"CREATE TABLE things ({columns})")


def in_format(suffix, record):
    """A body of one row whose values are written as they are given."""
    if suffix == "yaml":
        return "\n".join(f"{name}: {value}" for name, value in record.items())
    return "{" + ", ".join(f'"{name}": {value}' for name, value in record.items()) + "}"


@pytest.mark.parametrize("suffix", ["json", "ndjson", "yaml"])
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_every_digit_of_a_decimal_number_is_stored_and_comes_back(servers, kind, suffix):
    engine = long_numbers(servers, kind)
    client = writing_tables.client_of(engine, ("things",))
    body = in_format(suffix, {"id": 1, "d": LONG_NUMBER})
    assert client.post("/data/things", data=body, content_type=FORMATS[suffix]).status_code == 201
    assert digits_of(engine, "d") == LONG_NUMBER
    every_way_back(client, 1)
    assert digits_of(engine, "d") == LONG_NUMBER


@pytest.mark.parametrize("suffix", ["json", "ndjson", "yaml"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_number_of_many_digits_is_for_each_kind_what_it_takes(servers, kind, suffix):
    engine = long_numbers(servers, kind)
    client = writing_tables.client_of(engine, ("things",))

    def post(**values):
        return client.post("/data/things", data=in_format(suffix, values), content_type=FORMATS[suffix])

    assert post(id=1, r="0.1000000000000000055511151231257827", t=LONG_NUMBER).status_code == 201
    assert digits_of(engine, "r") == "0.1"
    assert digits_of(engine, "t") == LONG_NUMBER
    refused = post(id=2, n=LONG_NUMBER)
    assert (refused.status_code, refused.json["errors"][0]["reason"]) == (422, "is no whole number")
    assert post(id=3, r="1e400").status_code in (400, 422)


@pytest.mark.parametrize("suffix", ["json", "ndjson", "yaml"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_json_within_a_column_keeps_every_digit(servers, kind, suffix):
    engine = long_numbers(servers, kind)
    client = writing_tables.client_of(engine, ("things",))
    body = in_format(suffix, {"id": 1, "j": NESTED})
    assert client.post("/data/things", data=body, content_type=FORMATS[suffix]).status_code == 201
    assert digits_of(engine, "j").count(LONG_NUMBER) == 2
    for way in (name for name in FORMATS if name != "msgpack"):
        export = client.get(f"/data/things/1.{way}")
        back = client.put("/data/things", data=export.data, content_type=FORMATS[way])
        assert (way, back.json) == (way, {"added": 0, "changed": 0, "unchanged": 1, "removed": 0})


def test_jsonb_keeps_every_digit(servers):
    url = writing_tables.emptied(servers, "postgresql")
    engine = writing_tables.made(url, "CREATE TABLE things (id INTEGER PRIMARY KEY, j JSONB)")
    client = writing_tables.client_of(engine, ("things",))
    body = f'{{"id": 1, "j": {NESTED}}}'
    assert client.post("/data/things", data=body, content_type="application/json").status_code == 201
    assert digits_of(engine, "j").count(LONG_NUMBER) == 2
    assert LONG_NUMBER in client.get("/data/things/1.json").text
    assert client.put("/data/things/1", data=body, content_type="application/json").status_code == 200


def test_numbers_that_xml_calls_so_are_taken_by_columns_of_every_kind(servers):
    statement = "CREATE TABLE things (id INTEGER PRIMARY KEY, j JSON, free, n NUMERIC)"
    engine = writing_tables.made(servers.fresh("sqlite"), statement)
    client = writing_tables.client_of(engine, ("things",))
    body = (
        '<row><id>1</id><j type="dict"><a type="number">0.1</a></j><free type="number">1.5</free>'
        '<n type="number">1.5</n></row>'
    )
    answer = client.post("/data/things.json", data=body, content_type="application/xml")
    assert (answer.status_code, answer.json) == (201, {"id": 1, "j": {"a": 0.1}, "free": 1.5, "n": 1.5})
    rows = f"<rows>{body.replace('row>', 'item>')}</rows>"
    assert client.put("/data/things", data=rows, content_type="application/xml").json["unchanged"] == 1
    long = f"<row><free type='number'>{LONG_NUMBER}</free></row>"
    answer = client.post("/data/things.json", data=long, content_type="application/xml")
    assert (answer.status_code, answer.json["errors"][0]["reason"]) == (422, "has more digits than the database keeps")


DOCUMENT = {"a": [1, None], "z": 1.5, "e": {}, "d.o": {"t": ""}}


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_an_item_with_a_json_column_is_the_row_of_its_table_and_comes_back_as_it_was(database_url, suffix):
    with writing_tables.filled(database_url, metadata(), {}) as engine:
        fill(engine, [{"needed": "x", "data": DOCUMENT}])
        client = writing_tables.client_of(engine, ("things",))
        item, collection = client.get(f"/data/things/1.{suffix}"), client.get(f"/data/things.{suffix}")
        assert item.text == collection.text
        before = client.get("/data/things/1.json").json
        back = client.put(f"/data/things/1.{suffix}", data=item.data, content_type=FORMATS[suffix])
        assert (back.status_code, back.text) == (200, item.text)
        assert client.get("/data/things/1.json").json == before
        assert before["data"] == DOCUMENT


def test_what_is_nested_by_expand_stays_spread_in_an_item(database_url):
    with writing_tables.filled(database_url) as engine:
        client = writing_tables.client_of(engine)
        item, collection = (
            client.get(f"/data/cities{path}").text for path in ("/1.csv?expand=country", ".csv?expand=country&id=1")
        )
    assert item == collection
    assert "country.code,country.name,country.population" in item


@pytest.mark.parametrize("header", ["Sepal.Length,Sepal.Width,Species", r"Sepal\.Length,Sepal\.Width,Species"])
def test_columns_with_dots_in_their_names_are_read_as_they_are_named(database_url, header):
    tables = sa.MetaData()
    columns = [sa.Column(name, sa.Double) for name in ("Sepal.Length", "Sepal.Width")]
    sa.Table("iris", tables, *columns, sa.Column("Species", sa.String(20), primary_key=True))
    with writing_tables.filled(database_url, tables, {}) as engine:
        client = writing_tables.client_of(engine, ("iris",))
        body = f"{header}\r\n5.1,3.5,setosa\r\n4.9,3,virginica\r\n"
        more = body.replace("setosa", "a").replace("virginica", "b")
        assert client.post("/data/iris", data=body, content_type="text/csv").status_code == 201
        assert client.get("/data/iris/setosa").json == {"Sepal.Length": 5.1, "Sepal.Width": 3.5, "Species": "setosa"}
        assert client.put("/data/iris", data=body.replace(",", ";"), content_type="text/csv").json["unchanged"] == 2
        every_way_back(client, 2, table="iris")
        headers = {"Prefer": "return=representation", "Accept": "text/csv"}
        stored = client.post("/data/iris", data=more, content_type="text/csv", headers=headers)
        for text in (stored.text, client.get("/data/iris.csv").text, client.get("/data/iris/setosa.csv").text):
            assert text.startswith("Sepal.Length,Sepal.Width,Species\r\n")
        back = client.put(
            "/data/iris/setosa", data=client.get("/data/iris/setosa.tsv").data, content_type=FORMATS["tsv"]
        )
        assert (back.status_code, back.json["Sepal.Length"]) == (200, 5.1)
        assert "| Sepal.Length | Sepal.Width | Species |" in client.get("/data/iris.md").text
        assert ">Sepal.Length<" in client.get("/data/iris.html").text
