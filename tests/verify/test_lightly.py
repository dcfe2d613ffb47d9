"""Lightly's identities: green on every kind of S3; what is changed by hand turns exactly the right lights red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from drawbridge.verify.show import data, sentences
from drawbridge.verify.verify import Report, titles
from tests.verify.conftest import World, colours
from tests.verify.lightly import ENDPOINT, Lightly, by_place, raised

INPUT = "storage: raw, prefix: berlin/"
WORK = "storage: work, prefix: berlin/"
BESIDE = "storage: raw, prefix: work/"
MIXED = f"input: {{{INPUT}, auth: assume-role}}\nlightly: {{{WORK}, auth: access-keys}}"
ROLES = f"input: {{{INPUT}, auth: assume-role, generations: [1, 2]}}\nlightly: {{{WORK}, auth: assume-role}}"
KEYS = f"input: {{{INPUT}, auth: access-keys}}\nlightly: {{{WORK}, auth: access-keys, generations: [1, 3]}}"
APART = f"input: {{{INPUT}, auth: assume-role}}\nlightly: {{{BESIDE}, auth: assume-role, delete: false}}"
SHARED = f"{KEYS.replace(', generations: [1, 3]', '')}\nshared_credentials: true"
SHARED_BESIDE = SHARED.replace(WORK, BESIDE)
READS, WRITES = {"list", "read"}, {"list", "read", "write", "overwrite", "delete"}


def red(report: Report) -> dict[str, set[str]]:
    """The red lights, by storage."""
    found = {
        name: {light for light, colour in colours(one).items() if colour == "red"}
        for name, one in by_place(report).items()
    }
    return {name: lights for name, lights in found.items() if lights}


def lines(report: Report) -> list[str]:
    """What is said of whatever is not green."""
    return [line for one in report.verified for _, line in sentences(one)]


def all_green(report: Report) -> bool:
    return all(set(colours(one).values()) == {"green"} for one in report.verified) and report.problems == []


def only_not_compared(report: Report) -> None:
    """That all is green, but for policies that no IAM can be asked for."""
    for one in report.verified:
        shown = colours(one)
        assert shown.pop("policy") == "grey"
        assert set(shown.values()) == {"green"}
        reason = f"no IAM can be asked for {one.principal.words}: what it may is tried, but the policy itself is not compared"
        assert [line for _, line in sentences(one)] == [reason]
    assert report.problems == []


@pytest.mark.parametrize(
    ("kind", "grant"),
    [
        *(("aws", grant) for grant in (MIXED, ROLES, KEYS, APART, SHARED, SHARED_BESIDE)),
        *((kind, grant) for kind in ("wasabi", "minio", "obs", "s3") for grant in (KEYS, SHARED_BESIDE)),
    ],
)
def test_all_is_green_and_nothing_is_left(world: World, kind: str, grant: str) -> None:
    found = raised(world, grant, kind)
    report = found.verify()
    if kind in ("aws", "wasabi"):
        assert all_green(report), lines(report)
    else:
        only_not_compared(report)
    assert {(one.planned.name, one.principal) for one in report.verified} == {
        (access.storage, access.principal) for access in found.plan.grants[world.name].accesses
    }
    for one in report.verified:
        names = data(one)["names"]
        own = {verb for access in one.grant.accesses if access.principal == one.principal and access.storage == one.planned.name for verb in access.verbs}  # fmt: skip
        wanted = {"list": "can_list", "read": "can_read", "write": "can_write"}
        assert names.keys() - {"can_overwrite"} == {name for verb, name in wanted.items() if verb in own}
        assert set(names.values()) == {True}
        assert ("external id" in colours(one)) == (one.principal.arn.split(":")[5].startswith("role"))
    assert world.holds(found.plan) == []


def test_two_identities_in_one_bucket_are_told_apart(world: World) -> None:
    found = raised(world, APART)
    titled = titles(found.verify().verified)
    assert titled == [f"{world.name} in raw as role {found.name(use)} of your account" for use in ("input", "lightly")]
    name = found.name("input")
    found.allow(
        name, lambda policy: policy[1].update(Resource=[policy[1]["Resource"], _resource(found, "raw", "work/*")])
    )
    report = found.verify()
    assert red(report) == {"raw input": {"outside", "policy"}}
    assert any("can read work/drawbridge-probe/" in line for line in lines(report))


def _resource(found: Lightly, place: str, objects: str = "") -> str:
    return f"arn:aws:s3:::{found.world.name}-{place}{f'/{objects}' if objects else ''}"


def statement(number: int, **values: Any) -> Callable[[Lightly], Callable[[list[dict[str, Any]]], object]]:
    """Changes a statement; `{raw}` and `{work}` stand for the buckets."""

    def filled(found: Lightly, value: Any) -> Any:
        if isinstance(value, str):
            return value.format(raw=_resource(found, "raw"), work=_resource(found, "work"))
        return [filled(found, one) for one in value] if isinstance(value, list) else value

    return lambda found: (
        lambda policy: policy[number].update({key: filled(found, value) for key, value in values.items()})
    )


def role(change: Callable[[Lightly], Callable[[list[dict[str, Any]]], object]]) -> Callable[[Lightly], None]:
    return lambda found: found.allow(found.name("input"), change(found))


def user(change: Callable[[Lightly], Callable[[list[dict[str, Any]]], object]]) -> Callable[[Lightly], None]:
    return lambda found: found.allow(found.name("lightly"), change(found))


def trust(change: Callable[[dict[str, Any]], object]) -> Callable[[Lightly], None]:
    return lambda found: found.trust(found.name("input"), change)


def back(found: Lightly) -> None:
    """As planned again."""
    found.trust(found.name("input"), lambda _: None)
    found.iam.update_role(RoleName=found.name("input"), MaxSessionDuration=43200)
    found.key(found.name("lightly"), "Active")
    for name in found.plan.identities:
        found.allow(name, lambda _: None)


LIST, OBJECTS = 0, 1
POLICIES = "look at {}the policies of {} (`pulumi up --refresh` puts ours back)"
NARROW, WIDE = POLICIES.format("", "{}"), POLICIES.format("its ACL, and at ", "{}")
NOT_LET_IN = "the role does not let in who comes with these settings: compare its trust policy and external id"
# What is changed by hand for the input's role and the other's user, the lights of what is tried that turn red, and what
# is said.
CHANGES: dict[str, tuple[Callable[[Lightly], object], dict[str, set[str]], str]] = {
    "another external id": (trust(lambda found: found.update(Condition={"StringEquals": {"sts:ExternalId": "somebody-elses"}})), {"raw": READS}, NOT_LET_IN),
    "another account": (trust(lambda found: found.update(Principal={"AWS": "arn:aws:iam::258327614892:root"})), {"raw": READS}, NOT_LET_IN),
    "no external id": (trust(lambda found: found.pop("Condition")), {"raw": {"external id"}}, "its trust policy has to ask for the external id"),
    "an external id only if one is given": (trust(lambda found: found.update(Condition={"StringEqualsIfExists": found["Condition"]["StringEquals"]})), {"raw": {"external id"}}, "with no external id can come, and no grant asks for it"),
    "shorter sessions": (lambda found: found.iam.update_role(RoleName=found.name("input"), MaxSessionDuration=3600), {"raw": READS}, "the role's sessions may not last as long as the platform asks for: `pulumi up --refresh`"),
    "lists nothing": (role(statement(LIST, Action="s3:GetBucketLocation", Condition={})), {"raw": {"list"}}, NARROW.format("role {input} of your account")),
    "lists everything": (role(statement(LIST, Condition={})), {"raw": {"bare name", "beside", "outside"}}, WIDE.format("role {input} of your account")),
    "reads a folder inside": (role(statement(OBJECTS, Resource="{raw}/berlin/mitte/*")), {"raw": {"read"}}, NARROW.format("role {input} of your account")),
    "a folder without its slash": (role(statement(OBJECTS, Resource="{raw}/berlin*")), {"raw": {"beside"}}, WIDE.format("role {input} of your account")),
    "reads the whole bucket": (role(statement(OBJECTS, Resource="{raw}/*")), {"raw": {"beside", "outside"}}, WIDE.format("role {input} of your account")),
    "reads every bucket": (role(statement(OBJECTS, Resource=["{raw}/berlin/*", "{work}/*"])), {"raw": {"other bucket"}}, WIDE.format("role {input} of your account")),
    "deletes what it reads": (role(statement(OBJECTS, Action=["s3:GetObject", "s3:DeleteObject"])), {"raw": {"delete"}}, WIDE.format("role {input} of your account")),
    "writes what it reads": (role(statement(OBJECTS, Action=["s3:GetObject", "s3:PutObject"])), {"raw": {"write", "overwrite"}}, WIDE.format("role {input} of your account")),
    "a key that is not active": (lambda found: found.key(found.name("lightly"), "Inactive"), {"work": WRITES}, "the access key does not exist any more, or is not active: `pulumi up --refresh`"),
    "does not write": (user(statement(OBJECTS, Action=["s3:GetObject", "s3:DeleteObject"])), {"work": {"write", "overwrite"}}, NARROW.format("user {lightly} of your account")),
    "does not delete": (user(statement(OBJECTS, Action=["s3:GetObject", "s3:PutObject"])), {"work": {"delete"}}, NARROW.format("user {lightly} of your account")),
    "may do nothing": (user(lambda _: lambda policy: [one.update(Effect="Deny") for one in policy]), {"work": WRITES}, NARROW.format("user {lightly} of your account")),
    "writes over the originals": (user(statement(OBJECTS, Resource=["{work}/berlin/*", "{raw}/*"])), {"work": {"other bucket"}}, WIDE.format("user {lightly} of your account")),
}  # fmt: skip
# What is compared turns red with what is tried: for these the light of the trust policy, else that of the others.
OF_TRUST = {"another external id", "another account", "no external id", "an external id only if one is given"}
SHOWN = {
    "lists nothing": ("raw", {"can_list": False, "can_read": True}),
    "does not write": ("work", {"can_list": True, "can_read": True, "can_write": False, "can_overwrite": False}),
    "does not delete": ("work", {"can_list": True, "can_read": True, "can_write": True, "can_overwrite": True}),
    "writes what it reads": ("raw", {"can_list": True, "can_read": True}),
}


@pytest.mark.parametrize("half", [0, 1])
def test_a_change_by_hand_turns_exactly_the_right_lights_red(world: World, half: int) -> None:
    found = raised(world, MIXED)
    names = {use: found.name(use) for use in ("input", "lightly")}
    for name, (change, expected, said) in list(CHANGES.items())[half::2]:
        change(found)
        report = found.verify()
        compared = "external id" if name in OF_TRUST else "policy"
        assert red(report) == {place: {*lights, compared} for place, lights in expected.items()}, (name, lines(report))
        assert any(said.format(**names) in line for line in lines(report)), (name, lines(report))
        assert not any(
            value in line for value in found.values.values() if "arn:" not in value for line in lines(report)
        )
        if name in SHOWN:
            place, shown = SHOWN[name]
            assert data(by_place(report)[place])["names"] == shown, name
        back(found)
    assert all_green(found.verify())
    assert world.holds(found.plan) == []


def test_objects_from_the_network_that_this_machine_is_in(world: World) -> None:
    report = raised(world, f"{MIXED}\nnetwork: {{source_ip: [127.0.0.0/8]}}").verify()
    assert all_green(report), lines(report)


@pytest.mark.parametrize("network", ["source_ip: [203.0.113.0/24]", "source_vpc: [vpc-0a1b2c3d]"])
def test_objects_from_another_network_are_grey_and_never_red(world: World, network: str) -> None:
    found = raised(world, f"{MIXED}\nnetwork: {{{network}}}")
    report = found.verify()
    assert red(report) == {}
    place = network.split("[")[1].rstrip("]")
    for name, one in by_place(report).items():
        shown = colours(one)
        assert shown["list"] == shown["nobody"] == shown["policy"] == "green"
        assert {light for light, colour in shown.items() if colour == "grey"} >= (READS if name == "raw" else WRITES) - {"list"}  # fmt: skip
        assert data(one)["names"] == {"can_list": True}, "Lightly looks from its own cloud"
        expected = f" is let in only from {place}, and this machine is not known to be there: run verify inside"
        assert any(expected in line for _, line in sentences(one))
    found.allow(found.name("input"), statement(LIST, Condition={})(found))
    found_red = red(found.verify())
    assert found_red == {"raw": {"bare name", "beside", "outside", "policy"}}, "what must be refused stays"


def test_what_is_not_applied_yet_is_told_once_and_the_rest_is_verified(world: World) -> None:
    found = raised(world, MIXED)
    missing = f"{found.name('lightly')}.secret_key.1"
    del found.values[missing]
    report = found.verify()
    assert [one.planned.name for one in report.verified] == ["raw"]
    assert report.problems == [
        f"{world.name}: the state has no {missing}, with which user {found.name('lightly')} of your account comes; "
        "run `pulumi up`"
    ]
    found.values.clear()
    report = found.verify()
    assert (report.verified, len(report.problems)) == ([], 2)


def test_a_bucket_of_another_store_of_the_same_kind_is_not_the_other_bucket(world: World) -> None:
    found = raised(world, KEYS, "s3")
    work = found.plan.storages["work"].storage
    elsewhere = work.model_copy(update={"endpoint": f"{ENDPOINT}:8443"})
    assert elsewhere.live().reaches(work.live()) is False
    assert work.live().reaches(found.plan.storages["raw"].storage.live()) is True


def test_a_bucket_policy_that_names_our_role_is_red(world: World) -> None:
    found = raised(world, MIXED)
    bucket, arn = f"{world.name}-raw", found.values[f"{found.name('input')}.role_arn"]
    policy = world.sandbox.policy("aws", bucket)
    more = {"Sid": "More", "Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:GetObjectAcl", "Resource": f"arn:aws:s3:::{bucket}/*"}  # fmt: skip
    world.sandbox.put_policy("aws", bucket, {**policy, "Statement": [*policy["Statement"], more]})
    report = found.verify()
    assert red(report) == {"raw": {"policy"}}
    assert "the statement More of somebody else lets it do s3:GetObjectAcl, which no grant here asks for" in lines(
        report
    )
