"""The command line: exit codes, what goes to stdout and what to stderr, and help with examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from drawbridge import cli, state
from tests.files import folder
from tests.test_load import GRANT, one


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_check_of_good_files(tmp_path: Path) -> None:
    found = run("check", str(folder(tmp_path / "prod", a=GRANT)))
    assert (found.exit_code, found.stdout, found.stderr) == (0, "", "1 stack checked, no mistakes.\n")


def test_check_tells_every_mistake_on_stdout(tmp_path: Path) -> None:
    at = folder(tmp_path / "prod", a=one("access", "all"), b=one("storage", "x").replace("street-v7", "b"))
    found = run("check", str(at))
    assert found.exit_code == 1
    assert [line.split(" ")[0] for line in found.stdout.splitlines()] == [f"{at}/a.yaml:4:9", f"{at}/b.yaml:3:10"]
    assert found.stderr == "2 mistakes\n"


def test_check_for_scripts(tmp_path: Path) -> None:
    at = folder(tmp_path / "prod", a=one("access", "all"))
    found = run("check", "--json", str(at))
    assert found.exit_code == 1
    assert json.loads(found.stdout) == [
        {
            "file": f"{at}/a.yaml",
            "line": 4,
            "column": 9,
            "field": "access",
            "message": "must be one of read-only, read-write",
            "severity": "error",
        }
    ]


def test_warnings_are_told_and_are_no_mistake(tmp_path: Path) -> None:
    at = folder(tmp_path / "prod", a=one("write_prefix", "berlin/x/"))
    found = run("check", str(at))
    assert (found.exit_code, found.stderr) == (0, "1 stack checked, no mistakes, 1 warning.\n")
    assert "warning: write_prefix: V7 writes to berlin/x/" in found.stdout
    (at / "one.bak").touch()
    assert run("check", str(at)).stderr == "1 stack checked, no mistakes, 2 warnings.\n"
    (at / "b.yaml").write_text("")
    assert run("check", str(at)).stderr == "1 mistake, 2 warnings\n"


def test_a_folder_is_also_found_from_the_repositorys_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "grants" / "prod", a=one("access", "all"))
    folder(tmp_path / "sandbox" / "grants" / "here")
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path / "sandbox")
    found = run("check", "grants/prod")
    assert (found.exit_code, found.stderr) == (1, "1 mistake\n")
    assert found.stdout.startswith(f"{tmp_path}/grants/prod/a.yaml:4:9 access: ")
    assert run("summary", "grants/prod").exit_code == 1
    assert run("check", "grants/here").exit_code == 0
    assert run("check", "grants/" + "x" * 300).exit_code == 1
    assert f"{tmp_path}/sandbox/grants/sandbx:1:1 does not exist; did you mean grants/sandbox?" in (
        run("check", "grants/sandbx").stdout
    )


def test_a_stack_that_is_not_there_is_a_mistake_and_wrong_usage_is_2(tmp_path: Path) -> None:
    assert run("check", "--stack", "nowhere").exit_code == 1
    assert "grants/nowhere:1:1 does not exist" in run("check", "--stack", "nowhere").stdout
    assert run("check", "--stack", "prod", str(tmp_path)).exit_code == 2
    assert run("check", "--nonsense").exit_code == 2
    assert run("schema", "nonsense").exit_code == 2


def test_all_stacks_under_grants_are_the_default() -> None:
    found = run("summary", "--json")
    assert found.exit_code == 0
    assert [plan["stack"] for plan in json.loads(found.stdout)] == ["sandbox"]


def test_summary_says_who_may_do_what_and_where_the_settings_lie() -> None:
    found = run("summary", "--stack", "sandbox").stdout
    assert (
        "user darwin of account 100000274636 may read anywhere in radiology (wasabi, bucket radiology-scans)" in found
    )
    assert "settings: out/sandbox/radiology-v7/, for Settings > Storage > New Storage Integration in V7 Darwin" in found


def test_no_colour_where_nobody_watches(tmp_path: Path) -> None:
    found = run("check", str(folder(tmp_path / "prod", a=one("access", "all"))))
    assert "\x1b" not in found.output


@pytest.mark.parametrize("command", ["check", "summary", "prove", "schema", "settings"])
def test_help_has_an_example(command: str) -> None:
    found = run(command, "--help")
    assert found.exit_code == 0
    assert f"Example: drawbridge {command}" in found.stdout


def test_settings_without_a_state_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = run("settings", "--stack", "prod")
    assert found.exit_code == 1
    assert "there is no pulumi on PATH" in found.stderr
    monkeypatch.setattr(state, "_ask", lambda *_: "{}")
    found = run("settings", "--stack", "prod")
    assert "stack prod has no settings in its state; run `pulumi up` first" in found.stderr


def test_a_place_on_line_100_stays_one(tmp_path: Path) -> None:
    at = folder(tmp_path / "prod", a="# a comment\n" * 96 + one("access", "all"))
    assert run("check", str(at)).stdout.startswith(f"{at}/a.yaml:100:9 access: must be one of")


def test_a_broken_configuration_hides_no_other_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stack in ("one", "two"):
        folder(tmp_path / "grants" / stack, a=one("access", "all"))
    (tmp_path / "Pulumi.one.yaml").write_text("config: {drawbridge:grant: x}")
    monkeypatch.setattr(cli, "GRANTS", tmp_path / "grants")
    monkeypatch.setattr("drawbridge.config.GRANTS", tmp_path / "grants")
    monkeypatch.setattr("drawbridge.config.config_file", lambda stack: tmp_path / f"Pulumi.{stack}.yaml")
    found = run("check", "--json")
    assert found.exit_code == 1
    names = [Path(problem["file"]).name for problem in json.loads(found.stdout)]
    assert names == ["Pulumi.one.yaml", "a.yaml", "a.yaml"]


def test_a_stack_keeps_its_name_whatever_its_folder_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "shared", a=GRANT)
    config = tmp_path / "Pulumi.prod.yaml"
    config.write_text(f"config: {{'drawbridge:grants': '{tmp_path}/shared'}}")
    monkeypatch.setattr("drawbridge.config.config_file", lambda _stack: config)
    found = run("summary", "--stack", "prod").stdout
    assert found.startswith("Stack prod: 1 grant\n")
    assert "settings: out/prod/street-v7/" in found


def test_settings_that_cannot_be_written_are_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path)
    monkeypatch.setattr("drawbridge.settings.OUT", tmp_path / "out")
    monkeypatch.setattr(state, "settings", lambda _stack: ("prod", {"a": {"a.md": "text"}}))
    found = run("settings")
    assert found.exit_code == 1
    assert "the settings of a cannot be written: " in found.stderr
    assert "is a link, which is not followed" in found.stderr
