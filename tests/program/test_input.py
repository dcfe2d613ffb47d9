"""Broken input: all that `check` says is said by the program, at preview and at up, and nothing is made."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pulumi
import pytest

from drawbridge import config, paths, program
from drawbridge.config import PREFIX, Config
from drawbridge.problems import Problem
from tests.broken import FOLDERS, GOOD, ROWS, Broken
from tests.broken.words import OURS
from tests.conftest import Sandbox, Stack
from tests.files import folder


def refused(lines: list[str], *answers: str) -> None:
    """Every line is in every answer, and no traceback."""
    for said in answers:
        missing = [line for line in lines if line not in re.sub(r"(?m)^ {4}", "", said)]
        assert not missing, said
        assert "Traceback" not in said


def nothing_is_made(stack: Stack) -> None:
    state = json.loads(stack.pulumi("stack", "export"))["deployment"].get("resources", [])
    assert {resource["type"] for resource in state} <= {"pulumi:pulumi:Stack"}
    for store in ("aws", "wasabi"):
        made = {entry["Name"] for entry in stack.sandbox.s3(store).list_buckets()["Buckets"]}
        assert not made & {"street-imagery", "your-s3-bucket-name"}


@pytest.mark.parametrize("row", FOLDERS, ids=lambda row: row.id)
def test_the_program_ends_with_all_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Broken) -> None:
    """Without the engine, which shows what a program ends with as it is."""
    for module, name, place in ((paths, "ROOT", tmp_path), (config, "ROOT", tmp_path), (config, "GRANTS", tmp_path / "grants")):  # fmt: skip
        monkeypatch.setattr(module, name, place)
    lines = row.write(tmp_path, pulumi.get_stack())
    declared: list[object] = []
    monkeypatch.setattr(program, "_inspect", declared.append)
    with pytest.raises(pulumi.RunError) as ended:
        program.main()
    assert str(ended.value).splitlines() == ["the stack's files cannot be used:", *lines]
    assert declared == [], "no cloud is asked"


HANDED_IN = """
    name: street-lightly
    platform: lightly
    input: {storage: street, prefix: berlin/, auth: assume-role, generations: [1, 2]}
    lightly: {storage: street, prefix: lightly/, auth: assume-role, generations: [1]}
    """
TOKEN = "drawbridge:street-lightly-{}.external_id.{}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({("input", 1): "short", ("lightly", 1): 10 * "a"}, {("input", 1): "must be 10 to 128 letters"}),
        ({("input", 1): 10 * "a", ("input", 2): 10 * "a"}, {("input", 2): "has the same value as street-lightly-input.external_id.1, which therefore would never end"}),
        ({("input", 1): 10 * "a", ("input", 2): 11 * "a", ("lightly", 1): 10 * "a"}, {}),
    ],
)  # fmt: skip
def test_what_is_handed_in_wrongly_is_told_and_never_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[tuple[str, int], str],
    said: dict[tuple[str, int], str],
) -> None:
    at = folder(tmp_path / "stack", GOOD, grant=HANDED_IN)
    names = [TOKEN.format(*key) for key in given]
    handed = Config("stack", at, handed_in={name.removeprefix(PREFIX): partial(_told, name) for name in names})
    monkeypatch.setattr(program, "get_config_env", lambda: dict(zip(names, given.values(), strict=True)))
    monkeypatch.setattr(program, "_config", lambda _: handed)
    monkeypatch.setattr(program, "_inspect", _asked)
    with pytest.raises((pulumi.RunError, Asked)) as ended:
        program.main()
    assert ended.type is (pulumi.RunError if said else Asked)
    for key, why in said.items():
        assert f"{TOKEN.format(*key)}: {why}" in str(ended.value)
    assert not any(value in str(ended.value) for value in given.values())


class Asked(Exception):
    """All was well so far."""


def _asked(_: object) -> None:
    raise Asked


def _told(name: str, message: str) -> Problem:
    return Problem("Pulumi.stack.yaml", 2, 3, name, message)


def test_every_broken_grant_of_the_table_and_a_broken_configuration(sandbox: Sandbox) -> None:
    stack = sandbox.stack("input", storage="{}")
    stack.pulumi("config", "set", "drawbridge:sid-suffix", "Blue")
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert f"drawbridge:sid-suffix: {OURS}; did you mean sid_suffix?" in said
        assert "Traceback" not in said
    stack.pulumi("config", "rm", "drawbridge:sid-suffix")

    rows = [row for row in ROWS.values() if row.files.get("storage.yaml") == GOOD and row.config is None]
    shutil.rmtree(stack.grants)
    folder(stack.grants, GOOD)
    for row in rows:
        for name, content in row.files.items():
            if name != "storage.yaml":
                text = content.encode() if isinstance(content, str) else content
                (stack.grants / f"{row.id}-{name}").write_bytes(text)
    checked = stack.sandbox.run("drawbridge", "check", str(stack.grants), code=1)
    lines = [line for line in checked.splitlines() if line.startswith("grants/")]
    assert len(lines) > len(rows)
    refused(lines, stack.preview(code=1), stack.up(code=1))
    nothing_is_made(stack)


def test_an_interrupted_program_ends_at_once() -> None:
    """As the engine interrupts it where a resource is refused; without a word, since the engine has told why."""
    interrupted = (
        "import os, runpy, signal; from drawbridge import program\n"
        "program.main = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "runpy.run_path('infra', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", interrupted], cwd=paths.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
