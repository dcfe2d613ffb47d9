"""What Pulumi is asked for, by a Pulumi that only repeats what it was told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drawbridge import state


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / "pulumi"
    outputs = json.dumps({"settings": {"a": {"a.md": "text"}}})
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncase "$2" in\n--show-name) echo dev;;\noutput) echo \'{outputs}\';;\nesac\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.parametrize(("given", "name"), [(None, "dev"), ("prod", "prod"), ("organization/project/prod", "prod")])
def test_the_stack_is_the_one_given_or_selected(pulumi: Path, given: str | None, name: str) -> None:
    assert state.settings(given) == (name, {"a": {"a.md": "text"}})
    asked = (pulumi / "asked").read_text().splitlines()
    assert asked[-1] == "stack output --json --show-secrets" + (f" --stack {given}" if given else "")


def test_pulumis_own_error_is_passed_on(pulumi: Path) -> None:
    (pulumi / "pulumi").write_text("#!/bin/sh\necho 'error: no stack named prod' >&2\nexit 1\n")
    with pytest.raises(state.NoState, match=r"there is no such stack: error: no stack named prod"):
        state.settings("prod")
