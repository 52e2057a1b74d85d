"""Groups and their sums, rows that differ, nested rows, and words that are searched for."""

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from query_tables import database, table

from negotiate_api.publish.queries import search
from negotiate_api.publish.queries.parameters import BadParameter
from negotiate_api.publish.schema.reflection import reflect
from negotiate_api.publish.schema.settings import parse

BIG = 2**63 - 1


def sales(*more):
    return table(
        "sales",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.String(10)),
        sa.Column("day", sa.Date),
        sa.Column("sold", sa.BigInteger),
        sa.Column("price", sa.Numeric(12, 2)),
        sa.Column("weight", sa.Double),
        sa.Column("flag", sa.Boolean),
        sa.Column("more", sa.JSON(none_as_null=True)),
        *more,
    )


SALES = [
    dict(zip(("id", "place", "day", "sold", "price", "weight", "flag", "more"), row, strict=True))
    for row in [
        (1, "a", date(2024, 1, 1), BIG, Decimal("0.10"), 0.5, True, [1]),
        (2, "a", date(2024, 2, 1), BIG, Decimal("0.20"), 1.5, True, [1]),
        (3, "A", None, -BIG - 1, Decimal("-9999999999.99"), None, None, {}),
        (4, None, None, None, None, None, None, None),
        (5, "A", date(2023, 1, 1), -1, Decimal("-0.01"), 2.0, False, "x"),
    ]
]


@pytest.fixture
def of_sales(database_url):
    with database(database_url, (sales(), SALES)) as found:
        yield found


def test_group_counts_and_sums_exactly(of_sales):
    found = of_sales.dicts("sales", "group=place&sum=sold,price,weight&sort=sum_sold")
    assert found == [
        {"place": "A", "count": 2, "sum_sold": -BIG - 2, "sum_price": Decimal("-10000000000.00"), "sum_weight": 2.0},
        {"place": "a", "count": 2, "sum_sold": 2 * BIG, "sum_price": Decimal("0.30"), "sum_weight": 2.0},
        {"place": None, "count": 1, "sum_sold": None, "sum_price": None, "sum_weight": None},
    ]
    assert [type(row["sum_sold"]) for row in found] == [int, int, type(None)]


def test_group_has_averages_and_ends(of_sales):
    found = of_sales.rows(
        "sales", "group=flag&avg=weight,price,sold&min=day,place&max=day,price&id__in=1,2,5&sort=-flag"
    )
    assert [row[:3] for row in found] == [(True, 2, 1.0), (False, 1, 2.0)]
    assert [round(row[3], 9) for row in found] == [0.15, -0.01]
    assert found[0][4:7] == (float(BIG), date(2024, 1, 1), "a")
    assert found[0][7] == date(2024, 2, 1)
    assert Decimal(str(found[0][8])) == Decimal("0.2")


def test_groups_are_sorted_and_paged(of_sales):
    assert of_sales.rows("sales", "group=place")[-1] == (None, 1)
    assert of_sales.rows("sales", "group=place&sort=count")[0] == (None, 1)
    pages = [of_sales.page("sales", f"group=place&sort=-place&page={n}", 2)[0] for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 1, 0]
    assert pages[1] == [(None, 1)]


def test_sum_without_group_is_one_row(of_sales):
    assert of_sales.dicts("sales", "sum=sold&id__gt=2") == [{"count": 3, "sum_sold": -BIG - 2}]
    assert of_sales.dicts("sales", "sum=sold&id__gt=99") == [{"count": 0, "sum_sold": None}]


def test_columns_of_groups_have_names_of_their_own(database_url):
    source = table("t", sa.Column("count", sa.Integer, primary_key=True), sa.Column("sum_count", sa.Integer))
    with database(database_url, (source, [{"count": 1, "sum_count": 2}])) as found:
        assert found.dicts("t", "group=count,sum_count&sum=count&sort=count_") == [
            {"count": 1, "sum_count": 2, "count_": 1, "sum_count_": 1}
        ]


