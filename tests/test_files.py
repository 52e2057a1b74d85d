"""Files as tables: what a column becomes, what is refused and how, on each database."""

import gzip
import json
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
import sqlalchemy as sa
from file_tables import kinds, opened, reason, refused, rows, writer

from negotiate_api.publish import files
from negotiate_api.publish.schema import reflection


@pytest.fixture
def engine(tmp_path):
    with opened(f"sqlite:///{tmp_path / 'files.sqlite'}") as engine:
        yield engine


@pytest.fixture
def any_engine(database_url):
    """A database of each kind in turn."""
    with opened(database_url) as engine:
        yield engine


@pytest.fixture
def file(tmp_path):
    """Writes a file."""
    return writer(tmp_path)


COLUMNS = {
    "whole": (["0", "-12", "9223372036854775807"], "whole number"),
    "whole-negative-bound": (["-9223372036854775808", "1"], "whole number"),
    "beyond-64-bits": (["1", "9223372036854775808"], "text"),
    "leading-zeros": (["1", "007"], "text"),
    "plus": (["1", "+4712345"], "text"),
    "minus-zero": (["1", "-0"], "text"),
    "blank-before": (["1", " 2"], "text"),
    "thousands": (["1", '"1,234"'], "text"),
    "other-digits": (["1", "٣"], "text"),
    "number": (["1", "2.5", "-0.25"], "number"),
    "number-first": (["2.5", "1"], "number"),
    "fixed-places": (["1.10", "2.50", "3"], "decimal number"),
    "prices": (["4.20", "7.5", "10"], "decimal number"),
    "one-zero": (["10.0", "10.25"], "number"),
    "zero-beside-exponent": (["1.50", "1e-07"], "number"),
    "zero-of-sixteen-characters": (["1.50", "0.30000000000000"], "number"),
    "small-float": (["1e-07", "0.5"], "number"),
    "code-like-float": (["1e5", "2e6"], "text"),
    "fifteen-digits": (["0.12345678901234", "1"], "number"),
    "seventeen-digits-a-float-has": (["0.30000000000000004", "1"], "number"),
    "more-digits-than-a-float-has": (["0.123456789012345678", "1"], "text"),
    "long-whole-beside-fraction": (["9007199254740993", "1.5"], "text"),
    "too-large": (["1e+999", "1"], "text"),
    "no-digit-before-point": ([".5", "1"], "text"),
    "NA": (["1", "NA"], "text"),
    "NaN": (["1.5", "NaN"], "text"),
    "null": (["1", "null"], "text"),
    "infinite": (["1.5", "inf"], "text"),
    "boolean": (["true", "false"], "boolean"),
    "boolean-of-python": (["True", "False"], "boolean"),
    "boolean-and-number": (["true", "0"], "text"),
    "bits": (["0", "1"], "whole number"),
    "yes": (["yes", "no"], "text"),
    "date": (["2024-02-29", "1999-12-31"], "date"),
    "no-such-date": (["2024-02-29", "2023-02-29"], "text"),
    "day-first": (["31.12.2024", "1.2.2025"], "date"),
    "day-first-with-slashes": (["01/02/2024", "31/12/2024"], "date"),
    "month-first": (["01/02/2024", "12/31/2024"], "date"),
    "day-or-month-first": (["01.02.2024", "03.04.2024"], "text"),
    "day-and-month-first": (["31/12/2024", "12/31/2024"], "text"),
    "no-such-day": (["31.12.2024", "31.11.2024"], "text"),
    "short-year": (["31.12.24", "30.12.24"], "text"),
    "separators-differ": (["31.12/2024", "30.12.2024"], "text"),
    "time": (["23:59:00", "00:00:00.5"], "time"),
    "clock-or-duration": (["23:59", "03:45"], "text"),
    "moment": (["2024-12-31T23:59:00", "2024-12-31 23:59", "2024-12-31 23:59:00.123456"], "date and time"),
    "nanoseconds": (["2024-12-31T23:59:00.123456789", "2024-12-31T23:59:00"], "text"),
    "date-and-moment": (["2024-12-31", "2024-12-31T23:59:00"], "text"),
    "zoned": (["2024-12-31T23:59:00Z", "2024-12-31T23:59+02:00"], "date and time with zone"),
    "zone-beyond-the-calendar": (["0001-01-01T00:00:00+02:00", "2024-12-31T23:59:00Z"], "text"),
    "zone-and-none": (["2024-12-31T23:59:00Z", "2024-12-31T23:59:00"], "text"),
    "nothing": (["", ""], "text"),
    "nulls": (["", "1"], "whole number"),
    "quoted": (['"1"', '"2"'], "whole number"),
    "text": (["Oslo", "東京"], "text"),
}


