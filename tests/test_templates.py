"""Templates: values pass tojson or do not pass, and a document is JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import TemplateAssertionError
from markupsafe import Markup

from drawbridge import templates
from drawbridge.paths import POLICIES


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(templates, "POLICIES", tmp_path)
    templates._documents.cache_clear()
    yield tmp_path
    templates._documents.cache_clear()


def test_a_value_with_live_characters_stays_a_value(policies: Path) -> None:
    (policies / "t").write_text('{"a": {{ value | tojson }}}')
    for value in ('", "b": "', "{{ 7 * 7 }}", "</script>", "ü\n'\\", "<<aws.account>>"):
        assert templates.document("t", value=value) == {"a": value}


def test_a_value_without_tojson_is_refused(policies: Path) -> None:
    (policies / "t").write_text('{"a": "{{ value }}"}')
    with pytest.raises(templates.UnsafeTemplate, match="without tojson"):
        templates.document("t", value="x")


def test_what_is_not_given_is_refused(policies: Path) -> None:
    (policies / "t").write_text("{{ value | tojson }}")
    with pytest.raises(TypeError, match="StrictUndefined"):
        templates.document("t")


@pytest.mark.parametrize("text", ['{"a": 1,}', '{"a": 1, "a": 2}', ""])
def test_what_is_not_json_is_refused(policies: Path, text: str) -> None:
    (policies / "t").write_text(text)
    with pytest.raises(templates.UnsafeTemplate, match="does not give JSON"):
        templates.document("t")


def test_every_policy_template_says_what_it_is() -> None:
    found = sorted(POLICIES.rglob("*.j2"))
    assert found
    for path in found:
        assert path.read_text().startswith("{#"), f"{path} starts without a comment"


@pytest.mark.parametrize("bypass", ["value | safe", "value | e", "value | escape", "value | forceescape"])
def test_no_other_filter_leads_around_tojson(policies: Path, bypass: str) -> None:
    (policies / "t").write_text('{"a": "{{ ' + bypass + ' }}"}')
    with pytest.raises(TemplateAssertionError, match="No filter named"):
        templates.document("t", value='", "b": "')


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(templates, "SETTINGS", tmp_path)
    templates._texts.cache_clear()
    yield tmp_path
    templates._texts.cache_clear()


@pytest.mark.parametrize(
    "value", ['O\'Brien "x" \\ü 🙂', "\n", "\u2028", "\u202e", "\0", "{{ 1 }}", "'''", '"""', True, False]
)
def test_a_value_is_written_as_python(texts: Path, value: str | bool) -> None:
    (texts / "t").write_text("X = {{ value | python }}")
    text = templates.text("t", value=value)
    assert ast.literal_eval(text.removeprefix("X = ")) == value
    assert text.isprintable(), "on one line, and as it looks"


@pytest.mark.parametrize("value", [[], [""], ["'", '"', "\n\u2028\0"], [f"{number}\n]\n" for number in range(500)]])
def test_a_list_of_texts_is_written_as_python(texts: Path, value: list[str]) -> None:
    (texts / "t").write_text("X = {{ value | python }}")
    text = templates.text("t", value=value)
    assert ast.literal_eval(text.removeprefix("X = ")) == value
    assert all(len(line) < 120 and line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize(
    "values",
    [{}, {"value": None}, {"value": ["x", 1]}, {"value": [["x"]]}, {"value": ("x",)}, {"value": Markup("x")}, {"value": [Markup("x")]}],
)  # fmt: skip
def test_what_is_no_text_or_bool_is_not_written_as_python(texts: Path, values: dict[str, object]) -> None:
    (texts / "t").write_text("X = {{ value | python }}")
    with pytest.raises(templates.UnsafeTemplate, match="only a text, a list of texts or a bool"):
        templates.text("t", **values)


def test_documents_know_no_python(policies: Path) -> None:
    (policies / "t").write_text("{{ value | python }}")
    with pytest.raises(TemplateAssertionError, match="No filter named"):
        templates.document("t", value="x")
