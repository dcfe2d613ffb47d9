"""Identities that were tampered with where nothing tried hits it: the light of what is compared is red, and says why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest

from drawbridge.auth import identity_auth
from drawbridge.iam import Iam
from drawbridge.verify.s3 import S3Live
from drawbridge.verify.verify import Report
from tests.verify.conftest import World
from tests.verify.lightly import POLICY, Document, Lightly, raised
from tests.verify.test_lightly import KEYS, MIXED, ROLES, SHARED, WRITES, all_green, lines, red

ROLE, USER = "role {input} of your account", "user {lightly} of your account"
BACK = "`pulumi up --refresh` puts ours back"
BYPASS = "arn:aws:iam::100000274636:root"
FAR = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::payroll/*", "arn:aws:s3:::street-raw/secret/*"]},
    {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
]}  # fmt: skip
Tamper = Callable[[Lightly], object]


def text(found: Lightly, words: str) -> str:
    """With the names of this test in it."""
    account = {"aws": "111122223333", "wasabi": "444455556666"}[found.kind]
    names = {name: found.name(name) for name in ("input", "lightly", "admins")}
    return words.format(**names, theirs=f"arn:aws:iam::{account}:policy/{found.name('theirs')}")


def trusting(change: Callable[[list[Document]], object]) -> Tamper:
    """Changes the statements of the trust policy of the input's role."""

    def tamper(found: Lightly) -> None:
        name = found.name("input")
        document = found.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        change(document["Statement"])
        found.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))

    return tamper


def ids(change: Callable[[list[str]], object]) -> Tamper:
    """Changes the external ids that the input's role asks for."""

    def changed(statements: list[Document]) -> None:
        asked = statements[0]["Condition"]["StringEquals"]
        asked["sts:ExternalId"] = list(asked["sts:ExternalId"])
        change(asked["sts:ExternalId"])

    return trusting(changed)


def may(change: Callable[[list[Document]], object]) -> Tamper:
    """Changes the statements of what the input's role may."""
    return lambda found: found.allow(found.name("input"), change)


def attached(found: Lightly) -> None:
    """A managed policy, to the input's role or the other's user."""
    arn = found.iam.create_policy(PolicyName=found.name("theirs"), PolicyDocument=json.dumps(FAR))["Policy"]["Arn"]
    if found.plan.identities[found.name("lightly")].trust:
        found.iam.attach_role_policy(RoleName=found.name("input"), PolicyArn=arn)
    else:
        found.iam.attach_user_policy(UserName=found.name("lightly"), PolicyArn=arn)


def with_an_id(found: Lightly) -> None:
    document = {**found.plan.identities[found.name("input")].policy, "Id": "theirs"}
    found.iam.put_role_policy(RoleName=found.name("input"), PolicyName=POLICY, PolicyDocument=json.dumps(document))


def trust(**statement: Any) -> Tamper:
    """One more statement in its trust policy."""
    added = {"Effect": "Allow", "Principal": {"AWS": BYPASS}, "Action": "sts:AssumeRole", **statement}
    return trusting(lambda found: found.append(added))


