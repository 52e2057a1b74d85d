"""Filters mean the same on every database: what Python says of the rows."""

import operator
import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_tables import database, table

from negotiate_api.publish.queries.parameters import BadParameter

LETTERS = "aAbåÅжЖ%_*?[]^-\\/'\"~.,; ()="
WORDS = st.text(LETTERS, max_size=4)
VALUES = {
    "word": WORDS,
    "number": st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 2),
    "price": st.decimals(-99, 99, places=2),
    "height": st.sampled_from([0.1, 1.1, -2.5, 16.0, 0.0]),
    "day": st.dates(date(1000, 1, 1), date(9999, 12, 31)) | st.sampled_from([date(2024, 2, 29), date(2024, 3, 1)]),
    "seen": st.datetimes(datetime(1970, 1, 2), datetime(2037, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    "flag": st.booleans(),
}
COMPARED = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def things():
    return table(
        "things",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("word", sa.String(100)),
        sa.Column("number", sa.Integer),
        sa.Column("price", sa.Numeric(6, 2)),
        sa.Column("height", sa.REAL().with_variant(sa.FLOAT(), "mariadb")),
        sa.Column("day", sa.Date),
        sa.Column("seen", sa.DateTime),
        sa.Column("flag", sa.Boolean),
    )


def rows(least=0):
    row = st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()})
    return st.lists(row, min_size=least, max_size=8)


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def written(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def meets(op, value, wanted):
    """Whether a value of a row meets what is wanted, by Python's lights."""
    if op in ("ne", "notin"):
        return value not in wanted
    return (
        value is not None
        and {
            "exact": lambda: value == wanted[0],
            "in": lambda: value in wanted,
            "between": lambda: wanted[0] <= value <= wanted[1],
            "contains": lambda: wanted[0] in value,
            "startswith": lambda: value.startswith(wanted[0]),
            "endswith": lambda: value.endswith(wanted[0]),
            "icontains": lambda: wanted[0].lower() in value.lower(),
            "like": lambda: fits(wanted[0], value),
            **{name: lambda compare=compare: compare(value, wanted[0]) for name, compare in COMPARED.items()},
        }[op]()
    )


def fits(pattern, value):
    parts = re.findall(r"\\.|.|\\", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    regex = "".join(wild[p] if p in wild else re.escape(p[1:] if len(p) > 1 else p) for p in parts)
    return re.fullmatch(regex, value, re.DOTALL) is not None


@st.composite
def questions(draw):
    """Rows, a column, an operator and what is asked for, often what a row has."""
    found = draw(rows())
    name = draw(st.sampled_from(list(VALUES)))
    ops = ["exact", "ne", "in", "notin"]
    ops += ["contains", "startswith", "endswith", "icontains", "like"] if name == "word" else ["between", *COMPARED]
    held = [row[name] for row in found if row[name] is not None]
    value = st.sampled_from(held) | VALUES[name] if held else VALUES[name]
    op = draw(st.sampled_from(ops))
    many = {"in": (1, 4), "notin": (1, 4), "between": (2, 2)}.get(op, (1, 1))
    wanted = draw(st.lists(value, min_size=many[0], max_size=many[1]))
    if op in ("contains", "startswith", "endswith", "icontains", "like"):
        first = wanted[0]
        start = draw(st.integers(0, len(first)))
        wanted = [draw(st.sampled_from([first[start:], first[:start], first, first.swapcase(), f"%{first[1:]}"]))]
    return found, name, op, wanted


def ask(name, op, wanted):
    if op in ("in", "notin", "between"):
        return [(f"{name}__{op}", ",".join(quoted(written(value)) for value in wanted))]
    return [(name if op == "exact" else f"{name}__{op}", written(wanted[0]))]


@pytest.fixture
def of_things(database_url):
    source = things()
    with database(database_url, (source, [])) as found:
        found.source = source
        yield found


def refill(found, rows):
    numbered = [{"id": number, **row} for number, row in enumerate(rows, 1)]
    with found.engine.begin() as connection:
        connection.execute(found.source.delete())
        if numbered:
            connection.execute(found.source.insert(), numbered)
    return numbered


@QUICK
@given(many=st.lists(questions(), min_size=8, max_size=8))
def test_filter_finds_what_python_finds(of_things, many):
    held = refill(of_things, [row for found, *_ in many for row in found])
    for _, name, op, wanted in many:
        expected = [row["id"] for row in held if meets(op, row[name], wanted)]
        assert of_things.column("things", ask(name, op, wanted)) == expected, (name, op, wanted)


@QUICK
@given(many=st.lists(questions(), min_size=4, max_size=4), grouped=st.sampled_from(["or", "and"]))
def test_groups_hold_as_their_terms_do(of_things, many, grouped):
    held = refill(of_things, [row for found, *_ in many for row in found])
    terms, values = [], []
    for _, name, op, wanted in many:
        [(parameter, text)] = ask(name, op, wanted)
        terms.append(f"{parameter}={quoted(text)}")
        values.append((name, op, wanted))
    meeting = [[row["id"] for row in held if meets(op, row[name], wanted)] for name, op, wanted in values]
    first, second, third, fourth = map(set, meeting)
    text = f"({terms[0]},{grouped}({terms[1]},{terms[2]}),{terms[3]})"
    inner = second | third if grouped == "or" else second & third
    assert of_things.column("things", [("or", text)]) == sorted(first | inner | fourth)


def test_no_character_of_a_text_is_wild(of_things):
    special = "*?[]^-!%_/\\'\"{}"
    held = refill(
        of_things, [{"word": word} for one in special for word in (one, f"a{one}b", f"a{one}")] + [{"word": "axb"}]
    )
    for one in special:
        for op, found in {
            "contains": (one, f"a{one}b", f"a{one}"),
            "startswith": (one,),
            "endswith": (one, f"a{one}"),
            "icontains": (one, f"a{one}b", f"a{one}"),
        }.items():
            expected = [row["id"] for row in held if row["word"] in found]
            assert of_things.column("things", [(f"word__{op}", one)]) == expected, (op, one)
        assert of_things.column("things", [("word__contains", f"a{one}b")]) == [
            row["id"] for row in held if row["word"] == f"a{one}b"
        ]


def test_conditions_all_hold(of_things):
    refill(of_things, [{"word": word, "number": n} for word, n in [("ab", 1), ("ab", 2), ("b", 1), (None, None)]])
    assert of_things.column("things", "word=ab&number=1") == [1]
    assert of_things.column("things", "word__contains=a&word__contains=b&number__gt=1") == [2]
    assert of_things.column("things", "number__in=1&number__in=2&word__ne=b") == [1, 2]
    assert of_things.column("things", "word__isnull=true") == [4]
    assert of_things.column("things", "word__isnull=false&or=(number=1,number=2)&or=(word=b)") == [3]


def test_text_is_compared_to_the_letter_and_not_by_collation(database_url):
    collation = {"sqlite": "NOCASE", "mariadb": "latin1_swedish_ci"}.get(database_url.partition(":")[0])
    words = sa.Table(
        "words",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("word", sa.String(10, collation=collation)),
        sa.Column("fixed", sa.CHAR(5)),
        mariadb_charset="latin1",
    )
    held = ["no", "NO", "Åre", "åre", "are", "no ", None]
    rows = [{"id": i, "word": word, "fixed": word and word.strip()} for i, word in enumerate(held, 1)]
    with database(database_url, (words, rows)) as found:
        assert found.column("words", "word=no") == [1]
        assert found.column("words", "word__in=no,are") == [1, 5]
        assert found.column("words", "word__ne=no") == [2, 3, 4, 5, 6, 7]
        assert found.column("words", "word__startswith=Å") == [3]
        assert found.column("words", "word__icontains=Å") == [3, 4]
        assert found.column("words", "fixed=no") == [1, 6]
        assert found.rows("words", "group=word&sort=-count,word")[0][1] == 1
        assert len(found.rows("words", "distinct=true&fields=word")) == 7
        assert found.column("words", "q=åR") == [3, 4]


def test_a_name_that_is_reserved_is_reached_by_exact(database_url):
    names = ["format", "page", "or", "q", "a__lt", "a", "sum", "50%", 'say "x"', "a,b", "é=1", "x(y)"]
    columns = [sa.Column(name, sa.Integer) for name in names]
    source = table("odd", sa.Column("id", sa.Integer, primary_key=True), *columns)
    rows = [{"id": i, **{column.name: i for column in columns}} for i in (1, 2, 3)]
    with database(database_url, (source, [])) as found:
        with found.engine.begin() as connection:
            for row in rows:
                connection.execute(source.insert().values({source.c[name]: value for name, value in row.items()}))
        for name in (name for name in names if name != "a__lt"):
            assert found.column("odd", [(f"{name}__exact", "2")]) == [2]
            assert found.column("odd", [(f"{name}__gt", "2")]) == [3]
            assert found.column("odd", [("or", f'("{name.replace(chr(34), chr(34) * 2)}"=2,id=3)')]) == [2, 3]
            assert found.column("odd", [("sort", quoted(f"-{name}"))]) == [3, 2, 1]
            assert found.rows("odd", [("fields", quoted(name))]) == [(1,), (2,), (3,)]
        assert found.column("odd", [("a__lt", "2")]) == [2]  # the column, and not what is less than 2
        assert found.column("odd", [("a__lt__lt", "2")]) == [1]


BAD = {
    "a wrong number": ("number__gt=abc", "number__gt is 'abc'; it takes a whole number.", "whole number"),
    "digits of other scripts": ("number=٣", "number is '٣'; it takes a whole number.", "whole number"),
    "a number without end": (f"number={'9' * 10**6}", "beyond", "whole number"),
    "a wrong date": ("day=2024-02-30", "day is '2024-02-30'", "date"),
    "a wrong truth": ("flag=maybe", "neither true nor false", "boolean"),
    "neither null nor not": ("word__isnull=perhaps", "it takes true or false", None),
    "part of a number": (
        "number__contains=1",
        "number__contains is for text, and number is a whole number.",
        "whole number",
    ),
    "between one": ("number__between=1", "it takes two values", None),
    "a null character": ("word__contains=%00", "in no text of a database", None),
    "two values": ("word=a&word=b", "word__in=a,b", None),
    "an unclosed quotation": ('word__in="a', 'it takes a list such as a,b,"c,d"', None),
    "a word too long to search": (f"word__icontains={'a' * 1001}", "up to 1000 characters", None),
    "too many items": (f"number__in={'1,' * 1000}1", "up to 1000 items", None),
    "too many parameters": ("&".join(f"number__ne={i}" for i in range(101)), "100 parameters", None),
    "an unknown column": ("wrod=x", "Did you mean word?", None),
    "an unknown column with an operator": ("nmuber__gt=x", "Did you mean number?", None),
    "an unknown operator": ("number__less=1", "There is no operator 'less'.", None),
    "an unknown reserved name": ("limti=5", "Did you mean limit?", None),
    "a parameter of writing": ("confirm=5", "confirm__exact", None),
    "a group that does not begin": ("or=number=1", "begins with a parenthesis", None),
    "a group that does not end": ("or=(number=1", "has a value here", None),
    "more than a group": ("or=(number=1)x", "ends with the parenthesis that closes it", None),
    "an empty group": ("or=()", "has column=value here", None),
    "a value to be quoted": ("or=(word=a(b,number=1)", "in quotation marks", None),
    "a bad value in a group": ("or=(number=abc)", "number is 'abc'; it takes a whole number.", "whole number"),
    "groups too deep": (f"or={'(or' * 9}(number=1{')' * 10}", "8 deep", None),
    "groups without end": (f"or={'(or' * 10**5}", "8 deep", None),
    "too many terms": (f"or=({'number=1,' * 100}number=1)", "up to 100 terms", None),
    "too many conditions": (
        f"or=({'number=1,' * 60}number=1)&or=({'number=2,' * 29}number=2)&number__gt=1&q=a+b+c+d+e+f+g+h+i",
        "There may be 100 conditions, those in or and the words of q among them, and there are 101.",
        None,
    ),
    "no words": ("q=+", "q is empty", None),
    "too many words": (f"q={'a+' * 21}", "up to 20 words", None),
}


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    with database(f"sqlite:///{tmp_path_factory.mktemp('filters')}/things.db", (things(), [])) as found:
        yield found


@pytest.mark.parametrize(("text", "message", "type_"), BAD.values(), ids=BAD)
def test_bad_parameter_is_told(on_sqlite, text, message, type_):
    with pytest.raises(BadParameter) as raised:
        on_sqlite.query("things", text)
    data = raised.value.data
    assert raised.value.code == 400
    assert message in data["message"]
    assert len(data["message"]) < 400
    assert data["parameter"]
    assert data.get("type") == type_


@QUICK
@given(text=st.text("(),=\"aor nd1'\\", max_size=40))
def test_any_group_is_read_or_refused(on_sqlite, text):
    with suppress(BadParameter):
        on_sqlite.query("things", [("or", text)])


INJECTED = [
    "'; DROP TABLE things; --",
    '"; DROP TABLE things; --',
    "`; DROP TABLE things; --",
    "1 OR 1=1",
    "' OR ''='",
    "\\' OR 1=1 -- ",
    "%s %(x)s :x ? {0} $1 {x} %%",
    "things.id) UNION SELECT 1 --",
    "/* */ id",
    "ℓ'ℓ\u2019\u02bc",
]


NAMING = ("sort", "fields", "expand", "group", "sum", "limit", "page", "count", "distinct", "or")


@pytest.mark.parametrize("evil", INJECTED)
def test_sql_is_nothing_but_data(of_things, evil):
    refill(of_things, [{"word": word} for word in (evil, evil * 2, "other", None)] + [{"word": None}] * 3)
    assert of_things.column("things", [("word", evil)]) == [1]
    assert of_things.column("things", [("word__ne", evil)]) == [2, 3, 4, 5, 6, 7]
    assert of_things.column("things", [("word__in", quoted(evil))]) == [1]
    assert of_things.column("things", [("word__contains", evil)]) == [1, 2]
    assert of_things.column("things", [("word__startswith", evil)]) == [1, 2]
    assert of_things.column("things", [("word__icontains", evil.lower())]) == [1, 2]
    assert of_things.column("things", [("or", f"(word={quoted(evil)})")]) == [1]
    assert 1 in of_things.column("things", [("q", evil)])
    for name in (*NAMING, evil, f"id__{evil}", f"{evil}__gt"):
        with pytest.raises(BadParameter):
            of_things.query("things", [(name, evil)])
    assert of_things.column("things") == [1, 2, 3, 4, 5, 6, 7]


def test_names_of_tables_and_columns_are_nothing_but_names(database_url):
    evil = "a\"b`c'd; DROP TABLE x; -- %s :x ?"
    source = table(evil, sa.Column("id", sa.Integer, primary_key=True), sa.Column(evil, sa.String(20)))
    with database(database_url, (source, [])) as found:
        with found.engine.begin() as connection:
            connection.execute(source.insert().values({source.c.id: 1, source.c[evil]: "Åb"}))
        for text in ([(evil, "Åb")], [(f"{evil}__icontains", "åB")], [("sort", quoted(f"-{evil}"))], [("q", "åb")]):
            assert found.rows(evil, text) == [(1, "Åb")]
        assert found.rows(evil, [("group", quoted(evil)), ("max", quoted(evil))]) == [("Åb", 1, "Åb")]
        assert found.rows(evil, [("distinct", "true"), ("fields", quoted(evil))]) == [("Åb",)]


def test_sum_of_decimal_numbers_is_exact(of_things):
    refill(of_things, [{"price": Decimal("0.10")}, {"price": Decimal("0.20")}, {"price": None}])
    assert of_things.rows("things", "sum=price") == [(3, Decimal("0.30"))]
