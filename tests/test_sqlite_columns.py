"""SQLite: columns that hold anything, dates in any layout, and the tables that it keeps to itself."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal

import pytest
import sqlalchemy as sa
from reflected import rows

from negotiate_api.publish.schema import reflection


@pytest.fixture
def sqlite(tmp_path):
    """A function that runs a script in a new SQLite database, and gives its engine."""
    made = []

    def run(script):
        path = tmp_path / f"{len(made)}.sqlite"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        made.append(sa.create_engine(f"sqlite:///{path}"))
        return made[-1]

    yield run
    for engine in made:
        engine.dispose()


DIRTY = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, at DATETIME, hour TIME, amount NUMERIC(10,2), yes BOOLEAN,
                    data JSON, uuid UUID, anything, any ANY, word VARCHAR(3), real FLOAT, bytes BLOB, number INTEGER);
    INSERT INTO t VALUES (1, '2024-02-29', '2024-02-29 10:00:00', '10:00:00', 1.005, 1, '{"a": 1}', 'x', 5, 1.5,
                          'longer', 0.1, x'00', 9007199254740993);
    INSERT INTO t VALUES (2, 'soon', '2024-02-30', '25:00', 'much', 7, '{a', x'00ff', 'five', '', x'6869', 'ok',
                          'text', 'n');
    INSERT INTO t VALUES (3, 20240229, 1700000000, 36000, 12345678901234567, 'maybe', 5, 1, x'01', 3, 4, 2, 3, 2.5);
    INSERT INTO t VALUES (4, '2024-02-29', '2024-02-29 10:00:00.123456789', '10:00', NULL, NULL, NULL, NULL, NULL, NULL,
                          NULL, NULL, NULL, NULL);
"""


def test_sqlite_columns_give_whatever_they_hold(sqlite):
    engine = sqlite(DIRTY)
    table = reflection.reflect(engine)["t"]
    day, at = date(2024, 2, 29), datetime(2024, 2, 29, 10)
    assert rows(engine, table) == [
        (1, day, at, time(10), Decimal("1.005"), True, {"a": 1}, "x", 5, 1.5, "longer", 0.1, b"\0", 9007199254740993),
        (2, "soon", "2024-02-30", "25:00", "much", 7, "{a", b"\0\xff", "five", "", b"hi", "ok", "text", "n"),
        (3, 20240229, 1700000000, 36000, 12345678901234567, "maybe", 5, 1, b"\1", 3, "4", 2.0, 3, 2.5),
        (4, day, "2024-02-29 10:00:00.123456789", time(10), *[None] * 10),
    ]


def test_sqlite_values_become_text_for_urls_whatever_they_are(sqlite):
    engine = sqlite(DIRTY)
    table = reflection.reflect(engine)["t"]
    for row in rows(engine, table):
        for column, value in zip(table.columns, row, strict=True):
            if value is not None:
                assert isinstance(column.kind.text(value), str)


PLACES = {
    "zeros": ("4.2", "4.20"),
    "whole": ("10", "10.00"),
    "negative": ("-0.5", "-0.50"),
    "more-places-than-declared": ("4.205", "4.205"),
    "long": ("12345678901234567", "12345678901234567.00"),
    "large": ("1e300", "1E+300"),
    "infinite": ("9e999", "inf"),
    "text": ("'much'", "much"),
}


@pytest.mark.parametrize(("literal", "shown"), PLACES.values(), ids=PLACES)
def test_sqlite_decimals_have_the_places_that_their_column_declares_and_are_found_by_them(sqlite, literal, shown):
    engine = sqlite(f"CREATE TABLE t (price DECIMAL(10,2)); INSERT INTO t VALUES ({literal})")
    table = reflection.reflect(engine)["t"]
    kind = table.columns[0].kind
    assert kind.name == "decimal number"
    ((found,),) = rows(engine, table)
    assert str(found) == shown
    if isinstance(found, Decimal):
        assert kind.read(kind.text(found)) == kind.read(found) == found
        assert rows(engine, table, price=kind.read(shown)) == [(found,)]
        with engine.begin() as connection:
            connection.execute(table.source.update().values(price=kind.read(shown)))
            assert connection.exec_driver_sql(f"SELECT price = {literal} FROM t").scalar() == 1


LAYOUTS = (
    ("2024-02-29 10:00:00", "2024-12-31 23:59:00"),
    ("2024-02-29T10:00:00", "2024-12-31T23:59:00"),
    ("2024-02-29 10:00:00.000000", "2024-12-31 23:59:00.000000"),
    ("2024-02-29T10:00:00.000", "2024-12-31T23:59:00.000"),
    ("2024-02-29T10:00:00Z", "2024-12-31T23:59:00Z"),
    ("2024-02-29 10:00:00+00:00", "2024-12-31 23:59:00+00:00"),
    (None, "2024-12-31 23:59:00.000000"),
)


@pytest.mark.parametrize(("there", "written"), LAYOUTS, ids=[str(there) for there, _ in LAYOUTS])
def test_sqlite_dates_are_found_and_written_in_the_layout_that_their_column_has(sqlite, there, written):
    engine = sqlite(f"CREATE TABLE t (at TIMESTAMP); INSERT INTO t VALUES ({repr(there) if there else 'NULL'})")
    table = reflection.reflect(engine)["t"]
    read = table.columns[0].kind.read
    if there:
        assert len(rows(engine, table, at=read("2024-02-29T10:00"))) == 1
    with engine.begin() as connection:
        connection.execute(table.source.update().values({table.source.c.at: read("2024-12-31 23:59")}))
        assert connection.exec_driver_sql("SELECT at FROM t").scalar() == written


