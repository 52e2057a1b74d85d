"""What holds of every Accept field. The rules, one by one, are in test_conformance.py."""

import time
import warnings
from itertools import groupby, product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from negotiate_api.negotiation import (
    MAX_CACHED,
    MAX_LENGTH,
    acceptable_offers,
    parse_accept,
    parse_mediatype,
    quality,
    without_parameters,
)

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'cgi' is deprecated", DeprecationWarning)
    from webob.acceptparse import AcceptValidHeader, create_accept_header

MEDIATYPES = ["application/json", "application/problem+json", "application/xml", "image/png", "text/csv", "text/html"]
PARAMETERS = ["", ";v=1", ";v=2", ';v="a, b;c"', ";level=1"]
WILDCARDS = ["*/*", "text/*", "application/*", "image/*"]
WEIGHTS = [
    "",
    "q=0",
    "q=0.",
    "q=0.000",
    "q=0.001",
    "q=0.1",
    "q=0.25",
    "q=.5",
    "q=0.500",
    "q=0.999",
    "q=1",
    "q=1.",
    "q=1.000",
]
LEGAL_WEIGHTS = [weight for weight in WEIGHTS if weight != "q=.5"]

OFFERS = [mediatype + parameter for mediatype in MEDIATYPES for parameter in PARAMETERS]
RANGES = [*WILDCARDS * 4, *MEDIATYPES * 2, *OFFERS]

offered = st.lists(st.sampled_from(OFFERS), min_size=1, max_size=6, unique=True).map(tuple)
fields = st.lists(st.sampled_from(list(product(RANGES, WEIGHTS))), min_size=1, max_size=8)
legal_fields = st.lists(
    st.sampled_from(list(product(RANGES, LEGAL_WEIGHTS))), min_size=1, max_size=8, unique_by=lambda member: member[0]
)
separators = st.sampled_from(list(product([",", ", ", " ,", ",,", "\t,"], [";", "; ", " ;", "\t; "])))

hostile_text = st.one_of(
    st.text(max_size=80),
    st.text(alphabet='*/;,="\\ \tqQ01.5atextcsv', max_size=80),
    st.lists(st.sampled_from([*MEDIATYPES, *PARAMETERS, *WILDCARDS, *WEIGHTS, ",", ";", '"', "\\", " ", "*"])).map(
        "".join
    ),
)


BLANKS = ("", "", " ", "  ", "\t", " \t ")


def written(field, comma=", ", semicolon=";"):
    """A field of (range, weight) pairs."""
    return comma.join(range_ + (weight and semicolon + weight) for range_, weight in field)


def groups(weighed):
    """Sets of offers of equal quality, best first, from (offer, quality) pairs in order."""
    return [(weight, {offer for offer, _ in pairs}) for weight, pairs in groupby(weighed, key=lambda pair: pair[1])]


# WebOb differs from RFC 9110 on parameters after q, the case of charsets, the order of parameters and blank empty
# members; what the RFC leaves open (duplicates, "q=.5", several parameters) is no subject for a comparison.
@settings(max_examples=3000, deadline=None)
@given(legal_fields, separators, offered)
def test_quality_and_order_agree_with_webob(field, between, offers):
    accept = written(field, *between)
    webob = create_accept_header(accept)
    assert isinstance(webob, AcceptValidHeader)

    assert groups((offer, quality(offer, accept)) for offer in acceptable_offers(offers, accept)) == groups(
        webob.acceptable_offers(offers)
    )


@settings(max_examples=500, deadline=None)
@given(hostile_text, st.lists(hostile_text, max_size=4))
def test_any_text_has_an_answer(accept, others):
    offers = (*MEDIATYPES, *others)

    assert set(acceptable_offers(offers, accept)) <= set(offers)
    assert all(0 <= quality(offer, accept) <= 1 for offer in offers)
    assert acceptable_offers(offers, without_parameters(accept)) is not None


