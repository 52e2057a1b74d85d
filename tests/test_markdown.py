"""What a Markdown parser makes of the format: markdown-it, with CommonMark and GFM's tables, reads it back."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from representations import Metadata, Rows, Unrepresentable
from representations.data import number
from representations.markdown import DEPTH, Markdown, escape
from representations.table import names

PARSERS = [
    MarkdownIt("commonmark").enable("table"),
    MarkdownIt("gfm-like", {"linkify": False}),
]
every_parser = pytest.mark.parametrize("parser", PARSERS, ids=["commonmark", "gfm"])

generated = settings(max_examples=150, deadline=None, derandomize=True, database=None)

MARKUP = [
    *("a|b", "\\|", "\\\\|", "|", "||", "a\\", "\\", "`", "``a`", "*a*", "**", "_a_", "__a__", "a_b", "_", "~~a~~"),
    *(
        "<b>",
        "<!-- a",
        "</td>",
        "<https://a.example>",
        "[a](b)",
        "![a](b)",
        "[a]: b",
        "[ ] a",
        "[^1]",
        "&amp;",
        "&#65;",
    ),
    *(
        "# a",
        "#",
        "## ",
        "- a",
        "-",
        "+ a",
        "* a",
        "1. a",
        "1)",
        "123456789. a",
        "> a",
        ">",
        "---",
        "- - -",
        "***",
        "===",
    ),
    *("```", "~~~", "    a", "\ta", " a ", "a  b", "a\nb", "a\r\nb", "a\rb", "\n", "\n\n", "a\n\nb", "a\n", "a  \nb"),
    *(
        "--- | ---",
        ":-:",
        "| --- |",
        "$a$",
        "\xa0a\u3000",
        "a \\",
        "李雷|",
        "שלום_",
        "\u202ea",
        "https://a.example/b_c_",
    ),
]
"""Text that is something else in Markdown."""

TEXT = st.sampled_from(MARKUP) | st.lists(st.sampled_from("a1 _*`|\\<>[]()!#-+=.~&;$:\n\té\xa0"), max_size=8).map(
    "".join
)
ANY_TEXT = TEXT | st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=12)


def markdown(data, meta=Metadata()):  # noqa: B008 - immutable
    return Markdown().encode(data, meta).decode()


def document(columns, tuples):
    return b"".join(Markdown().iter_encode(Rows(columns, tuples))).decode()


def inline_text(tokens):
    """The text of inline tokens; a code span in backticks, <br> as a line end."""
    return "".join(map(piece, tokens))


def piece(token):
    kinds = {"text": token.content, "code_inline": f"`{token.content}`", "strong_open": "**", "strong_close": "**"}
    if token.content == "<br>":
        return "\n"
    assert token.type in kinds, f"{token.type} {token.content!r} is markup that the data made"
    return kinds[token.type]


def cells(parser, text):
    """The one table of a document as rows of text."""
    tokens = parser.parse(text)
    assert [token.type for token in tokens if token.level == 0] == ["table_open", "table_close"]
    rows = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(inline_text(token.children))
    return rows


def items(parser, text):
    """The one list of a document as nested lists of text; an item that has lines below it is (text, list)."""
    tokens = iter(parser.parse(text))
    assert next(tokens).type == "bullet_list_open"
    result = _list(tokens)
    assert next(tokens, None) is None, "the list has ended early"
    return result


def _list(tokens: Iterator):
    found = []
    for token in tokens:
        if token.type == "bullet_list_close":
            return found
        assert token.type == "list_item_open", f"{token.type} is markup that the data made"
        found.append(_item(tokens))
    raise AssertionError("a list without an end")


def _item(tokens):
    parts = []
    for token in tokens:
        if token.type == "list_item_close":
            return parts[0] if len(parts) == 1 else tuple(parts)
        if token.type == "bullet_list_open":
            parts.append(_list(tokens))
        elif token.type == "inline":
            parts.append(inline_text(token.children))
        elif token.type == "html_block":  # a line end alone
            parts.append(unescape(token.content.replace("<br>", "\n")).removesuffix("\n"))
        else:
            assert token.type in ("paragraph_open", "paragraph_close"), f"{token.type} is markup that the data made"
    raise AssertionError("an item without an end")


def shown(text):
    """Text as a document holds it: one kind of line end, empty text in code."""
    return text.replace("\r\n", "\n").replace("\r", "\n") or '`""`'


# Tables


@every_parser
@pytest.mark.parametrize("value", MARKUP, ids=ascii)
def test_markup_in_a_cell_is_text(parser, value):
    assert cells(parser, document([value, "b"], [(value, 1), (1, value)])) == [
        [*map(shown, names((value, "b")))],
        [shown(value), "1"],
        ["1", shown(value)],
    ]


@every_parser
@generated
@given(data=st.data())
def test_cells_are_read_as_they_were(parser, data):
    columns = data.draw(st.lists(ANY_TEXT, min_size=1, max_size=4, unique=True))
    rows = data.draw(st.lists(st.tuples(*[ANY_TEXT | st.none() | st.integers()] * len(columns)), max_size=4))

    found = cells(parser, document(columns, rows))

    expected = [names(tuple(columns)), *rows]
    assert found == [["" if v is None else shown(v) if isinstance(v, str) else str(v) for v in row] for row in expected]


def test_table_is_what_a_person_would_write():
    rows = [(1, "Åse", Decimal("1.50"), None, True, ""), (2, "a_b | c", None, date(2024, 2, 29), False, [1, "|`"])]

    assert document(("id", "full_name", "price", "since", "active", "note"), rows) == (
        "| id | full_name | price | since | active | note |\n"
        "| ---: | --- | ---: | --- | --- | --- |\n"
        '| 1 | Åse | 1.50 |  | true | `""` |\n'
        '| 2 | a_b \\| c |  | 2024-02-29 | false | `[1,"\\u007c\\u0060"]` |\n'
    )


@every_parser
def test_columns_of_numbers_are_aligned_to_the_right(parser):
    tokens = parser.parse(document(("a", "b", "c", "d", "e"), [(1, "1", True, None, 1.5)]))

    assert [token.attrGet("style") for token in tokens if token.type == "th_open"] == [
        *("text-align:right", None, None, None, "text-align:right")
    ]


@every_parser
def test_no_rows_are_a_header(parser):
    assert cells(parser, document(("id", "a|b"), [])) == [["id", "a|b"]]


def test_no_columns_are_said_in_words():
    assert markdown([]) == document((), []) == markdown([{}]) == "*no rows*\n"


def test_nested_records_are_spread_over_columns_as_in_csv():
    assert markdown([{"a": {"b": 1, "c.d": 2}}, {"e": 3}]).splitlines()[0] == r"| a.b | a.c\\.d | e |"


@every_parser
@generated
@given(value=st.recursive(ANY_TEXT | st.integers() | st.none(), lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_nested_value_in_a_cell_is_json_in_code(parser, value):
    _, [cell] = cells(parser, document(("a",), [([value],)]))

    assert json.loads(cell.removeprefix("`").removesuffix("`")) == [value]


@generated
@given(data=st.data())
def test_chunks_joined_are_what_encode_gives(data):
    names = st.text("ab|*_ ", max_size=3)
    columns = data.draw(st.lists(names, min_size=1, max_size=3, unique=True))
    cell = ANY_TEXT | st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.dates()
    rows = data.draw(st.lists(st.tuples(*[cell] * len(columns)), min_size=1, max_size=3))

    assert document(columns, rows) == markdown([dict(zip(columns, row, strict=True)) for row in rows])


@generated
@given(data=st.data())
def test_cells_are_the_same_whatever_stands_beside_them(data):
    ordinary = st.sampled_from(["JFK", "2013-01-01T05:00:00Z", "a b", "é", "1)", "# a"])
    odd = data.draw(st.sampled_from([" a", "a ", "", "a_", *"\\`*[<|~$&\n"]))
    kinds = [
        ordinary,
        ordinary | st.just(odd),
        st.integers(),
        st.just(10**5000) | st.integers(),
        ordinary | ANY_TEXT | st.booleans(),
    ]
    drawn = [data.draw(st.sampled_from([kind, kind | st.none()])) for kind in kinds]
    rows = data.draw(st.lists(st.tuples(*drawn), min_size=1, max_size=12))

    lines = document("abcde", rows).splitlines()[2:]

    assert lines == [f"| {' | '.join(map(as_cell, row))} |" for row in rows]


def as_cell(value):
    if isinstance(value, str):
        return escape(value)
    return "" if value is None else json.dumps(value) if isinstance(value, bool) else number(value)


def test_rows_are_written_as_they_are_read():
    read = []
    chunks = Markdown().iter_encode(Rows(("id",), (read.append(n) or (n,) for n in range(10**9))))

    assert next(chunks) == b"| id |\n| ---: |\n"
    assert len(read) == 1
    next(chunks)
    assert len(read) <= 50


# Lists


@every_parser
@pytest.mark.parametrize("value", MARKUP, ids=ascii)
def test_markup_in_a_list_is_text(parser, value):
    assert items(parser, markdown([value, [value, value], "b"])) == [shown(value), [shown(value), shown(value)], "b"]
    assert items(parser, markdown({value: value, "b": {value: [value]}})) == [
        f"**{shown(value)}**: {shown(value)}",
        ("**b**:", [(f"**{shown(value)}**:", [shown(value)])]),
    ]


def listed(data):
    """What items() finds in a document of nested data."""
    if isinstance(data, dict):
        return [pair(key, value) for key, value in data.items()]
    return [listed(item) if isinstance(item, (list, dict)) and item else atom(item) for item in data]


def pair(key, value):
    name = f"**{shown(key)}**:"
    return (name, listed(value)) if isinstance(value, (list, dict)) and value else f"{name} {atom(value)}"


def atom(value):
    if isinstance(value, str):
        return shown(value)
    return f"`{json.dumps(value)}`" if value is None or isinstance(value, (list, dict)) else str(value)


NESTED = st.recursive(
    ANY_TEXT | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@every_parser
@generated
@given(data=st.dictionaries(ANY_TEXT, NESTED, min_size=1, max_size=3) | st.lists(ANY_TEXT | st.none(), min_size=1))
def test_nested_data_is_read_as_it_was(parser, data):
    assert items(parser, markdown(data)) == listed(data)


def test_mapping_is_what_a_person_would_write():
    data = {"name": "Åse", "tags": ["a", "b"], "address": {"city": "Oslo", "zip": None}, "none": [], "ok": True}

    assert markdown(data) == (
        "- **name**: Åse\n- **tags**:\n  - a\n  - b\n- **address**:\n  - **city**: Oslo\n  - **zip**: `null`\n"
        "- **none**: `[]`\n- **ok**: true\n"
    )


@every_parser
@pytest.mark.parametrize("value", MARKUP, ids=ascii)
def test_value_alone_is_text(parser, value):
    tokens = parser.parse(markdown(value))

    if [token.type for token in tokens] != ["html_block"]:  # a line end alone
        assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
        assert inline_text(tokens[1].children) == shown(value)


def test_what_lies_deeper_than_depth_is_json():
    data = 1
    for _ in range(DEPTH + 3):
        data = {"a": data}
    *_, last = markdown(data).splitlines()

    assert last == "  " * (DEPTH - 1) + '- **a**: `{"a":{"a":{"a":1}}}`'


def test_control_characters_and_surrogates_are_replaced():
    assert (
        markdown(["a\0b", "\x1b", "\ud800", "\x85", ["\x7f"]])
        == "- a\ufffdb\n- \ufffd\n- \ufffd\n- \ufffd\n- - \ufffd\n"
    )


def test_snake_case_is_left_alone():
    assert escape("country_code_2") == "country_code_2"
    assert escape("_private_ a__b") == r"\_private\_ a\_\_b"


def test_data_outside_the_model_is_unrepresentable():
    with pytest.raises(Unrepresentable):
        markdown({"a": object()})


# Errors


def test_error_has_its_status_as_heading():
    meta = Metadata(status=404)
    rows = Rows(("a",), [(1,)])

    assert markdown({"message": "No *such* user."}, meta) == "# 404 Not Found\n\n- **message**: No \\*such\\* user.\n"
    assert markdown([{"a": 1}], meta) == b"".join(Markdown().iter_encode(rows, meta)).decode()
    assert markdown([{"a": 1}], meta).startswith("# 404 Not Found\n\n| a |\n")
    assert markdown("x", Metadata(status=201)) == "x\n"


def test_format_is_only_written():
    assert Markdown().decode is None
