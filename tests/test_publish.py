"""publish(): the tables of a database as resources, read."""

import csv
import io
import re

import databases
import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask, request
from lxml import html
from werkzeug.exceptions import Unauthorized
from werkzeug.http import parse_list_header

from negotiate_api import Api, Resource, fields, marshal
from negotiate_api.publish import publish, rows
from negotiate_api.publish.databases import engines
from representations import DEFAULTS, HTML, Part, Rows

ODD = ["a/b", "c.d", "e,f", "100%", "~", "x y", "å", "", "..", "q?r#s", "n+m&o=p", "~2F", "<b>", "\\", '"']
"""Keys that a URL has to be careful with."""

COUNTRIES = [(f"C{n:03}", f"Land {n}", n * 1000, None if n % 3 else "note") for n in range(250)]
CITIES = [(n, f"Stadt {n}", f"C{n % 100:03}") for n in range(300)]
NAMES = [(f"C{n:03}", language, f"{language} {n}") for n in range(20) for language in ("de", "en", "zh-Hant")]


def tables():
    metadata = sa.MetaData()
    sa.Table(
        "countries",
        metadata,
        sa.Column("code", sa.String(10), primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("population", sa.Integer),
        sa.Column("note", sa.String(50)),
    )
    sa.Table(
        "cities",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(50)),
        sa.Column("country_code", sa.String(10), sa.ForeignKey("countries.code")),
    )
    sa.Table(
        "country_names",
        metadata,
        sa.Column("country_code", sa.String(10), sa.ForeignKey("countries.code"), primary_key=True),
        sa.Column("language", sa.String(10), primary_key=True),
        sa.Column("name", sa.String(50)),
    )
    sa.Table("odd", metadata, sa.Column("key", sa.String(20), primary_key=True), sa.Column("page", sa.Integer))
    sa.Table("pairs", metadata, sa.Column("a", sa.String(20)), sa.Column("b", sa.Integer))
    return metadata


@pytest.fixture(scope="module", params=databases.KINDS)
def shared(request, servers):
    """A database with five tables and a view, of each kind in turn; it is for reading."""
    engine = stocked(servers.fresh(request.param))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared):
    assert shared.pool.checkedout() == 0
    return shared


@pytest.fixture
def own(database_url):
    """The same, to be changed."""
    engine = stocked(database_url)
    yield engine
    engine.dispose()


def stocked(url):
    engine = sa.create_engine(engines.url_of(url))
    metadata = tables()
    metadata.create_all(engine)
    data = {
        "countries": COUNTRIES,
        "cities": CITIES,
        "country_names": NAMES,
        "odd": [(key, number) for number, key in enumerate(ODD)],
        "pairs": [("x", n % 7) for n in range(230)],
    }
    with engine.begin() as connection:
        for name, values in data.items():
            table = metadata.tables[name]
            keys = table.columns.keys()
            connection.execute(table.insert(), [dict(zip(keys, row, strict=True)) for row in values])
        connection.exec_driver_sql(
            "CREATE VIEW big AS SELECT name, population FROM countries WHERE population >= 100000"
        )
    return engine


@pytest.fixture(scope="module")
def client(shared):
    return client_of(shared)


def client_of(database, **options):
    app = Flask("test")
    publish(Api(app, catch_all_404s=True, **options.pop("api", {})), database, **options)
    return app.test_client()


def links(response):
    """URLs by link relation; those of formats and of what is related excepted."""
    found = {}
    for field in response.headers.getlist("Link"):
        for link in parse_list_header(field):
            url, relation = re.match(r'<([^>]*)>; rel="?([^";]*)', link).groups()
            if relation not in ("alternate", "related"):
                found[relation] = url
    return found


def related(response):
    """URLs of what is related, by title."""
    fields = "\n".join(response.headers.getlist("Link"))
    return {title: url for url, title in re.findall(r'<([^>]*)>; rel="related"; title="([^"]*)"', fields)}


def decoded(response):
    """The data of a response in a format that is read."""
    reader = next(f() for f in DEFAULTS if f.mediatype == response.mimetype)
    return reader.decode(response.data)