@settings(max_examples=500, deadline=None)
@given(st.one_of(hostile_text, fields.map(written)), offered)
def test_answer_is_the_offers_of_some_quality_sorted_by_it(accept, offers):
    answer = acceptable_offers(offers, accept)
    weights = [quality(offer, accept) for offer in answer]

    assert weights == sorted(weights, reverse=True)
    assert set(answer) == {offer for offer in offers if quality(offer, accept) > 0}
    assert len(answer) == len(set(answer))


@settings(max_examples=500, deadline=None)
@given(st.one_of(hostile_text, fields.map(written)), offered, st.data())
def test_refusal_of_an_offer_takes_it_out(accept, offers, data):
    refused = data.draw(st.sampled_from(offers))

    assert refused not in acceptable_offers(offers, f"{refused};q=0, {accept}")
    assert quality(refused, f"{refused};q=0, {accept}") == 0


@settings(max_examples=500, deadline=None)
@given(fields, offered)
def test_refusal_of_everything_leaves_what_is_named(field, offers):
    answer = acceptable_offers(offers, f"{written(field)}, */*;q=0")

    named = {range_.partition("/")[0] for range_, _ in field}
    assert all(offer.partition("/")[0] in named or "*" in named for offer in answer)
    assert acceptable_offers(offers, "*/*;q=0") == ()


@settings(max_examples=500, deadline=None)
@given(fields, offered, st.integers(min_value=0))
@example([('text/csv;v="a, b;c"', "q=0.5"), ("*/*", "q=0.1")], ("text/csv", 'text/csv;v="a, b;c"'), 1)
def test_blanks_and_case_do_not_matter(field, offers, seed):
    chance = Random(seed)

    def cased(text):
        return "".join(chance.choice((character.lower(), character.upper())) for character in text)

    def blank(character=""):
        return chance.choice(BLANKS) + character + chance.choice(BLANKS)

    def varied(range_, weight):
        """Names in any case, blanks around semicolons, the values as they are."""
        name, semicolon, parameter = range_.partition(";")
        key, equals, value = parameter.partition("=")
        yield cased(name) + (blank(semicolon) + cased(key) + equals + value if semicolon else "")
        if weight:
            yield blank(";") + cased("q") + weight[1:]

    accept = blank() + blank(",").join("".join(varied(*member)) for member in field) + blank()

    assert acceptable_offers(offers, accept) == acceptable_offers(offers, written(field))


@settings(max_examples=300, deadline=None)
@given(fields, offered, st.data())
def test_order_of_the_members_does_not_matter(field, offers, data):
    shuffled = data.draw(st.permutations(field))

    assert acceptable_offers(offers, written(shuffled)) == acceptable_offers(offers, written(field))


@settings(max_examples=300, deadline=None)
@given(fields, offered)
def test_empty_members_do_not_matter(field, offers):
    assert acceptable_offers(offers, f" , ,{written(field, ', ,,')},") == acceptable_offers(offers, written(field))


@settings(max_examples=300, deadline=None)
@given(fields, st.permutations(MEDIATYPES))
def test_order_of_the_offers_decides_nothing_but_ties(field, offers):
    accept = written(field)

    assert groups((o, quality(o, accept)) for o in acceptable_offers(tuple(offers), accept)) == groups(
        (o, quality(o, accept)) for o in acceptable_offers(tuple(MEDIATYPES), accept)
    )


@settings(max_examples=300, deadline=None)
@given(fields, offered)
def test_answer_is_the_same_long_as_short(field, offers):
    accept = written(field)

    assert acceptable_offers(offers, accept + " " * 600) == acceptable_offers(offers, accept)


@settings(max_examples=300, deadline=None)
@given(st.one_of(hostile_text, fields.map(written)))
@example("text/csv;header=present;q=0.00001")
def test_without_parameters_every_range_with_a_weight_is_left(accept):
    weighty = [(r.type, r.subtype, frozenset(), r.quality) for r in parse_accept(accept) if r.quality]

    assert [r for r in parse_accept(without_parameters(accept)) if r.quality] == weighty


