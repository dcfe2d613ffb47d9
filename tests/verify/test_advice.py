"""Advice: each way in which a light can be red says what to change."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drawbridge.access import Principal
from drawbridge.verify.live import Came, Result
from drawbridge.verify.s3_advice import advice, differences
from drawbridge.verify.tries import Target, Try
from tests.verify.lit import DENIED, LET_IN, made

WHO = Principal.of("arn:aws:iam::258327614892:role/external_s3")
PLACE = Target("scans", "acme-scans")
READ = Try("read", "read", PLACE, "studies/drawbridge-probe/there", "studies/")
COME = Try("external id", "come", PLACE, who="a wrong external id")
FOREIGN: dict[str, Any] = {"Sid": "AuditorsRead", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-scans/*"}  # fmt: skip
NAMELESS = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


@pytest.fixture
def said(tmp_path: Path) -> Any:
    documents = made(tmp_path).storages["scans"].documents

    def say(result: Result, change: Any = list, one: Try = READ, who: Principal = WHO) -> str:
        document = copy.deepcopy(documents.policy)
        change(document["Statement"])
        return advice(result, one, who, documents, document)

    return say


def test_a_statement_that_is_gone_or_changed_is_named(said: Any) -> None:
    back = " in the policy of acme-scans: `pulumi up --refresh` puts ours back"
    assert said(DENIED, lambda found: found.pop(0)) == f"the statement DarwinAccess is gone{back}"
    assert said(LET_IN, lambda found: found[0].update(Action="s3:*")) == f"the statement DarwinAccess was changed{back}"
    both = said(LET_IN, lambda found: found.clear())
    assert both == (
        "the statement DarwinAccess is gone, the statement DarwinWrite is gone and the statement DrawbridgeTlsOnly is "
        f"gone{back}"
    )


def test_statements_of_others_that_may_be_why_are_named(said: Any) -> None:
    allow = said(LET_IN, lambda found: found.append(FOREIGN))
    assert (
        allow
        == "ours is as planned, but others' Allow statements are in the policy of acme-scans, so look at AuditorsRead"
    )
    deny = said(DENIED, lambda found: found.extend([FOREIGN, NAMELESS]))
    assert deny.startswith(
        "ours is as planned, but others' Deny statements are in the policy of acme-scans, so look at {"
    )
    assert '"Action":"s3:*"' in deny


def test_where_the_policy_says_nothing_other_places_are_named(said: Any) -> None:
    assert said(LET_IN) == (
        "no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever comes"
    )
    assert said(DENIED).startswith("the bucket's policy is as planned: look at Block Public Access, the KMS key")


def test_of_an_identity_of_ours_its_own_policies_are_named(said: Any) -> None:
    who = Principal("arn:aws:iam::111122223333:role/one", "role one of your account", ours=True)
    whose = "the policies of role one of your account (`pulumi up --refresh` puts ours back)"
    assert said(LET_IN, who=who) == f"no statement of the bucket's policy lets it in: look at its ACL, and at {whose}"
    assert said(DENIED, who=who) == (
        f"the bucket's policy is as planned: look at {whose}, its permissions boundary, the KMS key and policies of the "
        "organization"
    )
    nobody = said(LET_IN, one=replace(READ, who="nobody"), who=who)
    assert nobody.endswith("look at its ACL, and at the policies of whoever comes")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("arn:aws:iam::111122223333:role/one", True),
        ("*", True),
        ("arn:aws:iam::111122223333:root", False),
        ("111122223333", False),
        ("arn:aws:iam::111122223333:role/another", False),
    ],
)
def test_statements_that_let_an_identity_of_ours_in_beside_its_own_policy(
    named: str, told: bool, tmp_path: Path
) -> None:
    who = Principal("arn:aws:iam::111122223333:role/one", "role one of your account", ours=True)
    documents = made(tmp_path).storages["scans"].documents
    live = copy.deepcopy(documents.policy)
    live["Statement"].append({**FOREIGN, "Principal": {"AWS": named}})
    assert bool(list(differences(who, documents, live))) is told


def test_who_is_turned_away(said: Any) -> None:
    deleted = said(Result(Came.TURNED_AWAY, 403, "InvalidAccessKeyId"))
    assert deleted.startswith("the access key does not exist any more, or is not active: `pulumi up --refresh`")
    assert said(Result(Came.TURNED_AWAY, 403, "SignatureDoesNotMatch")).startswith(
        "the secret is not that of the access"
    )
    assert said(Result(Came.TURNED_AWAY, 403, "AccessDenied")).startswith(
        "the role does not let in who comes with these"
    )
    assert said(Result(Came.TURNED_AWAY, 400, "ValidationError")).startswith(
        "the role's sessions may not last as long as the platform asks for: `pulumi up --refresh`"
    )
    assert said(LET_IN, one=COME).startswith("its trust policy has to ask for the external id")


def test_what_failed_and_what_cannot_be_read(said: Any, tmp_path: Path) -> None:
    assert said(Result(Came.FAILED, 503, "SlowDown")).startswith("this is no answer to who may do what")
    assert said(Result(Came.FAILED, 404, "NoSuchKey")).endswith("verifies the same bucket just now, it took our probe")
    documents = made(tmp_path / "again").storages["scans"].documents
    assert advice(DENIED, READ, WHO, documents, None).startswith("the live policy cannot be read")


def test_what_was_simulated_counts_where_nothing_was_tried(said: Any) -> None:
    untried = Result(Came.UNTRIED, simulated=LET_IN)
    assert "Allow statements" in said(untried, lambda found: found.append(FOREIGN))


def test_another_buckets_policy_is_nothing_of_ours(said: Any) -> None:
    other = Try("other bucket", "read", Target("", "payroll"), "some/key")
    found = said(LET_IN, lambda found: found.append(FOREIGN), other)
    assert found.startswith("others' Allow statements are in the policy of payroll, so look at DarwinAccess, ")
