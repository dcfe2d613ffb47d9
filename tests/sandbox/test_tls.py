"""The sandbox's certificates: made once, private, and made again when they are about to end."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox import tls
from sandbox.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    found = Folder(tmp_path)
    found.prepare()
    return found


def test_are_made_once_and_the_authoritys_key_is_not_kept(folder: Folder) -> None:
    tls.ensure(folder)
    before = (folder.ca.read_text(), folder.certificate.read_text())
    tls.ensure(folder)
    assert (folder.ca.read_text(), folder.certificate.read_text()) == before
    assert "PRIVATE KEY" not in folder.ca.read_text()
    assert stat.S_IMODE(folder.certificate.stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.ca.parent.iterdir()) == ["ca.pem", "server.pem"]


def test_are_made_again_before_they_end(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "LIFE", timedelta(hours=3))
    tls.ensure(folder)
    before = folder.certificate.read_text()
    tls.ensure(folder)
    assert folder.certificate.read_text() != before