def test_distinct_rows_come_once(of_sales):
    assert len(of_sales.rows("sales", "distinct=true&fields=place")) == 3
    assert of_sales.rows("sales", "distinct=true&fields=flag,place&sort=-flag")[0] == (True, "a")
    assert of_sales.column("sales", "distinct=true&fields=day&id__in=3,4") == [None]
    assert len(of_sales.rows("sales", "distinct=false&fields=place")) == 5


BAD = {
    "group by what has no order": ("group=more", "group= cannot be had of more"),
    "group by nothing": ("group=wrong", "There is no column 'wrong'."),
    "sum of text": ("sum=place", "sum= cannot be had of place, which is text."),
    "least of truths": ("min=flag", "min= cannot be had of flag"),
    "fields of groups": ("group=place&fields=place", "fields cannot be asked for together with group."),
    "nested rows of groups": ("group=place&expand=x", "expand cannot be asked for together with group."),
    "sort groups by what they have not": ("group=place&sort=id", "There is no column of the groups 'id'."),
    "distinct values without order": ("distinct=true", "fields=-more leaves it out"),
    "sort distinct rows by what is not shown": ("distinct=true&fields=id&sort=day", "column that fields names 'day'"),
    "distinct perhaps": ("distinct=perhaps", "true or false"),
    "sort by what has no order": ("sort=more", "has no order"),
    "filter of what has no order": ("more=1", "only more__isnull=true and =false can be asked"),
    "nested by no reference": ("expand=place", "There is no reference to another table 'place'."),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_bad_group_is_told(of_sales, text, message):
    with pytest.raises(BadParameter) as raised:
        of_sales.query("sales", text)
    assert message in raised.value.data["message"]


def test_json_is_asked_whether_it_is_null(of_sales):
    assert of_sales.column("sales", "more__isnull=false&id__gt=1") == [2, 3, 5]


@pytest.fixture
def of_cities(database_url):
    countries = table("country", sa.Column("id", sa.String(3), primary_key=True), sa.Column("name", sa.String(20)))
    cities = sa.Table(
        "city",
        countries.metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(20)),
        sa.Column("country", sa.ForeignKey("country.id")),
        sa.Column("twin_id", sa.ForeignKey("city.id")),
        sa.Column("flag", sa.Boolean),
        mariadb_charset="utf8mb4",
    )
    held = [
        {"id": 1, "name": "Oslo", "country": "NO", "twin_id": None, "flag": True},
        {"id": 2, "name": "Bergen", "country": "NO", "twin_id": 1, "flag": False},
        {"id": 3, "name": "Nowhere", "country": None, "twin_id": 3, "flag": None},
    ]
    countries_held = [{"id": "NO", "name": "Norway"}, {"id": "SE", "name": None}]
    with database(database_url, (countries, countries_held), (cities, held)) as found:
        found.held = held
        yield found


def test_expand_nests_the_row_in_its_column(of_cities):
    found = of_cities.dicts("city", "expand=country")
    assert [list(row) for row in found] == [["id", "name", "country", "twin_id", "flag"]] * 3
    assert [row["country"] for row in found] == [{"id": "NO", "name": "Norway"}] * 2 + [None]
    assert [row["name"] for row in found] == ["Oslo", "Bergen", "Nowhere"]


def test_expand_nests_a_row_of_the_same_table(of_cities):
    name = next(r.name for r in of_cities.tables["city"].references if r.columns == ("twin_id",))
    found = of_cities.dicts("city", f"expand={name},country&fields=name,id&sort=-name")
    assert [list(row) for row in found] == [["name", "id", name, "country"]] * 3
    assert [row[name] for row in found] == [None, of_cities.held[2], of_cities.held[0]]
    assert of_cities.walk("city", f"expand={name}&fields=name&sort=-name", 1) == of_cities.rows(
        "city", f"expand={name}&fields=name&sort=-name"
    )


