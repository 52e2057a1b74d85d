"""Files as tables: keys, what is replaced and what is not, and that nothing of a refused file is there."""

import random
import threading
from io import StringIO

import pytest
import sqlalchemy as sa
from file_tables import opened, refused, rows, writer

from negotiate_api.publish import files
from negotiate_api.publish.errors import Unusable
from negotiate_api.publish.files import key, ledger, records, source
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


@pytest.fixture
def small(monkeypatch):
    """Let a few hundred rows be many batches."""
    monkeypatch.setattr(records, "ROWS", 100)
    monkeypatch.setattr(key, "TRIED", 200)


KEYS = {
    "id": ("t.csv", "name,id\na,1\nb,2\n", "id", "as its name says"),
    "id-before-code": ("t.csv", "code,id\na,1\nb,2\n", "id", "as its name says"),
    "of-the-table": ("cities.csv", "name,city_id\na,1\nb,2\n", "city_id", "as its name says"),
    "of-the-table-in-one-word": ("books.csv", "name,bookId\na,1\nb,2\n", "bookId", "as its name says"),
    "of-another-table": ("cities.csv", "name,country_id\na,1\nb,2\n", "name", "the first column"),
    "capitals": ("t.csv", "name,UUID\na,1-2\nb,2-3\n", "UUID", "as its name says"),
    "first-column": ("t.csv", "day,n\n2024-01-01,1\n2024-01-02,1\n", "day", "the first column"),
    "not-in-every-row": ("t.csv", "id,name\n1,a\n,b\n", "row", None),
    "empty-text": ("t.csv", 'id,name\nx,a\n"",b\n', "row", None),
    "twice": ("t.csv", "id,name\n1,a\n1,b\n", "row", None),
    "named-twice-but-first-is-fit": ("t.csv", "name,id\na,1\nb,1\n", "name", "the first column"),
    "number-with-fraction": ("t.csv", "x,y\n1.5,1\n2.5,2\n", "row", None),
    "long-text": ("t.csv", f"x,y\n{'a' * 101},1\nb,2\n", "row", None),
    "long-text-that-is-no-longer": ("t.csv", f"x,y\n{'a' * 100},1\nb,2\n", "x", "the first column"),
    "row-is-taken": ("t.csv", "x,Row\na,1\na,2\n", "row_2", None),
    "header-only": ("t.csv", "id,name\n", "row", None),
    "nested": ("t.json", '[{"id": [1]}, {"id": [2]}]', "row", None),
    "missing-at-first": ("t.json", '[{"name": "a", "n": 1}, {"id": 5, "name": "a", "n": 1}]', "row", None),
}


@pytest.mark.parametrize(("name", "content", "expected", "why"), KEYS.values(), ids=KEYS)
def test_the_key_is_a_column_that_tells_rows_apart_by_its_name_or_place(engine, file, name, content, expected, why):
    loaded = files.load(file(name, content), engine)
    assert loaded.key == expected
    assert loaded.key_reason == (why or "added, as no column is known to tell the rows apart")
    assert reflection.reflect(engine)[loaded.name].key == (expected,)


@pytest.mark.parametrize("case", ["id", "first-column", "long-text-that-is-no-longer", "twice"])
def test_the_key_is_the_same_on_each_database(any_engine, file, case):
    name, content, expected, _ = KEYS[case]
    assert files.load(file(name, content), any_engine).key == expected
    assert reflection.reflect(any_engine)["t"].key == (expected,)


def test_an_added_key_counts_the_rows_of_the_file(any_engine, file, small):
    files.load(file("t.csv", "a\n" + "x\n" * 301), any_engine)
    found = rows(any_engine, "t")
    assert (found[0], found[-1], len(found)) == ((1, "x"), (301, "x"), 301)


def test_a_key_that_is_there_twice_after_any_number_of_rows_is_none(any_engine, file, small):
    order = list(range(600))
    random.Random(1).shuffle(order)
    path = file("t.csv", "id,name\n" + "".join(f"k{number},x\n" for number in [*order, order[0]]))
    loaded = files.load(path, any_engine)
    assert (loaded.key, loaded.rows, len(rows(any_engine, "t"))) == ("row", 601, 601)


