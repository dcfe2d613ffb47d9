"""The journal: on the disk before a probe is made, for one run at a time, and kept until nothing is left."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from drawbridge import settings
from drawbridge.verify import journal
from drawbridge.verify.journal import NoJournal
from drawbridge.verify.live import Spot

ONE, TWO = Spot("aws", '{"region": "eu-central-1"}', "scans", "a/"), Spot("aws", "{}", "scans", "")


@pytest.fixture(autouse=True)
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "OUT", tmp_path / "out")
    return tmp_path / "out" / "prod"


def test_what_is_added_is_found_by_another_run_until_it_is_removed(out: Path) -> None:
    with journal.opened("prod") as first:
        first.add([ONE, TWO])
    assert stat.S_IMODE((out / ".probes.json").stat().st_mode) == 0o600
    with journal.opened("prod") as second:
        assert second.spots() == [ONE, TWO]
        second.remove([TWO])
        assert second.spots() == [ONE]
        second.remove([ONE])
        assert second.spots() == []
    assert not (out / ".probes.json").exists()


def test_nothing_to_add_makes_no_file(out: Path) -> None:
    with journal.opened("prod") as empty:
        empty.add([])
        empty.remove([])
    assert [path.name for path in out.iterdir()] == [".verify.lock"]


def test_two_runs_at_once_are_refused() -> None:
    with (
        journal.opened("prod"),
        pytest.raises(NoJournal, match="another `drawbridge verify` of the stack prod is running; wait"),
        journal.opened("prod"),
    ):
        pass
    with journal.opened("prod"):
        pass


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"spots": [{}]}', '{"spots": 1}', json.dumps({"spots": [{"kind": "aws"}]})]
)
def test_what_is_no_journal_is_told_and_kept(out: Path, text: str) -> None:
    with journal.opened("prod") as broken:
        (out / ".probes.json").write_text(text)
        with pytest.raises(NoJournal, match=r"cannot be read as a journal of probes .*; look at it, and remove it"):
            broken.spots()
        with pytest.raises(NoJournal):
            broken.add([ONE])
        assert (out / ".probes.json").read_text() == text


def test_settings_that_are_forgotten_leave_the_journal(out: Path) -> None:
    with journal.opened("prod") as kept:
        kept.add([ONE])
        settings.forget("prod", [])
        assert kept.spots() == [ONE]
