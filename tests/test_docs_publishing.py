"""The page docs/publishing.md: its commands run against the service, and do what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_server import running

from negotiate_api.service.cli import main

ROOT = Path(__file__).parent.parent

PAGE = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")

COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)

MAKING = next(block for block in COMMANDS if "sqlite3" in block)

LINES = [line for block in COMMANDS for line in block.splitlines() if line.startswith(("curl", "sed"))]

PASSWORD = "four words of tests"

ANSWERS = [
    # World
    r"^name,population\r\nWindhoek,\d+\r\n[^\r]+\r\n[^\r]+\r\n$",
    r"\n- code: DK\n  name: Denmark\n(.*\n)*- code: SE\n  name: Sweden\n",
    r"^country,count,sum_population\r\n(CN|IN),\d+,\d+\r\n(CN|IN),\d+,\d+\r\n[^\r]+\r\n$",
    r'"name":"Windhoek","country":\{"code":"NA","iso3":"NAM"',
    # Reading
    r'(?s)"name":"customers".*"name":"orders".*"name":"prices"',
    r'^id,customer_code,item,pieces,note\r\n1,007,"tea, black",2,""\r\n2,NA,coffee,12,\r\n3,.*,"a ""small"" one"\r\n4,',
    r'^id: 1\ncustomer_code: "007"\nitem: tea, black\npieces: 2\nnote: ""\n$',
    r'<code type="str">李/雷</code>.*<city type="str">北京</city><since type="str">2024-05-01</since>',
    r'^item,pieces\r\n茶,30\r\ncoffee,12\r\n"tea, black",2\r\n$',
    r'^\{"id":2,[^\n]*\n\{"id":3,[^\n]*\n$',
    r"^id,[^\r]*\r\n1,[^\r]*\r\n3,[^\r]*\r\n$",
    r'"customer": ?\{"code": ?"NA", ?"name": ?"Ndapewa"',
    r"^customer_code,count,sum_pieces\r\n李/雷,1,30\r\nNA,2,13\r\n007,1,2\r\n$",
    r"(?s)^HTTP/1.1 200 OK\r\n.*X-Total-Count: 4\r\n.*\r\n\r\nid,.*\r\n1,.*\r\n2,[^\r]*\r\n$",
    r"^id,[^\r]*\r\n3,[^\r]*\r\n4,[^\r]*\r\n$",
    r'^\[?\n?\{"article": ?"tea, black", ?"price": ?4.20, ?"valid_from": ?"2026-01-01", ?"code": ?"0017"\}\n?\]?\n$',
    r"pieces__gt is 'many'",
    r"message: .*peices(.*\n)*.*pieces",
    # Writing
    r'(?s)^HTTP/1.1 201 .*Location: \S*/data/orders/5\r\n.*"id": ?5, ?"customer_code": ?"007", .*"pieces": ?1',
    r'"message": "1 of 2 rows cannot be stored; nothing was.*"line": 3, ',
    r"^$",
    r"^$",
    r"(?m)^changed,3,2,pieces,12,24,.*$",
    r'"changed": ?1, ?"unchanged": ?4',
    r'"note": ?"decaffeinated"',
    r"^added,changed,unchanged,removed\r\n1,1,0,0\r\n$",
    r'"removed": 1',
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which the page's database and file were made."""
    folder = tmp_path_factory.mktemp("publishing")
    script = MAKING.replace(".venv/bin/python", sys.executable)
    subprocess.run(["bash", "-euc", script], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def url(folder):
    """The URL of the service as the page starts it."""
    options = re.search(r'make run ARGS="(.*?)"', PAGE)[1]
    options = options.replace("shop.db", f"/{folder / 'shop.db'}").replace("prices.csv", str(folder / "prices.csv"))
    with running(*options.split(), "--instance", folder / "instance", NEGOTIATE_ADMIN_PASSWORD=PASSWORD) as service:
        yield f"http://127.0.0.1:{service.port}"


def test_lines_of_curl_are_answered_as_the_page_says(url, folder):
    environment = {**os.environ, "URL": url, "PASSWORD": PASSWORD}
    answers = []
    for line in LINES:
        quiet = f"{line} -sS" if line.startswith("curl") else line
        done = subprocess.run(["bash", "-c", quiet], env=environment, cwd=folder, capture_output=True, check=True)
        answers.append(done.stdout.decode())

    assert len(answers) == len(ANSWERS)
    for line, answer, expected in zip(LINES, answers, ANSWERS, strict=True):
        assert re.search(expected, answer), (line, answer)


def test_settings_of_the_page_are_read_as_they_say(folder):
    (folder / "shop.yaml").write_text(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    options = ("--publish", f"sqlite:///{folder / 'shop.db'}", "--settings", folder / "shop.yaml")
    with running(*options, "--instance", folder / "instance", NEGOTIATE_ADMIN_PASSWORD=PASSWORD) as service:
        _, tables = service.get("/data/?format=json")
        _, orders = service.get("/data/orders.yaml")

    assert {table["name"]: table["title"] for table in json.loads(tables)}["orders"] == "Orders"
    ids = [order["id"] for order in yaml.safe_load(orders)]
    assert ids == sorted(ids, reverse=True)
    assert "note" not in orders.decode()


@pytest.fixture
def program(folder, monkeypatch):
    """What gives a client of the program on the page that has some words in it."""

    def client(words):
        code = next(block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if words in block)
        namespace = {"__name__": "page"}
        exec(compile(code, "publishing.md", "exec"), namespace)
        programs.append(namespace)
        return namespace["app"].test_client()

    programs = []
    monkeypatch.chdir(folder)
    yield client
    for one in programs:
        if "db" in one:
            with one["app"].app_context():
                one["db"].engine.dispose()


def test_program_of_the_page_publishes_its_tables(program):
    client = program("prefix=")

    assert [table["name"] for table in client.get("/data/").json] == ["customers", "orders"]
    assert client.get("/data/customers.csv").text.splitlines()[0] == "code,name,city,since"
    assert client.delete("/data/customers/007").status_code == 405


def test_program_of_the_page_publishes_its_models(program):
    client = program("class Book")

    assert client.post("/data/author", json={"name": "Ada"}).json == {"id": 1, "name": "Ada"}
    book = {"isbn": "978", "called": "Notes", "author_id": 1, "author": "/data/author/1"}
    assert client.post("/data/book", json={"isbn": "978", "called": "Notes", "author_id": 1}).json == book
    assert client.put("/data/book/978", json=client.get("/data/book/978").json).json == book
    assert client.get("/data/book?called__startswith=N&sort=called").json == [book]
    assert client.get(book["author"]).json["name"] == "Ada"
    assert client.get("/data/author?email__isnull=true").status_code == 400


def test_program_of_the_page_uses_the_parts(program):
    client = program("class LargeOrders")

    pieces = [row["pieces"] for row in client.get("/large_orders?sort=-pieces&fields=pieces").json]
    assert pieces[0] == 30
    assert pieces == sorted((number for number in pieces if number >= 10), reverse=True)
    assert any('rel="next"' in link for link in client.get("/large_orders.csv?limit=1").headers.getlist("Link"))
    assert {row["item"]: row["pieces"] for row in client.get("/items").json}["茶"] == 30


def test_options_that_the_page_names_are_those_there_are():
    known = {name for option in main.params for name in option.opts}
    assert set(re.findall(r"`(--[\w-]+)", PAGE)) <= known
