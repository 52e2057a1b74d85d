"""Settings: every word is read, and every mistake is told with its line."""

import sqlite3

import pytest
from flask import Flask

from negotiate_api import Api
from negotiate_api.publish import publish
from negotiate_api.publish.errors import Unusable
from negotiate_api.publish.schema import settings
from negotiate_api.publish.schema.settings import ColumnSettings, Settings, TableSettings

WHOLE = """
title: The library
description: Every book since 1954.
tables:
  bk_tbl:
    name: books
    title: Books
    description: One row a copy.
    sort: -bought, title
    columns:
      bk_wt: {name: weight, title: Weight, description: Of one copy., unit: g}
      notes: {omit: true}
      isbn: {kind: text}
      1954:
  staff: {omit: yes}
"""


def test_settings_are_read_from_a_file(tmp_path):
    path = tmp_path / "settings.yaml"
    path.write_text(WHOLE)
    assert settings.read(path) == Settings(
        title="The library",
        description="Every book since 1954.",
        tables={
            "bk_tbl": TableSettings(
                name="books",
                title="Books",
                description="One row a copy.",
                sort="-bought, title",
                columns={
                    "bk_wt": ColumnSettings(name="weight", title="Weight", description="Of one copy.", unit="g"),
                    "notes": ColumnSettings(omit=True),
                    "isbn": ColumnSettings(kind="text"),
                    "1954": ColumnSettings(),
                },
            ),
            "staff": TableSettings(omit=True),
        },
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "tables:\n"], ids=["empty", "comment", "no tables"])
def test_settings_may_say_nothing(text):
    assert settings.parse(text) == Settings()


MISTAKES = (
    ("tabels: {}", "x, line 1: 'tabels' is no word of settings; did you mean 'tables'?"),
    ("tables:\n  a:\n    tittle: A", "x, line 3: 'tittle' is no word of settings; did you mean 'title'?"),
    (
        "tables:\n  a:\n    columns:\n      b: {q: 1}",
        "x, line 4: 'q' is no word of settings; there is 'description', 'kind', 'name'",
    ),
    ("tables: [a]", "x, line 1: names with values are needed here"),
    ("tables:\n  a: yes", "x, line 2: names with values are needed here"),
    ("\n- a", "x, line 2: names with values are needed here"),
    ("tables:\n  a: {omit: 5}", "x, line 2: true or false is needed here"),
    ("tables:\n  a: {omit: [true]}", "x, line 2: true or false is needed here"),
    ("title: {a: b}", "x, line 1: a text is needed here"),
    ("tables:\n  a: {}\n  a: {}", "x, line 3: 'a' is there twice"),
    ("title: a\ntitle: b", "x, line 2: 'title' is there twice"),
    ("tables:\n  ? [a]\n  : {}", "x, line 2: a text is needed here"),
    ("title: 'a\n\n", "x, line 3: found unexpected end of stream"),
    ("title: a\n---\ntitle: b", "x, line 2: but found another document"),
    (b"title: \xff", "x is no YAML"),
    ("title: \x00", "x is no YAML"),
    ("tables: " + "{a: " * 100_000, "x is no YAML"),
)


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[str(text)[:30] for text, _ in MISTAKES])
def test_a_mistake_is_told_with_its_line(text, message):
    with pytest.raises(Unusable) as refused:
        settings.parse(text, "x")
    assert str(refused.value).startswith(message)


def test_the_line_of_what_is_said_is_kept_for_later():
    told = settings.parse(WHOLE, "x.yaml")
    assert told.tables["bk_tbl"].columns["notes"].where == "x.yaml, line 12"
    assert told.tables["staff"].where == "x.yaml, line 15"
    assert told.tables["bk_tbl"].sort_where == "x.yaml, line 9"


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Unusable, match="cannot be read: No such file or directory"):
        settings.read(tmp_path / "settings.yaml")


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "settings.yaml"
    path.write_text("#" * (settings.LARGEST + 1))
    with pytest.raises(Unusable, match="larger than 1,000,000 bytes"):
        settings.read(path)


def test_aliases_are_understood_and_a_heap_of_them_is_not_unfolded():
    assert settings.parse("tables: {a: &one {omit: true}, b: *one}").tables["b"].omit
    lines = ["a0: &a0 {title: x}", *(f"a{i}: &a{i} {{p: *a{i - 1}, q: *a{i - 1}}}" for i in range(1, 60))]
    with pytest.raises(Unusable, match="no word of settings"):
        settings.parse("tables:\n  t:\n    columns:\n" + "\n".join(f"      {line}" for line in lines))


TITLED = """
title: The shop
description: Since 1954.
tables:
  orders:
    title: All orders
    description: What customers <b>have</b> ordered.
    columns:
      pieces: {title: Number, unit: boxes, description: 'How many, "or" 1.'}
      weight: {unit: kg}
      note: {title: note, description: Of the packer.}
"""


def test_titles_units_and_descriptions_are_on_pages_and_not_in_data(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as shop:
        shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, pieces INT, weight INT, note TEXT)")
        shop.execute("INSERT INTO orders VALUES (1, 2, 3, 'x')")
    shop.close()
    app = Flask("test")
    publish(Api(app), f"sqlite:///{path}", settings=settings.parse(TITLED))
    client = app.test_client()
    index = client.get("/data/", headers={"Accept": "text/html"}).text
    assert '<h1 dir="auto">The shop</h1>' in index
    assert "Since 1954." in index
    page = client.get("/data/orders.html").text
    assert '<h1 dir="auto">All orders</h1>' in page
    assert "What customers &lt;b&gt;have&lt;/b&gt; ordered." in page
    description = "How many, &quot;or&quot; 1."
    number = f'<th scope="col" class="num" title="{description}">Number (boxes)<small>pieces</small></th>'
    assert number in page
    assert '<th scope="col" class="num">weight (kg)</th><th scope="col" title="Of the packer.">note</th>' in page
    row = client.get("/data/orders/1.html").text
    assert f"<dt>Number (boxes)<small>pieces</small><small>{description}</small></dt>" in row
    assert "<dt>note<small>Of the packer.</small></dt>" in row
    assert "<dt>id</dt>" in row
    assert number in client.get("/data/orders.html?fields=pieces").text
    assert client.get("/data/orders.json").json == [{"id": 1, "pieces": 2, "weight": 3, "note": "x"}]
    assert client.get("/data/orders.csv").text == "id,pieces,weight,note\r\n1,2,3,x\r\n"