DATA = [format_ for format_ in DEFAULTS if format_.decode]


# The index


def test_index_tells_of_every_table(client):
    found = client.get("/data/").json
    assert {row["name"]: row["rows"] for row in found} == {
        "big": None,
        "cities": 300,
        "countries": 250,
        "country_names": 60,
        "odd": len(ODD),
        "pairs": 230,
    }
    assert {row["uri"] for row in found} >= {"/data/cities", "/data/countries"}
    assert not any(row["writable"] for row in found)


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda format_: format_.__name__)
def test_index_is_there_in_every_format(client, format_):
    response = client.get(f"/data/?format={format_.suffixes[0]}")
    assert (response.status_code, response.mimetype) == (200, format_.mediatype)
    assert b"country_names" in response.data


def test_index_links_to_tables_for_people(client):
    page = html.fromstring(client.get("/data/", headers={"Accept": "text/html"}).data)
    assert "/data/countries" in [a.get("href") for a in page.cssselect("td a")]


# A collection


@pytest.mark.parametrize("format_", DATA, ids=lambda format_: format_.__name__)
def test_collection_is_complete_in_every_format_of_data(client, format_):
    response = client.get("/data/countries", headers={"Accept": format_.mediatype})
    assert response.status_code == 200
    found = decoded(response)
    assert [row["code"] for row in found] == [row[0] for row in COUNTRIES]
    assert [str(row["population"]) for row in found] == [str(row[2]) for row in COUNTRIES]
    assert links(response) == {}


def test_collection_of_text_alone_is_complete(client):
    assert client.get("/data/countries.md").data.count(b"\n|") >= len(COUNTRIES)
    assert len(list(csv.reader(io.StringIO(client.get("/data/pairs.csv").text)))) == 231


@pytest.mark.parametrize("table", ["countries", "cities", "country_names", "pairs", "big"])
def test_pages_for_people_hold_each_row_once_in_order(client, table):
    whole = [list(map(str, row.values())) for row in client.get(f"/data/{table}").json]
    whole = [[value if value != "None" else "null" for value in row] for row in whole]
    url, pages = f"/data/{table}?limit=37", []
    while url:
        response = client.get(url, headers={"Accept": "text/html"})
        page = html.fromstring(response.data)
        pages.append([[cell.text_content() for cell in row.cssselect("td")] for row in page.cssselect("tbody tr")])
        shown = {a.get("rel"): a.get("href") for a in page.cssselect("nav[aria-label=Pages] a")}
        assert shown == {name: url for name, url in links(response).items() if name != "up"}
        url = shown.get("next")
    assert [row for page in pages for row in page] == whole or table in ("pairs", "big")
    assert sorted(row for page in pages for row in page) == sorted(whole)
    assert {len(page) for page in pages[:-1]} <= {37}


def test_pages_for_people_go_back_as_they_came(client):
    forward, backward, url = [], [], "/data/cities?limit=40"
    while url:
        forward.append(client.get(url).json)
        url = links(client.get(url)).get("next")
    url = links(client.get("/data/cities?limit=40"))["last"]
    while url:
        backward.insert(0, client.get(url).json)
        url = links(client.get(url)).get("prev")
    assert [row for page in forward for row in page] == [row for page in backward for row in page]
    assert len(forward) == len(backward) == 8


def test_page_names_its_neighbours_as_far_as_they_are_known(client):
    first = client.get("/data/cities?limit=100")
    assert links(first) == {"next": "/data/cities?limit=100&after=99", "last": "/data/cities?limit=100&before="}
    second = client.get("/data/cities?limit=100&after=99")
    assert links(second) == {
        "first": "/data/cities?limit=100",
        "prev": "/data/cities?limit=100&before=100",
        "next": "/data/cities?limit=100&after=199",
        "last": "/data/cities?limit=100&before=",
    }
    last = client.get("/data/cities?limit=100&before=")
    assert links(last) == {"first": "/data/cities?limit=100", "prev": "/data/cities?limit=100&before=200"}


def test_page_after_the_last_row_leads_back(client):
    response = client.get("/data/cities?limit=100&after=999")
    assert response.json == []
    assert [row["id"] for row in client.get(links(response)["prev"]).json] == list(range(200, 300))


