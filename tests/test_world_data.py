"""The demonstration data: the committed files alone, whatever made them."""

import csv
import gzip
import io
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"

KEYS = {
    "countries": ["code"],
    "cities": ["id"],
    "country_names": ["country", "language"],
    "languages": ["code"],
    "currencies": ["code"],
}
LINKS = [
    ("countries", "currency", "currencies"),
    ("countries", "language", "languages"),
    ("cities", "country", "countries"),
    ("country_names", "country", "countries"),
    ("country_names", "language", "languages"),
]
SHAPES = [
    ("countries", "code", "[A-Z]{2}"),
    ("countries", "iso3", "[A-Z]{3}"),
    ("countries", "numeric", "[0-9]{3}"),
    ("countries", "continent", "AF|AN|AS|EU|NA|OC|SA"),
    ("countries", "area_km2", "[1-9][0-9]*"),
    ("countries", "population", "0|[1-9][0-9]*"),
    ("countries", "tld", r"\.[a-z]{2}"),
    ("cities", "id", "[1-9][0-9]*"),
    ("cities", "latitude", r"-?[0-9]{1,2}\.[0-9]+"),
    ("cities", "longitude", r"-?[0-9]{1,3}\.[0-9]+"),
    ("cities", "population", "0|[1-9][0-9]*"),
    ("cities", "timezone", r"[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+)+"),
    ("languages", "code", r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"),
    ("languages", "script", "[A-Z][a-z]{3}"),
    ("languages", "direction", "ltr|rtl"),
    ("currencies", "code", "[A-Z]{3}"),
    ("currencies", "digits", "[0-9]"),
]
NULLABLE = {
    "countries": {
        *("numeric", "native_name", "capital", "area_km2", "currency", "phone", "tld"),
        *("postal_code_pattern", "language"),
    },
    "cities": {"native_name", "region"},
    "country_names": set(),
    "languages": {"native_name", "script", "direction"},
    "currencies": {"symbol"},
}
NAME_SCRIPTS = {
    *("ARABIC", "ARMENIAN", "BENGALI", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "HANGUL"),
    *("HEBREW", "KATAKANA", "KHMER", "LATIN", "MYANMAR", "TAMIL", "TELUGU", "THAI"),
}
CITY_SCRIPTS = {
    *("ARABIC", "ARMENIAN", "BENGALI", "CJK", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GREEK", "HANGUL"),
    *("HEBREW", "HIRAGANA", "KATAKANA", "KHMER", "LAO", "MYANMAR", "SINHALA", "THAI", "TIBETAN"),
}

each_table = pytest.mark.parametrize("table", KEYS)


def packed(table: str) -> bytes:
    return (DATA / "world" / f"{table}.csv.gz").read_bytes()


def text_of(table: str) -> str:
    return gzip.decompress(packed(table)).decode()


@cache
def rows(table: str) -> list[dict[str, str]]:
    """Read a table, with "" for null: no field is an empty string, as a test below makes sure."""
    return list(csv.DictReader(io.StringIO(text_of(table), newline=""), strict=True))


def column(table: str, name: str) -> list[str]:
    return [row[name] for row in rows(table) if row[name]]


def country(code: str) -> dict[str, str]:
    return next(row for row in rows("countries") if row["code"] == code)


def scripts_of(texts: list[str]) -> set[str]:
    """Give the first words of the Unicode names of all letters: CYRILLIC, CJK."""
    return {unicodedata.name(char).split()[0] for text in texts for char in text if char.isalpha()}


def documented(table: str) -> list[tuple[str, str]]:
    """Read the columns and types of a table from its section in the README."""
    section = (DATA / "README.md").read_text("utf-8").split(f"\n### {table}\n")[1].split("\n#")[0]
    return re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", section, re.MULTILINE)


# Files


@each_table
def test_file_is_gzip_without_time_or_name(table):
    assert packed(table)[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_files_stay_under_the_size_limit():
    assert sum(len(packed(table)) for table in KEYS) < 1_300_000


@each_table
def test_file_has_no_byte_order_mark(table):
    assert not text_of(table).startswith("\ufeff")


@each_table
def test_line_ends_with_crlf(table):
    assert re.findall(r"(?<!\r)\n|\r(?!\n)", text_of(table)) == []
    assert text_of(table).endswith("\r\n")


@each_table
def test_row_has_as_many_fields_as_the_header(table):
    lengths = {len(line) for line in csv.reader(io.StringIO(text_of(table), newline=""), strict=True)}
    assert lengths == {len(rows(table)[0])}


@each_table
def test_field_is_never_an_empty_string(table):
    assert re.findall(r'(?:^|,)""(?=,|\r)', text_of(table), re.MULTILINE) == []


@each_table
def test_field_is_quoted_only_where_needed(table):
    quoted = re.findall(r'(?:^|,)"((?:[^"]|"")*)"(?=,|\r)', text_of(table), re.MULTILINE)
    assert [field for field in quoted if not re.search(r'[",\r\n]', field)] == []


@each_table
def test_header_is_the_documented_one(table):
    assert list(rows(table)[0]) == [name for name, _ in documented(table)]


@each_table
def test_null_stands_only_where_documented(table):
    assert {name for name, kind in documented(table) if kind.endswith("or null")} == NULLABLE[table]
    assert {name for row in rows(table) for name, value in row.items() if not value} == NULLABLE[table]


@each_table
def test_text_has_no_spaces_around_it(table):
    assert [value for row in rows(table) for value in row.values() if value != value.strip()] == []


@each_table
def test_text_is_normalised(table):
    assert unicodedata.is_normalized("NFC", text_of(table))


# Keys and links


@each_table
def test_key_is_unique_and_sorted(table):
    keys = [tuple(int(row[name]) if name == "id" else row[name] for name in KEYS[table]) for row in rows(table)]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(("table", "name", "target"), LINKS)
def test_foreign_key_resolves(table, name, target):
    assert set(column(table, name)) - set(column(target, "code")) == set()


# Values


@pytest.mark.parametrize(("table", "name", "shape"), SHAPES)
def test_value_has_its_shape(table, name, shape):
    assert [value for value in column(table, name) if not re.fullmatch(shape, value)] == []


@pytest.mark.parametrize(
    ("table", "count"),
    [("countries", 252), ("cities", 34_006), ("country_names", 8_000), ("languages", 656), ("currencies", 306)],
)
def test_table_has_its_number_of_rows(table, count):
    assert len(rows(table)) == count


def test_na_is_namibia():
    assert country("NA")["name"] == "Namibia"


def test_no_is_norway():
    assert (country("NO")["name"], country("NO")["language"]) == ("Norway", "no")


def test_numeric_code_keeps_its_leading_zeros():
    assert country("AF")["numeric"] == "004"


@pytest.mark.parametrize("name", ["iso3", "numeric"])
def test_other_code_of_a_country_is_unique(name):
    codes = column("countries", name)
    assert len(codes) == len(set(codes))


def test_region_keeps_its_leading_zeros():
    assert any(region.startswith("0") for region in column("cities", "region"))


def test_city_lies_on_the_globe():
    assert all(abs(float(row["latitude"])) <= 90 and abs(float(row["longitude"])) <= 180 for row in rows("cities"))


def test_native_city_name_is_not_in_latin_letters():
    assert "LATIN" not in scripts_of(column("cities", "native_name"))


def test_native_city_names_span_the_scripts():
    assert scripts_of(column("cities", "native_name")) >= CITY_SCRIPTS


@pytest.mark.parametrize(
    ("code", "city", "native"),
    [("JP", "Tokyo", "東京"), ("CN", "Beijing", "北京"), ("UA", "Kyiv", "Київ"), ("EG", "Cairo", "القاهرة")],
)
def test_native_city_name_is_in_the_language_of_the_country(code, city, native):
    names = {row["native_name"] for row in rows("cities") if (row["country"], row["name"]) == (code, city)}
    assert names == {native}


def test_country_names_are_in_32_languages():
    assert len(set(column("country_names", "language"))) == 32


def test_country_names_span_the_scripts():
    assert scripts_of(column("country_names", "name")) >= NAME_SCRIPTS


def test_country_with_a_name_has_one_in_every_language():
    pairs = [(row["country"], row["language"]) for row in rows("country_names")]
    assert len(pairs) == len({country for country, _ in pairs}) * len({language for _, language in pairs})


def test_language_from_right_to_left_has_such_a_name():
    names = [row["native_name"] for row in rows("languages") if row["direction"] == "rtl" and row["native_name"]]
    assert len(names) > 10
    assert {unicodedata.bidirectional(name[0]) for name in names} <= {"R", "AL"}


@pytest.mark.parametrize(("code", "digits"), [("JPY", "0"), ("EUR", "2"), ("KWD", "3")])
def test_currency_has_its_decimal_places(code, digits):
    assert [row["digits"] for row in rows("currencies") if row["code"] == code] == [digits]


def test_currency_symbol_is_not_the_code():
    assert [row["code"] for row in rows("currencies") if row["symbol"] == row["code"]] == []
