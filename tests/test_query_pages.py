"""Pages begin after a row: each row comes once and in its place, whatever the order, whatever is written meanwhile."""

import random
from collections import Counter
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_tables import Database, database, table
from sqlalchemy import event

from negotiate_api.publish.queries.parameters import BadParameter

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)

VALUES = {
    "word": ["a", "A", "å", "", "b,c", "d/e~f", 'g "h" %', None],
    "name": ["x", "X", "y, z", "~n"],
    "number": [-1, 0, 2**31 - 1, None],
    "price": [Decimal("0.10"), Decimal("-1.25"), Decimal("1.20"), None],
    "height": [0.1, 1.1, -2.5, 123456.7, None],
    "double": [0.1, 1 / 3, 1e300, -0.1],
    "day": [date(2024, 2, 29), date(1000, 1, 1), None],
    "seen": [datetime(2024, 2, 29, 12, 30, 1), datetime(2024, 2, 29), None],
    "flag": [True, False, None],
}


def things(*keys):
    return table(
        "things",
        *(sa.Column(key, sa.Integer, primary_key=True, autoincrement=False) for key in keys),
        sa.Column("word", sa.String(40)),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("price", sa.Numeric(6, 2)),
        sa.Column("height", sa.REAL().with_variant(sa.FLOAT(), "mariadb")),
        sa.Column("double", sa.Double(), nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("seen", sa.DateTime),
        sa.Column("flag", sa.Boolean),
    )


def many(*keys, count=40):
    choose = random.Random(1)
    numbers = iter(range(1, count + 1))
    return [
        {key: next(numbers) if key == keys[-1] else choose.randrange(3) for key in keys}
        | {name: choose.choice(values) for name, values in VALUES.items()}
        for _ in range(count)
    ]


@pytest.fixture(params=[("id",), ("a", "b")], ids=["a key", "a key of two"])
def of_things(request, database_url):
    with database(database_url, (things(*request.param), many(*request.param))) as found:
        yield found


sorts = st.lists(st.sampled_from(list(VALUES)).flatmap(lambda name: st.sampled_from([name, f"-{name}"])), max_size=3)


@QUICK
@given(sort=sorts, size=st.integers(1, 15), more=st.sampled_from(["", "&fields=word,flag", "&distinct=true&fields="]))
def test_pages_are_the_whole(of_things, sort, size, more):
    if more.endswith("="):
        more += ",".join([item.removeprefix("-") for item in sort] or ["word", "height", "seen"])
    text = f"sort={','.join(sort)}{more}" if sort else more.removeprefix("&")
    expected = of_things.rows("things", text)
    assert of_things.walk("things", text, size) == expected
    assert of_things.walk("things", text, size, word="before") == expected[::-1]


@pytest.mark.parametrize("name", VALUES)
def test_nulls_are_last_up_and_down(of_things, name):
    for sort in (name, f"-{name}"):
        found = of_things.column("things", f"fields={name}&sort={sort}")
        nulls = found.count(None)
        assert None not in found[: len(found) - nulls]
        if name not in ("word", "name"):  # text has the order of the collation
            values = found[: len(found) - nulls]
            assert values == sorted(values, reverse=sort != name)


@contextmanager
def in_memory(definition, rows):
    """A database of SQLite's whose one table, things, is defined in SQL."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql(definition)
        for row in rows:
            connection.exec_driver_sql(f"INSERT INTO things VALUES ({', '.join('?' * len(row))})", row)
    try:
        yield Database(engine)
    finally:
        engine.dispose()


@QUICK
@given(
    rows=st.lists(st.tuples(st.sampled_from([None, "", "a", "~n", "b,c"]), st.sampled_from([None, 1, 2]))),
    key=st.sampled_from(["a", "a, b", "b, a"]),
    sort=st.sampled_from(["", "sort=a", "sort=-a", "sort=b", "sort=-b,a", "sort=-a,-b", "distinct=true&fields=a,b"]),
    size=st.integers(1, 3),
)
def test_pages_reach_rows_whose_key_is_null(rows, key, sort, size):
    wanted, seen = [], set()
    for row in rows:
        values = tuple(dict(zip("ab", row, strict=True))[name] for name in key.split(", "))
        if None in values or values not in seen:  # SQLite takes a key with a null any number of times
            wanted.append(row)
        seen.add(values)
    with in_memory(f"CREATE TABLE things (a TEXT, b INT, PRIMARY KEY ({key}))", wanted) as found:
        expected = found.rows("things", sort)
        assert Counter(expected) == Counter(set(wanted) if "distinct" in sort else wanted)
        assert found.walk("things", sort, size) == expected
        assert found.walk("things", sort, size, word="before") == expected[::-1]


def test_a_key_that_is_not_null_is_its_place_though_another_is():
    rows = [(None,), (None,), ("a,b",), ("z",)]
    with in_memory("CREATE TABLE things (name TEXT PRIMARY KEY)", rows) as found:
        assert found.page("things", "", 1) == ([(None,)], "~n,1")
        assert found.page("things", "after=~n,2", 1) == ([("a,b",)], "a~2Cb")
        assert found.page("things", "after=a,b", 1) == ([("z",)], None)


@pytest.mark.parametrize("sort", ["", "-number,word", "name", "-name,number"])
@pytest.mark.parametrize("word", ["after", "before"])
def test_rows_that_come_and_go_move_no_other(database_url, sort, word):
    source = things("id")
    with database(database_url, (source, many("id"))) as found:
        choose, gone, numbers = random.Random(2), set(), iter(range(1000, 2000))

        def write():
            row = {name: choose.choice(values) for name, values in VALUES.items()}
            with found.engine.begin() as connection:
                connection.execute(source.insert(), [{"id": next(numbers), **row}, {"id": -next(numbers), **row}])
                gone.add(choose.randrange(1, 41))
                connection.execute(source.delete().where(source.c.id.in_(gone)))

        text = f"sort={sort}" if sort else ""
        seen = [row[0] for row in found.walk("things", text, 3, write, word)]
        assert len(seen) == len(set(seen))
        assert set(range(1, 41)) - gone <= set(seen)


def test_a_page_of_a_key_begins_after_what_people_type(database_url):
    source = table(
        "words", sa.Column("word", sa.String(20), primary_key=True), sa.Column("number", sa.Integer, nullable=False)
    )
    words = ["a/b", "a b", "a,b", "a.b", "é", "ž~", "1", "%41"]
    with database(database_url, (source, [{"word": word, "number": n} for n, word in enumerate(words)])) as found:
        in_order = found.column("words")
        for position, word in enumerate(in_order):
            marked = word.replace("~", "~7E")
            assert found.page("words", [("after", marked)], 9)[0] == found.rows("words")[position + 1 :]
        assert found.page("words", "sort=-number&after=2,a~2Cb", 9)[0] == found.rows("words", "sort=-number")[6:]


def test_rows_without_a_key_are_paged_by_what_sqlite_counts(tmp_path):
    source = table("words", sa.Column("word", sa.String(20)), sa.Column("rowid", sa.Integer))
    rows = [{"word": word, "rowid": 7} for word in ("b", "a", None, "b", "a")]
    with database(f"sqlite:///{tmp_path}/words.db", (source, rows)) as found:
        for text in ("", "sort=word", "sort=-word&fields=word"):
            assert found.walk("words", text, 2) == found.rows("words", text)
        assert found.column("words") == ["b", "a", None, "b", "a"]


def test_values_of_any_type_in_one_column_have_their_places(tmp_path):
    with database(f"sqlite:///{tmp_path}/any.db") as found:
        held = ["5", 5, "05", 5.5, '"5', "*x", b"\x00\xff", b"5", "", "x", None, -(2**63), 1e300, "1e300"]
        with found.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE anything (id INTEGER PRIMARY KEY, value, number INTEGER, day DATE)"
            )
            for value in held:
                connection.exec_driver_sql(
                    "INSERT INTO anything (value, number, day) VALUES (?, ?, ?)",
                    (value, "n" if value == 5 else 1, value),
                )
        found.reflect()
        for sort in ("value", "-value", "number,value", "day"):
            expected = found.rows("anything", f"sort={sort}")
            assert found.walk("anything", f"sort={sort}", 1) == expected
            assert found.walk("anything", f"sort={sort}", 1, word="before") == expected[::-1]


RARE = {
    "float8": ["'NaN'", "'Infinity'", "'-Infinity'", "0.1"],
    "real": ["'NaN'", "0.1", "1e30", "-0.1"],
    "numeric": ["'NaN'", "1.10", "1e100", "'-Infinity'"],
    "mood": ["'sad'", "'happy'", "'at, ease/~.'"],
    "char(4)": ["'a'", "'b'"],
    "inet": ["'10.0.0.1'", "'10.0.0.0/8'", "'::1'"],
    "interval": ["'1 mon'", "'29 days'", "'-1 day'"],
    "date": ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'2024-02-29'"],
    "timestamptz": ["'infinity'", "'2024-01-01 00:00:00.000001+02'", "'2024-01-01 00:00:00+02'"],
    "time": ["'24:00'", "'12:00:00.5'", "'12:00'"],
    "uuid": ["gen_random_uuid()", "gen_random_uuid()"],
    "int[]": ["'{1,2}'", "'{}'", "'{1,3}'"],
    "bytea": [r"'\x00ff'", r"'\x'"],
    "money": ["-2.5", "1234567.89"],
    "int4range": ["'[1,3)'", "'empty'", "'[2,)'"],
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_rare_values_of_postgresql_have_their_places(database_url):
    with database(database_url) as found:
        with found.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TYPE mood AS ENUM ('sad', 'at, ease/~.', 'happy')")
            columns = ", ".join(f"c{number} {type_}" for number, type_ in enumerate(RARE))
            connection.exec_driver_sql(f"CREATE TABLE rare (id serial PRIMARY KEY, {columns})")
            for number, values in enumerate(RARE.values()):
                for value in (*values, values[0]):
                    connection.exec_driver_sql(f"INSERT INTO rare (c{number}) VALUES ({value})")
        found.reflect()
        for number in range(len(RARE)):
            for sort in (f"c{number}", f"-c{number}"):
                text = f"fields=id&sort={sort}"
                assert found.walk("rare", text, 1) == found.rows("rare", text), sort


def test_rows_without_a_key_are_paged_by_number(database_url):
    with database(database_url, (things("id"), many("id"))) as found:
        with found.engine.begin() as connection:
            connection.execute(sa.text("CREATE VIEW seen AS SELECT name, number FROM things"))
        found.reflect()
        expected = found.rows("seen", "sort=number")
        pages = [found.page("seen", f"sort=number&page={number}", 7)[0] for number in range(1, 8)]
        assert [len(page) for page in pages] == [7, 7, 7, 7, 7, 5, 0]
        assert sorted(chain(*pages), key=repr) == sorted(expected, key=repr)
        assert not found.query("seen").keyset
        with pytest.raises(BadParameter, match="page=1, page=2"):
            found.query("seen", "after=1")


def test_numbered_pages_are_the_whole(of_things):
    expected = of_things.rows("things", "sort=-word")
    pages = [of_things.page("things", f"sort=-word&page={number}", 16)[0] for number in (1, 2, 3, 4)]
    assert list(chain(*pages)) == expected
    assert [len(page) for page in pages] == [16, 16, 8, 0]
    assert of_things.page("things", f"page={10**9}", 10_000)[0] == []


BAD = {
    "a page before the first": ("page=-1", "page is '-1'; it takes a whole number from 1"),
    "page 0": ("page=0", "from 1"),
    "a page too far": (f"page={10**12}", "to 1000000000"),
    "a page in other digits": ("page=٣", "whole number"),
    "no rows": ("limit=0", "from 1 to 10000; without it all rows come"),
    "too many rows": (f"limit={10**9}", "from 1 to 10000; without it all rows come"),
    "a limit that is none": ("limit=abc", "limit is 'abc'"),
    "a limit without end": (f"limit={'9' * 10**6}", "whole number"),
    "a fraction": ("limit=1.5", "whole number"),
    "a page after a row": ("page=1&after=1", "there may be one"),
    "before and after": ("before=5&after=1", "there may be one"),
    "too few values": ("sort=word&after=a", "has 1 value, and 2 are needed; it takes what a row has for word, id"),
    "too many values": ("sort=word&after=a,1,2", "has 3 values"),
    "a malformed value": ("sort=word&after=~zz,1", "hexadecimal"),
    "a null key": ("after=~n", "takes none"),
    "a wrong way to count": ("count=yes", "count is 'yes'; it takes exact or estimated."),
    "an unknown column to sort by": ("sort=-wrod", "Did you mean word?"),
    "an unknown field": ("fields=wrod", "Did you mean word?"),
    "no field": ("fields=", "There is no column ''"),
    "all fields left out": ("fields=" + ",".join(f"-{name}" for name in ["id", *VALUES]), "no column to show"),
    "a field shown and left out": ("fields=word,-word", "no column to show"),
    "two limits": ("limit=1&limit=2", "given twice"),
    "pages of groups after a row": ("group=word&after=a", "page=1, page=2"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_bad_page_is_told(tmp_path, text, message):
    with (
        database(f"sqlite:///{tmp_path}/things.db", (things("id"), [])) as found,
        pytest.raises(BadParameter) as raised,
    ):
        found.query("things", text)
    assert message in raised.value.data["message"]
    assert raised.value.data["parameter"] in text


def test_wrong_value_in_a_place_is_told(database_url):
    with database(database_url, (things("id"), [])) as found:
        if found.engine.dialect.name == "sqlite":  # where any column may hold any text
            assert found.page("things", "sort=number&after=abc,1", 1) == ([], None)
        else:
            with pytest.raises(BadParameter, match="is no whole number; it takes what a row has for number, id"):
                found.query("things", "sort=number&after=abc,1")


@pytest.fixture
def explained():
    """What a database does for a SELECT, in its own words."""

    def plan(engine, select):
        words = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}.get(engine.dialect.name, "EXPLAIN ")

        def explain(connection, cursor, statement, parameters, context, many):
            return words + statement, parameters

        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SET enable_seqscan = off"))
                connection.execute(sa.text("SET enable_bitmapscan = off"))
            sql = select.compile(dialect=engine.dialect)
            given = [sql.params[name] for name in sql.positiontup] if sql.positional else sql.params
            event.listen(engine, "before_cursor_execute", explain, retval=True)
            try:
                rows = connection.exec_driver_sql(str(sql), tuple(given) if sql.positional else dict(given))
                return "\n".join(str(tuple(row)) for row in rows)
            finally:
                event.remove(engine, "before_cursor_execute", explain)

    return plan


@pytest.mark.parametrize(
    "text", ["after=500", "before=500", "sort=n&after=50,3", "sort=-n&after=50,3", "sort=-n&before=50,3"]
)
def test_a_page_is_found_by_an_index(database_url, explained, text):
    source = table(
        "numbers", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer, nullable=False, index=True)
    )
    with database(database_url, (source, [{"id": i, "n": i % 100} for i in range(1, 1001)])) as found:
        with found.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE" if "maria" not in database_url else "ANALYZE TABLE numbers"))
        told = explained(found.engine, found.query("numbers", text).window(10))
    if database_url.startswith("sqlite"):
        assert "SEARCH" in told
        assert "SCAN" not in told
        assert "TEMP" not in told
    elif database_url.startswith("postgresql"):
        assert "Index Cond" in told
        assert "->  Sort" not in told
    else:
        assert "'range'" in told
        assert "filesort" not in told