def test_pages_are_stable_while_rows_are_added(own):
    client = client_of(own)
    first = client.get("/data/cities?limit=100&sort=name")
    with own.begin() as connection:
        connection.exec_driver_sql("INSERT INTO cities VALUES (1000, 'Aaa', NULL)")
    second = client.get(links(first)["next"])
    names = [row["name"] for row in first.json + second.json]
    assert names == sorted(row[1] for row in CITIES)[:200]


def test_pages_by_number_are_there_for_all_tables(client):
    response = client.get("/data/cities?page=2&limit=50&count=exact")
    assert [row["id"] for row in response.json] == list(range(50, 100))
    assert links(response) == {
        "first": "/data/cities?limit=50&count=exact&page=1",
        "prev": "/data/cities?limit=50&count=exact&page=1",
        "next": "/data/cities?limit=50&count=exact&page=3",
        "last": "/data/cities?limit=50&count=exact&page=6",
    }
    assert client.get("/data/pairs?page=3").json == client.get("/data/pairs?page=3&limit=100").json
    assert len(client.get("/data/pairs?page=3").json) == 30
    assert client.get("/data/pairs?page=4").status_code == 404


def test_suffix_stays_in_links_to_pages(client):
    assert links(client.get("/data/cities.csv?limit=10"))["next"] == "/data/cities.csv?limit=10&after=9"
    assert links(client.get("/data/cities?limit=10&format=csv"))["next"] == "/data/cities?limit=10&format=csv&after=9"


def test_other_formats_of_a_page_for_people_are_complete(client):
    response = client.get("/data/cities?after=99&name__contains=Stadt", headers={"Accept": "text/html"})
    page = html.fromstring(response.data)
    hrefs = {a.text: a.get("href") for a in page.cssselect("nav.formats a")}
    assert hrefs["CSV"] == "/data/cities.csv?name__contains=Stadt"


def test_long_link_is_left_out(client):
    response = client.get(f"/data/cities?limit=1&id__in={','.join(map(str, range(1000)))}")
    assert response.status_code == 200
    assert sum(map(len, response.headers.getlist("Link"))) < 4000


@pytest.mark.parametrize(
    "url",
    [
        "/data/",
        "/data/cities",
        "/data/cities.csv",
        "/data/cities?limit=10&count=exact",
        "/data/pairs?page=2",
        "/data/cities?after=1",
        "/data/cities?format=html",
        "/data/cities/1",
        "/data/cities/nope",
        "/data/cities?nope=1",
    ],
)
def test_head_has_the_fields_of_get(client, url):
    get, head = client.get(url), client.head(url)
    assert head.data == b""
    assert head.status_code == get.status_code
    left_out = {"Content-Length", "Date"}
    assert [h for h in head.headers if h[0] not in left_out] == [h for h in get.headers if h[0] not in left_out]


def test_count_is_told_when_asked_for(client):
    assert client.get("/data/cities?count=exact&limit=5").headers["X-Total-Count"] == "300"
    assert client.get("/data/cities?count=exact&country_code=C001").headers["X-Total-Count"] == "3"
    assert client.get("/data/cities?count=estimated&country_code=C001").headers["X-Total-Count"] == "3"
    assert client.get("/data/cities?count=estimated").headers["X-Total-Count"].isdigit()
    assert "X-Total-Count" not in client.get("/data/cities").headers


# Before anything is read


@pytest.fixture
def statements():
    """What is asked of tables, on any engine."""
    asked = []

    def note(connection, cursor, statement, *rest):
        if re.search("cities|countries|odd|pairs", statement):
            asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda format_: format_.__name__)
@pytest.mark.parametrize("path", ["/data/cities", "/data/cities/1"])
def test_unknown_parameter_is_told_before_anything_is_read(client, statements, path, format_):
    del statements[:]
    response = client.get(f"{path}?expnd=country", headers={"Accept": format_.mediatype})
    assert (response.status_code, response.mimetype) == (400, format_.mediatype)
    assert b"expnd" in response.data
    assert b"expand" in response.data
    assert statements == []


