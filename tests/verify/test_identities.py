"""Who comes: with keys, through a role with its external id, as nobody from here; each failure has its own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from drawbridge.access import Access, Principal
from drawbridge.plan import Plan, PlannedGrant
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Keys, Role, Vendor
from drawbridge.verify.verify import Report
from tests.verify.conftest import World, colours, of_colour
from tests.verify.test_verify import READS, WRITES, lines

OWN, V7 = "111122223333", "arn:aws:iam::258327614892:role/external_s3"
EXTERNAL_ID = "drawbridge-test-external-id"


def iam(world: World) -> Any:
    """IAM as the administrator."""
    return world.sandbox.client("iam", "aws")


def with_principal(made: Plan, arn: str) -> Plan:
    """A plan as if its grant were about a principal of our own account, whose policies say what it may."""
    principal = Principal.of(arn)

    def own(accesses: tuple[Access, ...]) -> tuple[Access, ...]:
        return tuple(replace(access, principal=principal) for access in accesses)

    storages = {name: replace(one, accesses=own(one.accesses)) for name, one in made.storages.items()}
    grants = {name: replace(one, accesses=own(one.accesses)) for name, one in made.grants.items()}
    return replace(made, storages=storages, grants=grants)


def may_read(world: World, *actions: str, folder: str = "studies/") -> str:
    statement = {"Effect": "Allow", "Action": list(actions or ["s3:GetObject"]), "Resource": f"arn:aws:s3:::{world.name}-scans/{folder}*"}  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass
class Handed:
    """A plan with a principal of our own, and how it comes."""

    plan: Plan
    identity: Identity
    name: str

    def verify(self, world: World) -> Report:
        def how(_grant: PlannedGrant, _access: Access) -> Identity:
            return self.identity

        return world.verify(self.plan, how=how)


def trust(world: World, external_id: str | None) -> str:
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    trusted = {"AWS": f"arn:aws:iam::{V7.split(':')[4]}:root"}
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole", **condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def user(world: World) -> Handed:
    """A user with a key, who may read."""
    iam(world).create_user(UserName=world.name)
    iam(world).put_user_policy(UserName=world.name, PolicyName="read", PolicyDocument=may_read(world))
    key = iam(world).create_access_key(UserName=world.name)["AccessKey"]
    made = with_principal(world.applied("aws", reads=READS), f"arn:aws:iam::{OWN}:user/{world.name}")
    return Handed(made, Keys(key["AccessKeyId"], key["SecretAccessKey"]), world.name)


@pytest.fixture
def role(world: World) -> Handed:
    """A role that a vendor assumes with an external id, and that may read."""
    iam(world).create_role(RoleName=world.name, AssumeRolePolicyDocument=trust(world, EXTERNAL_ID))
    iam(world).put_role_policy(RoleName=world.name, PolicyName="read", PolicyDocument=may_read(world))
    arn = f"arn:aws:iam::{OWN}:role/{world.name}"
    return Handed(
        with_principal(world.applied("aws", reads=READS), arn), Role(arn, EXTERNAL_ID, Vendor(V7)), world.name
    )


def test_a_user_with_a_key(world: World, user: Handed) -> None:
    report = user.verify(world)
    assert set(colours(report.verified[0]).values()) == {"green"}, lines(report)


def test_a_role_with_an_external_id_and_wrong_ones_are_tried(world: World, role: Handed) -> None:
    report = role.verify(world)
    found = colours(report.verified[0])
    assert set(found.values()) == {"green"}, lines(report)
    assert [lit.one.words for lit in report.verified[0].lit if lit.one.light == "external id"] == [
        "come with a wrong external id",
        "come with no external id",
    ]


def test_wider_and_narrower_identity_policies(world: World, user: Handed) -> None:
    def policy(*actions: str, folder: str = "studies/") -> None:
        document = may_read(world, *actions, folder=folder)
        iam(world).put_user_policy(UserName=user.name, PolicyName="read", PolicyDocument=document)

    policy("s3:GetObject", "s3:DeleteObject")
    assert of_colour(user.verify(world), "red") == {"reads": {"delete"}}
    policy("s3:GetObject", folder="studies")
    assert of_colour(user.verify(world), "red") == {"reads": {"beside"}}
    policy("s3:PutObject", folder="")
    assert of_colour(user.verify(world), "red") == {"reads": {"read", "write", "overwrite", "beside", "outside"}}


def removed_key(world: World, name: str) -> None:
    for key in iam(world).list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam(world).delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])


def inactive_key(world: World, name: str) -> None:
    for key in iam(world).list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam(world).update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")


@pytest.mark.parametrize("change", [removed_key, inactive_key])
def test_a_key_that_is_deleted_or_inactive(world: World, user: Handed, change: Callable[[World, str], None]) -> None:
    change(world, user.name)
    report = user.verify(world)
    assert of_colour(report, "red") == {"reads": {"read"}}
    assert of_colour(report, "green") == {"reads": {"nobody", "policy"}}
    (said,) = lines(report)
    assert "403 InvalidAccessKeyId" in said
    assert "the access key does not exist any more, or is not active: `pulumi up --refresh` makes" in said
    assert user.identity.access_key not in said  # type: ignore[attr-defined]


def test_a_wrong_secret(world: World, user: Handed) -> None:
    assert isinstance(user.identity, Keys)
    user.identity = Keys(user.identity.access_key, "wrong" * 8)
    (said,) = lines(user.verify(world))
    assert "403 SignatureDoesNotMatch" in said
    assert "the secret is not that of the access key" in said
    assert "wrong" * 8 not in said


def test_a_role_that_does_not_know_the_external_id(world: World, role: Handed) -> None:
    iam(world).update_assume_role_policy(RoleName=role.name, PolicyDocument=trust(world, "another-external-id"))
    report = role.verify(world)
    assert of_colour(report, "red") == {"reads": {"read"}}
    (said,) = lines(report)
    assert "403 AccessDenied" in said
    assert "the role does not let in who comes with these settings: compare its trust policy and external id" in said
    assert EXTERNAL_ID not in said
    assert of_colour(report, "grey")["reads"] >= {"external id", "outside"}


def test_a_role_that_asks_for_no_external_id(world: World, role: Handed) -> None:
    iam(world).update_assume_role_policy(RoleName=role.name, PolicyDocument=trust(world, None))
    report = role.verify(world)
    assert of_colour(report, "red") == {"reads": {"external id"}}
    assert (
        "with a wrong external id can come, and no grant asks for it: let in. its trust policy has to ask"
        in lines(report)[0]
    )


def test_a_role_that_is_gone(world: World, role: Handed) -> None:
    iam(world).delete_role_policy(RoleName=role.name, PolicyName="read")
    iam(world).delete_role(RoleName=role.name)
    assert of_colour(role.verify(world), "red") == {"reads": {"read"}}


def test_v7s_own_key_that_is_gone_is_red_too(world: World) -> None:
    made = world.applied("wasabi", writes=WRITES)
    keys = world.sandbox.client("iam", "wasabi", account="100000274636")
    (key,) = keys.list_access_keys(UserName="darwin")["AccessKeyMetadata"]
    keys.update_access_key(UserName="darwin", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    try:
        report = world.verify(made)
    finally:
        keys.update_access_key(UserName="darwin", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert of_colour(report, "red") == {"writes": {"read", "write", "overwrite", "list"}}
    assert all("the access key does not exist any more" in line for line in lines(report))


def without_stand_ins(world: World) -> Endpoints:
    """As on a real cloud: nobody but V7 can come as V7."""
    return world.endpoints.model_copy(update={"principals": {}})


def test_who_cannot_come_from_here_is_simulated_on_aws(world: World) -> None:
    made = world.applied("aws", writes=WRITES)
    report = world.verify(made, endpoints=without_stand_ins(world))
    assert of_colour(report, "red") == {}, lines(report)
    assert of_colour(report, "green") == {"writes": {"nobody", "policy"}}, "nobody can be tried from anywhere"
    (found,) = report.verified
    alone = [lit for lit in found.lit if lit.one.who != "nobody" and lit.one.check != "compare"]
    said = {lit.reason for lit in alone if not lit.one.expected and lit.one.tls}
    assert len(said) == 1
    assert said.pop() == (
        f"cannot be tried from here, since only the platform itself can come as {V7}; IAM's policy simulator, asked about "
        "the live policy, says what it should"
    )
    world.change(made, lambda statements: statements[0].update(Resource=f"arn:aws:s3:::{world.name}-scans/*"))
    report = world.verify(made, endpoints=without_stand_ins(world))
    assert of_colour(report, "red") == {"writes": {"beside", "outside", "policy"}}
    assert all("the statement DarwinAccess was changed" in line for line in lines(report))
    assert any("says allowed. the statement" in line for line in lines(report))


def test_on_wasabi_there_is_no_simulator(world: World) -> None:
    report = world.verify(world.applied("wasabi", writes=WRITES), endpoints=without_stand_ins(world))
    assert of_colour(report, "red") == {}
    (found,) = report.verified
    assert any(
        lit.reason.endswith("; wasabi has no policy simulator; `drawbridge prove` decides from the documents")
        for lit in found.lit
    )


def test_on_wasabi_the_policy_is_compared_all_the_same(world: World) -> None:
    made = world.applied("wasabi", writes=WRITES)
    world.change(made, lambda statements: statements[0].update(Action="s3:*"))
    report = world.verify(made, endpoints=without_stand_ins(world))
    assert of_colour(report, "red") == {"writes": {"policy"}}
