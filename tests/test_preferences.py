"""The Prefer field (RFC 7240)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate_api.publish.writing.preferences import KNOWN, Preferences, Unsupported, parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("return=minimal", [("return", "minimal")]),
        ("Return = minimal , HANDLING=lenient", [("return", "minimal"), ("handling", "lenient")]),
        ('return="minimal"', [("return", "minimal")]),
        ("respond-async, wait=10", [("respond-async", ""), ("wait", "10")]),
        ('foo; bar="a, b=c", return=minimal', [("foo", ""), ("return", "minimal")]),
        ('foo="a, return=minimal"', [("foo", "a, return=minimal")]),
        (r'foo="a\"b"', [("foo", 'a"b')]),
        ("foo=", []),
        ("=x,,;,return=minimal", [("return", "minimal")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_preferences_are_parsed_by_the_grammar(text, found):
    assert list(parse(text)) == found


@given(st.text(st.sampled_from('ab=,;" \\\t')))
def test_preferences_of_any_text_are_told_without_an_error(text):
    assert all(name for name, _ in parse(text))


def test_preferences_that_are_not_known_are_passed_over():
    found = Preferences.of("return=everything, speed=high, handling=lenient")
    assert (found.returns, found.handling, found.fields()) == (
        "",
        "lenient",
        {"Preference-Applied": "handling=lenient"},
    )


def test_preferences_given_twice_are_the_first():
    assert Preferences.of("return=minimal, return=representation").returns == "minimal"


def test_preferences_of_another_method_are_not_applied():
    found = Preferences.of("return=minimal, resolution=merge-duplicates", ("return",))
    assert found.fields() == {"Preference-Applied": "return=minimal"}


@pytest.mark.parametrize("text", ["return=everything", "speed", "resolution=merge-duplicates"])
def test_preferences_that_are_not_known_are_400_to_strict_clients(text):
    with pytest.raises(Unsupported) as error:
        Preferences.of(f"{text}, handling=strict", ("return", "handling"))
    assert text in error.value.data["message"]


def test_preferences_without_any_tell_nothing():
    assert Preferences.of(None, KNOWN).fields() == {}
