"""The page docs/examples.md: its requests give the answers that it shows, its table has every example."""

import doctest
import re

import pytest
from test_examples import EXAMPLES, NAMES
from test_examples_run import commands, output, started

PAGE = (EXAMPLES.parent / "docs" / "examples.md").read_text(encoding="utf-8")
WALKS = re.findall(r"^`examples/(\w+)(?:\.py)?`(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "walk"), WALKS, ids=[name for name, _ in WALKS])
def test_requests_give_the_answers_shown(name, walk, tmp_path):
    asked = commands("".join(re.findall(r"```console\n(.*?)```", walk, re.DOTALL)))
    assert asked
    with started(["-m", f"examples.{name}"], tmp_path) as (_, address):
        for command, shown in asked:
            assert output(command, address) == shown


def test_python_gives_the_answers_shown():
    sessions = "\n".join(re.findall(r"```pycon\n(.*?)```", PAGE, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(sessions, {}, "examples.md", "docs/examples.md", 0)
    assert doctest.DocTestRunner().run(test) == (0, len(test.examples))


def test_every_example_is_in_the_tables_and_shown():
    linked = set(re.findall(r"^\|.*\]\(\.\./examples/(\w+)", PAGE, re.MULTILINE))
    linked.update(re.findall(r"\(\.\./examples/(\w+)", "".join(re.findall(r"^\|.*$", PAGE, re.MULTILINE))))
    assert linked == set(NAMES)
    assert {name for name in NAMES if f"`examples/{name}" in PAGE} == set(NAMES)


def test_links_lead_to_what_is_there():
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("https://"):
            assert (EXAMPLES.parent / "docs" / target).exists(), target
