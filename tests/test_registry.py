"""Plug-ins are found by a constant in their module, and by nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drawbridge.registry import plugins


def test_one_new_file_is_all_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_things"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("VALUE = 1")
    for name in ("zebra", "ant"):
        (package / f"{name}.py").write_text(f"class Thing:\n    name = 'the-{name}'\nTHING = Thing()")
    monkeypatch.syspath_prepend(tmp_path)
    import some_things  # type: ignore[import-not-found]

    assert list(plugins(some_things, "THING")) == ["the-ant", "the-zebra"]
    assert "some_things.helper" in sys.modules
