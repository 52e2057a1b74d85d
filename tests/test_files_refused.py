"""Files as tables: encodings and delimiters that are detected or given, and what is wrong, told by line and column."""

import gzip

import pytest
from file_tables import kinds, opened, refused, rows, writer

from negotiate_api.publish import files
from negotiate_api.publish.files import json_items, records, source
from negotiate_api.publish.schema import reflection


@pytest.fixture
def engine(tmp_path):
    with opened(f"sqlite:///{tmp_path / 'files.sqlite'}") as engine:
        yield engine


@pytest.fixture
def file(tmp_path):
    """Writes a file."""
    return writer(tmp_path)


REFUSED = {
    "empty": ("t.csv", "", "t.csv cannot be loaded: it is empty"),
    "empty-gzip": ("t.csv.gz", gzip.compress(b""), "it is empty"),
    "blank-lines": ("t.csv", "\n\r\n", "it has no line that names the columns"),
    "ragged": (
        "t.csv",
        'a,b\n1,2\n3\n"4\n4",5\n6,7,8\n',
        "t.csv cannot be loaded, nothing of it is:\n  line 3: 1 field, the header has 2\n"
        "  line 6: 3 fields, the header has 2",
    ),
    "quotation-mark-not-closed": (
        "t.csv",
        'a,b\n1,2\n3,"4\n5,6\n',
        "line 3, column 'b': a quotation mark out of place",
    ),
    "quotation-mark-within": ("t.csv", 'a,b\n1,2\n5",6\n', "line 3, column 'a': a quotation mark out of place"),
    "quotation-mark-after-ragged": (
        "t.csv",
        'a,b\n1\n3,"4"x\n',
        "line 2: 1 field, the header has 2\n  line 3, column 'b'",
    ),
    "quotation-mark-in-header": ("t.csv", 'a,"b\n1,2\n', "line 1, column 2: a quotation mark out of place"),
    "name-twice": ("t.csv", "a,b,c,b\n", "line 1, column 'b': the name of 2 columns, the 2nd and the 4th"),
    "name-three-times": ("t.csv", "a,a,a\n", "the name of 3 columns, the 1st and the 2nd and the 3rd"),
    "name-twice-but-for-blanks": ("t.csv", "a, a\n", "the name of 2 columns"),
    "name-empty": ("t.csv", "a,,b,\n", "line 1, column 2: it has no name in the header\n  line 1, column 4"),
    "name-blank": ("t.csv", 'a,"  "\n', "line 1, column 2: it has no name in the header"),
    "nul": ("t.csv", "a,b\n1,x\0y\n", "line 2, column 4: the character U+0000"),
    "utf-16-without-mark": ("t.csv", "a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
    "json-nothing": ("t.json", "[]", "it has no records, and so no columns"),
    "json-broken": ("t.json", '[{"a": 1},\n {"a" 2}]', "line 2, column 7: Expecting ':' delimiter"),
    "json-not-ended": (
        "t.json",
        '[{"a": 1},\n {"a": 2}',
        "line 2, column 10: neither a comma nor the end of the array",
    ),
    "json-more": ("t.json", '[{"a": 1}]\n{}', "line 2, column 1: text after the end of the array"),
    "json-comma": ("t.json", '[{"a": 1},]', "line 1, column 11: Expecting value"),
    "json-name-twice": ("t.json", '[{"a": 1},\n{"a": 1, "a": 2}]', "line 2: the name 'a' is there twice in one object"),
    "json-nan": ("t.json", '[{"a": NaN}]', "line 1: NaN is not JSON"),
    "json-name-empty": ("t.json", '[{"a": 1},\n{"": 2}]', "line 2: a name that is empty"),
    "json-kinds-of-records": (
        "t.json",
        '[{"a": 1},\n5]',
        "line 2: no mapping of names to values, unlike the first record",
    ),
    "json-nul": ("t.json", '[{"a": "x"},\n{"a": "\\u0000"}]', "line 2, column 'a': it has the character U+0000"),
    "ndjson-broken-twice": (
        "t.ndjson",
        '{"a": 1}\n{"a" 1}\n\n{"a": 2}\n{\n',
        "line 2: Expecting ':' delimiter at column 6\n  line 5: Expecting property name",
    ),
    "yaml-broken": ("t.yaml", "- a: 1\n- a: [\n", "no valid YAML: "),
    "yaml-nothing": ("t.yaml", "# nothing\n", "it has no records"),
    "xml-broken": ("t.xml", "<a><b></a>", "no valid XML: mismatched tag at line 1, column 9"),
    "workbook": ("t.csv", b"PK\x03\x04rest", "it is a ZIP file or a workbook; files of CSV, TSV, NDJSON"),
    "database": ("t.csv", b"SQLite format 3\0", "it is an SQLite database"),
    "gzip-cut-off": ("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 1000)[:-12], "damaged or cut off"),
    "gzip-damaged": ("t.csv.gz", b"\x1f\x8b\x08\x00rest", "damaged or cut off"),
}


@pytest.mark.parametrize(("name", "content", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_told_by_line_and_column_and_nothing_is_loaded(engine, file, name, content, told):
    assert told in refused(file(name, content), engine)
    assert reflection.reflect(engine) == {}


def test_problems_are_told_up_to_a_bound(engine, file):
    path = file("t.csv", "a,b\n" + "1\n" * 1000)
    with pytest.raises(files.Unloadable) as caught:
        files.load(path, engine)
    assert [problem.line for problem in caught.value.problems] == list(range(2, 102))
    assert str(caught.value).endswith("\n  and there may be more")


def test_what_is_no_file_is_told(engine, tmp_path):
    assert refused(tmp_path / "none.csv", engine) == "none.csv cannot be loaded: No such file or directory"
    assert "it is no regular file" in refused(tmp_path, engine)


WESTERN = "name,n\nZürich,1\nOrléans,2\nSão Paulo,3\nL’Haÿ,4\n–,5\n"

ENCODINGS = {
    "utf-8-mark": ("utf-8-sig", None, "UTF-8 (told by its byte order mark)"),
    "utf-16-mark": ("utf-16", None, "UTF-16 (told by its byte order mark)"),
    "utf-32-mark": ("utf-32", None, "UTF-32 (told by its byte order mark)"),
    "utf-8": ("utf-8", None, "CSV, UTF-8, separated by commas"),
    "windows-1252": ("cp1252", None, "WINDOWS-1252 (detected, as it is not UTF-8: it has "),
    "windows-1252-given": ("cp1252", "windows-1252", "CP1252 (as given)"),
    "utf-16-given": ("utf-16-le", "utf-16-le", "UTF-16-LE (as given)"),
    "mac-given": ("mac-roman", "mac_roman", "MAC-ROMAN (as given)"),
    "mark-decides": ("utf-8-sig", "latin-1", "UTF-8 (told by its byte order mark)"),
}


@pytest.mark.parametrize(("encoding", "given", "told"), ENCODINGS.values(), ids=ENCODINGS)
def test_text_is_read_in_its_encoding_and_the_report_tells_it(engine, file, encoding, given, told):
    loaded = files.load(file("t.csv", WESTERN.encode(encoding)), engine, encoding=given)
    assert told in loaded.layout
    assert {name for name, _ in rows(engine, "t")} == {"Zürich", "Orléans", "São Paulo", "L’Haÿ", "–"}


FOREIGN = {
    "cyrillic": ("Москва", "windows-1251"),
    "greek": ("Αθήνα", "windows-1253"),
    "chinese": ("北京上海", "gb18030"),
    "korean": ("서울부산", "euc-kr"),
}


@pytest.mark.parametrize(("name", "encoding"), FOREIGN.values(), ids=FOREIGN)
def test_an_encoding_that_cannot_be_told_is_asked_for_with_what_it_would_read(engine, file, name, encoding):
    path = file("t.csv", f"name,n\nOslo,1\n{name},2\n".encode(encoding))
    told = refused(path, engine)
    assert "line 3, column 1: the byte" in told
    assert f"in {encoding} there is {name!r}" in told
    files.load(path, engine, encoding=encoding)
    assert (name, 2) in rows(engine, "t")


@pytest.mark.parametrize("encoding", ["cp850", "mac-roman", "shift_jis", "koi8-r"])
def test_what_makes_no_sense_in_windows_1252_is_not_read_so(engine, file, encoding):
    word = {"shift_jis": "東京都", "koi8-r": "Москва"}.get(encoding, "élève à Zürich")
    assert "give its encoding" in refused(file("t.csv", f"name,n\n{word},1\n".encode(encoding)), engine)


def test_a_few_words_that_make_sense_do_not_make_a_text_windows_1252(engine, file):
    assert "give its encoding" in refused(file("t.csv", "name,n\nМосква и Киев,1\n".encode("cp1251")), engine)


def test_bytes_that_are_not_in_the_encoding_given_are_told_by_line_and_column(engine, file):
    path = file("t.csv", b"name,n\nab\xff\xff,1\n\xc3\xa9\xfe,2\n")
    assert refused(path, engine, encoding="utf-8").splitlines()[1:] == [
        "  line 2, column 3: the byte 0xFF is not UTF-8",
        "  line 2, column 4: the byte 0xFF is not UTF-8",
        "  line 3, column 2: the byte 0xFE is not UTF-8",
    ]


def test_a_character_that_is_cut_off_at_the_end_is_told(engine, file):
    assert "line 2, column 4: the byte" in refused(file("t.csv", "a,b\n1,é€".encode()[:-1]), engine, encoding="utf-8")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "", "utf-8\0"])
def test_an_encoding_that_there_is_not_is_refused(engine, file, encoding):
    assert f"there is no encoding {encoding!r}" in refused(file("t.csv", "a\n1\n"), engine, encoding=encoding)


DELIMITERS = {
    "semicolons-with-decimal-commas": ("a;b\n1,5;2,5\n3,5;4\n", None, ["a", "b"]),
    "commas-with-semicolons-in-text": ('a,b\n1,"x;y"\n2,"z;"\n', None, ["a", "b"]),
    "commas-in-quoted-header": ('"a,1";"b,2"\n1;2\n', None, ["a,1", "b,2"]),
    "one-column": ("a\n1\n2\n", None, ["a"]),
    "one-column-of-text-with-commas": ("words\none, two\nthree\n", None, None),
    "given": ("a:b\n1:2\n", ":", ["a", "b"]),
    "given-by-name": ("a|b\n1|2\n", "pipe", ["a", "b"]),
    "given-though-another-is-likely": ("a,b;c,d\n1,2;3,4\n", ";", ["a,b", "c,d"]),
    "line-breaks-in-quotes": ('a;b\n"1\n,,,\n,,,";2\n', None, ["a", "b"]),
}


@pytest.mark.parametrize(("content", "given", "columns"), DELIMITERS.values(), ids=DELIMITERS)
def test_the_delimiter_is_the_one_that_splits_records_evenly_or_the_one_given(engine, file, content, given, columns):
    path = file("t.csv", content)
    if columns is None:
        assert "line 2: 2 fields, the header has 1" in refused(path, engine, delimiter=given)
    else:
        assert [name for name in kinds(files.load(path, engine, delimiter=given)) if name != "row"] == columns


@pytest.mark.parametrize("delimiter", [",,", '"', "\n", "a", "7", "words"])
def test_a_delimiter_that_separates_nothing_is_refused(engine, file, delimiter):
    assert "separates no fields" in refused(file("t.csv", "a,b\n1,2\n"), engine, delimiter=delimiter)


def test_a_gzip_file_out_of_proportion_is_refused(engine, file, monkeypatch):
    monkeypatch.setattr(source, "UNSUSPICIOUS", 1_000_000)
    path = file("t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000))
    assert "unpacked it is more than 300 times as long; unpack it first" in refused(path, engine)


def test_a_record_that_is_too_long_is_refused(engine, file, monkeypatch):
    monkeypatch.setattr(records, "LONGEST", 100_000)
    assert "line 2: a record longer than 100,000 characters" in refused(
        file("t.csv", "a,b\n1," + "x" * 200_000 + "\n"), engine
    )
    assert "line 1: longer than 100,000 characters" in refused(
        file("t.ndjson", '{"a": "' + "x" * 200_000 + '"}\n'), engine
    )


def test_a_document_that_is_too_long_to_be_read_whole_is_refused(engine, file, monkeypatch):
    monkeypatch.setattr(records, "LARGEST", 100)
    assert "longer than 100 bytes; CSV, NDJSON and arrays of JSON may be longer" in refused(
        file("t.yaml", "- a: 1\n" * 100), engine
    )


def test_an_array_of_json_is_read_across_the_ends_of_what_is_held(engine, file, monkeypatch):
    monkeypatch.setattr(json_items, "CHUNK", 7)
    items = ",\n".join(f'{{"id": {number}, "a": "é\\"]}}", "b": [1, {{}}]}}' for number in range(100))
    files.load(file("t.json", f"[\n{items}\n ]\n"), engine)
    assert [(number, text) for number, text, _ in rows(engine, "t")] == [(number, 'é"]}') for number in range(100)]
    files.load(file("u.json", "[1234567890, 1234567891]"), engine)
    assert rows(engine, "u") == [(1234567890,), (1234567891,)]