OURS, MORE = f"the inline policy {POLICY} of {ROLE}", {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::payroll/*"}  # fmt: skip
# What is done to the input's role, the light that turns red, and all that is said of it.
ROLES_TAMPERED: dict[str, tuple[Tamper, str, str]] = {
    "another inline policy": (
        lambda found: found.iam.put_role_policy(RoleName=found.name("input"), PolicyName="more", PolicyDocument=json.dumps(FAR)),
        "policy",
        f"{ROLE} has the inline policy more, which is not ours: `aws --profile sandbox iam delete-role-policy --role-name {{input}} --policy-name more` takes it away",
    ),
    "an attached policy": (
        attached,
        "policy",
        f"the managed policy {{theirs}} is attached to {ROLE}, not by us: `aws --profile sandbox iam detach-role-policy --role-name {{input}} --policy-arn {{theirs}}` ends that",
    ),
    "one more statement": (
        may(lambda found: found.append({**MORE, "Sid": "More"})),
        "policy",
        f"{OURS} has the statement More, which is not ours: it lets it do s3:* on arn:aws:s3:::payroll/*; {BACK}",
    ),
    "one more without a name": (
        may(lambda found: found.append({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "*"})),
        "policy",
        f"{OURS} has a statement without a name, which is not ours: it lets it do everything but iam:* on everything but *; {BACK}",
    ),
    "a far folder": (
        may(lambda found: found[1].update(Resource=[found[1]["Resource"], "arn:aws:s3:::payroll/*"], Action=["s3:GetObject", "s3:GetObjectAcl"])),
        "policy",
        f"{OURS} has the statement LightlyInputObjects changed: Action more: s3:GetObjectAcl, and Resource more: arn:aws:s3:::payroll/*; {BACK}",
    ),
    "a further prefix": (
        may(lambda found: found[0]["Condition"]["StringLike"]["s3:prefix"].append("secret/*")),
        "policy",
        f"{OURS} has the statement LightlyInputList changed: Condition more: StringLike s3:prefix secret/*; {BACK}",
    ),
    "an id": (with_an_id, "policy", f"{OURS} has another Version or Id; {BACK}"),
    "another account too": (
        trust(),
        "external id",
        f"the trust policy of {ROLE} has a statement without a name, which is not ours: it lets {BYPASS} assume it, without an external id; {BACK}",
    ),
    "another account with an id of its own": (
        trust(Sid="More", Condition={"StringEquals": {"sts:ExternalId": "somebodys-own-id"}}),
        "external id",
        f"the trust policy of {ROLE} has the statement More, which is not ours: it lets {BYPASS} assume it; {BACK}",
    ),
    "another account beside the platform's": (
        trusting(lambda found: found[0].update(Principal={"AWS": [found[0]["Principal"]["AWS"], BYPASS]})),
        "external id",
        f"the trust policy of {ROLE} has the statement Platform changed: Principal more: AWS {BYPASS}; {BACK}",
    ),
    "no external id": (
        trusting(lambda found: found[0].pop("Condition")),
        "external id",
        f"the trust policy of {ROLE} has the statement Platform changed: it does not ask for the external id; {BACK}",
    ),
    "an old external id": (
        ids(lambda found: found.append("an-id-of-long-ago")),
        "external id",
        f"the trust policy of {ROLE} has the statement Platform changed: it takes 1 external id of no generation that is alive; {BACK}",
    ),
    "an external id is lost": (
        ids(lambda found: found.remove(next(one for one in found if one.endswith(".1")))),
        "external id",
        f"the trust policy of {ROLE} has the statement Platform changed: it does not take 1 external id of the generations that are alive; {BACK}",
    ),
    "one more condition": (
        trusting(lambda found: found[0]["Condition"].update(Bool={"aws:SecureTransport": "true"})),
        "external id",
        f"the trust policy of {ROLE} has the statement Platform changed: its conditions are others; {BACK}",
    ),
}  # fmt: skip


def as_planned(found: Lightly) -> None:
    """The input's role again."""
    name, iam = found.name("input"), found.iam
    if "more" in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName="more")
    for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    found.allow(name, lambda _: None)
    found.trust(name, lambda _: None)


def said_of(found: Lightly, report: Report) -> list[str]:
    """All that is said, in which no secret is."""
    said = lines(report)
    no_secret(found, said)
    return said


def no_secret(found: Lightly, said: list[str]) -> None:
    secrets = [value for value in found.values.values() if "arn:" not in value]
    assert not any(value in line for value in (*secrets, "an-id-of-long-ago", "somebodys-own-id") for line in said)


def compared(found: Lightly, use: str) -> list[tuple[str, str, bool]]:
    """What is said of an identity, without all that is tried: by light, and whether it is red."""
    planned = found.plan.identities[found.name(use)]
    (storage,) = planned.wanted.storages.values()
    at = identity_auth(planned.wanted.auth).iam(planned.wanted)
    assert at is not None
    told = storage.live().identity_differences(at, planned, found.values, found.plan.iam)
    no_secret(found, [one.words for _, one in told])
    return [(light, one.words, one.sure) for light, one in told]


def test_a_role_that_was_tampered_with(world: World) -> None:
    found = raised(world, ROLES)
    for name, (tamper, light, words) in ROLES_TAMPERED.items():
        tamper(found)
        assert compared(found, "input") == [(light, text(found, words), True)], name
        assert compared(found, "lightly") == []
        as_planned(found)
    assert all_green(found.verify())


def test_both_at_once_as_an_attacker_would(world: World) -> None:
    found = raised(world, ROLES)
    for name in ("another inline policy", "another account too"):
        ROLES_TAMPERED[name][0](found)
    report = found.verify()
    assert red(report) == {"raw": {"policy", "external id"}}
    assert len(said_of(found, report)) == 2


def test_a_role_without_its_policy(world: World) -> None:
    found = raised(world, ROLES)
    found.iam.delete_role_policy(RoleName=found.name("input"), PolicyName=POLICY)
    report = found.verify()
    assert red(report) == {"raw": {"list", "read", "policy"}}
    assert text(found, f"{ROLE} has lost its inline policy {POLICY}: {BACK}") in said_of(found, report)


def test_a_role_that_is_gone_is_told_under_both_lights(world: World) -> None:
    found = raised(world, ROLES)
    found.iam.delete_role_policy(RoleName=found.name("input"), PolicyName=POLICY)
    found.iam.delete_role(RoleName=found.name("input"))
    report = found.verify()
    assert red(report)["raw"] >= {"policy", "external id"}
    gone = f"{text(found, ROLE)} is gone: `pulumi up --refresh` makes it anew"
    assert any(line.startswith(gone) for line in said_of(found, report))


def boundary(found: Lightly) -> str:
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    return str(found.iam.create_policy(PolicyName=found.name("limit"), PolicyDocument=document)["Policy"]["Arn"])


def test_the_stacks_boundary(world: World) -> None:
    found = raised(world, MIXED)
    arn, role, user = boundary(found), found.name("input"), found.name("lightly")
    found.plan = replace(found.plan, iam=Iam(permissions_boundary=arn))
    report = found.verify()
    assert red(report) == {"raw": {"policy"}, "work": {"policy"}}
    assert said_of(found, report) == [
        text(found, f"{who} has no permissions boundary, and the stack's is {arn}: {BACK}") for who in (ROLE, USER)
    ]
    found.iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn)
    found.iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=arn)
    assert all_green(found.verify())
    found.plan = replace(found.plan, iam=Iam())
    report = found.verify()
    assert red(report) == {"raw": {"policy"}, "work": {"policy"}}
    stray = text(found, f"{ROLE} has the permissions boundary {arn}, and the stack's is none: {BACK}")
    assert stray in said_of(found, report)


def in_a_group(found: Lightly) -> None:
    found.iam.create_group(GroupName=found.name("admins"))
    found.iam.add_user_to_group(GroupName=found.name("admins"), UserName=found.name("lightly"))


def of_users(whose: str, aws: str) -> dict[str, tuple[Tamper, str]]:
    """What is done to a user whose trying shows nothing, and what is said."""
    return {
        "another inline policy": (
            lambda found: found.iam.put_user_policy(UserName=found.name("lightly"), PolicyName="more", PolicyDocument=json.dumps(FAR)),
            f"{whose} has the inline policy more, which is not ours: `{aws} iam delete-user-policy --user-name {{lightly}} --policy-name more` takes it away",
        ),
        "an attached policy": (
            attached,
            f"the managed policy {{theirs}} is attached to {whose}, not by us: `{aws} iam detach-user-policy --user-name {{lightly}} --policy-arn {{theirs}}` ends that",
        ),
        "one more statement": (
            lambda found: found.allow(found.name("lightly"), lambda policy: policy.append({**MORE, "Sid": "More"})),
            f"the inline policy {POLICY} of {whose} has the statement More, which is not ours: it lets it do s3:* on arn:aws:s3:::payroll/*; {BACK}",
        ),
        "a group": (
            in_a_group,
            f"{whose} is in the group {{admins}}, and may what it may: `{aws} iam remove-user-from-group --user-name {{lightly}} --group-name {{admins}}` ends that",
        ),
        "another key": (
            lambda found: found.iam.create_access_key(UserName=found.name("lightly")),
            f"{whose} has an access key of no generation that is alive, made ",
        ),
    }  # fmt: skip


ON_WASABI = "user {lightly} of your Wasabi account"
USERS_TAMPERED = {
    "aws": of_users(USER, "aws --profile sandbox"),
    "wasabi": of_users(ON_WASABI, "aws --profile wasabi --endpoint-url https://iam.wasabisys.com"),
}
ONE_KEY = KEYS.replace(", generations: [1, 3]", "")


@pytest.mark.parametrize("kind", USERS_TAMPERED)
def test_a_user_that_was_tampered_with(world: World, kind: str) -> None:
    found = raised(world, ONE_KEY, kind)
    told: list[str] = []
    for name, (tamper, words) in USERS_TAMPERED[kind].items():
        tamper(found)
        told.append(text(found, words))
        said = compared(found, "lightly")
        assert {(light, sure) for light, _, sure in said} == {("policy", True)}
        assert len(said) == len(told)
        assert all(any(line.startswith(one) for _, line, _ in said) for one in told), (name, said)
    report = found.verify()
    assert red(report) == {"work": {"policy"}}
    assert len(said_of(found, report)) == len(told)


def test_keys_against_the_generations(world: World) -> None:
    found = raised(world, KEYS)
    name = found.name("lightly")
    old, new = (found.values[f"{name}.access_key.{number}"] for number in (1, 3))
    found.iam.update_access_key(UserName=name, AccessKeyId=old, Status="Inactive")
    report = found.verify()
    assert red(report) == {"work": {"policy"}}, "the newest is what is tried"
    again = "`pulumi up --refresh` makes it anew"
    assert said_of(found, report) == [text(found, f"the access key 1 of {USER} is not active: {again}")]
    found.iam.delete_access_key(UserName=name, AccessKeyId=old)
    assert said_of(found, found.verify()) == [text(found, f"the access key 1 of {USER} is gone: {again}")]
    found.iam.delete_access_key(UserName=name, AccessKeyId=new)
    assert red(found.verify()) == {"work": {*WRITES, "policy"}}


def test_what_the_state_lacks_is_grey(world: World) -> None:
    found = raised(world, KEYS)
    del found.values[f"{found.name('lightly')}.access_key.1"]
    report = found.verify()
    assert red(report) == {}
    said = f"the access keys of {USER}: the state lacks what it is compared with; run `pulumi up`"
    assert said_of(found, report) == [text(found, said)]


def client(world: World, *actions: str) -> Any:
    """IAM of AWS as an owner who may do that alone."""
    iam, name = world.sandbox.client("iam", "aws"), f"{world.name}-owner"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "iam",
        endpoint_url=world.endpoints.stores["aws"].endpoint,
        verify=world.endpoints.ca,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def test_what_the_owner_may_not_read_is_grey_with_the_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = raised(world, MIXED)
    limited = client(world, "iam:GetRole", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:GetUser")
    monkeypatch.setattr(S3Live, "_iam", lambda _live, _at: limited)
    report = found.verify()
    assert red(report) == {}
    said = said_of(found, report)
    unread = [f"what is attached of {ROLE}", *(f"{part} of {USER}" for part in ("the inline policies", "what is attached", "the groups", "the access keys"))]  # fmt: skip
    assert len(said) == len(unread)
    for part in unread:
        begins = text(
            found, f"{part} cannot be read, so the policy itself is not compared: An error occurred (AccessDenied)"
        )
        assert any(line.startswith(begins) for line in said), (begins, said)
    ROLES_TAMPERED["another inline policy"][0](found)
    assert red(found.verify()) == {"raw": {"policy"}}, "what can be read is compared all the same"


def test_an_owner_who_may_read_nothing_sees_no_green_light(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = raised(world, MIXED)
    limited = client(world, "sts:GetCallerIdentity")
    monkeypatch.setattr(S3Live, "_iam", lambda _live, _at: limited)
    report = found.verify()
    grey = {
        (one.planned.name, lit.one.light) for one in report.verified for lit in one.lit if lit.colour.value == "grey"
    }
    assert grey == {("raw", "external id"), ("raw", "policy"), ("work", "policy")}


def test_each_identity_is_read_once_and_with_few_calls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    original = S3Live._iam

    def counted(live: S3Live, at: str) -> Any:
        made = original(live, at)
        made.meta.events.register("before-call.iam", lambda model, **_: calls.update([model.name]))
        return made

    monkeypatch.setattr(S3Live, "_iam", counted)
    assert all_green(raised(world, SHARED).verify())
    assert calls == dict.fromkeys(
        ("GetUser", "GetUserPolicy", "ListAccessKeys", "ListAttachedUserPolicies", "ListGroupsForUser", "ListUserPolicies"), 1
    )  # fmt: skip
    calls.clear()
    world.name = f"{world.name}-roles"
    assert all_green(raised(world, ROLES).verify())
    assert calls == dict.fromkeys(("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"), 2)