def test_keys_that_differ_in_case_accents_or_width_are_different(any_engine, file):
    loaded = files.load(file("t.csv", "code,n\na,1\nA,2\ná,3\na\u0301,4\nａ,5\nß,6\nss,7\n"), any_engine)
    assert loaded.key == "code"
    assert len(rows(any_engine, "t")) == 7


def test_rows_added_later_are_counted_on(any_engine, file):
    files.load(file("t.csv", "id,name\n5,a\n7,b\n"), any_engine)
    table = reflection.reflect(any_engine)["t"].source
    with any_engine.begin() as connection:
        connection.execute(table.insert().values(name="c"))
    assert rows(any_engine, "t")[-1] == (8, "c")


def test_an_earlier_load_is_replaced(any_engine, file):
    files.load(file("t.csv", "id,name\n1,a\n2,b\n"), any_engine)
    loaded = files.load(file("t.csv", "code,n\nx,1\n"), any_engine)
    assert loaded.replaced
    assert rows(any_engine, "t") == [("x", 1)]
    assert "in place of what was loaded before" in loaded.report()


@pytest.mark.parametrize("content", ["id,name\n1,a\n2\n", "id,id\n1,2\n", "", 'id,name\n1,"a\n'])
def test_a_file_that_is_refused_leaves_the_earlier_load_as_it_is(any_engine, file, content):
    files.load(file("t.csv", "id,name\n1,a\n"), any_engine)
    refused(file("t.csv", content), any_engine)
    assert rows(any_engine, "t") == [(1, "a")]
    assert set(sa.inspect(any_engine).get_table_names()) == {"t", ledger.NAME}


class Interrupted(Exception):
    """A load is broken off."""


def test_a_load_that_is_broken_off_leaves_nothing(any_engine, file, small):
    files.load(file("t.csv", "id,name\n1,a\n"), any_engine)
    path = file("t.csv", "id,name\n" + "".join(f"{number},b\n" for number in range(600)))

    def interrupt(phase, done, size, count):
        if phase == "loading" and count > 300:
            raise Interrupted

    with pytest.raises(Interrupted):
        files.load(path, any_engine, progress=interrupt)
    assert rows(any_engine, "t") == [(1, "a")]
    assert set(sa.inspect(any_engine).get_table_names()) == {"t", ledger.NAME}
    assert files.load(path, any_engine).rows == 600


def test_others_see_the_earlier_load_until_the_new_one_is_complete(any_engine, file, small):
    files.load(file("t.csv", "id,name\n1,a\n"), any_engine)
    seen = []

    def look(phase, done, size, count):
        if phase == "loading":
            seen.append(rows(any_engine, "t"))

    path = file("t.csv", "id,name\n" + "".join(f"{number},b\n" for number in range(400)))
    files.load(path, any_engine, progress=look)
    assert len(seen) > 2
    assert all(found == [(1, "a")] for found in seen)
    assert len(rows(any_engine, "t")) == 400


def test_a_table_that_is_of_no_file_is_not_replaced(any_engine, file):
    with any_engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
    assert "has a table t that is of no file; give another name" in refused(file("t.csv", "a\n1\n"), any_engine)
    assert files.load(file("t.csv", "a\n1\n"), any_engine, "u").name == "u"


def test_a_view_is_not_replaced(any_engine, file):
    with any_engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW t AS SELECT 1 AS a")
    assert "has a table t" in refused(file("t.csv", "a\n1\n"), any_engine)


def test_edits_are_not_replaced_unless_that_is_asked_for(any_engine, file):
    files.load(file("t.csv", "id,name\n1,a\n"), any_engine)
    with any_engine.begin() as connection:
        assert files.loaded(connection) == {"t"}
        files.edited(connection, "t")
    path = file("t.csv", "id,name\n1,b\n")
    assert "has been edited since" in refused(path, any_engine)
    assert rows(any_engine, "t") == [(1, "a")]
    files.load(path, any_engine, replace=True)
    assert rows(any_engine, "t") == [(1, "b")]
    files.load(file("t.csv", "id,name\n1,c\n"), any_engine)
    assert rows(any_engine, "t") == [(1, "c")]


