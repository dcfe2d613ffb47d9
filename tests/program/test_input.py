"""Broken input under the real engine: all that `check` says is said at preview and at up, and nothing is made."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.broken import FOLDERS, GOOD, ROWS, Broken
from tests.conftest import Sandbox, Stack
from tests.files import folder


@pytest.fixture(scope="module")
def stack(sandbox: Sandbox) -> Stack:
    """A stack without a resource, for whatever files."""
    return sandbox.stack("input", storage="{}")


def refused(lines: list[str], *answers: str) -> None:
    """Every line is in every answer, and no traceback."""
    for said in answers:
        missing = [line for line in lines if line not in re.sub(r"(?m)^ {4}", "", said)]
        assert not missing, said
        assert "Traceback" not in said


def nothing_is_made(stack: Stack) -> None:
    state = json.loads(stack.pulumi("stack", "export"))["deployment"].get("resources", [])
    assert {resource["type"] for resource in state} <= {"pulumi:pulumi:Stack"}


@pytest.mark.parametrize("row", [ROWS[name] for name, *_ in FOLDERS], ids=lambda row: row.id)
def test_a_broken_folder(stack: Stack, row: Broken) -> None:
    shutil.rmtree(stack.grants)
    refused(row.write(stack.sandbox.folder.root, stack.name), stack.preview(code=1))
    nothing_is_made(stack)


def test_every_broken_grant_of_the_table_at_once(stack: Stack) -> None:
    rows = [row for row in ROWS.values() if row.files.get("storage.yaml") == GOOD and row.config is None]
    shutil.rmtree(stack.grants)
    folder(stack.grants, GOOD)
    for row in rows:
        for name, content in row.files.items():
            if name != "storage.yaml":
                (stack.grants / f"{row.id}-{name}").write_bytes(
                    content.encode() if isinstance(content, str) else content
                )
    checked = stack.sandbox.run("drawbridge", "check", str(stack.grants), code=1)
    lines = [line for line in checked.splitlines() if line.startswith("grants/")]
    assert len(lines) > len(rows)
    refused(lines, stack.preview(code=1), stack.up(code=1))
    nothing_is_made(stack)


def test_a_broken_configuration_of_the_stack(stack: Stack) -> None:
    stack.write(storage="{}")
    stack.pulumi("config", "set", "drawbridge:sid-suffix", "Blue")
    try:
        for said in (stack.preview(code=1), stack.up(code=1)):
            assert "drawbridge:sid-suffix: is no key of ours; allowed: one of grants, sid_suffix; did you mean" in said
            assert "Traceback" not in said
    finally:
        stack.pulumi("config", "rm", "drawbridge:sid-suffix")
