"""The page docs/library.md: its blocks run, and do what it says."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "library.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client():
    namespace = {"__name__": "library"}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "library.md", "exec"), namespace)
    return namespace["app"].test_client()


@pytest.mark.parametrize(
    ("url", "accept", "status", "mimetype", "text"),
    [
        ("/tags/a.b.csv", None, 200, "text/csv", "a.b"),
        ("/squares", "text/csv", 200, "text/csv", "999,998001"),
        ("/squares.html?page=2", None, 200, "text/html", "10201"),
        ("/squares.nope", None, 404, "application/json", "not found"),
        ("/squares?format=nope", None, 406, "application/json", "available"),
        ("/squares", "image/png", 406, "application/json", "available"),
        ("/users/7", "application/xml", 200, "application/xml", ">User 7<"),
        ("/users/0.xml", None, 400, "application/xml", "Users count from 1."),
        ("/users/13.csv", None, 403, "text/csv", "User 13 is suspended."),
        ("/users/100.yaml", None, 404, "application/yaml", "There is no such user."),
        ("/users/100", "application/problem+json", 404, "application/problem+json", "There is no such user."),
        ("/report", None, 200, "text/csv", "Windhoek;268132"),
        ("/report.json", None, 200, "application/json", '    "people": 268132'),
        ("/users/7", "text/vcard", 200, "text/vcard", "FN:User 7"),
    ],
)
def test_get_answers_as_the_page_says(client, url, accept, status, mimetype, text):
    response = client.get(url, headers={"Accept": accept} if accept else {})

    assert (response.status_code, response.mimetype) == (status, mimetype)
    assert text in response.text


def test_body_is_read_by_its_content_type(client):
    response = client.post("/users", data="name: Ada\n", content_type="application/yaml")

    assert (response.status_code, response.json) == (201, {"read": {"name": "Ada"}})


def test_parser_reads_the_same_formats_and_tells_what_is_missing(client):
    assert client.put("/users", data="name\nAda\n", content_type="text/csv").json == {"name": "Ada"}
    assert client.put("/users.csv", data=b"{}", content_type="application/json").status_code == 400
