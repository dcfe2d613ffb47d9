"""Another bucket: one of the stack, or else one of the owner's that the stack does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drawbridge.plan import Plan
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.verify import Report
from sandbox.guard.population import BUCKET
from tests.verify.conftest import World, colours, of_colour
from tests.verify.test_verify import READS, lines

V7 = "arn:aws:iam::258327614892:role/external_s3"


def lets_in(bucket: str, *actions: str) -> dict[str, Any]:
    statement = {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": V7}, "Action": list(actions)}
    objects = [f"arn:aws:s3:::{bucket}/*"] if actions != ("s3:ListBucket",) else [f"arn:aws:s3:::{bucket}"]
    return {"Version": "2012-10-17", "Statement": [{**statement, "Resource": objects}]}


@pytest.mark.parametrize("action", ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"])
def test_another_bucket_of_the_stack_that_lets_it_in_is_red(world: World, action: str) -> None:
    made, other = world.applied("aws", reads=READS), f"{world.name}-more"
    world.sandbox.put_policy("aws", other, lets_in(other, action))
    report = world.verify(made)
    assert of_colour(report, "red") == {"reads": {"other bucket"}}
    assert f"others' Allow statements are in the policy of {other}, so look at Open" in lines(report)[0]
    untried = world.verify(made, endpoints=world.endpoints.model_copy(update={"principals": {}}))
    assert of_colour(untried, "red") == {"reads": {"other bucket"}}, "the simulator is asked about that bucket's policy"
    assert world.holds(made) == []


def alone(world: World, made: Plan) -> Plan:
    """The plan without the bucket in which nobody has anything to do."""
    return Plan(made.stack, {name: one for name, one in made.storages.items() if name != "more"}, made.grants)


def report_of(world: World, made: Plan, endpoints: Endpoints | None = None) -> Report:
    return world.verify(alone(world, made), endpoints=endpoints)


def test_a_bucket_that_the_stack_does_not_know_is_looked_at_and_not_touched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = world.s3("aws")
    made = world.applied("aws", reads=READS)
    monkeypatch.setattr("drawbridge.verify.s3._FEW", 1000)
    others = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"] != BUCKET]
    known = {*others, *(planned.storage.bucket for planned in made.storages.values())}
    live = made.storages["scans"].storage.live()
    assert live.foreign(known) == (BUCKET, "2026/salaries.csv")

    monkeypatch.setattr(type(live), "foreign", lambda _live, _known: (BUCKET, "2026/salaries.csv"))
    report = report_of(world, made)
    assert set(colours(report.verified[0]).values()) == {"green"}
    tried = [one.one.words for one in report.verified[0].lit if one.one.light == "other bucket"]
    assert tried == ["list without a prefix", "read an object that is there"], "its name is nobody's business"
    world.sandbox.put_policy("aws", BUCKET, lets_in(BUCKET, "s3:GetObject"))
    try:
        report = report_of(world, made)
    finally:
        s3.delete_bucket_policy(Bucket=BUCKET)
    assert of_colour(report, "red") == {"reads": {"other bucket"}}
    assert "salaries" not in "".join(lines(report))
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_where_there_is_no_other_bucket_the_light_is_grey_with_the_reason(world: World) -> None:
    made = world.applied("aws", reads=READS)
    live = made.storages["scans"].storage.live()
    every = {one["Name"] for one in world.s3("aws").list_buckets()["Buckets"]}
    with pytest.raises(Exception, match="no other bucket of its owner was found in eu-central-1"):
        live.foreign(every)
    user = f"{world.name}-owner"
    iam = world.sandbox.client("iam", "aws")
    iam.create_user(UserName=user)
    denied = {"Effect": "Deny", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allowed, denied]}
    iam.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    store = live.store  # type: ignore[attr-defined]
    client = store.client
    try:
        store.client = world.client_of(key)
        report = report_of(world, made)
    finally:
        store.client = client
    assert of_colour(report, "grey") == {"reads": {"other bucket"}}
    assert any("since the owner's buckets cannot be listed: " in lit.reason for lit in report.verified[0].lit)