@given(hostile_text)
def test_offer_that_is_no_mediatype_is_never_chosen(text):
    try:
        parse_mediatype(text)
    except ValueError:
        assert quality(text, "*/*") == 0
    else:
        assert quality(text, "*/*") == 1


# Beginning, what is repeated, and end of a hostile field.
HOSTILE = {
    "ranges": ("", "a/b,", ""),
    "ranges with weights": ("", "a/b;q=0.1, ", ""),
    "any": ("", "*/*,", ""),
    "infinite weights": ("", "a/b;q=inf,", ""),
    "q=inf": ("", "q=inf,", ""),
    "weights": ("text/html", ";q=1", ""),
    "long weight": ("text/html;q=0.", "1", ""),
    "quotes": ("", '"', ""),
    "quotes and commas": ("", '",', ""),
    "backslashes": ("", "\\", ""),
    "quotes and backslashes": ("", '"\\', ""),
    "nested quotes": ("", 'a/b;c="\\"a/b;c=\\"",', ""),
    "quotation": ('text/html;a="', "x", '"'),
    "quotation, then none": ('text/html;a="', "x", '"x'),
    "quotation of escapes": ('text/html;a="', "\\x", '"'),
    "quotation of commas": ('text/html;a="', ",", '"'),
    "open quotation": ('text/html;a="', "x", ""),
    "open quotation of escapes": ('text/html;a="', "\\x", ""),
    "open quotation of escaped quotes": ('text/html;a="', '\\"', ""),
    "open quotations": ("", 'text/html;a="x,', ""),
    "semicolons": ("", ";", ""),
    "semicolons after a range": ("text/html", ";", ""),
    "semicolons, then no parameter": ("text/html", ";", "/"),
    "semicolons and blanks": ("text/html", "; ", ""),
    "parameters": ("text/html", ";a=1", ""),
    "parameters, then none": ("text/html", ";a=1", ";a"),
    "quoted parameters": ("text/html", ';a="b"', ""),
    "parameters without values": ("text/html", ";a", ""),
    "long name": ("text/html;", "a", ""),
    "equal signs": ("text/html;a", "=", ""),
    "blanks": ("", " ", ""),
    "tabs": ("", "\t", ""),
    "blanks, then no semicolon": ("text/html", " ", "x"),
    "blanks, then no parameter": ("text/html;", " ", "/"),
    "blanks after a parameter": ("text/html;a=1", " ", "x"),
    "commas": ("", ",", ""),
    "commas and blanks": ("", ", ", ""),
    "slashes": ("", "/", ""),
    "stars": ("", "*", ""),
    "token": ("", "a", ""),
    "type": ("", "a", "/"),
    "subtype": ("text/", "a", ""),
    "NUL": ("", "\0", ""),
    "beyond ASCII": ("", "Å", ""),
    "line breaks": ("", "\r\n", ""),
}  # fmt: skip


def filled(pattern, length=MAX_LENGTH):
    """A field of that length."""
    beginning, repeated, end = pattern
    room = length - len(beginning) - len(end)
    return beginning + (repeated * room)[:room] + end


BENIGN = filled(("", "text/html;level=1;q=0.5, ", ""))


def seconds(accept, calls=5):
    """The least time of a few calls: what disturbs a machine only ever adds."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        acceptable_offers(tuple(MEDIATYPES), accept)
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_field_takes_no_longer_than_others(pattern):
    taken = seconds(filled(pattern))

    assert taken < 0.05
    assert taken < 20 * seconds(BENIGN)


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_in_the_length(pattern):
    """8 times the text takes 8 times as long; where the time grew with the square it would be 64 times."""
    short = max(MAX_LENGTH // 8, MAX_CACHED + 1)

    assert seconds(filled(pattern)) < 30 * seconds(filled(pattern, short), calls=20) + 0.001


def test_text_beyond_the_cap_costs_nothing():
    assert seconds(BENIGN * 100) < 5 * seconds(BENIGN)