@pytest.mark.parametrize("path", ["/data/", "/data/cities", "/data/cities/1"])
def test_options_ask_nothing_of_the_database(client, statements, path):
    del statements[:]
    response = client.options(path)
    assert (response.status_code, response.allow) == (204, {"GET", "HEAD", "OPTIONS"})
    assert statements == []


@pytest.mark.parametrize("path", ["/data/cities", "/data/cities/1", "/data/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_not_writable_allows_reading_alone(client, statements, method, path):
    del statements[:]
    response = client.open(path, method=method, json=[])
    assert (response.status_code, response.allow) == (405, {"GET", "HEAD", "OPTIONS"})
    assert statements == []


def test_collection_asks_once_for_all_rows(client, statements):
    del statements[:]
    client.get("/data/cities?expand=country")
    assert len(statements) == 1


# An item


def test_item_is_the_bare_row(client):
    response = client.get("/data/cities/7")
    assert response.json == {"id": 7, "name": "Stadt 7", "country_code": "C007"}
    assert links(response)["collection"] == "/data/cities"


def test_item_takes_fields_and_expand(client):
    assert client.get("/data/cities/7?fields=name").json == {"name": "Stadt 7"}
    found = client.get("/data/cities/7?expand=country").json
    assert found["country"]["name"] == "Land 7"
    assert client.get("/data/cities/7?sort=name").status_code == 400


def test_item_takes_suffixes(client):
    assert client.get("/data/cities/7.yaml").mimetype == "application/yaml"
    assert client.get("/data/odd/c~2Ed.csv").mimetype == "text/csv"


@pytest.mark.parametrize("key", ODD)
def test_item_of_any_key_is_where_its_row_links_to(client, key):
    page = html.fromstring(client.get("/data/odd", headers={"Accept": "text/html"}).data)
    found = [row.cssselect("td") for row in page.cssselect("tbody tr")]
    href = next(first.cssselect("a")[0].get("href") for first, _ in found if first.text_content() == key)
    assert client.get(href).json == {"key": key, "page": ODD.index(key)}
    response = client.get(f"{href}.xml")
    assert (response.status_code, response.mimetype) == (200, "application/xml")


def test_item_of_several_columns_is_where_its_row_links_to(client):
    page = html.fromstring(client.get("/data/country_names?limit=3", headers={"Accept": "text/html"}).data)
    cells = page.cssselect("tbody tr")[2].cssselect("td a")
    assert [client.get(a.get("href")).json.get("name") for a in cells] == ["Land 0", "zh-Hant 0"]
    assert client.get("/data/country_names/C000,zh-Hant").json["name"] == "zh-Hant 0"


def test_item_names_what_is_related(client):
    found = related(client.get("/data/country_names/C001,de"))
    assert {name: client.get(url).json["code"] for name, url in found.items()} == {"country": "C001"}
    found = related(client.get("/data/countries/C001"))
    assert set(found) == {"cities", "country_names"}
    assert {row["country_code"] for row in client.get(found["cities"]).json} == {"C001"}
    assert len(client.get(found["country_names"]).json) == 3


def test_item_links_to_what_is_related_for_people(client):
    response = client.get("/data/countries/C001", headers={"Accept": "text/html"})
    page = html.fromstring(response.data)
    assert {a.get("href") for a in page.cssselect("nav[aria-label=Related] a")} == set(related(response).values())


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda format_: format_.__name__)
@pytest.mark.parametrize(
    "path",
    ["cities/9999", "cities/abc", "cities/1,2", "country_names/C001", "country_names/C001,de,x", "odd/~zz", "odd/~n"],
)
def test_item_that_is_not_there_is_404_in_words(client, path, format_):
    response = client.get(f"/data/{path}", headers={"Accept": format_.mediatype})
    assert (response.status_code, response.mimetype) == (404, format_.mediatype)
    assert b"There is no row" in response.data


def test_table_without_a_key_has_no_items(client):
    assert client.get("/data/pairs/x").status_code == 404
    assert client.get("/data/big/x").status_code == 404


# What is published, and where


@pytest.mark.parametrize("given", ["engine", "text", "url"])
def test_database_may_be_an_engine_or_a_url(engine, given):
    url = engine.url
    database = {"engine": engine, "text": url.render_as_string(hide_password=False), "url": url}[given]
    assert len(client_of(database).get("/data/cities").json) == 300


def test_tables_may_be_chosen(engine):
    client = client_of(engine, tables=["cities"])
    assert [row["name"] for row in client.get("/data/").json] == ["cities"]
    assert client.get("/data/countries").status_code == 404


@pytest.mark.parametrize("prefix", ["/", "", "/a/b/", "api"])
def test_prefix_may_be_any_path(engine, prefix):
    path = "/" + f"{prefix.strip('/')}/".lstrip("/")
    client = client_of(engine, prefix=prefix)
    assert client.get(path).json[0]["uri"] == f"{path}big"
    assert client.get(f"{path}cities/1.json").json["id"] == 1


def test_publications_with_one_prefix_share_its_index(engine):
    app = Flask("test")
    api = Api(app)
    publish(api, engine, tables=["cities"])
    publish(api, engine, tables=["countries"])
    publish(api, engine, "/more", tables=["countries"])
    client = app.test_client()
    assert [row["name"] for row in client.get("/data/").json] == ["cities", "countries"]
    assert [row["uri"] for row in client.get("/more/").json] == ["/more/countries"]
    assert len(client.get("/more/countries").json) == len(client.get("/data/countries").json) == 250


def test_publications_with_one_prefix_cannot_have_the_same_table(engine):
    api = Api(Flask("test"))
    publish(api, engine, tables=["cities"])
    with pytest.raises(ValueError, match=r"/data/ has cities already.*prefix"):
        publish(api, engine, tables=["cities", "countries"])


def test_tables_of_any_name_have_resources(servers):
    engine = sa.create_engine(servers.fresh("sqlite"))
    names = [
        "a/b",
        "a.b",
        "a_b",
        "a~b",
        "<x>",
        "<int:y>",
        "q?",
        "#",
        "%41",
        "å ä",
        "..",
        "format",
        "|",
        "a:b",
        "a\\b",
        "{x}",
    ]
    metadata = sa.MetaData()
    for name in names:
        sa.Table(name, metadata, sa.Column("key", sa.String, primary_key=True), sa.Column(name, sa.Integer))
    metadata.create_all(engine)
    with engine.begin() as connection:
        for name in names:
            connection.execute(metadata.tables[name].insert(), {"key": name, name: 1})

    client = client_of(engine)

    found = {row["name"]: row["uri"] for row in client.get("/data/").json}
    assert set(found) == set(names)
    for name, uri in found.items():
        assert client.get(uri).json == [{"key": name, name: 1}]
        assert client.get(f"{uri}.csv").status_code == 200
        page = html.fromstring(client.get(uri, headers={"Accept": "text/html"}).data)
        assert client.get(page.cssselect("td a")[0].get("href")).json["key"] == name
    engine.dispose()


def test_api_on_a_blueprint_has_links_that_lead_there(engine):
    app = Flask("test")
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")
    publish(Api(blueprint), engine, tables=["cities", "countries"])
    app.register_blueprint(blueprint)
    client = app.test_client()
    assert {row["uri"] for row in client.get("/shop/data/").json} == {"/shop/data/cities", "/shop/data/countries"}
    assert related(client.get("/shop/data/cities/1")) == {"country": "/shop/data/countries/C001"}
    assert links(client.get("/shop/data/cities?limit=1"))["next"] == "/shop/data/cities?limit=1&after=0"


def test_links_begin_with_the_root_of_the_application(client):
    page = html.fromstring(
        client.get("/data/cities?limit=1", headers={"Accept": "text/html"}, base_url="http://x/r").data
    )
    assert [a.get("href") for a in page.cssselect("td a")] == ["/r/data/cities/0", "/r/data/countries/C000"]


def test_other_resources_of_the_api_are_as_they_were(engine):
    class Here(Resource):
        def get(self):
            return {"after": request.args.get("after")}

    app = Flask("test")
    api = Api(app)
    publish(api, engine)
    api.add_resource(Here, "/data/here")
    response = app.test_client().get("/data/here?after=2020")
    assert response.json == {"after": "2020"}
    assert "after=2020" in response.headers["Link"]


def test_writable_names_that_are_not_there_are_refused(engine):
    with pytest.raises(ValueError, match=r"'citys'.*cities"):
        publish(Api(Flask("test")), engine, writable=["citys"])
    with pytest.raises(ValueError, match=r"big.*view"):
        publish(Api(Flask("test")), engine, writable=["big"])


# Why not


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "/data/big", "big is a view, which is read-only"),
        ("PUT", "/data/countries", "countries is published read-only"),
        ("DELETE", "/data/countries/C001", "countries is published read-only"),
        ("PATCH", "/data/pairs", "pairs has no key that tells which row PATCH means"),
        ("POST", "/data/cities/1", "Rows are added by POST to /data/cities"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".csv", ".html"])
