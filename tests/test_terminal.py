"""Progress: nothing for two seconds, then a bar on a terminal, elsewhere one line."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from drawbridge import terminal as shown
from drawbridge.terminal import progress


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_when_it_takes_long(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    file = io.StringIO()
    talk = Console(file=file, force_terminal=terminal, width=80)
    with progress(talk, "Deciding requests") as told:
        told(1000, 12000)
    assert file.getvalue() == ""
    monkeypatch.setattr(shown, "QUIET", 0.0)
    with progress(talk, "Deciding requests") as told:
        told(1000, 12000)
        told(2000, 12000)
    assert "Deciding requests" in file.getvalue()
    assert "000/12000" in file.getvalue() if terminal else file.getvalue() == "Deciding requests: 1,000 of 12,000 …\n"