def test_expand_filters_and_counts_the_table_itself(of_cities):
    assert of_cities.rows("city", "expand=country&fields=country&id=2&q=berg") == [({"id": "NO", "name": "Norway"},)]


def test_expand_is_refused_where_several_rows_may_be_meant(tmp_path):
    with database(f"sqlite:///{tmp_path}/t.db") as found:
        with found.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE tag (word TEXT)")
            connection.exec_driver_sql("CREATE TABLE item (id INTEGER PRIMARY KEY, word TEXT REFERENCES tag (word))")
        found.reflect()
        with pytest.raises(BadParameter, match="may mean several rows of tag"):
            found.query("item", f"expand={found.tables['item'].references[0].name}")


WORDS = ["Ålesund by the sea", "the sea", "Ålesund", "SEA of Ålesund", "seaside ålesund", None]


def words(url):
    source = table(
        "words",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(50)),
        sa.Column("note", sa.String(50)),
        sa.Column("hidden", sa.String(50)),
    )
    rows = [{"id": i, "text": text, "note": "a note", "hidden": "secret"} for i, text in enumerate(WORDS, 1)]
    return database(url, (source, rows))


def test_search_finds_rows_that_have_all_words(database_url):
    with words(database_url) as found:
        assert found.column("words", [("q", "sea ÅLESUND")]) == [1, 4, 5]
        assert found.column("words", [("q", "eaSID NOTE")]) == [5]
        assert found.column("words", [("q", "sea 100%")]) == []


def test_search_uses_an_index_of_sqlite(tmp_path):
    with words(f"sqlite:///{tmp_path}/w.db") as found:
        with found.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE VIRTUAL TABLE found USING fts5(text, hidden, content='words', content_rowid='id')"
            )
            connection.exec_driver_sql("INSERT INTO found(found) VALUES ('rebuild')")
        found.reflect()
        source = found.tables["words"].source
        assert "MATCH" in str(found.query("words", "q=sea").select())
        assert found.column("words", [("q", "sea alesund")]) == [1, 4, 5]
        assert found.column("words", [("q", 'sea" OR "x')]) == []
        assert found.column("words", [("q", "secret")]) == [1, 2, 3, 4, 5, 6]
        assert source.info["fts5"] == search.FTS5("found", ("text", "hidden"))
        shown = tuple(column for column in found.tables["words"].columns if column.name != "hidden")
        object.__setattr__(found.tables["words"], "columns", shown)
        assert found.column("words", [("q", "secret")]) == []
        shown = tuple(column for column in found.tables["words"].columns if column.name in ("id", "note"))
        object.__setattr__(found.tables["words"], "columns", shown)
        assert found.column("words", [("q", "note")]) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_search_uses_an_index_of_mariadb(database_url):
    with words(database_url) as found:
        with found.engine.begin() as connection:
            connection.execute(sa.text("CREATE FULLTEXT INDEX found ON words (text)"))
        found.reflect()
        assert "MATCH" in str(found.query("words", "q=seaside").select().compile(found.engine))
        assert found.column("words", [("q", "sea alesund")]) == [1, 4, 5]
        assert found.column("words", [("q", "the sea")]) == [1, 2]
        assert found.column("words", [("q", "of")]) == [4]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_search_uses_an_index_of_postgresql(database_url):
    with words(database_url) as found:
        with found.engine.begin() as connection:
            vector = "tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(text, ''))) STORED"
            connection.execute(sa.text(f"ALTER TABLE words ADD COLUMN found {vector}"))
        found.reflect()
        assert "@@" in str(found.query("words", "q=seaside").select().compile(found.engine))
        assert found.column("words", [("q", "the seas Ålesund")]) == [1, 4]
        assert "found" not in found.query("words").columns


