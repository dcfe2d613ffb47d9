"""The command: what it takes from Pulumi's state, its exit codes, and a clear word where nothing can be verified."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from drawbridge import cli, state
from drawbridge.plan import Plan
from drawbridge.verify.endpoints import VARIABLE, endpoints
from tests.verify.conftest import World
from tests.verify.lightly import raised as raised_lightly
from tests.verify.test_lightly import MIXED
from tests.verify.test_verify import READS

BROKEN = '{"kind": "zzz", "connection": "{}", "bucket": "b", "probes": "p/"}'


@pytest.fixture
def raised(world: World, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A stack whose files and state are those of a plan that was applied by hand."""
    made = world.applied("aws", reads=READS)
    given = {
        "drawbridge:grants": str(world.at / "aws" / "stack"),
        "aws:profile": "sandbox",
        "aws:region": "eu-central-1",
    }
    monkeypatch.setattr(state, "configuration", lambda _stack: given)
    monkeypatch.setattr(state, "settings", lambda _stack: ("prod", {"reads": {}}))
    monkeypatch.setattr(state, "values", lambda _stack: {})
    monkeypatch.setenv(VARIABLE, str(world.sandbox.folder.endpoints))
    endpoints.cache_clear()
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["verify", *words])


def errors(report: Path) -> list[str]:
    document = ElementTree.fromstring(report.read_text())  # noqa: S314  ours
    return [error.get("message", "") for error in document.iter("error")]


def test_all_is_well(raised: Plan, tmp_path: Path) -> None:
    found = run("--json", "--junit", str(tmp_path / "junit.xml"))
    assert (found.exit_code, found.stderr.splitlines()[-1]) == (0, "1 grant verified, nothing red.")
    data = json.loads(found.stdout)
    assert (data["stack"], [one["grant"] for one in data["grants"]], data["problems"]) == ("prod", ["reads"], [])
    assert errors(tmp_path / "junit.xml") == []
    assert run("reads").exit_code == 0


def test_red_is_exit_code_1(raised: Plan, world: World) -> None:
    world.change(raised, lambda found: found.remove(found[0]))
    found = run()
    assert found.exit_code == 1
    assert "✖ no" in found.stdout
    assert "the statement DarwinAccess is gone" in found.stdout
    assert "1 grant verified, 2 red, " in found.stderr


def test_problems_are_exit_code_1_and_told_beside_the_lights(raised: Plan, world: World, tmp_path: Path) -> None:
    (world.at / "out").mkdir()
    (world.at / "out" / "prod").mkdir()
    (world.at / "out" / "prod" / ".probes.json").write_text(f'{{"spots": [{BROKEN}]}}')
    found = run("--junit", str(tmp_path / "junit.xml"))
    assert found.exit_code == 1
    assert (
        "1 grant verified, nothing red.\nthe probes in b/p/ may still be there: there is no kind of storage zzz"
        in found.stderr
    )
    assert len(errors(tmp_path / "junit.xml")) == 1


def test_what_was_never_applied_and_what_is_not_ended_yet(raised: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "settings", lambda _stack: ("prod", {"former": {}}))
    found = run()
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [
        "0 grants verified, nothing red.",
        "reads was never applied, so there is nothing to verify; run `pulumi up`",
        "former is in no file any more, but `pulumi up` has not ended its access yet",
    ]
    assert "former" not in run("reads").stderr, "it was not asked about"


def test_what_cannot_be_verified_is_told_in_the_report_too(
    raised: Plan, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = tmp_path / "junit.xml"

    def said(*words: str) -> str:
        report.unlink(missing_ok=True)
        found = run("--junit", str(report), *words)
        assert (found.exit_code, found.stdout) == (1, "")
        assert errors(report), "an older report would be taken for this one"
        return found.stderr

    assert said("nobody") == "nobody: no such grant in stack prod; it has: reads\n"
    path = world.at / "aws" / "stack" / "reads.yaml"
    text = path.read_text()
    path.write_text(text.replace("access: read-only", "access: all"))
    assert "the stack's files cannot be used:" in said()
    assert "reads.yaml:4:9 access: must be one of read-only, read-write" in said()
    path.write_text(text)
    monkeypatch.setenv(VARIABLE, "/nowhere")
    endpoints.cache_clear()
    assert said() == "DRAWBRIDGE_ENDPOINTS: [Errno 2] No such file or directory: '/nowhere'\n"
    endpoints.cache_clear()

    def gone(_stack: object) -> None:
        raise state.NoState("stack prod has no settings in its state; run `pulumi up` first")

    monkeypatch.setattr(state, "settings", gone)
    assert said() == "stack prod has no settings in its state; run `pulumi up` first\n"


def test_an_owner_without_credentials_is_told(raised: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {**state.configuration(None), "aws:profile": "nobody"}
    monkeypatch.setattr(state, "configuration", lambda _stack: given)
    found = run()
    assert found.exit_code == 1
    assert "scans: cannot be reached with its owner's credentials: " in found.stderr
    assert "nobody" in found.stderr


def test_a_report_that_cannot_be_written(raised: Plan, tmp_path: Path) -> None:
    found = run("--junit", str(tmp_path / "nowhere" / "junit.xml"))
    assert found.exit_code == 1
    assert "the report cannot be written: " in found.stderr


def test_what_the_state_does_not_hold_yet_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = raised_lightly(world, MIXED)
    given = {
        "drawbridge:grants": str(world.at / "aws" / "stack"),
        "aws:profile": "sandbox",
        "aws:region": "eu-central-1",
    }
    monkeypatch.setattr(state, "configuration", lambda _stack: given)
    monkeypatch.setattr(state, "settings", lambda _stack: ("prod", {world.name: {}}))
    monkeypatch.setattr(state, "values", lambda _stack: found.values)
    monkeypatch.setenv(VARIABLE, str(world.sandbox.folder.endpoints))
    endpoints.cache_clear()
    well = run()
    assert (well.exit_code, well.stderr.splitlines()[-1]) == (0, "1 grant verified, nothing red.")
    del found.values[f"{found.name('input')}.external_id.1"]
    report = run()
    assert report.exit_code == 1
    assert report.stderr.splitlines()[-2:] == [
        "1 grant verified, nothing red.",
        f"{world.name}: the state has no {found.name('input')}.external_id.1, with which role {found.name('input')} of "
        "your account comes; run `pulumi up`",
    ]
