"""The service by Flask's test client, on each database; on SQLite alone where it is nothing to the others."""

import gzip
import io
import re
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

import pytest
from accounts_service import ROOT, UNSET, service
from sqlalchemy import create_engine, event, insert, select, text
from sqlalchemy.exc import IntegrityError

from negotiate_api.publish.databases import engines
from negotiate_api.service import config, load
from negotiate_api.service.app import create_app
from negotiate_api.service.errors import Unusable
from negotiate_api.service.models import City, db

COUNTS = {"countries": 252, "cities": 34_006, "country_names": 8_000, "languages": 656, "currencies": 306}

UNREACHABLE = "postgresql://nobody:s3cret@127.0.0.1:1/x"

ITEMS = [
    ("countries/NA", {"code": "NA", "name": "Namibia", "numeric": "516"}),
    ("countries/AF", {"numeric": "004", "language": {"code": "fa", "name": "Persian"}}),
    ("countries/NO", {"name": "Norway", "currency": {"code": "NOK", "name": "Norwegian Krone"}}),
    ("countries/AQ", {"currency": None, "population": 0}),
    ("cities/3352136", {"id": 3352136, "name": "Windhoek", "country": {"code": "NA", "name": "Namibia"}}),
    ("languages/no", {"countries": [{"code": "NO", "name": "Norway"}]}),
    ("languages/zh-Hant", {"native_name": "繁體中文", "script": "Hant"}),
    ("currencies/NAD", {"digits": 2, "countries": [{"code": "NA", "name": "Namibia"}]}),
    ("country_names/NA/ja", {"name": "ナミビア", "language": {"code": "ja", "name": "Japanese"}}),
]