def test_method_that_is_not_there_is_told_why(engine, method, path, words, suffix):
    response = client_of(engine, writable=["cities", "pairs"]).open(path + suffix, method=method)
    assert response.status_code == 405
    assert words in response.text
    assert "GET" in response.allow
    assert method not in response.allow


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("odd/a/b", "In a key / is written as ~2F: /data/odd/a~2Fb"),
        ("odd/å/b/c", "/data/odd/%C3%A5~2Fb~2Fc"),
        ("pairs/x", "pairs has no key, and its rows no URLs"),
        ("contries", "There is no table 'contries'. Did you mean countries"),
        ("contries.csv", "There is no table 'contries'. Did you mean countries"),
        ("zzz/1", "There is no table 'zzz/1'. There is big, cities, "),
    ],
)
def test_url_of_nothing_is_told_what_there_is(client, path, words):
    response = client.get(f"/data/{path}")
    assert response.status_code == 404
    assert words in response.text


def test_url_of_nothing_tells_nobody_of_what_not_all_may_read(engine):
    client = client_of(engine, reading=allowed)
    assert "countries" not in client.get("/data/contries").text


def test_unknown_parameter_that_is_like_none_is_told_what_there_is(client):
    found = client.get("/data/cities?zzzz=1").json
    assert "There is id, name, country_code, " in found["message"]
    assert "nearest" not in found
    assert "nearest" not in client.get("/data/cities.html?zzzz=1").text


