"""Media type negotiation by RFC 9110, case by case; run as a program it prints docs/conformance.md.

A case is one rule on one Accept field. Where the RFC leaves a choice open the section is POLICY, and the case says
which choice was made. test_conformance.py runs every case.
"""

# ruff: noqa: E501 - a case is a line

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple

POLICY = "policy"

Answer = tuple[str, ...] | float


class Case(NamedTuple):
    """One rule.

    section   of RFC 9110, or POLICY
    accept    the field value; None where the request has no such field
    expected  the acceptable offers, best first; or, of one offer, its quality
    """

    id: str
    section: str
    rule: str
    accept: str | None
    offers: tuple[str, ...]
    expected: Answer


JSON, HTML, CSV, XML, YAML = "application/json", "text/html", "text/csv", "application/xml", "application/yaml"
FIVE = (JSON, HTML, CSV, XML, YAML)
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

# The example of section 12.5.1, and the one that stood in its place in RFC 7231, section 5.3.2.
FLOWED = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
LEVELS = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5"

EVERY_TCHAR = "x/!#$%&'*+-.^_`|~09Az"
HUNDRED = ", ".join(f"a/b{number}" for number in range(100))

SECTIONS = {
    "5.3": "Field order: several lines are one list",
    "5.6.1": "Lists",
    "5.6.2": "Tokens",
    "5.6.3": "White space",
    "5.6.4": "Quoted strings",
    "5.6.6": "Parameters",
    "8.3.1": "Media type",
    "8.3.2": "Charset",
    "12.4.1": "Absence",
    "12.4.2": "Quality values",
    "12.5.1": "Accept",
    POLICY: "What the RFC leaves open",
}

