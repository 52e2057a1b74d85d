"""Every case of conformance.py, and the page printed from them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conformance import CASES, POLICY, SECTIONS, cells, page

from negotiate_api.negotiation import acceptable_offers, quality

TESTS = Path(__file__).parent


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_answer_to_an_accept_field(case):
    if isinstance(case.expected, tuple):
        assert acceptable_offers(case.offers, case.accept) == case.expected
    else:
        (offer,) = case.offers
        assert quality(offer, case.accept) == case.expected


def test_page_is_what_the_table_prints():
    written = (TESTS.parent / "docs" / "conformance.md").read_text(encoding="utf-8")

    assert written == page(), "print it again: python tests/conformance.py > docs/conformance.md"


def test_page_is_printed_by_the_command_it_names():
    run = subprocess.run([sys.executable, TESTS / "conformance.py"], capture_output=True, check=True)

    assert run.stdout.decode().splitlines() == page().splitlines()


def test_page_has_rows_of_five_cells():
    tables = page().partition("\n## ")[2]
    rows = [line for line in tables.splitlines() if re.match(r"\| [a-z]", line)]

    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert {row.split(" ")[1] for row in rows} == {"case", *(cells(case)[0] for case in CASES)}


def test_table_has_a_hundred_rules_of_the_rfc():
    assert sum(case.section != POLICY for case in CASES) >= 100
    assert len(CASES) >= 130


def test_table_names_each_case_once():
    assert len({case.id for case in CASES}) == len(CASES)
    assert len({(case.accept, case.offers, isinstance(case.expected, tuple)) for case in CASES}) == len(CASES)


def test_table_is_in_the_order_of_the_sections():
    order = list(SECTIONS)

    assert [case.section for case in CASES] == sorted((case.section for case in CASES), key=order.index)
    assert {case.section for case in CASES} == set(order)