# For people


def crumbs(response):
    page = html.fromstring(response.data)
    return [(item.text_content(), item.get("href")) for item in page.cssselect("nav[aria-label=Breadcrumb] li > *")]


def test_breadcrumb_leads_through_all_that_is_above(client):
    data, table = ("Data", "/data/"), ("Cities", "/data/cities")
    assert crumbs(client.get("/data/cities.html")) == [data, ("Cities", None)]
    assert crumbs(client.get("/data/cities/1.html")) == [data, table, ("Cities 1", None)]
    wrong = client.get("/data/cities.html?nmae=x")
    assert crumbs(wrong) == [data, table, ("400 Bad Request", None)]
    assert html.fromstring(wrong.data).cssselect("a.back")[0].get("href") == "/data/cities"


def test_values_of_an_item_lead_where_they_refer_to(client):
    page = html.fromstring(client.get("/data/cities/7.html").data)
    assert [(a.text, a.get("href")) for a in page.cssselect("dd a")] == [("C007", "/data/countries/C007")]


@pytest.mark.parametrize(
    ("query", "extent"),
    [
        ("", "Rows 1–100"),
        ("?after=99", "100 rows after 99"),
        ("?before=100&count=exact", "100 rows before 100, of 300"),
        ("?before=", "100 rows at the end"),
        ("?after=", "Rows 1–100"),
    ],
)
def test_page_tells_which_rows_it_has(client, query, extent):
    page = html.fromstring(client.get(f"/data/cities.html{query}").data)
    assert page.cssselect(".bar p")[0].text == extent


