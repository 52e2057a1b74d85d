"""What run.py publishes: its options, what it refuses, what it tells, and who may read and write."""

import json
import os
import re
import shlex
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer

import pytest
from accounts_service import ADA, LI, ROOT, UNSET, service, token
from click.testing import CliRunner
from test_server import SECONDS, run, running

from negotiate_api.publish.databases import engines
from negotiate_api.publish.errors import Unusable
from negotiate_api.publish.schema import settings
from negotiate_api.service import cli, load_files, published, sources
from negotiate_api.service.app import MAX_BODY, create_app
from negotiate_api.service.config import SQLITE

SETTINGS = ("PUBLISH", "WRITABLE", "PRIVATE", "SETTINGS", "REQUIRE_MATCH", "CACHE_CONTROL", "EXPORTS", "DELIMITER")
SETTINGS = (*SETTINGS, "ENCODING", "KEEP")


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """An environment that says nothing, before the test and after it."""
    for name in (*UNSET, *(f"NEGOTIATE_{name}" for name in (*SETTINGS, "LOAD_ANEW"))):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def shop(tmp_path):
    """A database of two tables."""
    return made(tmp_path / "shop.db")


def made(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE customers (code VARCHAR(8) PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(8) REFERENCES customers, item TEXT NOT NULL);
            INSERT INTO customers VALUES ('007', 'James'), ('NA', 'Ndapewa');
            INSERT INTO orders VALUES (1, '007', 'tea'), (2, 'NA', 'coffee');
        """)
    return path


@pytest.fixture
def prices(tmp_path):
    """A file of two rows."""
    path = tmp_path / "prices.csv"
    path.write_text("code,price\r\n0017,4.20\r\n0018,7.50\r\n")
    return path


@pytest.fixture
def publishing(tmp_path, monkeypatch):
    """Make a client of the service that publishes what these words and variables say."""

    def client(*places, **variables):
        monkeypatch.setenv("NEGOTIATE_PUBLISH", shlex.join(map(str, places)))
        for name, value in variables.items():
            monkeypatch.setenv(f"NEGOTIATE_{name}", value)
        found = sources.sources()
        load_files.load_files(tmp_path / "instance", found.files, told=published.of_sources(found))
        app = stack.enter_context(service(None, tmp_path / "instance"))
        return app.test_client()

    with ExitStack() as stack:
        yield client


# Where


def test_tables_of_a_database_and_a_file_share_an_index(publishing, shop, prices):
    client = publishing(shop, prices)
    index = client.get("/data/").json
    assert [(row["name"], row["uri"]) for row in index] == [
        (name, f"/data/{name}") for name in ("customers", "orders", "prices")
    ]
    assert client.get("/data/orders.csv").text == "id,customer,item\r\n1,007,tea\r\n2,NA,coffee\r\n"
    assert "0017" in client.get("/data/prices.csv").text


def test_database_with_a_name_has_a_folder(publishing, shop, prices, tmp_path):
    other = made(tmp_path / "other.db")
    client = publishing(shop, f"second={other}", f"costs={prices}")
    names = ["customers", "orders", "costs", "second/customers", "second/orders"]
    assert [row["name"] for row in client.get("/data/").json] == names
    assert [row["uri"] for row in client.get("/data/second/").json] == ["/data/second/customers", "/data/second/orders"]
    assert client.get("/data/second/orders/1").json["item"] == "tea"


def test_index_is_there_where_all_databases_have_names(publishing, shop, tmp_path):
    other = made(tmp_path / "other.db")
    client = publishing(f"hr={shop}", f"shop={other}", WRITABLE="hr/orders")
    found = [(row["name"], row["uri"], row["writable"]) for row in client.get("/data/").json]
    assert found == [
        ("hr/customers", "/data/hr/customers", False),
        ("hr/orders", "/data/hr/orders", True),
        ("shop/customers", "/data/shop/customers", False),
        ("shop/orders", "/data/shop/orders", False),
    ]
    assert client.get("/data/?format=csv").text.startswith("name,title,description,rows,writable,uri\r\nhr/customers")
    lines = [(row["uri"], row["description"]) for row in client.get("/").json if row["uri"].startswith("/data/")]
    assert lines == [
        ("/data/", "Everything that is published."),
        ("/data/hr/", "What is published as hr."),
        ("/data/shop/", "What is published as shop."),
    ]


def test_private_index_of_all_is_for_those_who_sign_in(publishing, shop):
    client = publishing(f"hr={shop}", PRIVATE="true")
    assert client.get("/data/").status_code == 401
    assert len(client.get("/data/", auth=ADA).json) == 2


def test_url_of_a_database_and_its_file_are_the_same(publishing, shop):
    assert publishing(f"sqlite:///{shop}").get("/data/orders/2.csv").status_code == 200


def test_each_kind_of_database_is_published(publishing, database_url):
    if database_url.startswith("sqlite"):
        Path(engines.url_of(database_url).database).touch()
    engine = engines.create(database_url, writable=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    engine.dispose()
    client = publishing(f"x={database_url}", WRITABLE="x/t")
    assert client.post("/data/x/t", json={"a": 1}, auth=ADA).status_code == 201
    assert client.get("/data/x/t.csv").text == "a\r\n1\r\n"


def test_index_of_the_service_names_what_is_published(publishing, shop):
    assert "/data/" in [row["uri"] for row in publishing(shop).get("/").json]


def test_without_publish_there_is_no_data(publishing):
    client = publishing()
    assert client.get("/data/").status_code == 404
    assert "/data/" not in [row["uri"] for row in client.get("/").json]


def test_world_stays(publishing, shop):
    assert publishing(shop).get("/api/helloworld").status_code == 200


# Who


def test_reading_is_open_and_writing_is_not(publishing, shop):
    client = publishing(shop, WRITABLE="orders")
    assert client.get("/data/orders").status_code == 200
    assert client.patch("/data/orders/1", json={"item": "x"}).status_code == 401
    assert client.patch("/data/orders/1", json={"item": "x"}, auth=(ADA[0], "wrong")).status_code == 401
    assert client.patch("/data/orders/1", json={"item": "milk"}, auth=ADA).status_code == 200
    assert client.get("/data/orders/1").json["item"] == "milk"


def test_table_that_is_not_named_is_not_written(publishing, shop):
    client = publishing(shop, WRITABLE="orders")
    response = client.delete("/data/customers/007", auth=ROOT)
    assert response.status_code == 405
    assert "DELETE" not in response.headers["Allow"]


def test_token_for_reading_writes_nothing(publishing, shop):
    client = publishing(shop, WRITABLE="orders")
    reads, writes = token(client, LI), token(client, LI, scope="write")
    assert client.patch("/data/orders/1", json={"item": "x"}, headers=reads).status_code == 403
    assert client.patch("/data/orders/1", json={"item": "x"}, headers=writes).status_code == 200


def test_who_was_removed_as_the_body_came_writes_nothing(publishing, shop, monkeypatch):
    client = publishing(shop, WRITABLE="orders")
    confirmed = published.sign_in.confirm

    def removed():
        with closing(sqlite3.connect(os.environ["PLACE"])) as connection:
            connection.execute("DELETE FROM users WHERE name = 'ada'")
            connection.commit()
        confirmed()

    monkeypatch.setenv("PLACE", client.application.config["SQLALCHEMY_DATABASE_URI"].database)
    monkeypatch.setattr(published.sign_in, "confirm", removed)
    assert client.post("/data/orders", json={"id": 3, "item": "x"}, auth=ADA).status_code == 401
    assert len(client.get("/data/orders").json) == 2


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", None])
def test_form_of_another_site_writes_nothing(publishing, shop, kind):
    client = publishing(shop, WRITABLE="orders")
    fields = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    response = client.post("/data/orders", data="id=3&item=x", content_type=kind, headers=fields, auth=ADA)
    assert response.status_code == 403
    assert len(client.get("/data/orders").json) == 2


@pytest.mark.parametrize("path", ["/data/", "/data/orders", "/data/orders/1", "/data/orders.csv", "/data/prices"])
def test_private_is_for_those_who_sign_in(publishing, shop, prices, path):
    client = publishing(shop, prices, PRIVATE="true")
    response = client.get(path)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"]
    response = client.get(path, auth=ADA)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Authorization" in response.vary
    assert client.get(path, headers=token(client, ADA)).status_code == 200


def test_private_leaves_world_open(publishing, shop):
    assert publishing(shop, PRIVATE="1").get("/api/helloworld").status_code == 200


# How


def test_cache_control_is_as_set(publishing, shop):
    client = publishing(shop, CACHE_CONTROL="public, max-age=60")
    assert client.get("/data/orders").headers["Cache-Control"] == "public, max-age=60"
    assert client.get("/data/orders/1").headers["Cache-Control"] == "public, max-age=60"


def test_require_match_asks_for_a_tag(publishing, shop):
    client = publishing(shop, WRITABLE="orders", REQUIRE_MATCH="true")
    assert client.patch("/data/orders/1", json={"item": "x"}, auth=ADA).status_code == 428
    tag = client.get("/data/orders/1.csv").headers["ETag"]
    response = client.patch("/data/orders/1", json={"item": "x"}, auth=ADA, headers={"If-Match": tag})
    assert response.status_code == 200


def test_settings_rename_and_leave_out_over_all_that_is_published(publishing, shop, prices, tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text("tables:\n  orders: {name: sales}\n  customers: {omit: true}\n  prices: {title: Prices}\n")
    client = publishing(shop, prices, SETTINGS=str(path), WRITABLE="sales")
    assert [(row["name"], row["title"]) for row in client.get("/data/").json] == [("sales", ""), ("prices", "Prices")]
    assert client.patch("/data/sales/1", json={"item": "x"}, auth=ADA).status_code == 200


@pytest.mark.parametrize("name", ["orders", "sales"])
@pytest.mark.parametrize("of_file", ["prices", "costs"])
def test_writable_takes_the_names_of_the_database_and_those_of_the_settings(
    publishing, shop, prices, tmp_path, name, of_file
):
    path = tmp_path / "shop.yaml"
    path.write_text("tables:\n  orders: {name: sales}\n  prices: {name: costs}\n")
    client = publishing(shop, prices, SETTINGS=str(path), WRITABLE=f"{name},{of_file}")
    assert [row["name"] for row in client.get("/data/").json if row["writable"]] == ["sales", "costs"]


def test_name_that_a_table_has_been_given_is_not_another_tables(publishing, shop, tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text("tables:\n  orders: {name: customers}\n  customers: {name: people}\n")
    client = publishing(shop, SETTINGS=str(path), WRITABLE="customers")
    assert [row["name"] for row in client.get("/data/").json if row["writable"]] == ["customers"]
    assert client.patch("/data/customers/1", json={"item": "x"}, auth=ADA).status_code == 200


@pytest.mark.parametrize("sort", ["-customer", "-client"])
def test_order_of_the_settings_takes_either_name_of_a_column(publishing, shop, tmp_path, sort):
    path = tmp_path / "shop.yaml"
    path.write_text(f"tables:\n  orders:\n    sort: '{sort}, id'\n    columns:\n      customer: {{name: client}}\n")
    assert [row["id"] for row in publishing(shop, SETTINGS=str(path)).get("/data/orders").json] == [2, 1]


def test_kind_of_a_column_of_a_file_is_as_the_settings_say(publishing, tmp_path):
    path, versions = tmp_path / "files.yaml", tmp_path / "versions.csv"
    versions.write_text("name,version\na,1.9\nb,1.10\n")
    path.write_text("tables:\n  versions: {name: releases, columns: {version: {kind: text}}}\n")
    assert (
        publishing(versions, SETTINGS=str(path)).get("/data/releases.csv").text == "name,version\r\na,1.9\r\nb,1.10\r\n"
    )


def test_prices_are_numbers_as_they_are_written(publishing, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("article,price\ntea,4.20\ncoffee,7.5\nrice,10\n")
    client = publishing(path, WRITABLE="prices")
    assert client.get("/data/prices.csv?price__lt=5").text == "article,price\r\ntea,4.20\r\n"
    assert (
        client.get("/data/prices.csv?sort=-price").text == "article,price\r\nrice,10.00\r\ncoffee,7.50\r\ntea,4.20\r\n"
    )
    assert '"price":4.20' in client.get("/data/prices.json").text.replace(" ", "")
    sent = client.get("/data/prices.csv").data
    report = client.put("/data/prices", data=sent, content_type="text/csv", auth=ADA).json
    assert (report["changed"], report["unchanged"]) == (0, 3)
    assert client.patch("/data/prices/tea", json={"price": "4.3"}, auth=ADA).json["price"] == 4.3
    assert client.get("/data/prices/tea.csv").text.endswith("tea,4.30\r\n")


def test_upload_may_be_larger_than_other_bodies(publishing, shop):
    client = publishing(shop, WRITABLE="orders")
    line = json.dumps({"id": 0, "item": "x" * 1000})
    body = "\n".join(line.replace('"id": 0', f'"id": {number}') for number in range(10, 17_000))
    assert len(body) > MAX_BODY
    response = client.post("/data/orders", data=body, content_type="application/x-ndjson", auth=ADA)
    assert response.status_code == 201
    assert response.json["added"] == 16_990
    assert client.post("/api/convert", data=body, content_type="application/x-ndjson").status_code == 413


# Files


def test_file_is_loaded_once_and_anew_as_it_changes(prices, tmp_path, capsys):
    folder, found = tmp_path / "instance", [sources.File("prices", prices)]
    load_files.load_files(folder, found)
    assert "price" in capsys.readouterr().out
    load_files.load_files(folder, found)
    assert capsys.readouterr().out == ""
    prices.write_text("code,price\r\n0019,1.00\r\n")
    load_files.load_files(folder, found)
    assert "price" in capsys.readouterr().out
    assert loaded(folder, "prices") == [("0019", 1.0)]


def loaded(folder, table):
    with closing(sqlite3.connect(folder / load_files.SQLITE)) as connection:
        return [(code, float(price)) for code, price in connection.execute(f"SELECT code, price FROM {table}")]


def test_file_that_changed_does_not_replace_what_was_written(publishing, prices, tmp_path):
    client = publishing(prices, WRITABLE="prices")
    key = client.get("/data/prices").json[0]["code"]
    assert client.patch(f"/data/prices/{key}", json={"price": 5}, auth=ADA).status_code == 200
    folder, found = tmp_path / "instance", [sources.File("prices", prices)]
    load_files.load_files(folder, found)
    prices.write_text("code,price\r\n0019,1.00\r\n")
    with pytest.raises(Unusable, match=r"--load-anew prices"):
        load_files.load_files(folder, found)
    load_files.load_files(folder, found, anew=["prices"])
    assert loaded(folder, "prices") == [("0019", 1.0)]


def test_file_that_changed_and_cannot_be_loaded_is_told_with_what_to_do(prices, tmp_path):
    folder, found = tmp_path / "instance", [sources.File("prices", prices)]
    before = prices.read_text()
    load_files.load_files(folder, found)
    prices.write_text("code,price\r\n0019\r\n")
    with pytest.raises(Unusable, match=r"line 2: 1 field[^$]*\nThe table prices is kept .* put the earlier file back"):
        load_files.load_files(folder, found)
    assert loaded(folder, "prices") == [("0017", 4.2), ("0018", 7.5)]
    prices.write_text(before)
    load_files.load_files(folder, found)


def test_file_is_loaded_anew_as_settings_make_other_kinds_of_its_columns(prices, tmp_path, capsys):
    folder, found = tmp_path / "instance", [sources.File("prices", prices)]
    load_files.load_files(folder, found)
    told = settings.parse("tables: {prices: {columns: {price: {kind: text}}}}")
    for expected in ("as the settings say", ""):
        capsys.readouterr()
        load_files.load_files(folder, found, told=told)
        assert expected in capsys.readouterr().out
    with closing(sqlite3.connect(folder / load_files.SQLITE)) as connection:
        assert connection.execute("SELECT price FROM prices").fetchall() == [("4.20",), ("7.50",)]


def test_delimiter_and_encoding_are_as_given(tmp_path, capsys):
    path = tmp_path / "prices.txt.csv"
    path.write_bytes("code,x;price\r\n0017;4.20\r\nÄ;1\r\n".encode("latin-1"))
    load_files.load_files(tmp_path / "instance", [sources.File("prices", path)], delimiter=";", encoding="latin-1")
    with closing(sqlite3.connect(tmp_path / "instance" / load_files.SQLITE)) as connection:
        assert connection.execute('SELECT "code,x" FROM prices').fetchall() == [("0017",), ("Ä",)]


def test_database_of_files_is_the_owners_alone(prices, tmp_path):
    load_files.load_files(tmp_path / "instance", [sources.File("prices", prices)])
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "instance").iterdir()} == {0}


# How long

ENDLESS = """
    CREATE TABLE t (a INTEGER PRIMARY KEY);
    INSERT INTO t VALUES (1);
    CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
"""


@pytest.fixture
def endless(tmp_path):
    """A database with a view without end."""
    path = tmp_path / "endless.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ENDLESS)
    return path


@pytest.mark.parametrize("writable", [False, True], ids=["read", "written"])
def test_others_are_answered_while_a_statement_works_and_it_is_503_when_its_time_is_over(endless, tmp_path, writable):
    options = ("--publish", endless, "--instance", tmp_path / "instance", "--workers", 1, "--query-seconds", 3)
    paths = ["/data/endless.csv?i=0", "/data/endless.json?i=0&limit=1", "/data/endless.xml?count=exact&limit=1"]
    with running(*options, *(("--writable", "t") if writable else ())) as started, ThreadPoolExecutor(3) as pool:
        assert started.get("/data/t/1")[0].status == 200  # it is up
        asked = [pool.submit(timed, started, path) for path in paths]
        others = [timed(started, "/data/t/1")]
        while not all(future.done() for future in asked):
            others.append(timed(started, "/data/t/1"))
        for future, mediatype in zip(asked, ("text/csv", "application/json", "application/xml"), strict=True):
            seconds, response, body = future.result()
            assert (response.status, response.headers.get_content_type()) == (503, mediatype)
            assert b"--query-seconds" in body
            assert seconds > 2.9
        assert {response.status for _, response, _ in others} == {200}
        assert sorted(seconds for seconds, _, _ in others)[len(others) // 2] < 0.3
        logged = started.stop()[2]
    assert logged.count("interrupted") == 3
    assert "Traceback" not in logged


def timed(started, path):
    """Seconds, the answer and its body."""
    begun = time.monotonic()
    response, body = started.get(path)
    return time.monotonic() - begun, response, body


def test_statement_ends_as_its_client_goes(endless, tmp_path):
    options = ("--publish", endless, "--instance", tmp_path / "instance", "--workers", 1, "--query-seconds", 0)
    with running(*options) as started:
        with started.connect() as client:
            client.sendall(b"GET /data/endless.csv?i=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert started.get("/data/t/1")[0].status == 200  # meanwhile
        assert is_logged(started, "interrupted")


def is_logged(service, text):
    """Wait until it is; the service is ended, should it not be."""
    watchdog = Timer(SECONDS, service.process.kill)
    watchdog.start()
    found = any(text in line for line in iter(service.process.stderr.readline, ""))
    watchdog.cancel()
    return found


# The command


def test_command_loads_publishes_and_says_where(shop, prices, tmp_path):
    options = ("--publish", shop, "--publish", f"costs={prices}", "--writable", "orders,costs")
    with running(*options, "--instance", tmp_path / "instance") as started:
        addresses = re.findall(r"http://[^/\s]+(/data/\S*)", started.summary)
        assert addresses == ["/data/", "/data/customers.csv", "/data/orders.csv", "/data/costs.csv"]
        assert {started.get(address)[0].status for address in addresses} == {200}
        assert "price" in started.summary
        assert "costs, orders" in started.summary


def test_command_names_what_is_written_as_it_was_told_to(shop, tmp_path):
    options = ("--publish", f"hr={shop}", "--writable", "hr/orders,hr/customers")
    with running(*options, "--instance", tmp_path / "instance") as started:
        assert "those who sign in write to hr/customers, hr/orders:" in started.summary
        assert started.get("/data/")[0].status == 200


def test_second_start_loads_no_file(prices, tmp_path):
    options = ("--publish", prices, "--instance", tmp_path / "instance")
    with running(*options) as first:
        first.stop()
    with running(*options) as second:
        assert "0017" in second.get("/data/prices.csv")[1].decode()
        assert "4.2" not in second.summary
        assert second.stop()[2] == ""


def test_published_is_set_by_the_environment(tmp_path):
    made(tmp_path / "of words.db")
    variables = {"NEGOTIATE_PUBLISH": shlex.join([f"a={tmp_path}/of words.db"]), "NEGOTIATE_WRITABLE": "a/orders"}
    with running("--instance", tmp_path / "instance", NEGOTIATE_REQUIRE_MATCH="yes", **variables) as started:
        assert started.get("/data/a/orders/1")[0].status == 200
        assert "PATCH" in started.get("/data/a/orders/1", method="OPTIONS")[0].getheader("Allow")


REFUSED = [
    (["--publish", "{folder}/nowhere.csv"], "nowhere.csv"),
    (["--publish", "sqlite:///{folder}/nowhere.db"], "there is no file .*nowhere.db"),
    (["--publish", "{folder}"], "no regular file"),
    (["--publish", "postgresql://me:s3cret@127.0.0.1:1/x"], "refused"),
    (["--publish", "postgresql://me:x@s3cret@127.0.0.1:1/x"], "two @; one in its password is written %40"),
    (["--publish", "oracle://me:s3cret@h/x"], "no driver for oracle"),
    (["--publish", "{shop}", "--writable", "ordrs"], "'ordrs', and no such table is published; did you mean 'orders'?"),
    (["--publish", "a={shop}", "--writable", "orders"], "no such table is published; there is 'a/TABLE'"),
    (
        ["--publish", "a={shop}", "--writable", "a/ordrs"],
        "'ordrs', and no such table is published; did you mean 'orders'?",
    ),
    (
        ["--publish", "{shop}", "--publish", "{prices}", "--writable", "price"],
        "'price', and no such table .* 'customers', 'orders'; and of files, prices",
    ),
    (["--writable", "orders"], "no such table is published"),
    (["--publish", "{shop}", "--publish", "{shop}"], "would be at /data"),
    (["--publish", "{prices}", "--publish", "{prices}"], "would be at /data/prices"),
    (
        ["--publish", "{shop}", "--publish", "orders={prices}"],
        "both .*prices.csv and sqlite.*shop.db have a table orders; name one as in --publish NAME=.*prices.csv",
    ),
    (["--publish", "{prices}", "--publish", "PRICES={shop_csv}"], "both .*prices.csv and .*shop.csv would be at"),
    (["--publish", "{shop}", "--publish", "orders={shop}"], "/data/orders is a table"),
    (["--publish", "sqlite:///{folder}/instance/" + SQLITE], "service's own database"),
    (["--publish", "{prices}", "--load-anew", "x"], "--load-anew"),
    (["--publish", "{prices}", "--encoding", "klingon"], "klingon"),
    (["--publish", "{shop}", "--settings", "{settings}"], "line 2: no table 'ordrs' is published; did you mean"),
    (["--publish", "{prices}", "--settings", "{kinds}"], "line 4: there is no kind 'day'; did you mean 'date'"),
    (["--publish", "prices={shop}", "--settings", "{sort}"], "line 4: there is no column 'itm' in 'orders' to sort by"),
    (["--publish", "{shop}", "--settings", "{kind}"], "line 4: kind is for the columns of files, and 'orders'"),
]


@pytest.fixture
def bound():
    """A socket that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        yield found


@pytest.mark.parametrize(("options", "reason"), REFUSED, ids=[" ".join(options) for options, _ in REFUSED])
def test_what_cannot_be_published_is_told_in_a_line(tmp_path, monkeypatch, bound, shop, prices, options, reason):
    (tmp_path / "shop.yaml").write_text("tables:\n  ordrs: {title: x}\n")
    (tmp_path / "kinds.yaml").write_text("tables:\n  prices:\n    columns:\n      price: {kind: day}\n")
    (tmp_path / "kind.yaml").write_text("tables:\n  orders:\n    columns:\n      item: {kind: text}\n")
    (tmp_path / "sort.yaml").write_text("tables:\n  orders:\n    name: sales\n    sort: -itm\n")
    (tmp_path / "shop.csv").write_text("a\n1\n")
    monkeypatch.setattr(cli.server.Server, "take_over", lambda *_: pytest.fail("it starts"))
    monkeypatch.setattr(cli.server, "bind", lambda *_: bound)
    monkeypatch.setattr(cli, "load_world", lambda engine: None)
    create_app(None, tmp_path / "instance")
    (tmp_path / "instance" / SQLITE).touch(0o600)
    places = {"folder": tmp_path, "shop": shop, "prices": prices, "settings": tmp_path / "shop.yaml"}
    places |= {"shop_csv": tmp_path / "shop.csv"}
    places |= {name: tmp_path / f"{name}.yaml" for name in ("kinds", "kind", "sort")}
    words = [word.format(**places) for word in options]
    line = ["--port", "0", "--instance", str(tmp_path / "instance"), *words]
    ended = CliRunner().invoke(cli.main, line, catch_exceptions=False)
    assert ended.exit_code == 1, ended.output
    assert re.search(rf"^Error: .*({reason}).*\n$", ended.stderr, re.MULTILINE), ended.stderr
    assert ended.stderr.count("\n") <= 3
    assert "s3cret" not in ended.stderr


def test_users_are_added_without_what_is_published(tmp_path):
    run_ = run("--instance", tmp_path, "--publish", tmp_path / "nowhere.db", "user", "list")
    assert "nowhere" not in run_.stderr


def test_word_of_the_environment_that_is_not_closed_is_told():
    ended = run("--port", 0, NEGOTIATE_PUBLISH="'a")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "cannot be split into words" in ended.stderr
