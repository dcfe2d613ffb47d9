"""What a store gives is a value like any other: no script and no JSON holds one that is more than that."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.conftest import Sandbox, Stack
from tests.program.credentials import values

STORAGE = "scans: {kind: wasabi, bucket: values-scans, region: eu-central-2, profile: wasabi}"
GRANT = """
    name: values
    platform: v7
    storage: scans
    access: read-only
    prefixes: [studies/]
    uploader: {prefix: studies/frames/}
    """
EVIL = "x'; echo PWNED >&2; '"


def give(stack: Stack, given: str) -> None:
    """Puts a value in the place of the key's secret, as if the store had given it."""
    sandbox = stack.sandbox

    def state(*words: str, text: str | None = None) -> str:
        # Not among what is said, since it is in clear.
        done = subprocess.run(
            ["pulumi", "stack", *words, "--stack", stack.name],
            cwd=sandbox.folder.project,
            env=sandbox.env,
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    secret = values(stack)["values-uploader.secret_key.1"]
    before = state("export", "--show-secrets")
    assert secret in before
    escaped = json.dumps(json.dumps(json.dumps(given)))[3:-3]
    state("import", text=before.replace(secret, escaped))


def test_a_secret_that_is_shell_is_not_handed_over(sandbox: Sandbox) -> None:
    stack = sandbox.stack("values", storage=STORAGE, values=GRANT)
    stack.up()
    file: Path = sandbox.folder.root / "out" / "values" / "values" / "v7-uploader.env"
    before = file.read_text()
    give(stack, EVIL)
    said = stack.up(code=None)
    assert (
        "values-uploader.secret_key.1, as its store gave it, must be 1 to 128 visible characters, without quotes and "
        "\\; values gets no settings"
    ) in said
    assert "Traceback" not in said
    assert "PWNED" not in said
    assert file.read_text() == before
