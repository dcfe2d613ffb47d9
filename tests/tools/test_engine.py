"""Getting the engine: each way in turn, each failure in one line, and one clear message when nothing works."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.engine import build, find, installer
from tools.progress import CommandFailed

# What Pulumi's installer does, as far as we rely on it: it takes these arguments and fills <root>/bin.
INSTALLER = """#!/bin/sh
set -eu
test "$1" = --version; version=$2
test "$3" = --install-root; root=$4
test "$5" = --no-edit-path
mkdir -p "$root/bin"
printf '#!/bin/sh\\necho v%s\\n' "$version" > "$root/bin/pulumi"
printf '#!/bin/sh\\n' > "$root/bin/pulumi-language-python"
chmod +x "$root/bin/pulumi" "$root/bin/pulumi-language-python"
"""


def fake(folder: Path, version: str, *, host: bool = True) -> Path:
    """A CLI that only knows its version."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("pulumi", "pulumi-language-python") if host else ("pulumi",):
        (folder / name).write_text(f"#!/bin/sh\necho v{version}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty cache, no pulumi on PATH, and nothing to be reached."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv(installer.SCRIPT, "http://127.0.0.1:9/install.sh")
    monkeypatch.setattr(build, "build", unreachable)
    return tmp_path


def unreachable(_version: str, folder: Path) -> None:
    (folder / "half-built").touch()
    raise CommandFailed("go: no route\nto the modules")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A server that hands out the installer; what it was asked for is collected."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(INSTALLER.encode())

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(installer.SCRIPT, f"http://127.0.0.1:{server.server_port}/install.sh")
        yield asked
        server.shutdown()


def test_the_users_own_is_taken_first(machine: Path, monkeypatch: pytest.MonkeyPatch, script: list[str]) -> None:
    own = fake(machine / "own", "3.260.1")
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    assert find.find() == (own, True)
    assert script == []


@pytest.mark.parametrize(
    ("version", "host", "said"),
    [
        ("3.249.9", True, "is version 3.249.9, and 3.250.0 or newer is needed"),
        ("dev", True, "is version unknown, and 3.250.0 or newer is needed"),
        ("3.250.0", False, "has no pulumi-language-python beside it"),
    ],
)
def test_the_users_own_is_not_taken_if_it_cannot_do_it(
    machine: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: list[str],
    capsys: pytest.CaptureFixture[str],
    version: str,
    host: bool,
    said: str,
) -> None:
    own = fake(machine / "own", version, host=host)
    monkeypatch.setenv("PATH", f"{own}:/usr/bin:/bin")
    folder, is_own = find.find()
    assert not is_own
    assert folder.is_relative_to(machine / "cache")
    assert f"Pulumi, your own: not this way, {own}/pulumi {said}" in capsys.readouterr().err


def test_the_installer_is_run_once_for_all_clones(machine: Path, script: list[str]) -> None:
    folder, is_own = find.find()
    assert not is_own
    assert find.cli_version(folder / "pulumi") == (3, 250, 0)
    assert find.find() == (folder, False)
    assert script == ["/install.sh"]


def test_what_was_built_before_is_used_without_asking_the_network(
    monkeypatch: pytest.MonkeyPatch, script: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "build", lambda version, folder: fake(folder, version))
    monkeypatch.setenv(installer.SCRIPT, "http://127.0.0.1:9/install.sh")
    folder, _ = find.find()
    said = capsys.readouterr().err
    assert "Pulumi's installer: not this way, http://127.0.0.1:9/install.sh cannot be reached" in said
    assert find.find() == (folder, False)
    assert capsys.readouterr().err == ""
    assert script == []


def test_an_installer_that_brings_something_else_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, script: list[str]
) -> None:
    monkeypatch.setattr("tests.tools.test_engine.INSTALLER", INSTALLER.replace("v%s", "v3.1.0 # %s"))
    with pytest.raises(
        find.NoEngine, match=r"Pulumi's installer: what came is not Pulumi 3.250.0 with pulumi-language-python"
    ):
        find.find()


def test_when_nothing_works_one_message_says_what_was_tried_and_what_to_do(machine: Path) -> None:
    with pytest.raises(find.NoEngine) as none:
        find.find()
    lines = str(none.value).splitlines()
    assert lines[0] == "Pulumi 3.250.0 could not be set up. What was tried:"
    assert lines[1] == "  your own: there is no pulumi on PATH"
    assert lines[2].startswith("  Pulumi's installer: http://127.0.0.1:9/install.sh cannot be reached (")
    assert lines[3] == "  built from source: go: no route to the modules"
    assert "by hand (https://www.pulumi.com/docs/install/)" in lines[4]
    assert not list((machine / "cache").rglob("half-built")), "nothing half-made is left"


def test_the_fingerprint_follows_the_pins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = build.fingerprint()
    for name in ("go.mod", "go.sum", "python-host/go.mod", "python-host/go.sum"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((build.HERE / name).read_bytes())
    monkeypatch.setattr(build, "HERE", tmp_path)
    assert build.fingerprint() == before
    (tmp_path / "go.sum").write_text("other")
    assert build.fingerprint() != before


def test_the_cli_and_its_sdk_are_of_one_version() -> None:
    pins = (build.HERE / "go.mod").read_text()
    assert f"pulumi/pkg/v3 v{find.VERSION}" in pins
    assert f"pulumi/sdk/v3 v{find.VERSION}" in pins
    assert f"pulumi=={find.VERSION} " in (build.HERE.parents[1] / "requirements.txt").read_text()
