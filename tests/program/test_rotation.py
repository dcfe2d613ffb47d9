"""Credentials in generations on AWS: both work while both are alive, and the old one ends with its number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests import secret_search
from tests.conftest import Sandbox, Stack
from tests.program.credentials import Comer, all_the_time, settings, values

STORAGE = "raw: {kind: aws, bucket: rotated-raw, region: eu-central-1}"
# Folders whose names differ by a slash alone.
GRANT = """
    name: rotated
    platform: lightly
    input: {{storage: raw, prefix: berlin/a/, auth: assume-role, generations: {generations}}}
    lightly: {{storage: raw, prefix: berlin-a/, auth: access-keys, generations: {generations}}}
    """


def ways(stack: Stack) -> dict[str, Callable[[], str]]:
    """How the platform comes with what it was handed last: as its payloads say."""
    role, key = settings(stack, "rotated", "lightly-input.json"), settings(stack, "rotated", "lightly-lightly.json")
    raw = Comer(stack.sandbox, "aws", "rotated-raw", "berlin/a/")
    work = Comer(stack.sandbox, "aws", "rotated-raw", "berlin-a/")
    return {
        "role": partial(raw.through_role, role["s3ARN"], role["s3ExternalId"]),
        "key": partial(work.with_key, key["s3AccessKeyId"], key["s3SecretAccessKey"]),
    }


def come(found: dict[str, Callable[[], str]]) -> dict[str, str]:
    """What came of each way, once."""
    return {name: way() for name, way in found.items()}


LET_IN = {"role": "", "key": ""}


def test_no_step_leaves_the_platform_without_a_credential_and_the_last_ends_the_old_one(sandbox: Sandbox) -> None:
    stack = sandbox.stack("rotated", storage=STORAGE, grant=GRANT.format(generations="[1]"))
    stack.up()
    first = ways(stack)
    assert come(first) == LET_IN
    stack.write(storage=STORAGE, grant=GRANT.format(generations="[1, 2]"))
    with all_the_time(first) as watched:
        stack.up()
    assert watched.times
    assert watched.refused == []
    second = ways(stack)
    assert come(first) == LET_IN
    assert come(second) == LET_IN
    alive = values(stack)
    stack.write(storage=STORAGE, grant=GRANT.format(generations="[2]"))
    with all_the_time(second) as watched:
        stack.up()
    assert watched.times
    assert watched.refused == []
    assert come(first) == {"role": "AccessDenied", "key": "InvalidAccessKeyId"}
    assert come(second) == LET_IN
    stack.up("--expect-no-changes")
    stack.pulumi("config", "set", "--secret", "drawbridge:rotated-input.external_id.2", "another-external-id")
    assert "has another external id already, which the platform comes with" in stack.preview(code=None)
    stack.pulumi("config", "rm", "drawbridge:rotated-input.external_id.2")
    said = sandbox.run("drawbridge", "verify", "--stack", stack.name)
    assert "nothing red" in said
    secrets = {name: value for name, value in alive.items() if "role_arn" not in name and "access_key" not in name}
    assert len(secrets) == 4
    state = sandbox.folder.state / "backend"
    assert secret_search.search(secrets, [state, sandbox.folder.root / "grants"], sandbox.said) == []
    stack.destroy()
    assert come(second) == {"role": "AccessDenied", "key": "InvalidAccessKeyId"}