def test_a_file_is_current_while_its_table_is_of_its_very_content(any_engine, file):
    path = file("t.csv", "id,name\n1,a\n")
    assert not files.current(any_engine, path)
    files.load(path, any_engine)
    assert files.current(any_engine, path)
    assert not files.current(any_engine, path, "u")
    assert not files.current(any_engine, path, encoding="latin-1")
    with any_engine.begin() as connection:
        files.edited(connection, "t")
    assert files.current(any_engine, path)
    path.write_text("id,name\n1,b\n")
    assert not files.current(any_engine, path)
    path.write_text("id,name\n1,a\n")
    with any_engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE t")
    assert not files.current(any_engine, path)


def test_a_file_that_changes_between_the_passes_is_refused(engine, file):
    path = file("t.csv", "id,name\n1,a\n")

    def change(phase, done, size, count):
        if phase == "reading":
            path.write_text("id,name\n1,a\n2,b\n")

    assert "it changed while it was read" in refused(path, engine, progress=change)
    assert reflection.reflect(engine) == {}


def test_a_file_that_changes_after_the_second_pass_began_is_refused(any_engine, file, small):
    path = file("t.csv", "id,name\n" + "".join(f"{number},b\n" for number in range(400)))

    def change(phase, done, size, count):
        if phase == "loading" and count < 200:
            with path.open("a") as more:
                more.write("x,y\n")

    assert "it changed while it was read" in refused(path, any_engine, progress=change)
    assert "t" not in sa.inspect(any_engine).get_table_names()