MAKINGS = {
    "generated": "ALTER TABLE talks ADD words tsvector GENERATED ALWAYS AS (to_tsvector('{0}', said)) STORED",
    "weighed": "ALTER TABLE talks ADD words tsvector GENERATED ALWAYS AS"
    " (setweight(to_tsvector('{0}', said), 'A') || to_tsvector('simple', place)) STORED",
    "by a trigger": "ALTER TABLE talks ADD words tsvector NOT NULL; CREATE TRIGGER t BEFORE INSERT OR UPDATE ON talks"
    " FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.{0}', said)",
    "filled": "ALTER TABLE talks ADD words tsvector; CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN NEW.words = to_tsvector('{0}', NEW.said); RETURN NEW; END $$;"
    " CREATE TRIGGER t BEFORE INSERT ON talks FOR EACH ROW EXECUTE FUNCTION fill()",
}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("making", MAKINGS)
@pytest.mark.parametrize(
    ("configuration", "said", "asked"),
    [
        ("english", "They were running.", {"running": True, "runs": True, "they run": True, "unn": False}),
        ("german", "Die Häuser.", {"Haus": True, "die Häuser": True, "das": False}),
        ("simple", "They were running.", {"running": True, "RUNNING they": True, "the": False, "runs": False}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_search_asks_for_words_as_the_index_of_postgresql_has_them(database_url, making, configuration, said, asked):
    talks = table("talks", sa.Column("id", sa.Integer, primary_key=True), *(sa.Column(n, sa.Text) for n in TALK))
    with database(database_url, (talks, [])) as found:
        with found.engine.begin() as connection:
            default = "german" if configuration == "german" and making == "filled" else "english"
            connection.exec_driver_sql(f"ALTER ROLE CURRENT_USER SET default_text_search_config = '{default}'")
            connection.exec_driver_sql(MAKINGS[making].format(configuration))
            connection.execute(talks.insert(), {"id": 1, "said": said, "place": "Oslo"})
        found.engine.dispose()
        try:
            found.reflect()
            (published,) = found.tables.values()
            assert [column.name for column in published.columns] == ["id", *TALK]
            assert not published.lacking
            assert {words: bool(found.rows("talks", [("q", words)])) for words in asked} == asked
        finally:
            with found.engine.begin() as connection:
                connection.exec_driver_sql("ALTER ROLE CURRENT_USER RESET default_text_search_config")


TALK = ("said", "place")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("making", ["generated", "by a trigger", "filled"])
def test_search_uses_no_index_of_postgresql_with_words_that_are_not_published(database_url, making):
    talks = table("talks", sa.Column("id", sa.Integer, primary_key=True), *(sa.Column(n, sa.Text) for n in TALK))
    with database(database_url, (talks, [])) as found:
        with found.engine.begin() as connection:
            connection.exec_driver_sql(MAKINGS[making].format("english"))
            connection.execute(talks.insert(), {"id": 1, "said": "secret", "place": "Oslo"})
        for hidden, finds in (("said", False), ("place", True)):
            found.tables = reflect(found.engine, parse(f"tables: {{talks: {{columns: {{{hidden}: {{omit: true}}}}}}}}"))
            uses_index = finds and making != "filled"
            assert ("@@" in str(found.query("talks", "q=secret").select().compile(found.engine))) is uses_index
            assert bool(found.rows("talks", "q=secret")) is finds


def test_estimate_is_what_the_database_takes_its_tables_for(of_sales):
    kind = of_sales.engine.dialect.name
    estimate = of_sales.query("sales").estimate()
    if kind == "sqlite":
        assert estimate is None
    else:
        with of_sales.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE sales" if kind == "postgresql" else "ANALYZE TABLE sales"))
        assert of_sales.fetched(estimate) == [(5,)]
    assert of_sales.query("sales", "id=1").estimate() is None
    assert of_sales.query("sales", "group=place").estimate() is None
