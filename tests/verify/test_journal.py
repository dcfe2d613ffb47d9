"""The journal: on the disk before a probe is made, for one run at a time, and kept until nothing is left."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from drawbridge import settings
from drawbridge.verify import journal
from drawbridge.verify.journal import NoJournal
from drawbridge.verify.live import Spot


def spot(probes: str, connection: str = "{}") -> Spot:
    return Spot(kind="aws", connection=connection, bucket="scans", probes=probes)


ONE, TWO = spot("a/drawbridge-probe/0a1b2c3d/", '{"region": "eu-central-1"}'), spot("drawbridge-probe/0a1b2c3d/")


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


def test_links_are_not_followed_and_nothing_is_waited_for(out: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    with journal.opened("prod"):
        (out / ".probes.json").symlink_to(victim)
    with journal.opened("prod") as opened, pytest.raises(OSError, match="symbolic links"):
        opened.spots()
    (out / ".verify.lock").unlink()
    (out / ".verify.lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"), journal.opened("prod"):
        pass
    (out / ".verify.lock").unlink()
    os.mkfifo(out / ".verify.lock")
    (out / ".probes.json").unlink()
    with journal.opened("prod") as opened:
        assert opened.spots() == []
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"spots": [{}]}',
        '{"spots": 1}',
        json.dumps({"spots": [{"kind": "aws"}]}),
        "[" * 100_000,
        '{"spots": [{"kind": "aws", "connection": [], "bucket": 5, "probes": null}]}',
    ],
)
def test_what_is_no_journal_is_told_and_kept(out: Path, text: str) -> None:
    with journal.opened("prod") as broken:
        (out / ".probes.json").write_text(text)
        with pytest.raises(
            NoJournal, match=r"cannot be read as a journal of probes; look for what it names, and remove it"
        ):
            broken.spots()
        with pytest.raises(NoJournal):
            broken.add([ONE])
        assert (out / ".probes.json").read_text() == text


def test_settings_that_are_forgotten_leave_the_journal(out: Path) -> None:
    with journal.opened("prod") as kept:
        kept.add([ONE])
        settings.forget("prod", [])
        assert kept.spots() == [ONE]
