"""Reflection: the same awkward names on every kind of database, models, and settings."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from reflected import only, rows
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from negotiate_api.publish.databases import engines
from negotiate_api.publish.errors import Unusable
from negotiate_api.publish.schema import reflection, settings

BOOK = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"


@pytest.fixture
def engine(database_url):
    engine = sa.create_engine(engines.url_of(database_url))
    if engine.dialect.name in ("mysql", "mariadb"):
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER DATABASE CHARACTER SET utf8mb4")
    yield engine
    engine.dispose()


HOSTILE = "a/b.c,d~e \"f\" 'g' %i :j (k) [l] æøå 表\\"
"""A name that nothing but quoting can save."""


def hostile_schema():
    metadata = sa.MetaData()
    text, number = sa.String(50), sa.Integer
    sa.Table("format", metadata, sa.Column("page", number, primary_key=True), sa.Column("limit", text, unique=True))
    sa.Table(
        HOSTILE,
        metadata,
        sa.Column("x/y", number, primary_key=True, autoincrement=False),
        sa.Column("é.è", text, primary_key=True),
        sa.Column("order", text, nullable=False),
        sa.Column("100%", text, server_default="none"),
        sa.Column("a:b(c)", text),
        sa.Column('it\'s "so" `quoted`', text),
    )
    sa.Table(
        "visit",
        metadata,
        sa.Column("id", number, primary_key=True),
        sa.Column("x", number),
        sa.Column("é", text),
        sa.Column("visit_id", number, sa.ForeignKey("visit.id")),
        sa.Column("home_code", number, sa.ForeignKey("format.page")),
        sa.Column("away_code", number, sa.ForeignKey("format.page")),
        sa.Column("double", number, sa.Computed("x * 2", persisted=True)),
    )
    sa.Table("loose", metadata, sa.Column("word", text), sa.Column("number", number))
    sa.Table(
        "member",
        metadata,
        sa.Column("note", text),
        sa.Column("club", number, nullable=False),
        sa.Column("number", number, nullable=False),
        sa.Column("maybe", number, unique=True),
        sa.UniqueConstraint("club", "number"),
    )
    return metadata


@pytest.fixture
def hostile(engine):
    """An engine of a database with the schema above, on each kind of database."""
    hostile_schema().create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW seen AS SELECT id, x FROM visit"))
    return engine


def test_reflect_finds_every_table_and_view(hostile):
    tables = reflection.reflect(hostile)
    assert set(tables) == {"format", HOSTILE, "visit", "loose", "member", "seen"}
    assert [name for name, table in tables.items() if table.view] == ["seen"]
    assert all(table.tables is tables for table in tables.values())


def test_reflect_keeps_names_of_all_characters(hostile):
    table = reflection.reflect(hostile)[HOSTILE]
    assert [column.name for column in table.columns] == [
        *("x/y", "é.è", "order", "100%", "a:b(c)", 'it\'s "so" `quoted`'),
    ]
    values = (1, "å/å", "by", "%s %(a)s", ":b", "'")
    with hostile.begin() as connection:
        connection.execute(
            table.source.insert().values({c.source: v for c, v in zip(table.columns, values, strict=True)})
        )
    assert rows(hostile, table, **{"a:b(c)": ":b", "100%": "%s %(a)s", 'it\'s "so" `quoted`': "'"}) == [values]


def test_names_that_rows_show_are_of_type_str_itself_as_formats_write_those_fastest(hostile):
    shown = [one.name for table in reflection.reflect(hostile).values() for one in (*table.columns, *table.references)]
    assert set(map(type, shown)) == {str}


def test_reflect_tells_the_columns_of_the_key(hostile):
    keys = {name: table.key for name, table in reflection.reflect(hostile).items()}
    assert keys == {
        "format": ("page",),
        HOSTILE: ("x/y", "é.è"),
        "visit": ("id",),
        "loose": (),
        "member": ("club", "number"),
        "seen": (),
    }


def test_reflect_tells_what_has_a_default_or_is_generated(hostile):
    tables = reflection.reflect(hostile)
    visit, other = tables["visit"].by_name, tables[HOSTILE].by_name
    assert visit["id"].default
    assert not visit["x"].default
    assert visit["double"].generated
    assert not visit["id"].generated
    assert other["100%"].default
    assert not other["x/y"].default
    assert not other["order"].nullable
    assert other["100%"].nullable


def test_reflect_names_references_after_their_columns(hostile):
    tables = reflection.reflect(hostile)
    references = {reference.name: reference for reference in tables["visit"].references}
    assert set(references) == {"visit", "home", "away"}
    assert references["home"].table == "format"
    assert references["home"].columns == ("home_code",)
    assert references["home"].targets == ("page",)
    assert references["visit"].table == "visit"
    assert {(t.name, r.name) for t, r in tables["format"].referrers} == {("visit", "home"), ("visit", "away")}


def test_reflect_follows_a_key_of_several_columns_between_hostile_names(hostile):
    quote = hostile.dialect.identifier_preparer.quote
    with hostile.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE trip (a INTEGER, b VARCHAR(50), FOREIGN KEY (a, b)"
            f" REFERENCES {quote(HOSTILE)} ({quote('x/y')}, {quote('é.è')}))"
        )
    (reference,) = reflection.reflect(hostile)["trip"].references
    assert reference.table == HOSTILE
    assert reference.name == HOSTILE
    assert reference.columns == ("a", "b")
    assert reference.targets == ("x/y", "é.è")


def test_reflect_names_two_references_of_one_name_after_their_tables(engine):
    metadata = sa.MetaData()
    for name in ("river", "lake", "sea"):
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "gauge",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("water_id", sa.Integer, sa.ForeignKey("river.id")),
        sa.Column("water_key", sa.Integer, sa.ForeignKey("lake.id")),
        sa.Column("sea_id", sa.Integer, sa.ForeignKey("sea.id")),
        sa.Column("sea", sa.String(10)),
    )
    metadata.create_all(engine)
    references = reflection.reflect(engine)["gauge"].references
    assert {reference.name: reference.table for reference in references} == {
        "river": "river",
        "lake": "lake",
        "sea_id": "sea",
    }


def test_reflect_leaves_out_references_to_what_is_not_published(hostile):
    tables = reflection.reflect(hostile, tables=["visit"])
    assert [reference.name for reference in tables["visit"].references] == ["visit"]


def test_reflect_takes_the_named_tables_alone(hostile):
    assert list(reflection.reflect(hostile, tables=["visit", "format"])) == ["visit", "format"]


def test_reflect_tells_the_nearest_names_of_an_unknown_table(hostile):
    with pytest.raises(Unusable, match=r"there is no table 'visits' in the database; did you mean 'visit'\?"):
        reflection.reflect(hostile, tables=["visits"])


def test_reflect_refuses_what_is_no_table(hostile):
    with pytest.raises(TypeError, match="not as 5"):
        reflection.reflect(hostile, tables=[5])


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "city"
    id: Mapped[int] = mapped_column(primary_key=True)
    called: Mapped[str] = mapped_column("name", sa.String(30), default="nameless")
    founded: Mapped[datetime | None]
    area: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    country_id: Mapped[int] = mapped_column(sa.ForeignKey("country.id"))


class Country(Base):
    __tablename__ = "country"
    id: Mapped[int] = mapped_column(primary_key=True)


def test_reflect_takes_models_and_leaves_them_as_they_are(engine):
    Base.metadata.create_all(engine)
    before = City.__table__.c.founded.type
    tables = reflection.reflect(engine, tables=[City, Country.__table__])
    assert [column.name for column in tables["city"].columns] == ["id", "name", "founded", "area", "country_id"]
    assert tables["city"].by_name["name"].default
    assert tables["city"].by_name["id"].default
    assert tables["city"].references[0].name == "country"
    assert tables["country"].referrers[0][0] is tables["city"]
    assert tables["city"].source is not City.__table__
    assert City.__table__.c.founded.type is before


def test_models_of_tables_that_are_not_there_yet_are_taken(engine):
    assert list(reflection.reflect(engine, tables=[City])) == ["city"]


KINDS = (
    (sa.Integer, "whole number", "5", 5),
    (sa.BigInteger, "whole number", "9007199254740993", 9007199254740993),
    (sa.SmallInteger, "whole number", "-5", -5),
    (sa.Float, "number", "2.5", 2.5),
    (sa.Double, "number", "0.1", 0.1),
    (sa.Boolean, "boolean", "true", True),
    (sa.String(20), "text", "Å 表 🎉", "Å 表 🎉"),
    (sa.Text, "text", "", ""),
    (sa.Date, "date", "2024-02-29", date(2024, 2, 29)),
    (sa.DateTime, "date and time", "2024-02-29T23:59:58", datetime(2024, 2, 29, 23, 59, 58)),
    (sa.Time, "time", "23:59:58", time(23, 59, 58)),
    (sa.LargeBinary, "base64 text", "AP8=", b"\x00\xff"),
    (sa.JSON, "JSON value", '{"a": [1, null, "é"]}', {"a": [1, None, "é"]}),
    (sa.Uuid, "UUID", BOOK, UUID(BOOK)),
    (sa.Enum("low", "high", name="level"), "word", "high", "high"),
)


@pytest.mark.parametrize(
    ("type_", "name", "text", "value"), KINDS, ids=[str(case[1]) + str(i) for i, case in enumerate(KINDS)]
)
def test_a_value_that_a_kind_reads_is_stored_found_and_read_back(engine, type_, name, text, value):
    metadata = sa.MetaData()
    declared = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("v", type_))
    metadata.create_all(engine)
    table = reflection.reflect(engine, tables=[declared])["t"]
    column = table.by_name["v"]
    assert column.kind.name == name
    assert column.kind.read(text) == value
    with engine.begin() as connection:
        connection.execute(table.source.insert(), [{"id": 1, "v": column.kind.read(text)}, {"id": 2, "v": None}])
    assert [row[1] for row in rows(engine, table)] == [value, None]
    if column.kind.ordered:
        assert rows(engine, table, v=column.kind.read(text)) == [(1, value)]
    assert column.kind.read(column.kind.text(value)) == value
    again = reflection.reflect(engine)["t"]
    assert only(engine, again, "v") == [again.by_name["v"].kind.read(text), None] or name in ("UUID", "word")


def test_reflect_tells_the_choices_of_an_enumeration(engine):
    metadata = sa.MetaData()
    declared = sa.Table("t", metadata, sa.Column("v", sa.Enum("low", "high", name="level")))
    metadata.create_all(engine)
    assert reflection.reflect(engine, tables=[declared])["t"].columns[0].choices == ("low", "high")
    if engine.dialect.name != "sqlite":
        assert reflection.reflect(engine)["t"].columns[0].choices == ("low", "high")


def test_decimal_numbers_keep_every_digit(engine):
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("v", sa.Numeric(10, 4)))
    metadata.create_all(engine)
    table = reflection.reflect(engine)["t"]
    kind = table.columns[0].kind
    with engine.begin() as connection:
        connection.execute(table.source.insert(), [{"v": kind.read("1234.5678")}])
    assert [str(value) for value in only(engine, table, "v")] == ["1234.5678"]
    assert kind.numeric


# Settings


def test_settings_rename_leave_out_and_describe(hostile):
    told = settings.parse("""
        tables:
          visit: {name: visits, title: Visits, sort: -number, columns: {id: {name: number, unit: "1"}, x: {omit: true}}}
          loose: {omit: true}
          format: {columns: {page: {name: sheet}}}
        """)
    tables = reflection.reflect(hostile, told)
    visits = tables["visits"]
    assert "loose" not in tables
    assert visits.title == "Visits"
    assert visits.sort == "-number"
    assert visits.key == ("number",)
    assert visits.columns[0].unit == "1"
    assert "x" not in visits.by_name
    assert {r.name: (r.table, r.columns, r.targets) for r in visits.references} == {
        "visit": ("visits", ("visit_id",), ("number",)),
        "home": ("format", ("home_code",), ("sheet",)),
        "away": ("format", ("away_code",), ("sheet",)),
    }


def test_a_column_left_out_that_needs_a_value_is_told(hostile):
    told = settings.Settings(
        tables={HOSTILE: settings.TableSettings(columns={"order": settings.ColumnSettings(omit=True)})}
    )
    assert reflection.reflect(hostile, told)[HOSTILE].lacking == ("order",)
    assert reflection.reflect(hostile)[HOSTILE].lacking == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tables:\n  vist: {omit: true}", r"x.yaml, line 2: there is no table 'vist' .* did you mean 'visit'"),
        (
            "tables:\n  visit:\n    columns:\n      xx: {omit: true}",
            r"x.yaml, line 4: there is no column 'xx' in 'visit'",
        ),
        (
            "tables:\n  visit:\n    columns:\n      id: {omit: true}",
            r"x.yaml, line 4: 'id' tells the rows of 'visit' apart",
        ),
        ("tables:\n  visit: {name: format}", r"x.yaml, line 2: there are two tables of the name 'format'"),
        ("tables:\n  visit: {columns: {x: {name: id}}}", r"x.yaml, line 2: there are two columns of the name 'id'"),
        ("tables:\n  visit: {sort: -y}", r"x.yaml, line 2: there is no column 'y' in 'visit'"),
    ],
    ids=["table", "column", "key", "two tables", "two columns", "sort"],
)
def test_settings_that_do_not_fit_the_database_are_refused_with_their_line(hostile, text, reason):
    with pytest.raises(Unusable, match=reason):
        reflection.reflect(hostile, settings.parse(text, "x.yaml"))


def test_an_empty_database_has_no_tables(engine):
    assert reflection.reflect(engine) == {}
