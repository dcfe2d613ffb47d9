"""No secret outside its place; and the search finds one that is planted, in any of its disguises."""

from __future__ import annotations

import base64
import json
import urllib.parse
from pathlib import Path

import pytest

from tests import secret_search
from tests.conftest import Sandbox
from tests.program.stacks import files

SECRET = 'k/3+"q\\uZ-9TtVw=='


@pytest.mark.parametrize(
    "disguised",
    [
        SECRET,
        json.dumps({"a": SECRET}),
        urllib.parse.quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"x{SECRET}yz".encode()).decode(),
        base64.b64encode(f"xy{SECRET}z".encode()).decode(),
    ],
)
def test_a_planted_secret_is_found(tmp_path: Path, disguised: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_text(f"before {disguised} after")
    assert secret_search.search({"key": SECRET}, [tmp_path]) == [f"key in {tmp_path}/deep/file"]
    assert secret_search.search({"key": SECRET}, texts={"log": disguised}) == ["key in log"]
    assert secret_search.search({"key": SECRET}, [tmp_path], allowed=[tmp_path / "deep" / "file"]) == []


def test_the_stores_keys_and_the_passphrase_are_nowhere_but_in_their_files(sandbox: Sandbox) -> None:
    folder = sandbox.folder
    stack = sandbox.stack("quiet", **files("quiet"))
    stack.preview("--diff")
    stack.up()
    sandbox.run("pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "quiet")
    sandbox.run("pulumi", "stack", "export", "--show-secrets", "--stack", "quiet")
    stack.up("--refresh")
    secrets = secret_search.of_sandbox(folder)
    assert sorted(secrets) == [
        "passphrase",
        "sandbox.aws_access_key_id",
        "sandbox.aws_secret_access_key",
        "v7-aws-source.aws_access_key_id",
        "v7-aws-source.aws_secret_access_key",
        "v7-wasabi.aws_access_key_id",
        "v7-wasabi.aws_secret_access_key",
        "wasabi.aws_access_key_id",
        "wasabi.aws_secret_access_key",
    ]
    looked_at = [folder.state, folder.root / "out", folder.root / "grants", folder.root / "infra", folder.project]
    assert all(place.exists() for place in looked_at)
    kept = [folder.aws_credentials, folder.passphrase]
    assert secret_search.search(secrets, looked_at, sandbox.said, allowed=kept) == []
    assert secret_search.search(secrets, [folder.state]), "the search sees the files that hold them"


def test_settings_are_secret_in_the_state_and_on_screen(sandbox: Sandbox) -> None:
    stack = sandbox.stack("hidden", **files("hidden"))
    said = stack.up()
    sheet = "In V7 Darwin open **Settings"
    assert "settings: [secret]" in said
    assert sheet not in said
    assert sheet not in stack.pulumi("stack", "export")
    assert sheet in stack.pulumi("stack", "output", "--show-secrets")
