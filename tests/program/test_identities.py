"""Roles and users on AWS with a past: what a run that broke off left, what is somebody else's, and keys nobody knows."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import Sandbox, Stack
from tests.program.credentials import Comer, settings, values

STORAGE = """
    raw: {{kind: aws, bucket: {name}-raw, region: eu-central-1}}
    work: {{kind: aws, bucket: {name}-work, region: eu-central-1}}
    """
GRANT = """
    name: {name}
    platform: lightly
    input: {{storage: raw, prefix: berlin/, auth: assume-role, generations: {generations}}}
    lightly: {{storage: work, prefix: berlin/, auth: access-keys, generations: {generations}}}
    """
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "916419735646"}, "Action": "sts:AssumeRole"}],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}


def write(stack: Stack, generations: str = "[1]") -> None:
    stack.write(storage=STORAGE.format(name=stack.name), grant=GRANT.format(name=stack.name, generations=generations))


def made(sandbox: Sandbox, name: str) -> Stack:
    """A stack with a role and a user, called after it."""
    return sandbox.stack(name, storage=STORAGE.format(name=name), grant=GRANT.format(name=name, generations="[1]"))


def come(stack: Stack) -> list[str]:
    """What comes of it as the platform: through the role, and with the key."""
    role, key = settings(stack, stack.name, "lightly-input.json"), settings(stack, stack.name, "lightly-lightly.json")
    raw, work = (Comer(stack.sandbox, "aws", f"{stack.name}-{one}", "berlin/") for one in ("raw", "work"))
    return [
        raw.through_role(role["s3ARN"], role["s3ExternalId"]),
        work.with_key(key["s3AccessKeyId"], key["s3SecretAccessKey"]),
    ]


LET_IN = ["", ""]


class ByHand:
    """A role and a user of the names that a stack wants, that somebody else made or a run of it."""

    def __init__(self, sandbox: Sandbox, stack: Stack) -> None:
        self.iam: Any = sandbox.client("iam", "aws")
        self.role, self.user = f"{stack.name}-input", f"{stack.name}-lightly"

    def make(self, maker: str = "") -> dict[str, str]:
        """Both with a policy inside, the user with a key, which is returned."""
        tags = [{"Key": "drawbridge", "Value": maker}] if maker else []
        policy = {"PolicyName": "drawbridge", "PolicyDocument": json.dumps(POLICY)}
        self.iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)
        self.iam.put_role_policy(RoleName=self.role, **policy)
        self.iam.create_user(UserName=self.user, Tags=tags)
        self.iam.put_user_policy(UserName=self.user, **policy)
        return dict(self.iam.create_access_key(UserName=self.user)["AccessKey"])

    def remove_role(self) -> None:
        self.iam.delete_role_policy(RoleName=self.role, PolicyName="drawbridge")
        self.iam.delete_role(RoleName=self.role)

    def key_ids(self) -> list[str]:
        return [one["AccessKeyId"] for one in self.iam.list_access_keys(UserName=self.user)["AccessKeyMetadata"]]


@pytest.mark.parametrize("maker", ["", "drawbridge-sandbox/other"])
def test_somebody_elses_are_refused_at_preview_and_untouched(sandbox: Sandbox, maker: str) -> None:
    stack = made(sandbox, f"theirs{len(maker)}")
    theirs = ByHand(sandbox, stack)
    key = theirs.make(maker)
    by = f"was made by the stack {maker}" if maker else "was not made by Drawbridge"

    def refused(kind: str, name: str, place: str) -> str:
        words = f"{kind} {name} exists in this account already and {by}; delete it, or set drawbridge:iam_name_prefix"
        return f"grants/{stack.name}/grant.yaml:{place} {words} so that ours is called otherwise"

    said = " ".join(stack.preview(code=None).split())
    assert refused("role", theirs.role, "4:8 input:") in said or refused("user", theirs.user, "5:10 lightly:") in said
    assert "Traceback" not in said
    # Whatever else is refused, Pulumi stops at the first.
    theirs.remove_role()
    for run in (stack.preview, partial(stack.up)):
        said = " ".join(run(code=None).split())
        assert refused("user", theirs.user, "5:10 lightly:") in said
    assert theirs.key_ids() == [key["AccessKeyId"]]
    stack.pulumi("config", "set", "drawbridge:iam_name_prefix", "acme-")
    stack.up()
    assert come(stack) == LET_IN
    assert theirs.key_ids() == [key["AccessKeyId"]]
    stack.destroy()


def test_what_a_run_that_broke_off_left_is_ended_and_made_anew(sandbox: Sandbox) -> None:
    stack = made(sandbox, "broken-off")
    left = ByHand(sandbox, stack)
    key = left.make("drawbridge-sandbox/broken-off")
    stack.preview()
    assert left.key_ids() == [key["AccessKeyId"]], "a preview ends nothing"
    said = stack.up()
    assert f"role {left.role} was left by a run that broke off, and is made anew" in said
    assert f"user {left.user} was left by a run that broke off, and is made anew" in said
    assert f"its keys have ended: {key['AccessKeyId']}" in said
    assert key["AccessKeyId"] not in left.key_ids()
    assert come(stack) == LET_IN
    work = Comer(sandbox, "aws", "broken-off-work", "berlin/")
    assert work.with_key(key["AccessKeyId"], key["SecretAccessKey"]) == "InvalidAccessKeyId"
    stack.up("--refresh", "--expect-no-changes")

    # What was made and never came into the state, with what stands inside.
    state = json.loads(stack.pulumi("stack", "export"))
    for kind in ("aws:iam/role:Role", "aws:iam/user:User"):
        (urn,) = [one["urn"] for one in state["deployment"]["resources"] if one["type"] == kind]
        stack.pulumi("state", "delete", urn, "--target-dependents", "--yes")
    before = come(stack)
    stack.up()
    assert before == come(stack) == LET_IN
    assert len(left.key_ids()) == 1
    stack.up("--refresh", "--expect-no-changes")
    stack.destroy()


def test_a_key_that_is_in_no_state_is_told_and_ends_with_its_user(sandbox: Sandbox) -> None:
    stack = made(sandbox, "stray")
    assert "not in this stack's state" not in stack.up()
    user = ByHand(sandbox, stack).user
    iam = sandbox.client("iam", "aws")
    stray = iam.create_access_key(UserName=user)["AccessKey"]
    told = f"aws iam delete-access-key --user-name {user} --access-key-id {stray['AccessKeyId']}"
    for said in (stack.preview(), stack.up(), stack.pulumi("refresh", "--yes")):
        assert told in " ".join(said.split())
    write(stack, "[1, 2]")
    said = " ".join(stack.up(code=None).split())
    assert f"{stray['AccessKeyId']} already, and a user has at most 2 keys; end one" in said
    assert "LimitExceeded" not in said
    iam.attach_user_policy(UserName=user, PolicyArn=_managed(iam))
    stack.destroy()
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_user(UserName=user)
    work = Comer(sandbox, "aws", "stray-work", "berlin/")
    assert work.with_key(stray["AccessKeyId"], stray["SecretAccessKey"]) == "InvalidAccessKeyId"


def _managed(iam: Any) -> str:
    return str(iam.create_policy(PolicyName="stray", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"])


def test_generations_that_leave_no_room_are_refused_at_preview_and_a_gap_is_told(sandbox: Sandbox) -> None:
    stack = made(sandbox, "room")
    stack.up()
    write(stack, "[1, 2]")
    assert "none that works" not in stack.up()
    before = values(stack)
    write(stack, "[2, 3]")
    for run in (stack.preview, stack.up):
        said = " ".join(run(code=None).split())
        assert (
            "grants/room/grant.yaml:5:75 lightly.generations: was [1, 2] and is [2, 3], but at most 2 can be alive at "
            "once; go to [2] first"
        ) in said
        assert "LimitExceeded" not in said
    assert values(stack) == before
    write(stack, "[2]")
    stack.up()
    write(stack, "[2, 3]")
    stack.up()
    assert come(stack) == LET_IN
    write(stack, "[3]")
    stack.up()
    write(stack, "[4]")
    for said in (stack.preview(), stack.up()):
        for datasource in ("input", "lightly"):
            words = (
                f"{datasource}.generations: was [3] and is [4]: the old one ends with this run, and the platform has"
            )
            assert f"{words} none that works until it is handed the new one; go through [3, 4]" in " ".join(
                said.split()
            )
    assert come(stack) == LET_IN
    stack.destroy()
