"""A stack's own keys: from its file or from Pulumi, with the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawbridge import config
from drawbridge.paths import GRANTS, ROOT
from drawbridge.problems import Invalid


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "Pulumi.prod.yaml"
    monkeypatch.setattr(config, "config_file", lambda _stack: path)
    return path


def test_defaults(file: Path) -> None:
    assert config.from_file("prod") == config.Config("prod", GRANTS / "prod", "")
    file.write_text("encryptionsalt: v1:abc\n")
    assert config.from_file("prod") == config.Config("prod", GRANTS / "prod", "")


def test_given(file: Path) -> None:
    file.write_text(
        "config:\n  aws:region: eu-central-1\n  drawbridge:grants: teams/a\n  drawbridge:sid_suffix: Blue\n"
    )
    assert config.from_file("prod") == config.Config("prod", ROOT / "teams" / "a", "Blue")


def test_mistakes_are_all_told_with_their_place(file: Path) -> None:
    file.write_text("config:\n  drawbridge:grant: x\n  drawbridge:sid_suffix: a-b\n")
    with pytest.raises(Invalid) as invalid:
        config.from_file("prod")
    assert [str(problem) for problem in invalid.value.problems] == [
        f"{file}:2:3 config.drawbridge:grant: is no key of ours; allowed: one of grants, sid_suffix; did you mean grants?",
        f"{file}:3:3 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else",
    ]


def test_a_number_is_no_suffix_and_a_folder_is_no_file(file: Path) -> None:
    file.write_text("config:\n  drawbridge:sid_suffix: 007\n")
    with pytest.raises(Invalid, match=r"2:3 config.drawbridge:sid_suffix: must be text; put quotes around it"):
        config.from_file("prod")
    file.unlink()
    file.mkdir()
    with pytest.raises(Invalid, match=r"Pulumi.prod.yaml:1:1 cannot be read: "):
        config.from_file("prod")
