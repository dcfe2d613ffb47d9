"""A stack deployed by somebody who has the emitted policy and nothing else: all of its life, and with less of it."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner

from drawbridge.cli import app
from drawbridge.config import Config
from drawbridge.deployer import policy
from drawbridge.plan import make_plan
from tests.conftest import Stack
from tests.deployer.conftest import ACCOUNT, PROFILE, REGION, Deployer
from tests.program.stacks import sids

NAME = "deployed"
IN_NO_CLOUD = {"drawbridge:Allowance", "drawbridge:ExternalId"}
QUESTIONS = {"existing bucket", "role name", "user name", "claimed role", "claimed user"}
DENIALS = ("AccessDenied", "not authorized", "Forbidden", "403")


def files(prefix: str = "berlin/") -> dict[str, str]:
    """A bucket that is made and one that is there already; a role, and a user with a key."""
    return {
        "storage": f"""
            raw: {{kind: aws, bucket: {NAME}-raw, region: {REGION}, existing: true}}
            work: {{kind: aws, bucket: {NAME}-work, region: {REGION}}}
            """,
        "v7": f"""
            name: {NAME}-v7
            platform: v7
            storage: work
            access: read-write
            prefixes: [{prefix}]
            write_prefix: darwin/
            """,
        "lightly": f"""
            name: {NAME}-lightly
            platform: lightly
            input: {{storage: raw, prefix: {prefix}, auth: assume-role}}
            lightly: {{storage: work, prefix: lightly/, auth: access-keys}}
            """,
    }


def emitted(stack: Stack) -> list[dict[str, Any]]:
    """What the command prints for the stack's files as they are."""
    said = CliRunner().invoke(app, ["deployer-policy", str(stack.grants), "--account", ACCOUNT, "--json"])
    return list(json.loads(said.stdout)["policies"])


def deployed_types(stack: Stack) -> set[str]:
    """The types in the state, as the data calls them."""
    state = json.loads(stack.pulumi("stack", "export"))
    found = {one["type"].replace("pulumi-python:dynamic/", "") for one in state["deployment"]["resources"]}
    return {one for one in found if not one.startswith("pulumi:")}


def test_a_stack_lives_with_the_emitted_policy_only(deployer: Deployer) -> None:
    deployer.buckets.create_bucket(
        Bucket=f"{NAME}-raw", CreateBucketConfiguration={"LocationConstraint": REGION}, ObjectOwnership="ObjectWriter"
    )
    stack = deployer.stack(NAME, **files())

    # With less, what is missing is named, and the run can be gone on with.
    policies = emitted(stack)
    for missing in ("iam:TagRole", "s3:PutBucketPolicy"):
        deployer.may(policies, without=missing)
        assert missing in stack.up("--config", f"aws:profile={PROFILE}", code=1), missing

    deployer.may(policies)
    said = [stack.up()]
    assert {"DarwinAccess", "DarwinWrite"} <= set(sids(deployer.policy("aws", f"{NAME}-work")))
    told = {one.kind for one in policy.deployed(make_plan(Config(NAME, stack.grants)))}
    assert deployed_types(stack) - IN_NO_CLOUD == told - QUESTIONS, "each storage and auth tells all it makes"
    said.append(stack.up("--refresh", "--expect-no-changes"))

    stack.write(**files("hamburg/"))
    deployer.may(emitted(stack))
    said += [stack.up(), stack.destroy()]
    assert [line for one in said for line in one.splitlines() if any(denial in line for denial in DENIALS)] == []
