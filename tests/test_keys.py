"""Segments of paths: any name and any value of a key has one, and it is no other's."""

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from negotiate_api.publish.schema import keys

TEXTS = st.text(st.characters(exclude_categories=("Cs",)))
VALUES = st.lists(st.none() | TEXTS, min_size=1, max_size=4)

SEGMENTS = (
    ("country", "country"),
    ("a b", "a b"),
    ("a/b", "a~2Fb"),
    ("..", "~2E~2E"),
    ("a.csv", "a~2Ecsv"),
    ("~", "~7E"),
    ("<a>", "~3Ca~3E"),
    ("~n", "~7En"),
    ("1,2", "1~2C2"),
    ("a\nb", "a~0Ab"),
    ("\x85", "~C2~85"),
    ("100%", "100%"),
    ("Åse", "Åse"),
    ("", "~"),
    (None, "~n"),
)


@pytest.mark.parametrize(("text", "segment"), SEGMENTS, ids=[repr(text) for text, _ in SEGMENTS])
def test_segment_marks_what_a_path_cannot_hold(text, segment):
    assert keys.segment(text) == segment
    assert keys.text_of(segment) == text


@given(TEXTS)
@example("~2F")
@example("\x00")
def test_every_text_has_a_segment_that_nothing_between_takes_apart(text):
    segment = keys.segment(text)
    assert segment
    assert not set("/.,").intersection(segment)
    assert segment.isprintable() or not text.isprintable()
    assert keys.text_of(segment) == text
    assert keys.text_of(segment.lower()) == text or segment != segment.lower()
    assert quote(segment, safe="~")


@given(VALUES)
def test_values_that_are_joined_are_split_again(values):
    assert keys.split(keys.join(values), len(values)) == tuple(values)


@given(VALUES, VALUES)
def test_two_keys_have_two_segments(one, other):
    assert (keys.join(one) == keys.join(other)) == (one == other)


def test_marks_may_be_in_small_letters():
    assert keys.text_of("a~2fb~c3~a5") == "a/bå"


def test_a_comma_in_the_key_of_one_column_is_its_own():
    assert keys.split("1,2", 1) == ("1,2",)


@pytest.mark.parametrize(("segment", "count"), [("1", 2), ("1,2,3", 2)], ids=["few", "many"])
def test_split_refuses_another_number_of_values(segment, count):
    with pytest.raises(ValueError, match=r"has \d values?, and 2 are needed"):
        keys.split(segment, count)


@pytest.mark.parametrize("segment", ["a~", "~2", "~xy", "~nn", "~~", "~FF"])
def test_a_segment_that_is_not_well_formed_is_refused(segment):
    with pytest.raises(ValueError, match="has "):
        keys.text_of(segment)