def test_sqlite_dates_that_are_numbers_stay_numbers(sqlite):
    engine = sqlite("CREATE TABLE t (at DATETIME, day DATE); INSERT INTO t VALUES (1700000000, 2460000.5)")
    table = reflection.reflect(engine)["t"]
    assert [column.kind.name for column in table.columns] == ["value", "value"]
    assert rows(engine, table, at=table.columns[0].kind.read("1700000000")) == [(1700000000, 2460000.5)]


def test_a_column_of_dates_with_times_takes_times(sqlite):
    engine = sqlite("CREATE TABLE t (day DATE); INSERT INTO t VALUES ('2024-02-29 10:00:00')")
    table = reflection.reflect(engine)["t"]
    assert table.columns[0].kind.name == "date and time"
    assert rows(engine, table) == [(datetime(2024, 2, 29, 10),)]


def test_a_view_that_computes_for_minutes_does_not_hold_up_reflection(sqlite):
    engine = sqlite(
        """CREATE TABLE d (day DATE); INSERT INTO d VALUES ('2024-02-29');
        CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
        SELECT day FROM d WHERE (SELECT count(*) FROM n) > 1;"""
    )
    assert reflection.reflect(engine)["v"].columns[0].kind.name == "date"


def test_sqlite_keeps_its_internal_tables_to_itself(sqlite):
    engine = sqlite(
        """CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT);
        CREATE VIRTUAL TABLE words USING fts5(title, content='book', content_rowid='id');
        CREATE VIRTUAL TABLE places USING rtree(id, a, b);
        CREATE TABLE alembic_version (version_num VARCHAR(32));
        CREATE TABLE spatial_ref_sys (srid INTEGER);
        CREATE TABLE negotiate_api_files (name TEXT);
        ANALYZE;"""
    )
    tables = reflection.reflect(engine)
    assert list(tables) == ["book"]
    assert tables["book"].source.info["fts5"] == ("words", ("title",))
    assert list(reflection.reflect(engine, tables=["alembic_version"])) == ["alembic_version"]


INDEXES = (
    ("content='book', content_rowid='id'", True),
    ('content="book"', True),
    ("content=book, content_rowid=rowid", True),
    ("content='book', content_rowid='other'", False),
    ("content=''", False),
    ("tokenize='porter'", False),
)


@pytest.mark.parametrize(("options", "is_index"), INDEXES, ids=[options for options, _ in INDEXES])
def test_an_fts5_table_is_an_index_of_what_it_takes_its_content_from_by_rowid(sqlite, options, is_index):
    engine = sqlite(
        f"""CREATE TABLE book (id INTEGER PRIMARY KEY, other INT, title TEXT);
        CREATE VIRTUAL TABLE w USING fts5(title, {options});"""
    )
    assert ("fts5" in reflection.reflect(engine)["book"].source.info) == is_index


ROWIDS = (
    ("CREATE TABLE t (a)", "rowid"),
    ("CREATE TABLE t (RowId)", "_rowid_"),
    ("CREATE TABLE t (rowid, _rowid_, oid)", None),
    ("CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID", None),
    ("CREATE VIEW t AS SELECT 1 AS a", None),
)


@pytest.mark.parametrize(("statement", "name"), ROWIDS, ids=[statement for statement, _ in ROWIDS])
def test_a_table_of_sqlite_tells_by_what_name_its_rowid_goes(sqlite, statement, name):
    assert reflection.reflect(sqlite(statement))["t"].source.info.get("rowid") == name


COUNTED = (
    ("id INTEGER PRIMARY KEY", True),
    ("id integer primary key autoincrement", True),
    ("id INT PRIMARY KEY", False),
    ("id BIGINT PRIMARY KEY", False),
    ("id INTEGER, b INTEGER, PRIMARY KEY (id, b)", False),
)


@pytest.mark.parametrize(("columns", "is_counted"), COUNTED, ids=[columns for columns, _ in COUNTED])
def test_sqlite_counts_up_a_key_of_type_integer_alone(sqlite, columns, is_counted):
    assert reflection.reflect(sqlite(f"CREATE TABLE t ({columns})"))["t"].by_name["id"].default == is_counted


def test_sqlite_references_may_be_in_any_case_and_without_columns(sqlite):
    engine = sqlite(
        """CREATE TABLE Country (Code TEXT PRIMARY KEY);
        CREATE TABLE city (country_code TEXT REFERENCES country, second TEXT REFERENCES COUNTRY(CODE),
                           gone_id INT REFERENCES gone(id));"""
    )
    references = {reference.name: reference for reference in reflection.reflect(engine)["city"].references}
    assert {name: (one.table, one.targets) for name, one in references.items()} == {
        "country": ("Country", ("Code",)),
        "second": ("Country", ("Code",)),
    }


def test_a_table_that_cannot_be_read_is_left_out_with_a_warning(sqlite, caplog):
    engine = sqlite("CREATE TABLE t (a); CREATE VIEW broken AS SELECT * FROM gone;")
    assert list(reflection.reflect(engine)) == ["t"]
    assert "'broken' cannot be read" in caplog.text
