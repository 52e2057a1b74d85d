"""What the README says is so."""

import re
from pathlib import Path

import pytest

from negotiate_api import DEFAULTS
from negotiate_api.service.cli import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def client():
    code = next(block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "Api(app" in block)
    namespace = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), namespace)
    return namespace["app"].test_client()


def test_example_answers_in_every_format(client):
    assert client.get("/users.csv").text == "id,name\r\n1,Ada\r\n2,Grace\r\n3,李雷\r\n"
    assert client.get("/users", headers={"Accept": "text/html"}).mimetype == "text/html"


def test_example_tells_errors_in_the_format_asked_for(client):
    response = client.get("/nowhere", headers={"Accept": "application/xml"})

    assert (response.status_code, response.mimetype) == (404, "application/xml")


def test_example_reads_a_body_in_one_format_and_answers_in_another(client):
    response = client.post("/users", data="name,born\nEdsger,1930\n", content_type="text/csv")

    assert (response.status_code, response.json) == (201, [{"name": "Edsger", "born": "1930"}])


def test_table_of_formats_names_each_with_its_media_type_and_whether_it_is_read():
    rows = re.findall(r"^\| \w+ \| `(\S+)` \| `\.(\w+)` \| yes \| (yes|no) \|", README, re.MULTILINE)

    assert rows == [(f.mediatype, f.suffixes[0], "yes" if f.decode else "no") for f in DEFAULTS]


def test_table_of_options_names_each_with_its_variable():
    rows = re.findall(r"^\| `(--[a-z-]+)` \| `([A-Z_]+)` \|", README, re.MULTILINE)

    assert rows == [(option.opts[0], option.envvar) for option in main.params if option.envvar]
