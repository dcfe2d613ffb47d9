"""Reading YAML with places: what it takes, what it refuses, and where it points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawbridge.problems import MOST
from drawbridge.yamlfile import DEEPEST, LARGEST, read


def refused(content: bytes) -> list[str]:
    return [str(problem) for problem in read(content, "f").problems]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing", None),
        ("a: 1", {"a": 1}),
        ("a: -7", {"a": -7}),
        ("a: true\nb: False\nc: null\nd:\ne: ~", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: \"true\"\nb: '1'", {"a": "true", "b": "1"}),
        ("a: yes\nb: off\nc: 2027-01-01\nd: 1.5", {"a": "yes", "b": "off", "c": "2027-01-01", "d": "1.5"}),
        ("a: [x, y]\nb: {c: d}", {"a": ["x", "y"], "b": {"c": "d"}}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: b\r\nc: d\re: f\n", {"a": "b", "c": "d", "e": "f"}),
        ("%YAML 1.2\n---\na: b\n...\n", {"a": "b"}),
        ("a:\tb", {"a": "b"}),
        ("a: " + "9" * 5000, {"a": "9" * 5000}),
    ],
)
def test_takes(text: str, data: object) -> None:
    source = read(text.encode(), "f")
    assert (source.data, source.problems, source.whole) == (data, [], True)


# What is not valid YAML at all, and more, is in the table of tests/broken.py.
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: 2\na: 3", ["f:3:1 a: is given twice, first on line 1; keep one"]),
        (b"x: {a: 1, a: 2}\ny: {b: 1, b: 2}", ["f:1:11 x.a: is given twice", "f:2:11 y.b: is given twice"]),
        (b"a: &x 1\nb: *x", ["f:1:4 a: anchors and aliases", "f:2:4 b: anchors and aliases"]),
        (b"&x a: 1\n!!str b: 2", ["f:1:1 a: anchors and aliases", "f:2:1 b: tags (tag:yaml.org,2002:str)"]),
        (b"a: !!python/object:os.system x", ["f:1:4 a: tags (tag:yaml.org,2002:python/object:os.system)"]),
        (b"a: !<" + b"x" * 9999 + b"> y", [f"f:1:4 a: tags ({'x' * 80}…) are not allowed"]),
        (b"a: 1\n---\nb: 2", ["f:2:1 starts a second document"]),
        (b"a:\n\tb: 1", ["f:2:1 is not valid YAML: a tab cannot indent; use spaces"]),
        (b"- a\n-\tb: 1\n\t c: 2", ["f:2:2 is not valid YAML: a tab cannot indent; use spaces"]),
        (b"a: [1", ["f:1:6 is not valid YAML"]),
        (b"a: [1,\n2\n\n\n", ["f:2:2 is not valid YAML: did not find expected ',' or ']' while parsing a flow sequence that "
                              "begins on line 1; a list that opens with [ needs a comma"]),
        (b"a: 1\nb: \xff", ["f:2:4 is not UTF-8"]),
        ("\ufeffü\r\nü: ".encode() + b"\xff", ["f:2:4 is not UTF-8"]),
        (b"a: \x07\rb: \xe2\x80\x8b", ["f:1:4 has an invisible character (U+0007); take it out", "f:2:4 has an invisible"]),
        (b"a: [\x07", ["f:1:5 has an invisible character (U+0007); take it out", "f:1:6 is not valid YAML"]),
        (b"a: \x00", ["f:1:4 is not UTF-8"]),
        (b"<<: {a: 1}", ["f:1:1 a key must be plain text, without <<"]),
        (b"? [a]\n: 1", ["f:1:3 a key must be plain text"]),
        (b"a: <<aws.account>>", ["f:1:4 a: must not contain << or >>"]),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), [f"is nested more than {DEEPEST} levels deep"]),
        (b"[" * 100_000, [f"is nested more than {DEEPEST} levels deep"]),
        (b"a" * (LARGEST + 1), ["f:1:1 is larger than 256 KiB"]),
        (b"a: 1\n" * 9999, ["f:2:1 a: is given twice, first on line 1; keep one", *["a: is given twice"] * MOST]),
        (b"? " + b"k" * 9999 + b"\n: 1\n? " + b"k" * 9999 + b"\n: 1", [f"f:3:3 {'k' * 80}…: is given twice"]),
    ],
)  # fmt: skip
def test_refuses(content: bytes, said: list[str]) -> None:
    found = refused(content)
    assert len(found) == len(said)
    for one, wanted in zip(found, said, strict=True):
        assert wanted in one


def test_what_can_be_read_is_there_beside_what_is_refused() -> None:
    source = read(b"a: 1\na: 2\nb: &x [\xe2\x80\x8b]\nc: !t 3", "f")
    assert (source.whole, source.data) == (True, {"a": 2, "b": ["\ufffd"], "c": "3"})
    assert len(source.problems) == 4
    assert read(b"a: [", "f").whole is False


def test_points_at_keys_values_and_what_should_hold_a_missing_one() -> None:
    source = read(b"a: 1\nlist:\n  - x\n  - y: z\n", "f")
    assert str(source.problem(("list", 1, "y"), "m")) == "f:4:8 list[1].y: m"
    assert str(source.problem(("list", 1, "y"), "m", at_key=True)) == "f:4:5 list[1].y: m"
    assert str(source.problem(("list", 1, "missing"), "m")) == "f:4:5 list[1].missing: m"
    assert str(source.problem(("missing",), "m")) == "f:1:1 missing: m"


@given(st.one_of(st.binary(max_size=300), st.text("ab:-[]{}\"'\n \t&*!|>?#%<,~1", max_size=120).map(str.encode)))
def test_any_content_gives_data_or_a_clear_answer(content: bytes) -> None:
    source = read(content, "f")
    assert source.whole or source.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in source.problems)