each_table = pytest.mark.parametrize("table", COUNTS)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def app(world_url, tmp_path_factory):
    app = create_app(world_url, tmp_path_factory.mktemp("instance"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def engine(tmp_path):
    app = create_app(instance=tmp_path)
    with app.app_context():
        yield db.engine
        db.engine.dispose()


@contextmanager
def statements(app):
    """Give a list that every SQL statement goes to."""
    seen = []

    def note(connection, cursor, statement, *rest):
        seen.extend([] if statement.startswith("BEGIN") else [statement])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def subset(expected, data):
    """Keep of data what expected has, at every level."""
    if isinstance(expected, dict) and data is not None:
        return {key: subset(value, data[key]) for key, value in expected.items()}
    if isinstance(expected, list):
        return [subset(*pair) for pair in zip(expected, data, strict=True)]
    return data


def paths(data):
    """Find every path in data."""
    if isinstance(data, dict):
        return [path for value in data.values() for path in paths(value)]
    if isinstance(data, list):
        return [path for value in data for path in paths(value)]
    return [data] if isinstance(data, str) and data.startswith("/") else []


def copied(folder):
    """Copy the data files."""
    folder.mkdir()
    for path in load.FOLDER.glob("*.csv.gz"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def counted(engine):
    with engine.connect() as connection:
        return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in COUNTS}


# What there is


def test_index_leads_to_what_there_is(client):
    links = paths(client.get("/").json)
    private = ["/api/user", "/api/tokens", "/api/todos", "/api/create"]
    assert links == ["/api/world/", "/api/helloworld", "/api/convert", *private, "/healthz", "/readyz"]
    assert [client.get(link).status_code for link in links] == [200] * 3 + [401] * 4 + [200] * 2


def test_hello_world_says_so(client):
    assert client.get("/api/helloworld").json == {"status": 1, "message": "Hello World!"}


def test_world_lists_its_tables(client):
    tables = client.get("/api/world/").json
    assert {table["name"]: table["rows"] for table in tables} == COUNTS
    assert [client.get(table["uri"]).status_code for table in tables] == [200] * 5
    assert all(table["description"] for table in tables)


def test_world_takes_a_suffix(client):
    assert client.get("/api/world.csv").text.startswith("name,description,rows,uri\r\ncountries,")


def test_unknown_url_is_answered_in_the_format_asked_for(client):
    response = client.get("/api/nothing.csv")
    assert (response.status_code, response.mimetype) == (404, "text/csv")


# Tables


@each_table
def test_table_is_what_its_file_holds(client, table):
    assert client.get(f"/api/world/{table}.csv").data == gzip.decompress((load.FOLDER / f"{table}.csv.gz").read_bytes())


def test_table_keeps_codes_text_and_figures_numbers(client):
    row = next(row for row in client.get("/api/world/countries").json if row["code"] == "AF")
    assert (row["numeric"], row["area_km2"], row["phone"]) == ("004", 647500, "93")


def test_table_keeps_null(client):
    row = next(row for row in client.get("/api/world/countries").json if row["code"] == "XK")
    assert (row["code"], row["numeric"]) == ("XK", None)


@each_table
def test_head_of_a_table_reads_no_rows(app, client, table):
    path = f"/api/world/{table}"
    client.head(path)  # which looks at the tables first
    with statements(app) as seen:
        response = client.head(path)
    assert (response.status_code, response.data) == (200, b"")
    assert not any(f"FROM {table}" in statement for statement in seen)


def test_page_of_a_table_is_read_alone(app, client):
    whole = client.get("/api/world/countries.csv").text.splitlines()
    with statements(app) as seen:
        page = client.get("/api/world/countries.csv?limit=3&page=34").text.splitlines()
    assert page == [whole[0], *whole[100:103]]
    assert any("LIMIT" in statement for statement in seen)


def test_table_counts_its_rows_when_asked(client):
    assert client.head("/api/world/cities?count=exact").headers["X-Total-Count"] == "34006"
    assert client.head("/api/world/countries/NA/cities?count=exact").headers["X-Total-Count"] == "19"


@each_table
def test_links_of_a_table_lead_to_rows(client, table):
    page = client.get(f"/api/world/{table}.html?limit=3").text
    links = set(re.findall(r'<td[^>]*><a href="(/api/world/[^"]+)"', page))
    assert any(link.startswith(f"/api/world/{table}/") for link in links)
    assert {client.get(link).status_code for link in links} == {200}


# A table asked as any that is published


@each_table
def test_table_has_a_tag_of_each_format(client, table):
    first = client.get(f"/api/world/{table}.csv")
    tag = first.headers.get("ETag") or client.get(f"/api/world/{table}.csv?limit=1000").headers["ETag"]
    assert tag.endswith('.csv"')
    path = f"/api/world/{table}.csv" if "ETag" in first.headers else f"/api/world/{table}.csv?limit=1000"
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["countries/NA", "cities/3352136", "languages/nb", "country_names/NA/de"])
def test_row_has_a_tag(client, path):
    tag = client.get(f"/api/world/{path}.yaml").headers["ETag"]
    assert client.get(f"/api/world/{path}.yaml", headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"/api/world/{path}.json", headers={"If-None-Match": tag}).status_code == 200


def test_table_is_filtered_sorted_and_cut(client):
    rows = client.get("/api/world/cities.csv?country=NA&sort=-population&limit=2&fields=name,country").text
    assert rows.splitlines()[:2] == ["name,country", "Windhoek,NA"]
    assert len(rows.splitlines()) == 3


def test_table_is_searched_and_expanded(client):
    (city,) = client.get("/api/world/cities?q=windhoek&name=Windhoek&expand=country").json
    assert city["country"]["name"] == "Namibia"


def test_cities_of_a_country_are_filtered_and_sorted_too(client):
    cities = client.get("/api/world/countries/NA/cities?population__lt=50000&sort=name").json
    assert [city["name"] for city in cities] == sorted(city["name"] for city in cities)
    assert {city["country"] for city in cities} == {"NA"}
    assert all(city["population"] < 50_000 for city in cities)


def test_cities_of_a_country_are_grouped(client):
    assert client.get("/api/world/countries/NA/cities?group=country").json == [{"country": "NA", "count": 19}]


def test_cities_of_a_country_are_no_other_ones(client):
    tags = [client.head(f"/api/world/{path}?limit=5").headers["ETag"] for path in ("cities", "countries/NA/cities")]
    assert len(set(tags)) == 2
    assert client.get("/api/world/countries/NA/cities?country=NO").status_code == 400
    assert client.get("/api/world/countries/NA/cities?country__ne=NA").json == []
    assert client.get("/api/world/countries/QQ/cities").status_code == 404


def test_parameter_that_is_not_known_is_told(client):
    response = client.get("/api/world/cities.csv?populatoin=5")
    assert response.status_code == 400
    assert "population" in response.text


def test_cities_of_a_country_come_largest_first(client):
    cities = client.get("/api/world/countries/NA/cities").json
    assert (len(cities), cities[0]["name"]) == (19, "Windhoek")
    assert {city["country"] for city in cities} == {"NA"}
    assert [city["population"] for city in cities] == sorted((c["population"] for c in cities), reverse=True)


def test_names_of_a_country_are_in_32_languages(client):
    assert len(client.get("/api/world/countries/NA/names").json) == 32


def test_stream_gives_its_connection_back(app, client):
    with app.app_context():
        pool = db.engine.pool
    response = client.get("/api/world/cities")
    assert pool.checkedout() == 1
    assert len(response.json) == 34_006
    assert pool.checkedout() == 0


def test_stream_cut_short_gives_its_connection_back(app, client):
    with app.app_context():
        pool = db.engine.pool
    client.get("/api/world/cities").close()
    assert pool.checkedout() == 0


def test_slow_readers_leave_connections_for_others(client):
    contexts = [copy_context() for _ in range(30)]
    readers = [context.run(client.get, "/api/world/cities") for context in contexts]
    status = client.get("/readyz").status_code
    for context, reader in zip(contexts, readers, strict=True):
        context.run(reader.close)
    assert status == 200


# Rows


@pytest.mark.parametrize(("path", "expected"), ITEMS, ids=[path for path, _ in ITEMS])
def test_item_is_a_dict_with_what_it_belongs_to(client, path, expected):
    item = client.get(f"/api/world/{path}").json
    assert subset(expected, item) == expected
    assert item["uri"] == f"/api/world/{path}"


@pytest.mark.parametrize("path", [path for path, _ in ITEMS])
def test_link_of_an_item_leads_on(client, path):
    links = paths(client.get(f"/api/world/{path}").json)
    assert links
    assert {client.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize("path", [path for path, _ in ITEMS])
def test_item_takes_a_suffix(client, path):
    response = client.get(f"/api/world/{path}.csv")
    assert (response.status_code, response.mimetype) == (200, "text/csv")


def test_item_has_the_columns_of_its_table(client):
    columns = client.get("/api/world/countries.csv").text.partition("\r\n")[0].split(",")
    assert [key for key in client.get("/api/world/countries/NA").json if key in columns] == columns


@pytest.mark.parametrize(
    ("path", "sought"),
    [
        ("countries/ZZ", "country 'ZZ'"),
        ("countries/na", "country 'na'"),
        ("countries/%00A", "country '\\x00A'"),
        ("countries/ZZ/cities", "country 'ZZ'"),
        ("countries/ZZ/names", "country 'ZZ'"),
        ("cities/1", "city '1'"),
        ("languages/xx-Nope", "language 'xx-Nope'"),
        ("languages/zh-hant", "language 'zh-hant'"),
        ("currencies/ABC", "currency 'ABC'"),
        ("country_names/NA/xx", "country name 'NA/xx'"),
    ],
)
def test_unknown_key_is_404_saying_what_was_sought(client, path, sought):
    response = client.get(f"/api/world/{path}")
    assert (response.status_code, response.json["message"]) == (404, f"There is no {sought}.")


@pytest.mark.parametrize("path", ["countries/NAM", "cities/99999999999999999999", "cities/x", "nothing"])
def test_key_of_another_kind_is_404(client, path):
    assert client.get(f"/api/world/{path}").status_code == 404


# Conversion


def test_convert_gives_back_what_it_reads_in_the_format_asked_for(client):
    response = client.post("/api/convert.csv", json=[{"code": "NA", "numeric": "004"}])
    assert response.data == b"code,numeric\r\nNA,004\r\n"


def test_convert_reads_by_content_type(client):
    response = client.post("/api/convert", data="code,tld\r\nNO,\r\n", content_type="text/csv")
    assert response.json == [{"code": "NO", "tld": None}]


def test_convert_refuses_what_is_too_large(client):
    response = client.post("/api/convert", data=b" " * (16 * 1024 * 1024 + 1), content_type="application/json")
    assert response.status_code == 413


# Fields of every answer


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/api/world/cities", 200), ("/nothing", 404), ("/api/world", 308)]
)
def test_answer_says_how_it_may_be_kept_and_read(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    response.close()


@pytest.mark.parametrize(
    ("path", "location"), [("/api//world/cities?x=1", "/api/world/cities?x=1"), ("/api/world", "/api/world/")]
)
def test_redirect_does_not_lead_to_the_host_that_a_client_names(client, path, location):
    response = client.get(path, headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (308, location)


# Health


def test_health_needs_no_database(tmp_path):
    client = create_app(UNREACHABLE, tmp_path).test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})


def test_ready_says_ok(client):
    assert client.get("/readyz").json == {"status": "ok"}


def test_ready_is_503_without_tables(tmp_path):
    app = create_app(None, tmp_path)
    assert app.test_client().get("/readyz").status_code == 503
    with app.app_context():
        db.engine.dispose()


def test_ready_is_503_without_a_database_and_tells_nothing_of_it(tmp_path):
    response = create_app(UNREACHABLE, tmp_path).test_client().get("/readyz")
    assert (response.status_code, response.json) == (503, {"status": "unavailable"})
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/api/world/", "/api/world/cities.csv", "/api/world/countries/NA"])
def test_resource_is_503_without_a_database(tmp_path, path):
    response = create_app(UNREACHABLE, tmp_path).test_client().get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "127.0.0.1" not in response.text


# The secret


def test_secret_key_is_made_once_for_the_owner_alone(tmp_path):
    key = create_app(instance=tmp_path / "made").config["SECRET_KEY"]
    path = tmp_path / "made" / "secret_key"
    assert (path.read_text(), path.stat().st_mode & 0o777) == (key, 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert create_app(instance=tmp_path / "made").config["SECRET_KEY"] == key
    assert len(key) == 64


def test_secrets_are_not_in_the_repr_of_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "s3cret" * 8)
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@h:6379/0")
    assert "s3cret" not in repr(config.settings("postgresql://me:s3cret@h/x", tmp_path))


def test_secret_keys_of_two_instances_differ(tmp_path):
    assert config.settings(instance=tmp_path / "a").secret_key != config.settings(instance=tmp_path / "b").secret_key


@pytest.mark.parametrize("name", ["SECRET_KEY", "NEGOTIATE_SECRET_KEY"])
def test_secret_key_of_the_environment_is_not_stored(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "given")
    assert config.settings(UNREACHABLE, tmp_path / "none").secret_key == "given"
    assert not (tmp_path / "none").exists()


def test_secret_key_made_by_many_at_once_is_one(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: config.settings(instance=tmp_path).secret_key, range(64)))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_secret_key_open_to_others_is_refused(tmp_path):
    config.settings(instance=tmp_path)
    (tmp_path / "secret_key").chmod(0o640)
    with pytest.raises(Unusable, match="open to others; remove it"):
        create_app(instance=tmp_path)


