"""Types that PostgreSQL and MariaDB have of their own: each is read, found, and written back."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from reflected import on, only, rows

from negotiate_api.publish.schema import reflection

BOOK = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

POSTGRESQL = (
    ("date", "'infinity'", "date", "infinity"),
    ("date", "'0044-03-15 BC'", "date", "0044-03-15 BC"),
    ("date", "'12024-01-01'", "date", "12024-01-01"),
    ("timestamp", "'-infinity'", "date and time", "-infinity"),
    ("timestamp(0)", "'2024-02-29 10:00'", "date and time", datetime(2024, 2, 29, 10)),
    ("timestamptz", "'2024-02-29 10:00+00'", "date and time", datetime(2024, 2, 29, 10, tzinfo=UTC)),
    ("time", "'24:00'", "time", "24:00:00"),
    ("timetz", "'10:00+02'", "time", time(10, tzinfo=timezone(timedelta(hours=2)))),
    ("interval", "'1 mon 2 days 03:04:05.5'", "duration", "P1M2DT3H4M5.5S"),
    ("interval", "'-1 year +3 days -04:00'", "duration", "P-1Y3DT-4H"),
    ("interval", "'0'", "duration", "PT0S"),
    ("real", "3.14", "number", 3.14),
    ("double precision", "1e300", "number", 1e300),
    ("numeric", "1.10", "decimal number", Decimal("1.10")),
    ("numeric(5,2)", "1.10", "decimal number", Decimal("1.10")),
    ("numeric(3,-2)", "12300", "decimal number", Decimal("12300")),
    ("money", "'1234567.80'", "decimal number", Decimal("1234567.80")),
    ("char(5)", "'ab'", "text", "ab"),
    ("citext_like", "'Ab'", "text", "Ab"),
    ("mood", "'so so'", "word", "so so"),
    ("mood[]", "'{ok,so so,NULL}'", "list of words", ["ok", "so so", None]),
    ("positive", "5", "whole number", 5),
    ("int[]", "'{1,2}'", "list of whole numbers", [1, 2]),
    ("text[]", '\'{"a,b",NULL,""}\'', "list of texts", ["a,b", None, ""]),
    ("int[][]", "'{{1,2},{3,4}}'", "list of whole numbers", [[1, 2], [3, 4]]),
    ("date[]", "'{2024-02-29,NULL}'", "list of dates", [date(2024, 2, 29), None]),
    ("inet[]", "'{::1}'", "list of texts", ["::1/128"]),
    ("jsonb[]", "array['{\"a\": 1}'::jsonb]", "list of JSON values", [{"a": 1}]),
    ("json", "'{\"a\": [1, null]}'", "JSON value", {"a": [1, None]}),
    ("jsonb", "'\"text\"'", "JSON value", "text"),
    ("inet", "'10.0.0.1'", "text", "10.0.0.1"),
    ("inet", "'10.0.0.0/8'", "text", "10.0.0.0/8"),
    ("cidr", "'10.0.0.0/8'", "text", "10.0.0.0/8"),
    ("macaddr", "'08:00:2b:01:02:03'", "text", "08:00:2b:01:02:03"),
    ("int4range", "'[1,5)'", "text", "[1,5)"),
    ("tstzrange", "'[2024-01-01 00:00+00,)'", "text", '["2024-01-01 00:00:00+00",)'),
    ("int4multirange", "'{[1,3),[5,7)}'", "text", "{[1,3),[5,7)}"),
    ("tsvector", "'a b'", "text", "'a' 'b'"),
    ("bit(3)", "B'101'", "text", "101"),
    ("bit varying(5)", "B'10'", "text", "10"),
    ("point", "'(1,2)'", "value", "(1,2)"),
    ("jsonpath", "'$.a'", "value", '$."a"'),
    ("pair", "'(1,a)'", "text", "(1,a)"),
    ("bytea", "'\\x00ff'", "base64 text", b"\x00\xff"),
    ("oid", "5", "text", "5"),
    ("name", "'n'", "text", "n"),
    ("uuid", f"'{BOOK}'", "UUID", UUID(BOOK)),
)

NO_EQUALITY = ("json", "point", "jsonpath", "jsonb[]")


@pytest.fixture(scope="module")
def postgresql(servers):
    engine = on(
        servers,
        "postgresql",
        "CREATE TYPE mood AS ENUM ('ok', 'so so')",
        "CREATE DOMAIN positive AS int CHECK (value > 0)",
        "CREATE DOMAIN citext_like AS varchar(5)",
        "CREATE TYPE pair AS (a int, b text)",
        *(f"CREATE TABLE t{i} (v {type_})" for i, (type_, *_) in enumerate(POSTGRESQL)),
        *(f"INSERT INTO t{i} VALUES ({literal}), (NULL)" for i, (_, literal, *_) in enumerate(POSTGRESQL)),
    )
    yield engine, reflection.reflect(engine)
    engine.dispose()


@pytest.mark.parametrize("number", range(len(POSTGRESQL)), ids=[f"{type_} {text}" for type_, text, *_ in POSTGRESQL])
def test_postgresql_types_are_read_compared_and_written(postgresql, number):
    engine, tables = postgresql
    type_, _, name, value = POSTGRESQL[number]
    table = tables[f"t{number}"]
    (column,) = table.columns
    assert column.kind.name == name
    assert rows(engine, table) == [(value,), (None,)]
    assert column.kind.read(column.kind.text(value)) == value
    given = column.kind.read(value)
    assert given == value
    if type_ not in NO_EQUALITY:
        assert rows(engine, table, v=given) == [(value,)]
    with engine.connect() as connection:
        connection.execute(table.source.insert(), [{"v": given}, {"v": None}])
        connection.execute(table.source.insert().values([{"v": given}, {"v": given}]))
        found = list(connection.scalars(sa.select(column.source)))
        assert found == [value, None, value, None, value, value]


def test_a_key_of_type_char_is_found_by_its_index(servers):
    engine = on(
        servers,
        "postgresql",
        "CREATE TABLE t (code char(3) PRIMARY KEY)",
        "INSERT INTO t SELECT to_char(i, 'FM999') FROM generate_series(1, 999) i",
        "ANALYZE t",
    )
    column = reflection.reflect(engine)["t"].columns[0].source
    with engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        query = sa.select(column).where(column == "7")
        plan = connection.exec_driver_sql(f"EXPLAIN {query.compile(engine)}", {"code_1": "7"})
        assert "Index Cond" in str(plan.all())
        assert connection.execute(query).all() == [("7",)]
    engine.dispose()


def test_postgresql_tables_of_others_and_parts_of_tables_are_left_out(servers, caplog):
    engine = on(
        servers,
        "postgresql",
        "CREATE TABLE seen (a int PRIMARY KEY, b int GENERATED ALWAYS AS IDENTITY)",
        "COMMENT ON TABLE seen IS 'For all.'",
        "COMMENT ON COLUMN seen.a IS 'A number.'",
        "CREATE TABLE secret (a int)",
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.other (a int)",
        "CREATE TABLE parted (a int) PARTITION BY RANGE (a)",
        "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (9)",
        "CREATE MATERIALIZED VIEW kept AS SELECT a FROM seen",
        "DO $$ BEGIN CREATE ROLE visitor LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT SELECT ON seen, parted, part, kept TO visitor",
    )
    visitor = sa.create_engine(engine.url.set(username="visitor"))
    tables = reflection.reflect(visitor)
    assert list(tables) == ["kept", "parted", "seen"]
    assert tables["kept"].view
    assert "'secret' cannot be read" in caplog.text
    assert tables["seen"].by_name["b"].generated
    assert tables["seen"].description == "For all."
    assert tables["seen"].by_name["a"].description == "A number."
    visitor.dispose()
    engine.dispose()


def test_the_search_path_of_the_url_tells_the_schema(servers):
    engine = on(
        servers,
        "postgresql",
        "CREATE SCHEMA elsewhere",
        "CREATE TABLE elsewhere.other (a int)",
    )
    other = sa.create_engine(engine.url.update_query_dict({"options": "-csearch_path=elsewhere"}))
    assert list(reflection.reflect(other)) == ["other"]
    assert list(reflection.reflect(engine)) == []
    other.dispose()
    engine.dispose()


def test_a_partial_or_computed_index_is_no_key(servers):
    engine = on(
        servers,
        "postgresql",
        "CREATE TABLE t (a int NOT NULL, b text NOT NULL, c int NOT NULL)",
        "CREATE UNIQUE INDEX ON t (a) WHERE a > 5",
        "CREATE UNIQUE INDEX ON t (lower(b))",
    )
    assert reflection.reflect(engine)["t"].key == ()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX ON t (c)")
    assert reflection.reflect(engine)["t"].key == ("c",)
    engine.dispose()


MARIADB = (
    ("tinyint(1)", "1", "boolean", True),
    ("tinyint(1)", "0", "boolean", False),
    ("tinyint(1)", "5", "boolean", 5),
    ("tinyint", "-128", "whole number", -128),
    ("tinyint unsigned", "255", "whole number", 255),
    ("mediumint", "8388607", "whole number", 8388607),
    ("bigint unsigned", "18446744073709551615", "whole number", 2**64 - 1),
    ("bit(1)", "b'1'", "boolean", True),
    ("bit(5)", "b'101'", "whole number", 5),
    ("year", "2024", "whole number", 2024),
    ("float", "3.14", "number", 3.14),
    ("float", "16777216", "number", 16777216.0),
    ("double", "0.1", "number", 0.1),
    ("decimal(10,2)", "1.10", "decimal number", Decimal("1.10")),
    ("char(5)", "'ab'", "text", "ab"),
    ("text", "'表'", "text", "表"),
    ("enum('low','high')", "'high'", "word", "high"),
    ("set('a','b c','d')", "'d,a'", "list of words", ["a", "d"]),
    ("set('a','b')", "''", "list of words", []),
    ("json", "'{\"a\": [1, null]}'", "JSON value", {"a": [1, None]}),
    ("uuid", f"'{BOOK}'", "UUID", UUID(BOOK)),
    ("date", "'0000-00-00'", "date", "0000-00-00"),
    ("date", "'2024-02-00'", "date", "2024-02-00"),
    ("datetime", "'2024-02-29 10:00'", "date and time", datetime(2024, 2, 29, 10)),
    ("datetime(6)", "'2024-02-29 10:00:00.123456'", "date and time", datetime(2024, 2, 29, 10, 0, 0, 123456)),
    ("datetime", "'0000-00-00 00:00:00'", "date and time", "0000-00-00 00:00:00"),
    ("timestamp null", "'2024-02-29 10:00'", "date and time", datetime(2024, 2, 29, 10)),
    ("time", "'10:00'", "time", time(10)),
    ("time", "'-100:00:01'", "time", "-100:00:01"),
    ("time(3)", "'838:59:59'", "time", "838:59:59"),
    ("binary(4)", "'ab'", "base64 text", b"ab\0\0"),
    ("blob", "x'00ff'", "base64 text", b"\x00\xff"),
    ("inet6", "'::1'", "text", "::1"),
    ("point", "ST_GeomFromText('POINT(1 2)')", "text", "POINT(1 2)"),
)


@pytest.fixture(scope="module")
def mariadb(servers):
    engine = on(
        servers,
        "mariadb",
        "ALTER DATABASE CHARACTER SET utf8mb4",
        "SET sql_mode = ''",
        *(f"CREATE TABLE t{i} (v {type_})" for i, (type_, *_) in enumerate(MARIADB)),
        *(
            f"INSERT INTO t{i} VALUES ({literal}), (NULL)".replace("%", "%%")
            for i, (_, literal, *_) in enumerate(MARIADB)
        ),
    )
    yield engine, reflection.reflect(engine)
    engine.dispose()


@pytest.mark.parametrize("number", range(len(MARIADB)), ids=[f"{type_} {text}" for type_, text, *_ in MARIADB])
def test_mariadb_types_are_read_compared_and_written(mariadb, number):
    engine, tables = mariadb
    _, _, name, value = MARIADB[number]
    table = tables[f"t{number}"]
    (column,) = table.columns
    assert column.kind.name == name
    ((found,), (null,)) = rows(engine, table)
    assert found == value
    assert type(found) is type(value)
    assert null is None
    assert column.kind.read(column.kind.text(value)) == value
    given = column.kind.read(value)
    if column.kind.ordered:
        assert rows(engine, table, v=given) == [(value,)]
    with engine.connect() as connection:
        connection.exec_driver_sql("SET sql_mode = 'STRICT_ALL_TABLES'")
        connection.execute(table.source.insert(), [{"v": given}, {"v": None}])
        assert list(connection.scalars(sa.select(column.source))) == [value, None, value, None]


def test_an_enumeration_of_mariadb_that_holds_what_it_must_not_is_read(servers):
    engine = on(
        servers,
        "mariadb",
        "SET sql_mode = ''",
        "CREATE TABLE t (v enum('a'))",
        "INSERT INTO t VALUES ('nothing like it')",
    )
    assert only(engine, reflection.reflect(engine)["t"], "v") == [""]
    engine.dispose()
