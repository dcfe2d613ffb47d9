"""The search for secrets, which tests/program/test_up.py makes, finds one that is planted, in any of its disguises."""

from __future__ import annotations

import base64
import json
import urllib.parse
from pathlib import Path

import pytest

from tests import secret_search

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
