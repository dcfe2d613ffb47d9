"""What an identity's policy names beyond what was asked for is a surprise, though no sample hits it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from drawbridge.config import from_file
from drawbridge.paths import GRANTS
from drawbridge.plan import Plan, make_plan
from drawbridge.proof import show
from drawbridge.proof.judge import Judge
from drawbridge.proof.named import Named, unasked
from drawbridge.proof.prove import prove
from tests.files import plan
from tests.platforms import lightly_forms
from tests.proof.test_identities import INPUT, Statements, allowing, sid

WHO = f"role {INPUT} of your account"
RAW, BERLIN = "arn:aws:s3:::street-raw", "arn:aws:s3:::street-raw/berlin/*"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef"
OBJECTS, LIST = "LightlyInputObjects", "LightlyInputList"
Change = Callable[[Statements], object]


def allow(action: Any, resource: Any, **more: Any) -> Change:
    """One more statement."""
    return lambda found: found.append({"Sid": "More", "Effect": "Allow", "Action": action, "Resource": resource, **more})  # fmt: skip


def under(**conditions: Any) -> dict[str, Any]:
    """Conditions by operator, of a key with its value."""
    return {"Condition": {operator: {key: value} for operator, (key, value) in conditions.items()}}


def named(found: Plan, name: str = INPUT) -> tuple[Named, ...]:
    return unasked(found.identities[name], found.storages.values())


def told(found: Plan, name: str = INPUT) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.statement, one.action, one.places) for one in named(found, name)]


@pytest.mark.parametrize(("kind", "form"), lightly_forms.CASES)
def test_our_own_policies_name_nothing_else(tmp_path: Path, kind: str, form: str) -> None:
    found = lightly_forms.made(tmp_path, form, kind)
    assert [one for name in found.identities for one in named(found, name)] == []


@pytest.mark.parametrize("stack", sorted(path.name for path in GRANTS.iterdir()))
def test_nor_do_those_of_the_examples(stack: str) -> None:
    found = make_plan(from_file(stack))
    assert [one for name in found.identities for one in named(found, name)] == []


def test_what_was_planted_far_from_every_sample_is_shown(judge: Judge, tmp_path: Path) -> None:
    def plant(statements: Statements) -> None:
        allow(["iam:*", "sts:*", "kms:*", "lambda:*", "s3:CreateBucket"], "*")(statements)
        allow("s3:*", ["arn:aws:s3:::payroll/*", f"{RAW}/secret/*", f"{RAW}/in2*"], Sid="Data")(statements)

    made = lightly_forms.made(tmp_path, "roles")
    proofs = prove(allowing(made, plant), judge)
    out = Console(file=io.StringIO(), soft_wrap=True, emoji=False)
    with out.capture() as captured:
        for proof in proofs:
            show.show(proof, out)
        show.legend(proofs, out)
    said = captured.get()
    for action in ("iam:*", "sts:*", "kms:*", "lambda:*", "s3:CreateBucket"):
        assert (
            f"street-lightly: {WHO}: the statement More of its policy allows {action} on *; expected: nothing of that, "
            "since no grant asks for it"
        ) in said
    places = f"arn:aws:s3:::payroll/*, {RAW}/secret/* and {RAW}/in2*; expected"
    assert f"the statement Data of its policy allows s3:* on {places}" in said
    rows = [line.split("  ")[-1].strip() for line in said.splitlines() if "whatever else its policy names" in line]
    assert rows == ["TOO WIDE", "no"], "the other role's is as it was"
    assert said.splitlines()[-1] == "  TOO WIDE: the documents allow it, and nobody asks for it"
    data = next(show.data(proof) for proof in proofs if proof.named)
    assert data["named"][0] == {"statement": "More", "action": "iam:*", "places": ["*"], "outcome": "too-wide"}
    assert len(data["surprises"]) == 6
    as_planned = [show.data(proof) for proof in prove(made, judge)]
    assert [(one["named"], one["surprises"]) for one in as_planned] == [([], []), ([], [])]


# A change of the policy of the input's role, and what it names then: the statement, the action, the places.
PLANTED: dict[str, tuple[Change, list[tuple[str, str, tuple[str, ...]]]]] = {
    "everything": (allow("*", "*"), [("More", "*", ("*",))]),
    "everything in its folder": (allow("s3:*", BERLIN), [("More", "s3:*", (BERLIN,))]),
    "a pattern that only reads": (allow("s3:Get*", BERLIN), [("More", "s3:Get*", (BERLIN,))]),
    "a pattern of one letter": (allow("s3:GetObjec?", BERLIN), [("More", "s3:GetObjec?", (BERLIN,))]),
    "a service": (allow("iam:Get*", "*"), [("More", "iam:Get*", ("*",))]),
    "any service": (allow("?am:GetRole", "*"), [("More", "?am:GetRole", ("*",))]),
    "another permission in its folder": (allow("s3:PutObjectRetention", BERLIN), [("More", "s3:PutObjectRetention", (BERLIN,))]),
    "a verb that nobody asks for": (allow("s3:DeleteObject", BERLIN), [("More", "s3:DeleteObject", (BERLIN,))]),
    "all but an action": (
        lambda found: found.append({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": BERLIN}),
        [("number 3", "everything but iam:* and sts:*", (BERLIN,))],
    ),
    "all but a resource": (
        lambda found: found.append({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::payroll/*"}),
        [("number 3", "s3:GetObject", ("everything but arn:aws:s3:::payroll/*",))],
    ),
    "a folder beside": (sid(OBJECTS, Resource=[BERLIN, f"{RAW}/in2*"]), [(OBJECTS, "s3:GetObject", (f"{RAW}/in2*",))]),
    "a folder without its slash": (sid(OBJECTS, Resource=f"{RAW}/berlin*"), [(OBJECTS, "s3:GetObject", (f"{RAW}/berlin*",))]),
    "one object": (sid(OBJECTS, Resource=[BERLIN, f"{RAW}/secret/one"]), [(OBJECTS, "s3:GetObject", (f"{RAW}/secret/one",))]),
    "a pattern for the bucket": (sid(OBJECTS, Resource="arn:aws:s3:::street-r?w/berlin/*"), [(OBJECTS, "s3:GetObject", ("arn:aws:s3:::street-r?w/berlin/*",))]),
    "a variable": (sid(OBJECTS, Resource=f"{RAW}/${{aws:username}}/*"), [(OBJECTS, "s3:GetObject", (f"{RAW}/${{aws:username}}/*",))]),
    "another bucket": (sid(OBJECTS, Resource=[BERLIN, "arn:aws:s3:::street-work/berlin/*"]), [(OBJECTS, "s3:GetObject", ("arn:aws:s3:::street-work/berlin/*",))]),
    "in any case": (allow("S3:PUTOBJECT", BERLIN), [("More", "S3:PUTOBJECT", (BERLIN,))]),
    "under a condition of its own": (allow("iam:PassRole", "*", **under(StringEquals=("aws:PrincipalTag/team", "ops"))), [("More", "iam:PassRole", ("*",))]),
    "lists everything under a condition": (allow("s3:ListBucket", RAW, **under(StringEquals=("aws:userid", "x"))), [("More", "s3:ListBucket", (RAW,))]),
    "lists another folder": (sid(LIST, Condition={"StringLike": {"S3:Prefix": ["berlin/", "secret/*"]}}), [(LIST, "s3:ListBucket", (f"{RAW} with the prefix secret/*",))]),
    "lists if there is a prefix": (sid(LIST, Condition={"StringLikeIfExists": {"s3:prefix": "berlin/*"}}), [(LIST, "s3:ListBucket", (RAW,))]),
    "lists other buckets": (allow("s3:ListBucket", f"{RAW}*", **under(StringLike=("s3:prefix", "berlin/*"))), [("More", "s3:ListBucket", (f"{RAW}* with the prefix berlin/*",))]),
    "a key": (allow("kms:Decrypt", KEY, **under(StringEquals=("kms:ViaService", "s3.eu-central-1.amazonaws.com"))), [("More", "kms:Decrypt", (f"{KEY} through s3.eu-central-1.amazonaws.com",))]),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_named(tmp_path: Path, name: str) -> None:
    change, expected = PLANTED[name]
    assert told(allowing(lightly_forms.made(tmp_path, "roles"), change)) == expected


def deny(action: str) -> Change:
    return lambda found: found.append({"Sid": "No", "Effect": "Deny", "Action": action, "Resource": "*"})


NARROWER: dict[str, Change] = {
    "a deny": deny("admin:CreateServiceAccount"),
    "a deny of everything": deny("*"),
    "a folder inside": sid(OBJECTS, Resource=f"{RAW}/berlin/mitte/*"),
    "an action in another case": sid(OBJECTS, Action="S3:getobject"),
    "a further condition": sid(OBJECTS, Condition={"Bool": {"aws:SecureTransport": "true"}}),
    "nothing": lambda found: found.clear(),
}


@pytest.mark.parametrize("name", NARROWER)
def test_what_lets_in_less_names_nothing_else(tmp_path: Path, name: str) -> None:
    assert told(allowing(lightly_forms.made(tmp_path, "roles"), NARROWER[name])) == []


def test_a_deny_is_no_surprise_to_the_judge_either(judge: Judge, tmp_path: Path) -> None:
    made = allowing(lightly_forms.made(tmp_path, "keys", "minio"), deny("admin:CreateServiceAccount"))
    assert [one for proof in prove(made, judge) for one in proof.surprises] == []


IP = "LightlyInputObjectsFromIp"
NETWORKS: dict[str, tuple[Change, tuple[str, ...]]] = {
    "from everywhere": (sid(IP, Condition={}), (BERLIN,)),
    "from nobody's networks too": (sid(IP, Condition={"IpAddress": {"aws:SourceIp": ["198.51.100.7/32", "10.0.0.0/8", "::/0"]}}), (f"{BERLIN} from 10.0.0.0/8", f"{BERLIN} from ::/0")),
    "a wider mask": (sid(IP, Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), (f"{BERLIN} from 198.51.100.0/24",)),
    "another VPC": (sid(IP, Condition={"StringEquals": {"aws:SourceVpc": ["vpc-0a1b2c3d", "vpc-0ffffff"]}}), (f"{BERLIN} from vpc-0ffffff",)),
    "another condition instead": (sid(IP, Condition={"StringEquals": {"aws:userid": "x"}}), (BERLIN,)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_that_nobody_asks_for_are_named(tmp_path: Path, name: str) -> None:
    change, places = NETWORKS[name]
    found = told(allowing(lightly_forms.made(tmp_path, "addresses and vpcs"), change))
    assert found == [(IP, "s3:GetObject", places)]


WITH_KEY = lightly_forms.AWS.replace("region: eu-central-1}", f"region: eu-central-1, kms_key: '{KEY}'}}")
THROUGH = "s3.eu-central-1.amazonaws.com"
KEYS: dict[str, tuple[Change, list[tuple[str, tuple[str, ...]]]]] = {
    "as planned": (list, []),
    "not through S3 alone": (sid("Key", Condition={}), [("kms:Decrypt", (KEY,))]),
    "through another region": (sid("Key", Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}), [("kms:Decrypt", (f"{KEY} through s3.us-east-1.amazonaws.com",))]),
    "through any service": (sid("Key", Condition={"StringLike": {"kms:ViaService": "*"}}), [("kms:Decrypt", (KEY,))]),
    "any key": (sid("Key", Resource="*"), [("kms:Decrypt", (f"* through {THROUGH}",))]),
    "to encrypt what it only reads": (sid("Key", Action=["kms:Decrypt", "kms:Encrypt"]), [("kms:Encrypt", (f"{KEY} through {THROUGH}",))]),
    "everything with the key": (sid("Key", Action="kms:*"), [("kms:*", (f"{KEY} through {THROUGH}",))]),
    "who may use the key": (sid("Key", Action=["kms:Decrypt", "kms:CreateGrant"]), [("kms:CreateGrant", (f"{KEY} through {THROUGH}",))]),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_the_key_through_s3_alone(tmp_path: Path, name: str) -> None:
    change, expected = KEYS[name]
    made = plan(tmp_path, WITH_KEY, street=lightly_forms.text("roles"))
    assert told(made, "street-lightly-lightly") == []
    assert [one[1:] for one in told(allowing(made, change))] == expected