@pytest.mark.parametrize("suffix", ["csv", "tsv", "html", "md"])
def test_expanded_row_has_columns_of_its_own_in_a_table(client, suffix):
    text = client.get(f"/data/cities.{suffix}?limit=1&expand=country").text
    assert "country.code" in text.replace("\\", "")
    assert "Land 0" in text
    assert "{" not in text or suffix == "html"


# Who may


def allowed(view):
    def guarded(*args, **kwargs):
        if request.headers.get("Authorization") != "let me":
            raise Unauthorized("Sign in.")
        return view(*args, **kwargs)

    return guarded


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/data/", "/data/cities", "/data/cities.csv", "/data/cities/1", "/data/cities/x"])
def test_reading_is_for_whom_its_decorator_lets(engine, path, method, statements):
    client = client_of(engine, reading=allowed)
    del statements[:]
    assert client.open(path, method=method).status_code == 401
    assert statements == []
    assert client.open(path, method=method, headers={"Authorization": "let me"}).status_code in (200, 404)


def test_index_that_is_shared_is_for_whom_all_let(engine):
    app = Flask("test")
    api = Api(app)
    publish(api, engine, tables=["cities"])
    publish(api, engine, tables=["countries"], reading=allowed)
    client = app.test_client()
    assert client.get("/data/cities").status_code == 200
    assert client.get("/data/").status_code == 401


def test_caches_are_told_what_is_private(engine):
    let = {"Authorization": "let me"}
    assert client_of(engine).get("/data/cities").headers["Cache-Control"] == "no-cache"
    assert (
        client_of(engine, reading=allowed).get("/data/cities", headers=let).headers["Cache-Control"]
        == "private, no-cache"
    )
    assert client_of(engine, cache_control="max-age=60").get("/data/cities").headers["Cache-Control"] == "max-age=60"


# Rows that page themselves


@pytest.mark.parametrize("fields_", [None, {"n": fields.Integer}], ids=["plain", "marshalled"])
@pytest.mark.parametrize("suffix", [format_.suffixes[0] for format_ in DEFAULTS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_rows_that_page_themselves_say_what_is_beside_them(suffix, fields_, method):
    def pages(size):
        sizes.append(size)
        return Part(Rows(("n",), [(1,), (2,)]), {"next": "/numbers?after=2", "last": "/numbers?before="})

    class Numbers(Resource):
        def get(self):
            found = Rows(("n",), lambda: pytest.fail("all rows were read"), pages=pages)
            return marshal(found, fields_) if fields_ else found

    sizes = []
    app = Flask("test")
    Api(app).add_resource(Numbers, "/numbers")
    response = app.test_client().open(f"/numbers.{suffix}", method=method)
    assert response.status_code == 200
    assert sizes == [100 if suffix == "html" else None]
    assert links(response) == {"next": "/numbers?after=2", "last": "/numbers?before="}


def test_links_of_rows_may_be_functions_of_the_row():
    found = Rows(
        ("n", "t"), [(1, None), (None, 2), (3, 4)], links={"n": lambda row: f"/{row[0]}/{row[1]}" if row[1] else ""}
    )
    page = html.fromstring(b"".join(HTML().iter_encode(found)))
    assert [a.get("href") for a in page.cssselect("td a")] == ["/3/4"]


# Rows from a SELECT


def numbers(count):
    """A SELECT of many numbers that needs no table."""
    step = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    step = step.union_all(sa.select(step.c.n + 1).where(step.c.n < count))
    return sa.select(step.c.n, step.c.n.label("again"))


def endless(engine):
    if engine.dialect.name in ("mysql", "mariadb"):
        return sa.text("SELECT seq AS n FROM seq_1_to_1000000000").columns(sa.column("n")).subquery().select()
    return numbers(1_000_000_000 if engine.dialect.name == "sqlite" else 300_000)


def test_rows_of_a_select_have_its_columns_or_others(engine):
    assert rows.rows(engine, numbers(3)).columns == ("n", "again")
    assert list(rows.rows(engine, numbers(3), ["a", "b"])) == [{"a": n, "b": n} for n in (1, 2, 3)]
    assert list(rows.rows(engine, numbers(2), ["a"], shape=lambda found: [(n * 2,) for n, _ in found]).tuples()) == [
        (2,),
        (4,),
    ]


def test_rows_are_read_on_a_connection_of_their_own_that_is_given_back(engine):
    found = rows.rows(engine, numbers(900))
    assert engine.pool.checkedout() == 0
    found.start()
    assert engine.pool.checkedout() == 1
    assert len(list(found.tuples())) == 900
    assert engine.pool.checkedout() == 0


def test_rows_that_are_closed_early_are_not_read_to_the_end(engine):
    found = rows.rows(engine, endless(engine))
    found.start()
    found.close()
    assert engine.pool.checkedout() == 0
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.literal(5))) == 5


