"""The set-up: nothing is done twice, and the link to the engine follows what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import prepare
from tools.progress import CommandFailed


@pytest.fixture(autouse=True)
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(prepare, "VENV", tmp_path / "venv")
    monkeypatch.setattr(prepare, "STAMP", tmp_path / "venv" / "stamp")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "venv"


def test_the_environment_is_made_once_and_again_when_its_lock_changes(
    venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr("tools.uv.find", lambda: Path("uv"))
    monkeypatch.setattr(prepare, "run", lambda title, _command: ran.append(title))
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1")
    monkeypatch.setattr(prepare, "LOCK", lock)
    prepare.environment()
    assert ran == ["Setting up Python", "Installing Python packages", "Installing Drawbridge"]
    prepare.environment()
    assert len(ran) == 3
    lock.write_text("a==2")
    prepare.environment()
    assert len(ran) == 6


def test_a_failed_install_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_title: str, _command: object) -> None:
        raise CommandFailed("no network")

    monkeypatch.setattr("tools.uv.find", lambda: Path("uv"))
    monkeypatch.setattr(prepare, "run", fail)
    for _ in range(2):
        with pytest.raises(CommandFailed):
            prepare.environment()


def test_the_link_follows_the_engine(venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = venv / "bin" / "pulumi"
    for number in (1, 2, 2):
        monkeypatch.setattr(prepare, "find", lambda number=number: (tmp_path / str(number), False))
        prepare.engine()
        assert link.readlink() == tmp_path / str(number) / "pulumi"
    monkeypatch.setattr(prepare, "find", lambda: (tmp_path / "own", True))
    prepare.engine()
    assert not link.is_symlink(), "the user's own is on PATH anyway"