# fmt: off
CASES = [
    # --- 5.3 ---
    Case("lines-two", "5.3", "two lines are one list", "text/csv;q=0.1, application/json", (CSV, JSON), (JSON, CSV)),
    Case("lines-three", "5.3", "three lines are one list", "text/csv;q=0.1, text/html;q=0.2, */*;q=0.3", FIVE[1:4], (XML, HTML, CSV)),
    Case("lines-order", "5.3", "the weight and not the line decides", "application/json, text/csv;q=0.1", (CSV, JSON), (JSON, CSV)),
    Case("lines-no-blank", "5.3", "lines may be joined by a bare comma", "text/csv;q=0.1,application/json", (CSV, JSON), (JSON, CSV)),
    Case("lines-refusal", "5.3", "a later line can refuse what an earlier one accepts", "*/*, text/csv;q=0", (CSV, JSON), (JSON,)),
    Case("lines-empty", "5.3", "an empty line adds nothing", "text/csv, ", (CSV, JSON), (CSV,)),
    # --- 5.6.1 ---
    Case("list-one", "5.6.1", "a list of one", "text/csv", (JSON, CSV), (CSV,)),
    Case("list-no-blanks", "5.6.1", "blanks after commas are optional", "text/csv;q=0.2,text/html;q=0.4", (CSV, HTML), (HTML, CSV)),
    Case("list-blanks-before", "5.6.1", "blanks may come before a comma", "text/csv;q=0.2 , text/html;q=0.4", (CSV, HTML), (HTML, CSV)),
    Case("list-empty-first", "5.6.1", "an empty first member is nothing", ",text/csv", (JSON, CSV), (CSV,)),
    Case("list-empty-last", "5.6.1", "an empty last member is nothing", "text/csv,", (JSON, CSV), (CSV,)),
    Case("list-empty-middle", "5.6.1", "an empty member between two is nothing", "text/csv;q=0.2,,text/html", (CSV, HTML), (HTML, CSV)),
    Case("list-empty-blank", "5.6.1", "an empty member may hold blanks", "text/csv;q=0.2, ,text/html", (CSV, HTML), (HTML, CSV)),
    Case("list-empty-many", "5.6.1", "many empty members are nothing", " , ,text/csv", FIVE, (CSV,)),
    Case("list-empty-tabs", "5.6.1", "an empty member may hold tabs", "text/csv;q=0.2,\t,\ttext/html", (CSV, HTML), (HTML, CSV)),
    Case("list-comma-quoted", "5.6.1", "a comma in a quoted string ends no member", 'application/json;profile="a,b";q=0.1, text/csv', (JSON, CSV), (CSV,)),
    Case("list-range-quoted", "5.6.1", "a range within a quoted string is none", 'text/csv;note=", text/html, "', (HTML, CSV), ()),
    Case("list-long", "5.6.1", "the last of forty members counts", ", ".join([*(f"a/b{n};q=0.9" for n in range(39)), CSV]), (JSON, CSV), (CSV,)),
    # --- 5.6.2 ---
    Case("token-characters", "5.6.2", "every character of a token is legal in a subtype", EVERY_TCHAR, (EVERY_TCHAR,), (EVERY_TCHAR,)),
    Case("token-star-within", "5.6.2", "a star within a longer subtype is an ordinary character", "text/c*", (CSV, "text/c*"), ("text/c*",)),
    Case("token-star-type", "5.6.2", "a star within a longer type is an ordinary character", "text*/csv", (CSV,), ()),
    Case("token-digits", "5.6.2", "type and subtype may begin with a digit", "3d/2d", ("3d/2d",), ("3d/2d",)),
    Case("token-value", "5.6.2", "every character of a token is legal in a value", f"text/html;v={EVERY_TCHAR[2:]}", (f"text/html;v={EVERY_TCHAR[2:]}",), 1.0),
    Case("token-whole", "5.6.2", "types are compared whole", "text/c", (CSV,), ()),
    # --- 5.6.3 ---
    Case("blank-semicolon-after", "5.6.3", "a blank after a semicolon", "text/csv; q=0.5, text/html; q=0.7", (CSV, HTML), (HTML, CSV)),
    Case("blank-semicolon-before", "5.6.3", "a blank before a semicolon", "text/csv ;q=0.5, text/html ;q=0.7", (CSV, HTML), (HTML, CSV)),
    Case("blank-many", "5.6.3", "any number of blanks", "text/csv   ;   q=0.5   ,   text/html   ;   q=0.7", (CSV, HTML), (HTML, CSV)),
    Case("blank-tab-semicolon", "5.6.3", "tabs around a semicolon", "text/csv\t;\tq=0.5,text/html\t;\tq=0.7", (CSV, HTML), (HTML, CSV)),
    Case("blank-tab-comma", "5.6.3", "tabs around a comma", "text/csv;q=0.5\t,\ttext/html;q=0.7", (CSV, HTML), (HTML, CSV)),
    Case("blank-mixed", "5.6.3", "blanks and tabs mixed", "text/csv \t; \tq=0.5 \t,\t text/html", (CSV, HTML), (HTML, CSV)),
    Case("blank-ends", "5.6.3", "blanks around the whole value", "  text/csv  ", (JSON, CSV), (CSV,)),
    Case("blank-parameters", "5.6.3", "blanks between parameters", "text/html ; level=1 ; q=0.4", ("text/html;level=1",), 0.4),
    # --- 5.6.4 ---
    Case("quoted-semicolon", "5.6.4", "a semicolon in a quoted string ends no parameter", 'text/csv;note=";q=0.9";q=0.1, text/html;q=0.5', ('text/csv;note=";q=0.9"', HTML), (HTML, 'text/csv;note=";q=0.9"')),
    Case("quoted-escaped", "5.6.4", "an escaped quotation mark does not close", r'text/csv;note="a\", text/html;b";q=0.1, application/json', (HTML, JSON), (JSON,)),
    Case("quoted-escaped-value", "5.6.4", "an escaped quotation mark is one in the value", r'text/html;p="\""', (r'text/html;p="\""',), 1.0),
    Case("quoted-backslash", "5.6.4", "an escaped backslash does not escape what follows", 'text/csv;note="a\\\\";q=0.1, text/html', (HTML, CSV), (HTML,)),
    Case("quoted-needless", "5.6.4", "an escape that is not needed changes nothing", r'text/html;level="\1";q=0.4', ("text/html;level=1",), 0.4),
    Case("quoted-empty", "5.6.4", "an empty quoted string is a value", 'text/html;p=""', ('text/html;p=""',), 1.0),
    Case("quoted-empty-other", "5.6.4", "an empty quoted string is a value like others", 'text/html;p=""', ("text/html;p=1",), 0.0),
    Case("quoted-blank", "5.6.4", "blanks in a quoted string belong to the value", 'text/html;p=" 1"', ("text/html;p=1",), 0.0),
    Case("quoted-comma-offer", "5.6.4", "a quoted comma can be matched", 'text/html;p="a,b";q=0.3', ('text/html;p="a,b"',), 0.3),
    Case("quoted-two", "5.6.4", "two quoted strings in one member", 'text/html;a="1,";b=",2";q=0.3, */*;q=0.1', ('text/html;b=",2";a="1,"',), 0.3),
    Case("quoted-non-ascii", "5.6.4", "characters beyond ASCII are legal in a quoted string", 'text/html;p="Å";q=0.3', ('text/html;p="Å"',), 0.3),
    # --- 5.6.6 ---
    Case("parameter-token-quoted", "5.6.6", "a value quoted in the field, bare in the offer", 'text/html;level="1";q=0.4', ("text/html;level=1",), 0.4),
    Case("parameter-quoted-token", "5.6.6", "a value bare in the field, quoted in the offer", "text/html;level=1;q=0.4", ('text/html;level="1"',), 0.4),
    Case("parameter-name-case", "5.6.6", "names are case-insensitive", "text/html;LEVEL=1;q=0.4", ("text/html;level=1",), 0.4),
    Case("parameter-name-case-offer", "5.6.6", "names are case-insensitive in the offer too", "text/html;level=1;q=0.4", ("text/html;Level=1",), 0.4),
    Case("parameter-order", "5.6.6", "their order means nothing", "text/html;a=1;b=2;q=0.4", ("text/html;b=2;a=1",), 0.4),
    Case("parameter-empty", "5.6.6", "an empty parameter is nothing", "text/html;;q=0.4", (HTML,), 0.4),
    Case("parameter-empty-blank", "5.6.6", "an empty parameter may hold blanks", "text/html; ; q=0.4", (HTML,), 0.4),
    Case("parameter-empty-last", "5.6.6", "a semicolon at the end is nothing", "text/html;q=0.4;", (HTML,), 0.4),
    Case("parameter-empty-only", "5.6.6", "a semicolon alone is nothing", "text/html;", (HTML,), 1.0),
    Case("parameter-empty-offer", "5.6.6", "an empty parameter in the offer is nothing", "text/html;q=0.4", ("text/html;;",), 0.4),
    # --- 8.3.1 ---
    Case("type-case", "8.3.1", "type and subtype are case-insensitive", "TEXT/CSV", FIVE, (CSV,)),
    Case("type-case-offer", "8.3.1", "they are in the offer too, which is given back as it is written", "text/csv", ("Text/CSV", JSON), ("Text/CSV",)),
    Case("type-case-wildcard", "8.3.1", "the type before a wildcard is case-insensitive", "TEXT/*", (JSON, CSV), (CSV,)),
    Case("type-value-case", "8.3.1", "values are compared exactly", "text/html;level=A", ("text/html;level=a",), 0.0),
    Case("type-suffix", "8.3.1", "+json is not json", "application/json", ("application/problem+json",), ()),
    Case("type-suffix-reverse", "8.3.1", "json is not +json", "application/problem+json", (JSON,), ()),
    Case("type-suffix-two", "8.3.1", "a suffix of its own has its own weight", "application/problem+json;q=0.3, application/json;q=0.6", ("application/problem+json", JSON), (JSON, "application/problem+json")),
    Case("type-suffix-xml", "8.3.1", "+xml is not xml", "application/xhtml+xml", (XML,), ()),
    Case("type-suffix-wildcard", "8.3.1", "*+json is no wildcard", "application/*+json", ("application/problem+json", JSON), ()),
    Case("type-vendor", "8.3.1", "a vendor's type is compared whole", "application/vnd.api", ("application/vnd.api+json",), ()),
    Case("type-x", "8.3.1", "x- before a name makes another name", "application/x-yaml", (YAML,), ()),
    Case("charset-equal", "8.3.1", "text/html;charset=utf-8 as such", "text/html;charset=utf-8;q=0.4", ("text/html;charset=utf-8",), 0.4),
    Case("charset-equal-quoted", "8.3.1", 'Text/HTML;Charset="utf-8" is the same', 'Text/HTML;Charset="utf-8";q=0.4', ("text/html;charset=utf-8",), 0.4),
    Case("charset-equal-blank", "8.3.1", 'text/html; charset="utf-8" is the same', 'text/html; charset="utf-8";q=0.4', ("text/html;charset=utf-8",), 0.4),
    Case("charset-equal-upper", "8.3.1", "text/html;charset=UTF-8 is the same", "text/html;charset=UTF-8;q=0.4", ("text/html;charset=utf-8",), 0.4),
    # --- 8.3.2 ---
    Case("charset-case", "8.3.2", "a charset is case-insensitive", "text/html;charset=ISO-8859-1;q=0.4, */*;q=0.1", ("text/html;charset=iso-8859-1",), 0.4),
    Case("charset-case-offer", "8.3.2", "a charset is case-insensitive in the offer too", "text/html;charset=iso-8859-1;q=0.4, */*;q=0.1", ("text/html;charset=ISO-8859-1",), 0.4),
    Case("charset-other", "8.3.2", "another charset is another parameter", "text/html;charset=utf-8", ("text/html;charset=iso-8859-1",), 0.0),
    Case("charset-other-than-utf-8", "8.3.2", "a charset that is not offered is not acceptable", "text/csv;charset=utf-16", ("text/csv;charset=utf-8", CSV), ()),
    Case("charset-range-without", "8.3.2", "a range without a charset includes every charset", "text/html", ("text/html;charset=utf-8", JSON), ("text/html;charset=utf-8",)),
    Case("charset-more-specific", "8.3.2", "a charset makes a range more specific", "text/html;q=0.8, text/html;charset=utf-8;q=0.2", ("text/html;charset=utf-8",), 0.2),
    # --- 12.4.1 ---
    Case("absent", "12.4.1", "without the field everything is acceptable", None, FIVE, FIVE),
    Case("absent-quality", "12.4.1", "without the field everything has weight 1", None, (CSV,), 1.0),
    Case("absent-parameters", "12.4.1", "without the field parameters do not matter", None, ("text/html;level=1",), ("text/html;level=1",)),
    Case("absent-nothing-offered", "12.4.1", "of nothing nothing is acceptable", None, (), ()),
    # --- 12.4.2 ---
    Case("q-default", "12.4.2", "without a weight it is 1", "text/csv", (CSV,), 1.0),
    Case("q-0", "12.4.2", "0 is not acceptable", "text/csv;q=0", (CSV,), 0.0),
    Case("q-0-excludes", "12.4.2", "0 takes an offer out", "text/csv;q=0, text/html", (CSV, HTML), (HTML,)),
    Case("q-0-all", "12.4.2", "0 for everything leaves nothing", "*/*;q=0", FIVE, ()),
    Case("q-0-only", "12.4.2", "a refusal accepts nothing else", "application/json;q=0", FIVE, ()),
    Case("q-0-dot", "12.4.2", "0. is 0", "text/csv;q=0.", (CSV,), 0.0),
    Case("q-0-one-digit", "12.4.2", "0.0 is 0", "text/csv;q=0.0", (CSV,), 0.0),
    Case("q-0-two-digits", "12.4.2", "0.00 is 0", "text/csv;q=0.00", (CSV,), 0.0),
    Case("q-0-three-digits", "12.4.2", "0.000 is 0", "text/csv;q=0.000", (CSV,), 0.0),
    Case("q-1", "12.4.2", "1 is the most", "text/csv;q=1", (CSV,), 1.0),
    Case("q-1-dot", "12.4.2", "1. is 1", "text/csv;q=1.", (CSV,), 1.0),
    Case("q-1-one-digit", "12.4.2", "1.0 is 1", "text/csv;q=1.0", (CSV,), 1.0),
    Case("q-1-three-digits", "12.4.2", "1.000 is 1", "text/csv;q=1.000", (CSV,), 1.0),
    Case("q-dots", "12.4.2", "0. refuses and 1. accepts", "text/html;q=0., application/json;q=1.", (HTML, JSON), (JSON,)),
    Case("q-least", "12.4.2", "0.001 is the least that is acceptable", "text/csv;q=0.001", (CSV,), 0.001),
    Case("q-least-accepts", "12.4.2", "0.001 is acceptable", "text/csv;q=0.001", (JSON, CSV), (CSV,)),
    Case("q-most-below-1", "12.4.2", "0.999 is less than 1", "text/csv;q=0.999, text/html", (CSV, HTML), (HTML, CSV)),
    Case("q-third-digit", "12.4.2", "the third digit decides", "text/csv;q=0.123, text/html;q=0.124", (CSV, HTML), (HTML, CSV)),
    Case("q-third-digit-from-0", "12.4.2", "0.002 is more than 0.001", "text/csv;q=0.001, text/html;q=0.002", (CSV, HTML), (HTML, CSV)),
    Case("q-digits-are-a-fraction", "12.4.2", "0.5 is more than 0.45", "text/csv;q=0.45, text/html;q=0.5", (CSV, HTML), (HTML, CSV)),
    Case("q-trailing-zeros", "12.4.2", "0.500 is 0.5", "text/csv;q=0.500", (CSV,), 0.5),
    Case("q-upper", "12.4.2", "the name q is case-insensitive", "text/csv;Q=0.5", (CSV,), 0.5),
    Case("q-upper-decides", "12.4.2", "Q decides as q does", "text/csv;Q=0.1, text/html;Q=0.2", (CSV, HTML), (HTML, CSV)),
    Case("q-blank-before", "12.4.2", "blanks may come before q", "text/csv;  q=0.5", (CSV,), 0.5),
    Case("q-tab-before", "12.4.2", "a tab may come before q", "text/csv;\tq=0.5", (CSV,), 0.5),
    Case("q-blank-before-semicolon", "12.4.2", "blanks may come before the semicolon", "text/csv  ;q=0.5", (CSV,), 0.5),
    Case("q-blank-after", "12.4.2", "blanks after the weight are the list's", "text/csv;q=0.5  ", (CSV,), 0.5),
    Case("q-order", "12.4.2", "five weights sort five offers", "application/json;q=0.1, text/html;q=0.5, text/csv;q=0.3, application/xml;q=0.4, application/yaml;q=0.2", FIVE, (HTML, XML, CSV, YAML, JSON)),
    Case("q-case-and-blanks", "12.4.2", "case and blanks together", "APPLICATION/JSON ; Q=1, text/csv ; Q=0.9", (CSV, JSON), (JSON, CSV)),
    # --- 12.5.1 ---
    Case("example-audio", "12.5.1", "audio/basic before any other audio", "audio/*; q=0.2, audio/basic", ("audio/mp4", "audio/basic"), ("audio/basic", "audio/mp4")),
    Case("example-dvi", "12.5.1", "text/x-dvi before text/plain", "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c", ("text/plain", "text/x-dvi", HTML), (HTML, "text/x-dvi", "text/plain")),
    Case("table-flowed", "12.5.1", "the example's table: text/plain;format=flowed", FLOWED, ("text/plain;format=flowed",), 1.0),
    Case("table-plain", "12.5.1", "the example's table: text/plain", FLOWED, ("text/plain",), 0.7),
    Case("table-html", "12.5.1", "the example's table: text/html", FLOWED, (HTML,), 0.3),
    Case("table-jpeg", "12.5.1", "the example's table: image/jpeg", FLOWED, ("image/jpeg",), 0.5),
    Case("table-fixed", "12.5.1", "the example's table: text/plain;format=fixed", FLOWED, ("text/plain;format=fixed",), 0.4),
    Case("table-level-3", "12.5.1", "the example's table: text/html;level=3, by erratum 7138", FLOWED, ("text/html;level=3",), 0.3),
    Case("table-order", "12.5.1", "the example's table as an order", FLOWED, ("text/html;level=3", "text/plain;format=fixed", "image/jpeg", "text/plain", "text/plain;format=flowed"), ("text/plain;format=flowed", "text/plain", "image/jpeg", "text/plain;format=fixed", "text/html;level=3")),
    Case("levels-1", "12.5.1", "the older table: text/html;level=1", LEVELS, ("text/html;level=1",), 1.0),
    Case("levels-html", "12.5.1", "the older table: text/html", LEVELS, (HTML,), 0.7),
    Case("levels-plain", "12.5.1", "the older table: text/plain", LEVELS, ("text/plain",), 0.3),
    Case("levels-jpeg", "12.5.1", "the older table: image/jpeg", LEVELS, ("image/jpeg",), 0.5),
    Case("levels-2", "12.5.1", "the older table: text/html;level=2", LEVELS, ("text/html;level=2",), 0.4),
    Case("levels-3", "12.5.1", "the older table: text/html;level=3", LEVELS, ("text/html;level=3",), 0.7),
    Case("levels-order", "12.5.1", "the older table as an order", LEVELS, ("text/plain", "text/html;level=2", "image/jpeg", HTML, "text/html;level=1"), ("text/html;level=1", HTML, "image/jpeg", "text/html;level=2", "text/plain")),
    Case("any", "12.5.1", "*/* is everything", "*/*", (CSV, JSON, "image/png"), (CSV, JSON, "image/png")),
    Case("any-weight", "12.5.1", "*/* has a weight", "*/*;q=0.3", (CSV,), 0.3),
    Case("any-parameters", "12.5.1", "*/* includes offers with parameters", "*/*;q=0.3", ("text/html;level=1",), 0.3),
    Case("family", "12.5.1", "text/* is every text", "text/*;q=0.5, text/csv", (JSON, HTML, CSV), (CSV, HTML)),
    Case("family-other", "12.5.1", "text/* is nothing else", "text/*", (JSON, "image/png"), ()),
    Case("family-parameters", "12.5.1", "text/* includes texts with parameters", "text/*;q=0.4", ("text/html;level=1",), 0.4),
    Case("family-prefix", "12.5.1", "text/* is not text-x/…", "text/*", ("text-x/csv",), ()),
    Case("family-over-any", "12.5.1", "text/* outranks */*", "text/*;q=0.2, */*;q=0.9", (CSV, JSON), (JSON, CSV)),
    Case("type-over-family", "12.5.1", "text/csv outranks text/*", "text/csv;q=0.2, text/*;q=0.9", (CSV, HTML), (HTML, CSV)),
    Case("type-over-any", "12.5.1", "application/json outranks */*", "application/json;q=0.1, */*;q=0.9", (JSON, CSV), (CSV, JSON)),
    Case("type-over-both", "12.5.1", "text/csv outranks text/* and */*", "*/*;q=0.9, text/*;q=0.8, text/csv;q=0.1", (CSV,), 0.1),
    Case("parameter-over-type", "12.5.1", "text/html;level=1 outranks text/html", "text/html;q=0.9, text/html;level=1;q=0.1", ("text/html;level=1", HTML), (HTML, "text/html;level=1")),
    Case("parameter-over-all", "12.5.1", "a parameter outranks all wildcards", "*/*, text/*, text/html, text/html;level=1;q=0.1", ("text/html;level=1",), 0.1),
    Case("parameters-two-over-one", "12.5.1", "two parameters outrank one", "text/html;a=1;q=0.9, text/html;a=1;b=2;q=0.1", ("text/html;a=1;b=2",), 0.1),
    Case("parameters-one-of-two", "12.5.1", "one parameter outranks none, of an offer with two", "text/html;q=0.9, text/html;a=1;q=0.1", ("text/html;a=1;b=2",), 0.1),
    Case("order-in-field", "12.5.1", "the order in the field means nothing", "*/*;q=0.1, text/csv;q=0.3, text/*;q=0.2", (JSON, HTML, CSV), (CSV, HTML, JSON)),
    Case("order-in-field-reversed", "12.5.1", "nor does the reversed order", "text/*;q=0.2, text/csv;q=0.3, */*;q=0.1", (JSON, HTML, CSV), (CSV, HTML, JSON)),
    Case("refusal-under-any", "12.5.1", "a type can be refused under */*", "*/*;q=0.8, application/json;q=0", (JSON, CSV), (CSV,)),
    Case("refusal-under-family", "12.5.1", "a type can be refused under text/*", "text/*, text/html;q=0", (HTML, CSV), (CSV,)),
    Case("refusal-of-family", "12.5.1", "a family can be refused under */*", "*/*, text/*;q=0", (HTML, CSV, JSON), (JSON,)),
    Case("refusal-of-family-but-one", "12.5.1", "a family can be refused but for one", "text/*;q=0, text/csv", (HTML, CSV, JSON), (CSV,)),
    Case("refusal-of-rest", "12.5.1", "the rest can be refused", "text/csv, */*;q=0", FIVE, (CSV,)),
    Case("refusal-of-parameter", "12.5.1", "one form of a type can be refused", "text/html, text/html;level=1;q=0", ("text/html;level=1", HTML), (HTML,)),
    Case("refusal-with-parameters", "12.5.1", "a refused type is refused with every parameter", "text/html;q=0, */*", ("text/html;level=1", JSON), (JSON,)),
    Case("refusal-with-charset", "12.5.1", "a refused type is refused with every charset", "text/html;q=0, */*", ("text/html;charset=utf-8", JSON), (JSON,)),
    Case("range-without-parameters", "12.5.1", "a range without parameters includes an offer with them", "text/html", ("text/html;p1=1",), ("text/html;p1=1",)),
    Case("range-with-parameters", "12.5.1", "a range with a parameter does not include an offer without", "text/html;level=1", (HTML,), ()),
    Case("range-other-value", "12.5.1", "nor one with another value", "text/html;level=1", ("text/html;level=2",), ()),
    Case("range-other-name", "12.5.1", "nor one with another parameter", "text/html;level=1", ("text/html;p=1",), ()),
    Case("range-more-parameters", "12.5.1", "nor one with fewer of its parameters", "text/html;a=1;b=2", ("text/html;a=1",), ()),
    Case("range-falls-back", "12.5.1", "an offer outside the more specific range has the weight of the less specific", "application/json;version=2;q=0.9, application/json;q=0.4", (JSON,), 0.4),
    Case("weight-with-offer-parameters", "12.5.1", "the weight of a type is that of its form with parameters", "application/json;q=0.2, */*;q=0.8", ("application/json;version=2", CSV), (CSV, "application/json;version=2")),
    Case("weight-with-offer-charset", "12.5.1", "the weight of a type is that of its form with a charset", "text/html;q=0.9, */*;q=0.1", (JSON, "text/html;charset=utf-8"), ("text/html;charset=utf-8", JSON)),
    Case("q-before-parameter", "12.5.1", "q is the weight also before another parameter", "text/html;q=0.4;level=1", ("text/html;level=1",), 0.4),
    Case("q-before-parameter-matches", "12.5.1", "a parameter after q belongs to the range", "text/csv;q=0.1;header=present, application/json;q=0.2", ("text/csv;header=present", CSV, JSON), (JSON, "text/csv;header=present")),
    Case("q-between-parameters", "12.5.1", "q is the weight between two parameters", "text/html;a=1;q=0.4;b=2", ("text/html;a=1;b=2",), 0.4),
    Case("q-no-parameter", "12.5.1", "q is no parameter of the range", "text/html;q=0.4", (HTML,), 0.4),
    Case("nothing-acceptable", "12.5.1", "a type that is not offered", "image/png", FIVE, ()),
    Case("nothing-offered", "12.5.1", "a range, and nothing offered", "text/csv", (), ()),
    Case("battery-json", "12.5.1", "CSV at a tenth", "text/csv;q=0.1, application/json", FIVE, (JSON, CSV)),
    Case("battery-csv", "12.5.1", "JSON at a tenth", "application/json;q=0.1, text/csv", FIVE, (CSV, JSON)),
    Case("battery-html", "12.5.1", "text at a half, CSV less, XML between", "text/*;q=0.5, text/csv;q=0.1, application/xml;q=0.3", FIVE, (HTML, XML, CSV)),
    Case("battery-text-but-html", "12.5.1", "text, HTML least", "text/*, text/html;q=0.1", FIVE, (CSV, HTML)),
    Case("battery-application-refused", "12.5.1", "no application, text at a tenth", "application/*;q=0, text/*;q=0.1", (JSON, XML, CSV), (CSV,)),
    Case("battery-many-offers", "12.5.1", "one of sixty offers", "a/b59, a/b7;q=0.5", tuple(f"a/b{n}" for n in range(60)), ("a/b59", "a/b7")),
    Case("browser-xml", "12.5.1", "a browser's field, without HTML on offer", FIREFOX, (JSON, XML), (XML, JSON)),
    Case("browser-firefox", "12.5.1", "Firefox", FIREFOX, (JSON, XML, HTML), (HTML, XML, JSON)),
    Case("browser-chrome", "12.5.1", "Chrome", CHROME, (JSON, XML, HTML), (HTML, XML, JSON)),
    # --- policy ---
    Case("tie-server-order", POLICY, "of equal weight and precision, the server's order", "text/csv, application/json", (JSON, CSV), (JSON, CSV)),
    Case("tie-server-order-reversed", POLICY, "of equal weight and precision, the server's order and not the field's", "text/csv, application/json", (CSV, JSON), (CSV, JSON)),
    Case("tie-specific-first", POLICY, "of equal weight, what is named comes before what a wildcard includes", "application/json, text/plain, */*", (CSV, JSON), (JSON, CSV)),
    Case("tie-family-first", POLICY, "of equal weight, text/* comes before */*", "text/*, */*", (JSON, CSV), (CSV, JSON)),
    Case("tie-parameters-first", POLICY, "of equal weight, what is named with a parameter comes first", "text/html, text/html;level=1", (HTML, "text/html;level=1"), ("text/html;level=1", HTML)),
    Case("tie-three-ways", POLICY, "of equal weight, all degrees of precision", "text/*, text/plain, text/plain;format=flowed, */*", (JSON, HTML, "text/plain", "text/plain;format=flowed"), ("text/plain;format=flowed", "text/plain", HTML, JSON)),
    Case("tie-weight-first", POLICY, "weight comes before precision", "application/json;q=0.9, */*", (JSON, CSV), (CSV, JSON)),
    Case("tie-any", POLICY, "*/* leaves the server's order", "*/*;q=0.8", FIVE, FIVE),
    Case("empty", POLICY, "an empty field is as none", "", FIVE, FIVE),
    Case("empty-blank", POLICY, "a field of blanks is as none", "   ", FIVE, FIVE),
    Case("empty-commas", POLICY, "a field of empty members is as none", ", ,,", FIVE, FIVE),
    Case("star", POLICY, "* is */*", "*", FIVE, FIVE),
    Case("star-weight", POLICY, "* is */* with a weight too", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", (JSON, HTML), (HTML, JSON)),
    Case("star-quality", POLICY, "the weight of *", "*;q=0.2", (JSON,), 0.2),
    Case("q-no-zero", POLICY, ".5 is 0.5", "text/csv;q=.5", (CSV,), 0.5),
    Case("q-no-zero-decides", POLICY, ".2 is less than .3", "text/csv;q=.2, text/html;q=.3", (CSV, HTML), (HTML, CSV)),
    Case("q-four-digits", POLICY, "more than three digits are read", "text/csv;q=0.1234, text/html;q=0.1235", (CSV, HTML), (HTML, CSV)),
    Case("q-four-zeros", POLICY, "0.0000 is 0", "text/csv;q=0.0000, text/html", (CSV, HTML), (HTML,)),
    Case("q-1-four-zeros", POLICY, "1.0000 is 1", "text/csv;q=1.0000", (CSV,), 1.0),
    Case("q-quoted", POLICY, "a quoted weight is read as any value is", 'text/csv;q="0.5"', (CSV,), 0.5),
    Case("q-twice", POLICY, "of two weights the last counts", "text/csv;q=0.9;q=0.2", (CSV,), 0.2),
    Case("q-above-1", POLICY, "1.001 is no weight, the member is dropped", "text/csv;q=1.001, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-2", POLICY, "2 is no weight", "text/csv;q=abc, application/json;q=2, text/html;q=0.1", (CSV, JSON, HTML), (HTML,)),
    Case("q-1.5", POLICY, "1.5 is no weight", "text/csv;q=1.5, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-minus", POLICY, "-1 is no weight", "text/csv;q=-1, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-minus-0", POLICY, "-0 is no weight", "text/csv;q=-0, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-plus", POLICY, "+1 is no weight", "text/csv;q=+1, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-word", POLICY, "a word is no weight", "text/csv;q=abc, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-inf", POLICY, "inf is no weight", "text/csv;q=inf, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-nan", POLICY, "nan is no weight", "text/csv;q=nan, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-exponent", POLICY, "1e-1 is no weight", "text/csv;q=1e-1, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-underscore", POLICY, "0.5_0 is no weight", "text/csv;q=0.5_0, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-dot", POLICY, "a dot is no weight", "text/csv;q=., text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-zeros", POLICY, "00.5 is no weight", "text/csv;q=00.5, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-comma", POLICY, "a decimal comma ends the member: 0 and something that is no range", "text/csv;q=0,5, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-none", POLICY, "an empty weight is none", "text/csv;q=, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-no-value", POLICY, "q without a value is no parameter", "text/csv;q, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-blank-inside", POLICY, "blanks around = are no weight", "text/csv;q = 0.5, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("q-other-digits", POLICY, "digits of other scripts are no weight", "text/csv;q=0.٥, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("charset-utf-8", POLICY, "charset=utf-8 in a range includes an offer that names no charset", "application/json;charset=utf-8", (CSV, JSON), (JSON,)),
    Case("charset-utf-8-upper", POLICY, "in every spelling", 'text/csv; Charset="UTF-8"', (CSV, JSON), (CSV,)),
    Case("charset-utf-8-weight", POLICY, "with its weight", "text/csv;charset=utf-8;q=0.3, application/json;q=0.5", (CSV, JSON), (JSON, CSV)),
    Case("charset-utf-8-more", POLICY, "and with its other parameters", "text/csv;header=present;charset=utf-8", ("text/csv;header=present", CSV), ("text/csv;header=present",)),
    Case("charset-utf-8-named", POLICY, "but not one that names another", "text/csv;charset=utf-8", ("text/csv;charset=utf-16", "text/csv;charset=utf-8"), ("text/csv;charset=utf-8",)),
    Case("wildcard-parameters", POLICY, "parameters of a wildcard are passed over", "text/*;level=1;q=0.5, */*;version=2;q=0.2", (JSON, CSV), (CSV, JSON)),
    Case("malformed-word", POLICY, "a word is no range; a field in which nothing is left is as none", "foo", FIVE, FIVE),
    Case("malformed-word-dropped", POLICY, "a word is dropped, the rest counts", "foo, text/csv", FIVE, (CSV,)),
    Case("malformed-only-weight", POLICY, "a field with nothing but a false weight is as none", "text/csv;q=abc", FIVE, FIVE),
    Case("malformed-subtype", POLICY, "text/ is no range", "text/, text/csv", (HTML, CSV), (CSV,)),
    Case("malformed-type", POLICY, "/csv is no range", "/csv, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-slashes", POLICY, "two slashes make no range", "text/csv/x, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-blank", POLICY, "a blank beside the slash makes no range", "text / csv, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-wildcard", POLICY, "*/csv is no range", "*/csv, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-semicolon", POLICY, "a blank in place of a semicolon makes no range", "text/csv q=0.5, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-parameter", POLICY, "a parameter without a value makes no range", "text/csv;header, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-name", POLICY, "a parameter without a name makes no range", "text/csv;=1, text/html", (HTML, CSV), (HTML,)),
    Case("malformed-after-quoted", POLICY, "text after a quoted string makes no range", 'text/csv;a="b"c, text/html', (HTML, CSV), (HTML,)),
    Case("malformed-refusal", POLICY, "a malformed refusal refuses nothing", "text/csv;q=-0, */*", (HTML, CSV), (HTML, CSV)),
    Case("malformed-all", POLICY, "nothing but faults is as none", ";;;,,/q=x", FIVE, FIVE),
    Case("unclosed", POLICY, "a quotation mark that is not closed runs to the end, and its member is dropped", 'text/csv;q=0.5, text/html;a="b, application/json', (JSON, HTML, CSV), (CSV,)),
    Case("unclosed-first", POLICY, "where it is the only member, the field is as none", '"text/html, text/csv', (JSON, CSV), (JSON, CSV)),
    Case("unclosed-escape", POLICY, "a backslash at the very end closes nothing", 'text/csv, text/html;a="\\', (HTML, CSV), (CSV,)),
    Case("quoted-range", POLICY, "a range in quotation marks is none", '"text/html", text/csv', (HTML, CSV), (CSV,)),
    Case("duplicate", POLICY, "of two equal ranges the heavier counts", "text/csv;q=0.2, text/csv;q=0.7", (CSV,), 0.7),
    Case("duplicate-reversed", POLICY, "in either order", "text/csv;q=0.7, text/csv;q=0.2", (CSV,), 0.7),
    Case("duplicate-refused", POLICY, "of two equal ranges one that refuses counts", "text/csv;q=0, text/csv", (CSV, JSON), ()),
    Case("duplicate-refused-last", POLICY, "in either order", "text/csv, text/csv;q=0", (CSV, JSON), ()),
    Case("duplicate-equal-precision", POLICY, "of two ranges with one parameter each the heavier counts", "text/html;a=1;q=0.3, text/html;b=2;q=0.6", ("text/html;a=1;b=2",), 0.6),
    Case("non-ascii", POLICY, "letters beyond ASCII make no range", "text/csvé, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("non-ascii-case", POLICY, "a letter whose lower case is ASCII is not ASCII", "text/mar\u212adown, text/html", ("text/markdown", HTML), (HTML,)),
    Case("non-ascii-blank", POLICY, "a no-break space is no blank", "text/csv\u00a0;q=0.5, text/html", (CSV, HTML), (HTML,)),
    Case("nul", POLICY, "NUL makes no range", "text/csv\x00, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("nul-alone", POLICY, "NUL alone is as none", "\x00", (CSV, HTML), (CSV, HTML)),
    Case("line-break", POLICY, "a line break makes no range", "text/csv\n, text/html;q=0.1", (CSV, HTML), (HTML,)),
    Case("cap-length", POLICY, "8192 characters are read", "text/csv," + " " * 8184 + "text/html", (HTML, CSV), (CSV,)),
    Case("cap-length-inside", POLICY, "a member that ends with the 8192nd character is read", "text/csv;q=0.5," + " " * 8168 + "text/html", (HTML, CSV), (HTML, CSV)),
    Case("cap-length-cut", POLICY, "a member that goes on after the 8192nd character is dropped whole", "text/csv," + " " * 8174 + "text/html;q=0", (HTML, CSV), (CSV,)),
    Case("cap-length-weight", POLICY, "so that no weight is cut short", "text/csv;q=0.5," + " " * 8164 + "text/html;q=0.9", (HTML, CSV), (CSV,)),
    Case("cap-ranges", POLICY, "100 members are read", f"{HUNDRED}, text/csv", ("a/b99", CSV), ("a/b99",)),
    Case("cap-ranges-inside", POLICY, "the hundredth member is read", f"{HUNDRED[: HUNDRED.rindex(',')]}, text/csv", ("a/b99", CSV), (CSV,)),
    Case("offer-word", POLICY, "an offer that is no media type is not chosen", "*/*", ("json", JSON), (JSON,)),
    Case("offer-wildcard", POLICY, "an offer that is a wildcard is not chosen", "text/*", ("text/*", CSV), (CSV,)),
    Case("offer-wildcard-any", POLICY, "nor is */*", "*/*", ("*/*", CSV), (CSV,)),
    Case("offer-empty", POLICY, "nor is an empty offer", "*/*", ("", CSV), (CSV,)),
    Case("offer-parameter", POLICY, "nor is one with a malformed parameter", "text/*", ("text/csv;header", CSV), (CSV,)),
    Case("offer-word-absent", POLICY, "without a range every offer is as the server gave it", None, ("json", JSON), ("json", JSON)),
    Case("offer-twice", POLICY, "an offer made twice is there twice", "text/csv", (CSV, JSON, CSV), (CSV, CSV)),
]
# fmt: on

INTRODUCTION = """# Conformance

How `negotiate_api.negotiation` answers an `Accept` field: every rule of RFC 9110 on media types, one case each, and the
choices made where the RFC leaves one open. § is the section of RFC 9110 that states the rule.

The answer is what `acceptable_offers(offers, accept)` gives, best first, *none* where that is 406; or a number, which
is what `quality(offer, accept)` gives. ␠ is a blank at an end or beside another one, ⍽ one that does not
break; ␀, ␉ and ␊ are control characters; a long text is shortened to its beginning and end.

This page is printed from the table that the tests run, and a test checks that it is up to date:

```sh
python -m pytest tests/test_conformance.py
python tests/conformance.py > docs/conformance.md
```
"""


def page() -> str:
    """docs/conformance.md."""
    groups = [(section, list(cases)) for section, cases in groupby(CASES, key=lambda case: case.section)]
    lines = [INTRODUCTION, "| § | | cases |", "|---|---|---:|"]
    lines += [f"| {section} | {SECTIONS[section]} | {len(cases)} |" for section, cases in groups]
    lines.append(f"| | **all** | **{len(CASES)}** |")
    for section, cases in groups:
        heading = SECTIONS[section] if section == POLICY else f"§ {section} {SECTIONS[section]}"
        lines += ["", f"## {heading}", "", "| case | rule | Accept | offers | answer |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(cells(case))} |" for case in cases]
    return "\n".join(lines) + "\n"


def cells(case: Case) -> tuple[str, ...]:
    """The cells of a case's row, in Markdown."""
    accept = "*absent*" if case.accept is None else code(case.accept)
    answer = codes(case.expected) if isinstance(case.expected, tuple) else f"{case.expected:g}"
    return case.id, prose(case.rule), accept, codes(case.offers), answer


def codes(texts: tuple[str, ...]) -> str:
    """Media types, the many shortened to the first and the last."""
    shown = [code(text) for text in texts]
    return ", ".join(shown if len(shown) <= 8 else [shown[0], f"… ({len(shown)} in all)", shown[-1]]) or "*none*"


def code(text: str) -> str:
    """A code span for the cell of a table, two of them for a long text."""
    if len(text) > 400:
        return f"{code(text[:24])} … {code(text[-24:])} ({len(text)} characters)"
    fence = "`"
    while fence in text:
        fence += "`"
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{visible(text)}{space}{fence}".replace("|", "\\|") if text else "*empty*"


def prose(text: str) -> str:
    """Plain text for the cell of a table."""
    return "".join(f"\\{character}" if character in "\\`*_|<[" else character for character in text)


def visible(text: str) -> str:
    """text with pictures of control characters and of the blanks that Markdown would drop."""
    text = re.sub("^ | $| (?= )|(?<= ) ", "␠", text).replace("\u00a0", "⍽")
    return "".join(chr(0x2400 + ord(character)) if character < " " else character for character in text)


if __name__ == "__main__":
    import sys

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