@pytest.mark.parametrize(("written", "kind"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_has_the_kind_that_all_its_values_have(engine, file, written, kind):
    path = file("t.csv", "x,y\n" + "".join(f"k{number},{value}\n" for number, value in enumerate(written)))
    assert kinds(files.load(path, engine))["y"] == kind


@pytest.mark.parametrize(("written", "kind"), COLUMNS.values(), ids=COLUMNS)
def test_text_that_stays_text_comes_back_as_it_was_written(engine, file, written, kind):
    path = file("t.csv", "x,y\n" + "".join(f"k{number},{value}\n" for number, value in enumerate(written)))
    files.load(path, engine)
    found = [value for _, value in rows(engine, "t")]
    if kind == "text":
        assert found == [value.strip('"') or None for value in written]
    else:
        assert None not in found or "" in written


DECIMALS = {
    "same-places": (["4.20", "7.50", "10.00"], ["4.20", "7.50", "10.00"], ""),
    "other-places": (
        ["4.25", "7.5", "4.20", "10"],
        ["4.25", "7.50", "4.20", "10.00"],
        "'4.20' in line 4 is why all have 2 decimal places; settings may say kind: text",
    ),
    "versions": (
        ["1.9", "1.10", "2.0"],
        ["1.90", "1.10", "2.00"],
        "'1.10' in line 3 is why all have 2 decimal places; settings may say kind: text",
    ),
    "small": (["-0.0010", "1234567890.5"], ["-0.0010", "1234567890.5000"], "'-0.0010' in line 2 is why all have 4"),
}


@pytest.mark.parametrize(("written", "shown", "told"), DECIMALS.values(), ids=DECIMALS)
def test_a_zero_at_the_end_is_kept_and_the_places_that_others_get_are_told(any_engine, file, written, shown, told):
    path = file("t.csv", "x,y\n" + "".join(f"k{number},{value}\n" for number, value in enumerate(written)))
    loaded = files.load(path, any_engine)
    assert [str(value) for _, value in rows(any_engine, "t")] == shown
    assert reason(loaded, "y").startswith(told) if told else not reason(loaded, "y")
    table = reflection.reflect(any_engine)["t"]
    with any_engine.connect() as connection:
        column = table.by_name["y"].source
        least = connection.scalar(sa.select(sa.func.min(column)))
        assert str(least) == min(shown, key=float)
        assert connection.scalar(sa.select(sa.func.count()).where(column == least)) == 1


def test_a_zero_that_is_lost_is_told(engine, file):
    loaded = files.load(file("t.csv", "x,y\na,1.50\nb,1e-07\n"), engine)
    assert reason(loaded, "y") == "'1.50' in line 2 loses its last zero; settings may say kind: text"


DAYS = {
    "day": (["1.2.2025", "31.12.2024"], [date(2025, 2, 1), date(2024, 12, 31)], "written with the day first"),
    "month": (["1/2/2025", "12/31/2024"], [date(2025, 1, 2), date(2024, 12, 31)], "written with the month first"),
    "either": (
        ["", "01.02.2025", "03.04.2025"],
        [None, "01.02.2025", "03.04.2025"],
        "because of '01.02.2025' in line 3, in which either may be the day; settings may say kind: date with day first",
    ),
}


@pytest.mark.parametrize(("written", "values", "told"), DAYS.values(), ids=DAYS)
def test_dates_of_other_orders_are_read_where_some_day_is_after_the_12th(any_engine, file, written, values, told):
    path = file("t.csv", "x,y\n" + "".join(f"k{number},{value}\n" for number, value in enumerate(written)))
    loaded = files.load(path, any_engine)
    assert [value for _, value in rows(any_engine, "t")] == values
    assert reason(loaded, "y").startswith(told)


def test_dates_of_other_orders_are_read_in_json_too(engine, file):
    content = '[{"id": 1, "a": "31.12.2024"}, {"id": 2, "a": null}]'
    assert kinds(files.load(file("t.json", content), engine))["a"] == "date"
    assert rows(engine, "t") == [(1, date(2024, 12, 31)), (2, None)]


ASKED = {
    "text": ("1.10", "text", "1.10", "as the settings say"),
    "number": ("1.234", "number", 1.234, "as the settings say"),
    "number with comma": ("1.234", "number", 1234.0, "written with a decimal comma; as the settings say"),
    "date with day first": ("01.02.2025", "date", date(2025, 2, 1), "written with the day first; as the settings say"),
    "date with month first": ("1/2/2025", "date", date(2025, 1, 2), "written with the month first"),
}


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize(("asked", "found"), ASKED.items(), ids=ASKED)
def test_a_kind_that_is_asked_for_is_taken(engine, file, asked, found, delimiter):
    written, kind, value, told = found
    path = file("t.csv", f"x{delimiter}y\na{delimiter}{written}\nb{delimiter}\n")
    loaded = files.load(path, engine, kinds={"y": asked})
    assert (kinds(loaded)["y"], [value for _, value in rows(engine, "t")]) == (kind, [value, None])
    assert reason(loaded, "y").startswith(told)


def test_decimal_commas_and_thousands_are_read_where_they_are_asked_for(any_engine, file):
    path = file("t.csv", 'x,y\na,"1.234,50"\nb,"7,5"\n')
    files.load(path, any_engine, kinds={"y": "number with comma"})
    assert [str(value) for _, value in rows(any_engine, "t")] == ["1234.50", "7.50"]


def test_every_kind_may_be_asked_for():
    assert set(files.KINDS) >= {"text", "number", "number with comma", "date", "date with day first", "boolean"}


def test_what_is_not_of_the_kind_asked_for_is_told_by_line_and_column(engine, file):
    path = file("t.csv", "x,y,z\na,1.5,1\nb,n/a,2\n")
    asked = {"y": "number", "z": "date", "x": "text", "w": "text"}
    assert refused(path, engine, kinds=asked).splitlines()[1:] == [
        "  line 2, column 'z': '1' is not of the kind 'date', which it is to be",
        "  line 3, column 'y': 'n/a' is not of the kind 'number', which it is to be",
        "  column 'w': it is to be of the kind 'text', and the file has no such column",
    ]
    assert "there is no kind 'int'; there is text, whole number" in refused(path, engine, kinds={"y": "int"})


def test_a_number_of_a_typed_file_may_be_asked_to_be_text(engine, file):
    files.load(file("t.json", '[{"id": 1, "a": 1.5}, {"id": 2, "a": [1]}]'), engine, kinds={"a": "text"})
    assert rows(engine, "t") == [(1, "1.5"), (2, "[1]")]


def test_one_value_in_the_last_of_many_rows_decides_and_is_named(engine, file):
    path = file("t.csv", "id,n\n" + "".join(f"{number},{number}\n" for number in range(20_000)) + "20000,NA\n")
    loaded = files.load(path, engine)
    assert kinds(loaded) == {"id": "whole number", "n": "text"}
    assert reason(loaded, "n") == "because of 'NA' in line 20002"
    assert rows(engine, "t")[16] == (16, "16")


def test_the_line_of_a_reason_counts_lines_within_quotation_marks(engine, file):
    loaded = files.load(file("t.csv", 'id,a\n1,"one\ntwo"\n\n2,"3"\n'), engine)
    assert reason(loaded, "a") == "because of 'one\\ntwo' in line 2"
    loaded = files.load(file("u.csv", 'id,a,b\n1,"one\ntwo",1\n\n2,"3",x\n'), engine)
    assert reason(loaded, "b") == "because of 'x' in line 5"


def test_an_empty_field_is_null_and_empty_text_is_text(engine, file):
    loaded = files.load(file("t.csv", 'id,a\n1,\n2,""\n3,x\n'), engine)
    assert rows(engine, "t") == [(1, None), (2, ""), (3, "x")]
    assert [column.nulls for column in loaded.columns] == [0, 1]


def test_empty_text_among_numbers_is_null_and_told(engine, file):
    loaded = files.load(file("t.csv", 'id,a\n"1",""\n"2","5"\n"3",\n'), engine)
    assert rows(engine, "t") == [(1, None), (2, 5), (3, None)]
    assert (loaded.columns[1].nulls, loaded.columns[1].reason) == (2, '1 of the nulls are ""')


def test_a_column_takes_null_only_where_the_file_has_some(engine, file):
    files.load(file("t.csv", "id,a,b\n1,x,\n2,y,5\n"), engine)
    columns = {column["name"]: column["nullable"] for column in sa.inspect(engine).get_columns("t")}
    assert columns == {"id": False, "a": False, "b": True}


DECIMAL_COMMAS = {
    "certain": (["1,5", "12,25"], "number", [1.5, 12.25]),
    "with-whole": (["1,5", "3"], "number", [1.5, 3.0]),
    "maybe-thousands": (["1,234", "5,678"], "text", ["1,234", "5,678"]),
    "maybe-thousands-with-point": (["1.234", "5.678"], "text", ["1.234", "5.678"]),
    "below-one": (["0,234", "5,678"], "number", [0.234, 5.678]),
    "thousands": (["1.234,5", "1,5"], "number", [1234.5, 1.5]),
    "thousands-and-three-places": (["1.234.567,123", "2.000"], "number", [1234567.123, 2000.0]),
    "thousands-before-a-comma-is-seen": (["1.230", "3,5"], "number", [1230.0, 3.5]),
    "thousands-alone": (["1.234.567", "2.000.000"], "text", ["1.234.567", "2.000.000"]),
    "groups-of-two": (["12.34,5", "1,5"], "text", ["12.34,5", "1,5"]),
    "point": (["1.5", "2.25"], "number", [1.5, 2.25]),
    "point-and-comma": (["1.5", "2,25"], "text", ["1.5", "2,25"]),
}


@pytest.mark.parametrize(("written", "kind", "values"), DECIMAL_COMMAS.values(), ids=DECIMAL_COMMAS)
def test_a_decimal_comma_is_read_where_semicolons_separate_and_nothing_else_is_meant(
    engine, file, written, kind, values
):
    path = file("t.csv", "x;y\n" + "".join(f"k{number};{value}\n" for number, value in enumerate(written)))
    assert kinds(files.load(path, engine))["y"] == kind
    assert [value for _, value in rows(engine, "t")] == values


def test_prices_with_decimal_commas_keep_their_zeros(any_engine, file):
    loaded = files.load(file("t.csv", "x;y\na;1.234,50\nb;7,5\n"), any_engine)
    assert [str(value) for _, value in rows(any_engine, "t")] == ["1234.50", "7.50"]
    assert reason(loaded, "y").startswith("written with a decimal comma; '1.234,50' in line 2 is why all have 2")


def test_what_may_be_thousands_is_told_with_what_settings_may_say(engine, file):
    loaded = files.load(file("t.csv", "x;y\na;1.234\n"), engine)
    assert reason(loaded, "y") == (
        "because of '1.234' in line 2, which may be thousands; settings may say kind: number, or number with comma"
    )


WEST = timezone(timedelta(hours=2))

EVERY_KIND = (
    "id,whole,number,boolean,date,time,moment,text\n"
    '1,9223372036854775807,0.1,true,2024-02-29,23:59:00.5,2024-12-31T23:59:00.000001,"Å, ""東京""\n🌍 %s"\n'
    "2,,,,,,,\n"
)


def test_every_kind_is_kept_on_every_database(any_engine, file):
    loaded = files.load(file("every.csv", EVERY_KIND), any_engine)
    found = rows(any_engine, "every")
    moment = datetime(2024, 12, 31, 23, 59, 0, 1)
    values = (2**63 - 1, 0.1, True, date(2024, 2, 29), time(23, 59, 0, 500000), moment, 'Å, "東京"\n🌍 %s')
    assert found == [(1, *values), (2, *(None,) * 7)]
    expected = ["whole number", "whole number", "number", "boolean", "date", "time", "date and time", "text"]
    assert list(kinds(loaded).values()) == expected
    assert loaded.rows == 2


def test_what_is_published_of_a_file_has_the_kinds_that_its_load_reports(any_engine, file):
    loaded = files.load(file("every.csv", EVERY_KIND), any_engine)
    table = reflection.reflect(any_engine)["every"]
    assert {column.name: column.kind.name for column in table.columns} == kinds(loaded)
    assert table.key == (loaded.key,)
    assert [column.nullable for column in table.columns] == [False] + 7 * [True]


def test_moments_with_a_zone_are_kept_as_such_where_there_is_a_type_for_them(any_engine, file):
    loaded = files.load(file("t.csv", "id,at\n1,2024-12-31T23:59:00+02:00\n2,2024-12-31T23:59:00Z\n"), any_engine)
    if any_engine.dialect.name != "mariadb":
        assert (kinds(loaded)["at"], reason(loaded, "at")) == ("date and time with zone", "kept in UTC")
        found = [value for _, value in rows(any_engine, "t")]
        assert found == [datetime(2024, 12, 31, 23, 59, tzinfo=WEST), datetime(2024, 12, 31, 23, 59, tzinfo=UTC)]
    else:
        assert reason(loaded, "at") == "date and time with zone, for which this database has no type"
        assert rows(any_engine, "t") == [(1, "2024-12-31T23:59:00+02:00"), (2, "2024-12-31T23:59:00Z")]


def test_typed_values_keep_their_types_on_every_database(any_engine, file):
    lines = [
        {
            "id": 1,
            "n": 1,
            "f": 1.5,
            "b": True,
            "d": "2024-02-29",
            "s": "012",
            "j": {"b": 1, "a": [None, "é"]},
            "x": "a",
        },
        {"id": 2, "n": None, "f": 2, "b": None, "d": None, "s": "", "j": [1], "x": 2},
        {"id": 3, "late": "x", "x": True},
    ]
    path = file("typed.ndjson", "".join(json.dumps(line) + "\n" for line in lines))
    loaded = files.load(path, any_engine)
    assert kinds(loaded) == {
        "id": "whole number",
        "n": "whole number",
        "f": "number",
        "b": "boolean",
        "d": "date",
        "s": "text",
        "j": "JSON",
        "x": "text",
        "late": "text",
    }
    assert reason(loaded, "x") == "because of 2 in line 2"
    assert rows(any_engine, "typed") == [
        (1, 1, 1.5, True, date(2024, 2, 29), "012", {"b": 1, "a": [None, "é"]}, "a", None),
        (2, None, 2.0, None, None, "", [1], "2", None),
        (3, None, None, None, None, None, None, "true", "x"),
    ]


def test_values_and_lists_of_them_in_one_column_are_json(engine, file):
    loaded = files.load(file("t.json", '[{"id": 1, "a": "x"}, {"id": 2, "a": ["x", 1]}, {"id": 3, "a": null}]'), engine)
    assert kinds(loaded)["a"] == "JSON"
    assert rows(engine, "t") == [(1, "x"), (2, ["x", 1]), (3, None)]


def test_a_list_in_the_first_of_many_rows_makes_the_others_json_too(engine, file):
    values = [[number] for number in range(100)] + list(range(100, 7000))
    lines = (json.dumps({"id": number, "a": value}) + "\n" for number, value in enumerate(values))
    loaded = files.load(file("t.ndjson", "".join(lines)), engine)
    assert (kinds(loaded)["a"], reason(loaded, "a")) == ("JSON", "because of 100 in line 101")
    assert [value for _, value in rows(engine, "t")] == values


TYPED = {
    "numbers-are-no-text": ('[{"id": 1, "a": "12"}]', "text", "12"),
    "words-are-no-booleans": ('[{"id": 1, "a": "true"}]', "text", "true"),
    "true-is-no-1": ('[{"id": 1, "a": true}, {"id": 2, "a": 1}]', "text", "true"),
    "long-digits": ('[{"id": 1, "a": 123456789012345678901}]', "text", "123456789012345678901"),
    "long-fraction": ('[{"id": 1, "a": 1234567890123456.5678}]', "text", "1234567890123456.5678"),
    "nested-only": ('[{"id": 1, "a": {"b": null}}]', "JSON", {"b": None}),
    "dates-are-text-in-json": ('[{"id": 1, "a": "2024-02-29"}]', "date", date(2024, 2, 29)),
    "a-date-and-nothing": ('[{"id": 1, "a": "2024-02-29"}, {"id": 2, "a": ""}]', "text", "2024-02-29"),
}


@pytest.mark.parametrize(("content", "kind", "value"), TYPED.values(), ids=TYPED)
def test_typed_values_are_not_read_as_others(engine, file, content, kind, value):
    loaded = files.load(file("t.json", content), engine)
    assert kinds(loaded)["a"] == kind
    assert rows(engine, "t")[0] == (1, value)


def test_codes_with_leading_zeros_are_text_in_yaml_too(engine, file):
    loaded = files.load(file("t.yaml", "- {id: 1, zip: 01234}\n- {id: 2, zip: 12345}\n"), engine)
    assert rows(engine, "t") == [(1, "01234"), (2, "12345")]
    assert reason(loaded, "zip") == "because of 12345 in record 2"


FORMATS = {
    "csv": ("t.csv", "id,name\n1,Oslo\n2,\n"),
    "tsv": ("t.tsv", "id\tname\n1\tOslo\n2\t\n"),
    "tab": ("t.tab", "id\tname\r\n1\tOslo\r\n2\t\r\n"),
    "semicolons": ("t.csv", "id;name\n1;Oslo\n2;\n"),
    "bars": ("t.csv", "id|name\n1|Oslo\n2|\n"),
    "tabs-in-csv": ("t.csv", "id\tname\n1\tOslo\n2\t\n"),
    "announced": ("t.csv", "sep=;\nid;name\n1;Oslo\n2;\n"),
    "old-mac": ("t.csv", "id,name\r1,Oslo\r2,\r"),
    "ndjson": ("t.ndjson", '{"id": 1, "name": "Oslo"}\n\n{"id": 2}\n'),
    "jsonl": ("t.jsonl", '{"id": 1, "name": "Oslo"}\r\n{"id": 2, "name": null}'),
    "json": ("t.json", '[{"id": 1, "name": "Oslo"}, {"id": 2}]'),
    "json-wrapped": ("t.json", '{"cities": [{"id": 1, "name": "Oslo"}, {"id": 2}]}'),
    "yaml": ("t.yaml", "- {id: 1, name: Oslo}\n- {id: 2, name: null}\n"),
    "yml": ("t.yml", "- id: 1\n  name: Oslo\n- id: 2\n"),
    "xml": (
        "t.xml",
        '<root><item type="dict"><id type="int">1</id><name>Oslo</name></item><item type="dict"><id type="int">2</id>'
        '<name type="null"/></item></root>',
    ),
    "capitals": ("t.CSV", "id,name\n1,Oslo\n2,\n"),
    "gzip": ("t.csv.gz", gzip.compress(b"id,name\n1,Oslo\n2,\n")),
    "gzip-of-json": ("t.json.gz", gzip.compress(b'[{"id": 1, "name": "Oslo"}, {"id": 2}]')),
    "no-suffix": ("t", "id,name\n1,Oslo\n2,\n"),
    "txt-of-json": ("t.txt", '\n[{"id": 1, "name": "Oslo"}, {"id": 2}]'),
    "txt-of-ndjson": ("t.txt", '{"id": 1, "name": "Oslo"}\n{"id": 2}\n'),
    "utf-8-mark": ("t.csv", b"\xef\xbb\xbfid,name\n1,Oslo\n2,\n"),
    "utf-16": ("t.csv", "id,name\n1,Oslo\n2,\n".encode("utf-16")),
    "utf-16-json": ("t.json", '[{"id": 1, "name": "Oslo"}, {"id": 2}]'.encode("utf-16")),
    "utf-8-mark-ndjson": ("t.ndjson", b'\xef\xbb\xbf{"id": 1, "name": "Oslo"}\n{"id": 2}\n'),
}


@pytest.mark.parametrize(("name", "content"), FORMATS.values(), ids=FORMATS)
def test_every_format_gives_the_same_table(engine, file, name, content):
    loaded = files.load(file(name, content), engine)
    assert (loaded.name, loaded.key) == ("t", "id")
    assert rows(engine, "t") == [(1, "Oslo"), (2, None)]


def test_text_of_xml_without_types_is_read_as_that_of_csv(engine, file):
    content = "<cities><city><id>1</id><zip>007</zip><n>5</n></city><city><id>2</id><zip>1</zip><n/></city></cities>"
    loaded = files.load(file("t.xml", content), engine)
    assert rows(engine, "t") == [(1, "007", 5), (2, "1", None)]
    assert reason(loaded, "zip") == "because of '007' in record 1"


def test_xml_may_be_in_the_encoding_that_it_declares(engine, file):
    content = (
        '<?xml version="1.0" encoding="iso-8859-1"?><a><b><id>1</id><n>Zürich</n></b><b><id>2</id><n>x</n></b></a>'
    )
    files.load(file("t.xml", content.encode("latin-1")), engine)
    assert rows(engine, "t") == [(1, "Zürich"), (2, "x")]


def test_records_that_are_no_mappings_are_one_column(engine, file):
    files.load(file("t.json", '["b", "a"]'), engine)
    assert rows(engine, "t") == [("a",), ("b",)]
