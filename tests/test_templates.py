"""Templates: values pass tojson or do not pass, and a document is JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import TemplateAssertionError

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