def test_two_loads_at_once_wait_for_each_other(any_engine, file, small):
    paths = [file(f"t{one}.csv", "id,name\n" + "".join(f"{number},b\n" for number in range(600))) for one in range(3)]
    threads = [threading.Thread(target=files.load, args=(path, any_engine)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with any_engine.connect() as connection:
        assert files.loaded(connection) == {"t0", "t1", "t2"}
    assert [len(rows(any_engine, f"t{one}")) for one in range(3)] == [600] * 3


NAMES = ["cities", "Städte", "東京 2024", 'a "b" c', "a.b", "100% sure", "select", "it's", "a`b", "a[b]", "%s", "a;b"]


@pytest.mark.parametrize("name", NAMES)
def test_tables_and_columns_have_the_names_that_the_file_gives(any_engine, file, name):
    quoted = '"' + name.replace('"', '""') + '"'
    loaded = files.load(file(f"{name}.csv", f"{quoted},id\nx,1\n"), any_engine)
    table = reflection.reflect(any_engine)[name]
    assert (loaded.name, [column.name for column in table.columns]) == (name, [name, "id"])
    assert rows(any_engine, name) == [("x", 1)]


STEMS = {
    "cities.csv": "cities",
    "cities.csv.gz": "cities",
    "cities.CSV.GZ": "cities",
    "2024.cities.json": "2024.cities",
    "cities": "cities",
    "cities.v2": "cities.v2",
    "cities.txt": "cities",
    ".csv": ".csv",
    "sta\u0308dte.csv": "städte",
}


@pytest.mark.parametrize(("path", "name"), STEMS.items(), ids=STEMS)
def test_a_table_is_named_after_its_file(path, name):
    assert files.name_of(f"/some/where/{path}") == name


def test_tables_of_loading_are_not_published(any_engine):
    with any_engine.begin() as connection:
        for name in ledger.NAMES:
            connection.exec_driver_sql(f"CREATE TABLE {name} (a INTEGER)")
    assert reflection.reflect(any_engine) == {}


@pytest.mark.parametrize("name", ["negotiate_api_files", "sqlite_master", "SQLite_x", "Negotiate_API_Loading"])
def test_names_of_the_databases_own_tables_are_refused(any_engine, file, name):
    assert "give another name" in refused(file(f"{name}.csv", "a\n1\n"), any_engine)


def test_names_that_a_database_cannot_have_are_refused_by_name(any_engine, file):
    long = "ü" * 65
    path = file("t.csv", f"{long},Name,name\n1,2,3\n")
    if any_engine.dialect.name == "sqlite":
        assert "'name'" in refused(path, any_engine)
        assert "upper and lower case" in refused(path, any_engine)
    elif any_engine.dialect.name == "postgresql":
        assert f"column {long!r}: its name is longer than 63 bytes" in refused(path, any_engine)
        assert files.load(file("t.csv", "Name,name\n1,2\n"), any_engine).rows == 1
    else:
        assert f"column {long!r}: its name is longer than 64 characters" in refused(path, any_engine)
        assert "upper and lower case" in refused(path, any_engine)


def test_more_columns_than_a_table_may_have_are_refused(any_engine, file):
    header = ",".join(f"c{number}" for number in range(3000))
    assert "it has 3000 columns; a table here has at most" in refused(file("t.csv", f"{header}\n"), any_engine)


def test_a_database_that_cannot_be_written_to_is_told(tmp_path, file):
    path = tmp_path / "database.sqlite"
    path.touch()
    engine = sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(Unusable, match="attempt to write a readonly database"):
        files.load(file("t.csv", "a\n1\n"), engine)
    engine.dispose()


def test_the_report_names_every_column_its_kind_nulls_and_why(engine, file):
    path = file("cities.csv", "id,name,elevation,founded,名前\n1,Oslo,NA,1048-01-01,x\n2,,23,,y\n")
    loaded = files.load(path, engine)
    first, *rest = loaded.report().splitlines()
    assert first.startswith("cities.csv is the table cities: 2 rows in ")
    assert rest == [
        "  CSV, UTF-8, separated by commas",
        "  key: id, as its name says",
        "  column     kind          nulls  why",
        "  id         whole number",
        "  name       text          1      because of 'Oslo' in line 2",
        "  elevation  text                 because of 'NA' in line 2",
        "  founded    date          1",
        "  名前       text                 because of 'x' in line 2",
    ]


def test_a_report_holds_nothing_that_a_terminal_obeys(engine, file):
    report = files.load(file("t.csv", 'id,"a\x1b[31m"\n1,"\x1b[2J"\n'), engine).report()
    assert "\x1b" not in report
    assert "a\\x1b[31m" in report


def test_progress_is_told_for_each_pass_up_to_the_end(engine, file, small):
    path = file("t.csv", "id,name\n" + "".join(f"{number},b\n" for number in range(400)))
    told = []
    files.load(path, engine, progress=lambda *call: told.append(call))
    size = path.stat().st_size
    phases = ["looking at", "reading", "comparing", "loading"]
    assert list(dict.fromkeys(phase for phase, *_ in told)) == phases
    for phase in phases:
        steps = [(done, total, count) for one, done, total, count in told if one == phase]
        assert steps == sorted(steps)
        assert steps[-1] == (size, size, 400 if phase in ("reading", "loading") else 0)
    assert sum(phase in ("reading", "loading") for phase, *_ in told) > 5


def test_progress_is_told_while_a_file_is_compared_with_what_is_loaded(engine, file, monkeypatch):
    monkeypatch.setattr(source, "CHUNK", 100)
    path, told = file("t.csv", "a\n" + "x\n" * 100), []
    assert not files.current(engine, path, progress=lambda *call: told.append(call))
    assert told == [("comparing", done, 202, 0) for done in (100, 200, 202)]


class Terminal(StringIO):
    """Text that says it is a terminal."""

    def isatty(self):
        return True


def test_a_bar_is_drawn_on_a_terminal_and_gone_at_the_end():
    terminal, seconds = Terminal(), iter(range(100))
    with files.progress.bar(terminal, "cities", clock=lambda: next(seconds)) as show:
        show("reading", 50, 100, 1000)
        show("loading", 100, 100, 2000)
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn == [
        "",
        "cities: reading [############------------]  50%",
        "cities: loading [########################] 100%",
        "",
    ]


def test_a_bar_tells_the_rows_a_second():
    terminal, seconds = Terminal(), iter(range(100))
    with files.progress.bar(terminal, clock=lambda: next(seconds)) as show:
        show("loading", 0, 100, 0)
        show("loading", 50, 100, 3000)
    assert "Loading [############------------]  50%  3,000 rows/s" in terminal.getvalue()


def test_no_bar_is_drawn_where_there_is_no_terminal():
    stream = StringIO()
    with files.progress.bar(stream, "cities") as show:
        show("loading", 50, 100, 10)
    assert stream.getvalue() == ""
