"""Settings files: private, whole, and replaced in place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from drawbridge import settings


@pytest.fixture(autouse=True)
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "OUT", tmp_path / "out")
    return tmp_path / "out"


def test_files_and_folders_are_the_owners_alone_whatever_the_umask(out: Path) -> None:
    before = os.umask(0)
    try:
        settings.write("prod", "a", {"one.md": "ü\n"})
    finally:
        os.umask(before)
    assert (out / "prod" / "a" / "one.md").read_text(encoding="utf-8") == "ü\n"
    assert stat.S_IMODE((out / "prod" / "a" / "one.md").stat().st_mode) == 0o600
    for folder in (out, out / "prod", out / "prod" / "a"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_left_open_to_others_is_closed_again(out: Path) -> None:
    path = settings.write("prod", "a", {"one.md": "old"}) / "one.md"
    path.chmod(0o644)
    settings.write("prod", "a", {"one.md": "new"})
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_in_the_way_is_replaced_and_not_followed(out: Path, tmp_path: Path) -> None:
    target = settings.write("prod", "a", {}) / "one.md"
    (tmp_path / "elsewhere").write_text("theirs")
    target.symlink_to(tmp_path / "elsewhere")
    settings.write("prod", "a", {"one.md": "ours"})
    assert (tmp_path / "elsewhere").read_text() == "theirs"
    assert not target.is_symlink()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(out: Path) -> None:
    folder = settings.write("prod", "a", {"one.md": "old"})
    with pytest.raises(UnicodeEncodeError):
        settings.write("prod", "a", {"one.md": "half \ud800"})
    assert (folder / "one.md").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["one.md"]


def test_settings_of_a_grant_that_is_gone_go_and_no_others(out: Path) -> None:
    for stack, grant in (("prod", "a"), ("prod", "b"), ("dev", "b")):
        settings.write(stack, grant, {"one.md": "text"})
    settings.forget("prod", ["a"])
    settings.forget("nowhere", [])
    assert sorted(str(path.relative_to(out)) for path in out.rglob("one.md")) == ["dev/b/one.md", "prod/a/one.md"]


@pytest.mark.parametrize("link", ["prod", "prod/a"])
def test_a_linked_folder_is_not_followed(out: Path, tmp_path: Path, link: str) -> None:
    (tmp_path / "victim").mkdir(mode=0o755)
    (out / link).parent.mkdir(parents=True, exist_ok=True)
    (out / link).symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="is a link, which is not followed"):
        settings.write("prod", "a", {"one.md": "text"})
    assert list((tmp_path / "victim").iterdir()) == []
    assert stat.S_IMODE((tmp_path / "victim").stat().st_mode) == 0o755


def test_forgetting_follows_no_link(out: Path, tmp_path: Path) -> None:
    (tmp_path / "victim" / "theirs").mkdir(parents=True)
    settings.write("prod", "a", {})
    (out / "prod" / "link").symlink_to(tmp_path / "victim")
    (out / "dev").symlink_to(tmp_path / "victim")
    for stack in ("prod", "dev"):
        settings.forget(stack, [])
    assert (tmp_path / "victim" / "theirs").is_dir()
    assert not (out / "prod" / "a").exists()


@pytest.mark.parametrize("stack", ["..", ".", "", "a/b"])
def test_a_stacks_name_leads_nowhere_else(stack: str) -> None:
    for work in (lambda: settings.forget(stack, []), lambda: settings.write(stack, "g", {})):
        with pytest.raises(OSError, match="is no name for a folder"):
            work()