def test_rows_that_are_never_read_ask_nothing(engine, statements):
    rows.rows(engine, sa.text("SELECT * FROM cities").columns(sa.column("id"))).close()
    assert statements == []


@pytest.mark.parametrize(
    "path", ["/data/countries", "/data/countries?limit=10000", "/data/countries?format=html&limit=500"]
)
def test_text_that_is_no_utf_8_is_shown_as_far_as_it_is(tmp_path, path):
    engine = stocked(f"sqlite:///{tmp_path}/things.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE countries SET name = CAST(X'41FF42' AS TEXT) WHERE code = 'C200'")
        connection.exec_driver_sql("INSERT INTO countries SELECT 'D' || code, name, 1, '' FROM countries")
    client = client_of(engine)
    assert client.get(path).text.count("A\ufffdB") == 2
    assert len(client.get("/data/countries").json) == 500
    assert client.get("/data/countries/C200").json["name"] == "A\ufffdB"
    engine.dispose()


# A database that fails


def test_table_that_is_dropped_is_told_of_in_words(own, caplog):
    client = client_of(own)
    with own.begin() as connection:
        connection.exec_driver_sql("DROP TABLE pairs")
        connection.exec_driver_sql("ALTER TABLE odd RENAME COLUMN page TO leaf")
    for format_ in DEFAULTS:
        for path in ("pairs", "pairs?limit=1", "odd", "odd?count=exact", "odd/x%20y"):
            response = client.get(f"/data/{path}", headers={"Accept": format_.mediatype})
            assert (response.status_code, response.mimetype) == (503, format_.mediatype)
            assert b"no longer in the database" in response.data
            assert b"SELECT" not in response.data
    assert "A database could not answer" in caplog.text


def test_index_is_there_without_a_table_that_is_dropped(own):
    client = client_of(own)
    with own.begin() as connection:
        connection.exec_driver_sql("DROP TABLE pairs")
    found = {row["name"]: row["rows"] for row in client.get("/data/").json}
    assert (found["pairs"], found["odd"]) == (None, len(ODD))


@pytest.mark.parametrize("format_", DEFAULTS, ids=lambda format_: format_.__name__)
@pytest.mark.parametrize("path", ["/data/cities", "/data/cities?limit=3", "/data/cities/1", "/data/"])
def test_database_that_is_away_is_503_and_says_when_to_come_again(tmp_path, path, format_):
    file = tmp_path / "secret.sqlite"
    stocked(f"sqlite:///{file}").dispose()
    client = client_of(f"sqlite:///{file}")
    file.rename(tmp_path / "elsewhere")
    response = client.get(path, headers={"Accept": format_.mediatype})
    assert (response.status_code, response.mimetype) == (503, format_.mediatype)
    assert response.headers["Retry-After"] == "5"
    assert b"secret" not in response.data


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "json", "xml"])
def test_failure_in_the_middle_ends_the_connection(tmp_path, suffix, caplog):
    engine = stocked(f"sqlite:///{tmp_path}/things.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE VIEW overflowing AS "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000) "
            "SELECT 'text number ' || i AS t, CASE WHEN i < 80000 THEN i ELSE abs(-9223372036854775807 - 1) END AS n "
            "FROM n"
        )
    response = client_of(engine).get(f"/data/overflowing.{suffix}", buffered=False)
    assert response.status_code == 200
    with pytest.raises(Exception, match="cannot answer"):
        for _ in response.iter_encoded():
            pass
    assert engine.pool.checkedout() == 0
    assert "integer overflow" in caplog.text
    engine.dispose()
