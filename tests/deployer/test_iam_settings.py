"""Each of a stack's settings for IAM, changed once it is raised, by somebody who may what is emitted and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from drawbridge import tokens
from drawbridge.config import Config
from drawbridge.deployer import policy
from drawbridge.iam import Iam
from drawbridge.plan import make_plan
from tests.conftest import Stack
from tests.deployer.conftest import ACCOUNT, PROFILE, REGION, Deployer
from tests.program.credentials import Comer, settings, values

NAME = "settled"
BOUNDARIES = [f"arn:aws:iam::{ACCOUNT}:policy/settled-{one}" for one in ("one", "two")]
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
FILES = {
    "storage": f"""
        raw: {{kind: aws, bucket: {NAME}-raw, region: {REGION}}}
        work: {{kind: aws, bucket: {NAME}-work, region: {REGION}}}
        """,
    "grant": f"""
        name: {NAME}
        platform: lightly
        input: {{storage: raw, prefix: berlin/, auth: assume-role}}
        lightly: {{storage: work, prefix: berlin/, auth: access-keys, generations: [1, 2]}}
        """,
}
BEGIN = Iam("/one/", "acme-", BOUNDARIES[0], {"team": "imaging", "cost": "1"})
# What is changed, and whether the role and the user are others from then on.
CHANGES: list[tuple[dict[str, Any], bool, bool]] = [
    ({"tags": {"team": "data"}}, False, False),
    ({"permissions_boundary": BOUNDARIES[1]}, False, False),
    ({"path": "/two/"}, True, False),
    ({"name_prefix": "other-"}, True, True),
]


def configure(stack: Stack, iam: Iam) -> None:
    """As the configuration has it."""
    for key, value in {**iam.__dict__, "tags": json.dumps(dict(iam.tags))}.items():
        stack.pulumi("config", "set", f"drawbridge:iam_{key}", value)


def documents(stack: Stack, *settings: Iam) -> list[dict[str, Any]]:
    """The emitted policies for each of these settings: now, and before."""
    plans = [make_plan(Config(NAME, stack.grants, iam=iam)) for iam in settings]
    found = [document for plan in plans for document in policy.documents(policy.deployed(plan))]
    return list(tokens.resolve(found, {"aws.account": ACCOUNT}))


def handed(stack: Stack) -> tuple[str, str]:
    """The role and the key that the platform has by now, both of which work."""
    role, key = settings(stack, NAME, "lightly-input.json"), settings(stack, NAME, "lightly-lightly.json")
    raw, work = (Comer(stack.sandbox, "aws", f"{NAME}-{one}", "berlin/") for one in ("raw", "work"))
    assert raw.through_role(role["s3ARN"], role["s3ExternalId"]) == ""
    assert work.with_key(key["s3AccessKeyId"], key["s3SecretAccessKey"]) == ""
    return role["s3ARN"], key["s3AccessKeyId"]


def live(deployer: Deployer, iam: Iam) -> list[tuple[str, str, dict[str, str]]]:
    """ARN, boundary and tags of the role and the user of these settings."""
    found = [
        deployer.iam.get_role(RoleName=iam.name(f"{NAME}-input"))["Role"],
        deployer.iam.get_user(UserName=iam.name(f"{NAME}-lightly"))["User"],
    ]
    return [
        (
            one["Arn"],
            one["PermissionsBoundary"]["PermissionsBoundaryArn"],
            {tag["Key"]: tag["Value"] for tag in one["Tags"]},
        )
        for one in found
    ]


def wanted(iam: Iam) -> list[tuple[str, str, dict[str, str]]]:
    tags = {**iam.tags, "drawbridge": f"drawbridge-sandbox/{NAME}"}
    arns = [f"arn:aws:iam::{ACCOUNT}:{what}{iam.path}{iam.name(NAME)}" for what in ("role", "user")]
    return [
        (f"{arn}-{name}", iam.permissions_boundary, tags) for arn, name in zip(arns, ("input", "lightly"), strict=True)
    ]


def test_each_setting_can_be_changed_on_a_raised_stack(deployer: Deployer) -> None:
    for arn in BOUNDARIES:
        deployer.iam.create_policy(PolicyName=arn.rpartition("/")[2], PolicyDocument=ALL)
    stack, now = deployer.stack(NAME, **FILES), BEGIN
    configure(stack, now)
    stack.pulumi("config", "set", "aws:profile", PROFILE)
    deployer.may(documents(stack, now))
    stack.up()
    assert live(deployer, now) == wanted(now)
    for change, another_role, another_key in CHANGES:
        before, role_and_key = now, handed(stack)
        ids, now = values(stack), replace(now, **change)
        configure(stack, now)
        deployer.may(documents(stack, before, now))
        stack.up()
        deployer.may(documents(stack, now))
        stack.up("--refresh", "--expect-no-changes")
        assert live(deployer, now) == wanted(now)
        assert [one != other for one, other in zip(role_and_key, handed(stack), strict=True)] == [
            another_role,
            another_key,
        ]
        ours = {name: value for name, value in values(stack).items() if "external_id" in name}
        assert ours.items() <= ids.items(), "external ids stay"
        if before.name(NAME) != now.name(NAME):
            gone = deployer.iam.exceptions.NoSuchEntityException
            with pytest.raises(gone):
                deployer.iam.get_user(UserName=before.name(f"{NAME}-lightly"))
            with pytest.raises(gone):
                deployer.iam.get_role(RoleName=before.name(f"{NAME}-input"))
    stack.destroy()
