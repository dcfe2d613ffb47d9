"""iam:SimulateCustomPolicy, as boto3 asks it: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.guard.cast import OTHER, OWNER, Cast, Outcome, allow, deny, outcome, policy, to

CALLER = f"arn:aws:iam::{OTHER}:user/ann"
OBJECT = "arn:aws:s3:::simulated/a"
INVALID: Outcome = (400, "InvalidInput")
ASKED: dict[str, Any] = {
    "PolicyInputList": [policy(allow("s3:*"))],
    "ActionNames": ["s3:GetObject"],
    "ResourceArns": [OBJECT],
}


def prefix(value: str) -> list[dict[str, Any]]:
    return [{"ContextKeyName": "s3:prefix", "ContextKeyValues": [value], "ContextKeyType": "string"}]


LIST = {
    "PolicyInputList": [policy(allow("s3:ListBucket", "*", Condition={"StringLike": {"s3:prefix": "a/*"}}))],
    "ActionNames": ["s3:ListBucket"],
    "ResourceArns": ["arn:aws:s3:::simulated"],
}
FAR = {"CallerArn": CALLER, "ResourceOwner": f"arn:aws:iam::{OWNER}:root"}


@pytest.mark.parametrize(
    ("asked", "decisions"),
    [
        ({}, ["allowed"]),
        ({"PolicyInputList": [policy(allow("s3:ListBucket"))]}, ["implicitDeny"]),
        ({"PolicyInputList": [policy(allow("s3:*")), policy(deny("s3:GetObject"))]}, ["explicitDeny"]),
        ({"ActionNames": ["s3:GetObject", "s3:PutObject"], "PolicyInputList": [policy(allow("s3:GetObject"))]}, ["allowed", "implicitDeny"]),
        ({**FAR, "ResourcePolicy": policy(to(CALLER, "s3:GetObject", OBJECT))}, ["allowed"]),
        ({**FAR, "ResourcePolicy": policy(to(CALLER, "s3:PutObject", OBJECT))}, ["implicitDeny"]),
        ({"CallerArn": CALLER, "ResourcePolicy": policy(to(CALLER, "s3:PutObject", OBJECT))}, ["allowed"]),
        ({**LIST, "ContextEntries": prefix("a/b")}, ["allowed"]),
        ({**LIST, "ContextEntries": prefix("b")}, ["implicitDeny"]),
        (LIST, ["implicitDeny"]),
    ],
)  # fmt: skip
def test_what_would_be_allowed(cast: Cast, asked: dict[str, Any], decisions: list[str]) -> None:
    answer = cast.admin().iam.simulate_custom_policy(**{**ASKED, **asked})
    assert [one["EvalDecision"] for one in answer["EvaluationResults"]] == decisions
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"ResourcePolicy": policy(to(CALLER, "s3:GetObject", OBJECT))}, INVALID),
        ({"CallerArn": f"arn:aws:iam::{OTHER}:role/reader"}, INVALID),
        ({"CallerArn": f"arn:aws:iam::{OTHER}:root"}, INVALID),
        ({"CallerArn": f"arn:aws:sts::{OTHER}:assumed-role/reader/one"}, INVALID),
        ({"CallerArn": CALLER, "ResourceOwner": OWNER}, INVALID),
        ({"PolicyInputList": ["{"]}, INVALID),
        ({"ActionNames": ["s3:HeadObject"]}, INVALID),
        ({"ContextEntries": prefix("a")}, INVALID),
        ({"ResourceHandlingOption": "EC2-VPC-EBS"}, (501, "NotImplemented")),
        ({"PermissionsBoundaryPolicyInputList": [policy(allow("s3:*"))]}, (501, "NotImplemented")),
        ({"MaxItems": 1}, (501, "NotImplemented")),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(cast: Cast, asked: dict[str, Any], expected: Outcome) -> None:
    assert outcome(lambda: cast.admin().iam.simulate_custom_policy(**{**ASKED, **asked})) == expected


def test_it_needs_its_own_permission(cast: Cast) -> None:
    user = cast.user("sim-ann")
    assert outcome(lambda: user.iam.simulate_custom_policy(**ASKED)) == (403, "AccessDenied")