def test_secret_key_too_short_is_refused(tmp_path):
    config.settings(instance=tmp_path)
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(Unusable, match="fewer than 32 characters"):
        create_app(instance=tmp_path)


def test_instance_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="cannot be made: Not a directory"):
        create_app(instance=tmp_path / "file" / "instance")


# Databases


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://h/x", "postgresql+psycopg"),
        ("postgresql://h/x", "postgresql+psycopg"),
        ("postgresql+psycopg://h/x", "postgresql+psycopg"),
        ("mysql://h/x", "mysql+pymysql"),
        ("mariadb://h/x", "mariadb+pymysql"),
        ("sqlite:////tmp/x", "sqlite"),
    ],
)
def test_database_url_gets_its_driver(given, driver):
    assert engines.url_of(given).drivername == driver


def test_database_url_keeps_its_password_to_itself():
    url = engines.url_of("postgres://me:s3cret@h/x?password=s3cret")
    assert url.password == "s3cret"
    assert engines.shown(url) == "postgresql+psycopg://me:***@h/x"


def test_failing_database_keeps_its_password_to_itself():
    url = engines.url_of("postgres://me:s3cret@h/x")
    assert "s3cret" not in str(engines.unusable(url, ValueError("no s3cret\nsecond line")))
    assert "second" not in str(engines.unusable(url, ValueError("no s3cret\nsecond line")))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("nonsense", "given by a URL"),
        ("postgresql://h:port/x", "given by a URL"),
        ("nonsense://h/x", "no driver for nonsense"),
        ("postgresql+psycopg2://h/x", "no driver for"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_database_url_that_cannot_be_used_is_refused(given, reason):
    with pytest.raises(Unusable, match=reason):
        engines.url_of(given)


@pytest.mark.parametrize(
    ("given", "package", "extra"),
    [
        ("postgres://h/x", "psycopg", "postgresql"),
        ("mysql://h/x", "pymysql", "mariadb"),
        ("mariadb://h/x", "pymysql", "mariadb"),
    ],
)
def test_database_without_its_driver_is_told_with_a_way_out(monkeypatch, given, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Unusable, match=rf"pip install 'negotiate_api\[{extra}\]'"):
        engines.url_of(given)


def test_redis_without_its_client_is_told_with_a_way_out(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://h:6379/0")
    assert config.accounts().redis
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(Unusable, match=r"pip install 'negotiate_api\[redis\]'"):
        config.accounts()


def test_sqlite_files_are_for_the_owner_alone(engine, tmp_path):
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE one (id INTEGER)"))
        connection.commit()
        files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob(f"{config.SQLITE}*")}
    assert files == {config.SQLITE + suffix: 0o600 for suffix in ("", "-wal", "-shm")}


def test_sqlite_file_that_is_there_keeps_its_mode(tmp_path):
    path = tmp_path / "shared.sqlite"
    path.touch()
    path.chmod(0o660)
    app = create_app(f"sqlite:///{path}", tmp_path)
    with app.app_context():
        engines.check(db.engine)
        db.engine.dispose()
    assert path.stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize(
    ("method", "path", "values"),
    [
        ("POST", "/api/user", {"name": "secretive", "password": "s3cret of mine"}),
        ("PUT", "/api/todos/todo1", {"task": "s3cret of mine"}),
        ("POST", "/api/tokens", {"name": "secretive"}),
    ],
)
def test_write_that_fails_logs_nothing_of_what_it_was_to_write(tmp_path, caplog, method, path, values):
    with service(None, tmp_path) as app:
        with app.app_context():
            for table in ("users", "todos", "tokens"):
                broken = "BEFORE INSERT ON {0} BEGIN INSERT INTO nowhere VALUES (1); END"
                db.session.execute(text(f"CREATE TRIGGER broken_{table} {broken.format(table)}"))
            db.session.commit()
        response = app.test_client().open(path, method=method, auth=ROOT, json=values)
    assert response.status_code == 503
    assert "no such table: main.nowhere" in caplog.text
    assert not re.search("scrypt|secretive|s3cret|[0-9a-f]{64}", caplog.text)


def test_sqlite_is_durable_and_checks_foreign_keys(engine):
    with engine.connect() as connection:
        found = [connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert found == ["wal", 2, 1]


def test_sqlite_refuses_a_row_that_refers_to_nothing(engine):
    load.load_world(engine)
    values = {"id": 1, "name": "x", "country": "ZZ", "latitude": 0, "longitude": 0, "population": 0, "timezone": "x"}
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(City.__table__), values)


# Loading


def test_world_is_loaded_once(engine, capsys):
    assert load.load_world(engine)
    assert counted(engine) == COUNTS
    assert "Loading World" in capsys.readouterr().err
    assert not load.load_world(engine)
    assert capsys.readouterr().err == ""


def test_world_of_another_version_is_loaded_anew(engine, tmp_path):
    load.load_world(engine)
    folder = copied(tmp_path / "data")
    lines = gzip.decompress((folder / "cities.csv.gz").read_bytes()).splitlines(keepends=True)
    (folder / "cities.csv.gz").write_bytes(gzip.compress(b"".join(lines[:11])))
    assert load.load_world(engine, folder)
    assert counted(engine) == {**COUNTS, "cities": 10}


@pytest.mark.parametrize("damage", [lambda packed: packed[:-2000], lambda packed: b"", lambda packed: b"no gzip"])
def test_world_that_cannot_be_read_leaves_the_old_one(engine, tmp_path, damage):
    load.load_world(engine)
    folder = copied(tmp_path / "data")
    path = folder / "country_names.csv.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Unusable, match="cannot be read"):
        load.load_world(engine, folder)
    assert counted(engine) == COUNTS
    assert not load.load_world(engine)


def test_world_without_its_files_is_refused(engine, tmp_path):
    with pytest.raises(Unusable, match="cannot be read"):
        load.load_world(engine, tmp_path)


def test_world_does_not_touch_tables_of_others(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE cities (mine TEXT)"))
        connection.execute(text("INSERT INTO cities VALUES ('kept')"))
    with pytest.raises(Unusable, match="has tables of its own named cities"):
        load.load_world(engine)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT mine FROM cities")).all() == ["kept"]


def prepared(engine):
    engines.prepare(engine)
    return engine


def test_world_waits_for_the_one_who_loads_it(engine, tmp_path):
    writer = sqlite3.connect(tmp_path / config.SQLITE, isolation_level=None, check_same_thread=False)
    with engine.connect() as connection:
        connection.execute(select(1))
    writer.execute("BEGIN IMMEDIATE")
    others = [create_engine(engine.url, **engines.options(engine.url)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        loading = [pool.submit(load.load_world, prepared(each)) for each in others]
        writer.execute("COMMIT")
        assert sorted(future.result() for future in loading) == [False, True]
    writer.close()
    assert counted(engine) == COUNTS


def test_convert_refuses_a_file_in_a_form_and_does_not_lose_it(client):
    response = client.post("/api/convert", data={"f": (io.BytesIO(b"a\r\n1\r\n"), "a.csv")})
    assert response.status_code == 415
    assert "file" in response.json["message"]
