"""Commands with progress: output comes back, failures carry the end of what was said."""

from __future__ import annotations

import sys
import time

import pytest

from tools import progress


def test_output_comes_back_and_talk_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert progress.run("Counting", [sys.executable, "-c", "print(1); print(2)"]) == "1\n2\n"
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == "Counting …\nCounting (0:00)\n"


def test_a_stage_is_shown_where_nobody_watches_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.05)
    program = "import time; print('half', flush=True); time.sleep(0.3)"
    progress.run("Building", [sys.executable, "-c", program], stage=lambda line: f"{line} done")
    assert "Building: half done (0:00)" in capsys.readouterr().err


def test_a_failure_carries_the_end_of_the_output() -> None:
    program = "import sys; [print(f'line {n}') for n in range(20)]; sys.exit('why')"
    with pytest.raises(progress.CommandFailed) as failed:
        progress.run("Failing", [sys.executable, "-c", program])
    assert str(failed.value).splitlines()[-1] == "why"
    assert "line 2\n" not in str(failed.value)


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(progress.CommandFailed, match="No such file or directory"):
        progress.run("Nothing", ["/nowhere/at-all"])


def test_a_command_over_its_limit_is_ended_with_all_that_it_started() -> None:
    start = time.monotonic()
    with pytest.raises(progress.CommandFailed, match="took longer than 1 s"):
        progress.run("Hanging", ["sh", "-c", "sleep 60 | cat; echo never"], limit=1)
    assert time.monotonic() - start < 30
