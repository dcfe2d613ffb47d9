"""Proofs about identities of ours: what they may, from where, and who may become them."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from drawbridge.plan import Plan
from drawbridge.proof import show
from drawbridge.proof.judge import Judge
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.prove import Proof, prove
from tests.platforms import lightly_forms

Statements = list[dict[str, Any]]
Change = Callable[[dict[str, Any]], object]
LIGHTLY, INPUT = "account 916419735646", "street-lightly-input"
ROLE = f"role {INPUT} of your account: the trust policy"
REFUSED = "expected: refused, since only the platform's account may become it, with an external id that is alive"


def said(proofs: list[Proof]) -> list[str]:
    return [one.sentence() for proof in proofs for one in proof.surprises]


def become(proofs: list[Proof]) -> dict[str, set[Outcome]]:
    """Who may become the input's role."""
    found: dict[str, set[Outcome]] = {}
    for one in next(proof for proof in proofs if proof.principal.arn.endswith(f"/{INPUT}")).admissions:
        found.setdefault(one.caller.words, set()).add(one.outcome)
    return found


def from_where(proof: Proof) -> dict[str, dict[str, set[Outcome]]]:
    """By the words for the principal and the verb, what came out inside its folder."""
    found: dict[str, dict[str, set[Outcome]]] = {}
    for answer in proof.answers:
        question = answer.question
        if question.who.known and question.who.tls and question.place.kind == "inside":
            found.setdefault(question.who.words, {}).setdefault(question.column, set()).add(answer.outcome)
    return found


@pytest.mark.parametrize(("kind", "form"), lightly_forms.CASES)
def test_every_form_of_lightly(judge: Judge, tmp_path: Path, kind: str, form: str) -> None:
    made = lightly_forms.made(tmp_path, form, kind)
    proofs = prove(made, judge)
    assert said(proofs) == []
    assert {(one.planned.name, one.principal) for one in proofs} == {
        (access.storage, access.principal) for access in made.grants["street-lightly"].accesses
    }
    for proof in proofs:
        asked = {verb for access in proof.accesses for verb in access.verbs}
        assert {one.question.column for one in proof.answers if one.effective and one.own} == asked
    roles = [one for one in made.identities.values() if one.trust]
    assert len([proof for proof in proofs if proof.admissions]) == len(roles), "each is told once"


def test_who_may_become_a_role(judge: Judge, tmp_path: Path) -> None:
    yes, no = {Outcome.ASKED}, {Outcome.REFUSED}
    assert become(prove(lightly_forms.made(tmp_path, "generations"), judge)) == {
        f"{LIGHTLY} with external id 2": yes,
        f"{LIGHTLY} with external id 4": yes,
        f"{LIGHTLY} with external id 1, which is not alive": no,
        f"{LIGHTLY} with external id 3, which is not alive": no,
        f"{LIGHTLY} with external id 5, which is not alive": no,
        f"{LIGHTLY} with a wrong external id": no,
        f"{LIGHTLY} without an external id": no,
        f"{LIGHTLY} by sts:AssumeRoleWithSAML": no,
        f"{LIGHTLY} by sts:AssumeRoleWithWebIdentity": no,
        f"{LIGHTLY} by sts:SetSourceIdentity": no,
        f"{LIGHTLY} by sts:TagSession": no,
        "another account with external id 2": no,
        "another of your account with external id 2": no,
        "whoever does not sign, with external id 2": no,
        "another account with external id 4": no,
        "another of your account with external id 4": no,
        "whoever does not sign, with external id 4": no,
    }


def statement(**values: Any) -> Change:
    return lambda trust: trust["Statement"][0].update(values)


def trusts(name: str) -> Change:
    return lambda trust: trust["Statement"][0]["Principal"].update(AWS=[_trusted(trust), name])


def _trusted(trust: dict[str, Any]) -> str:
    return str(trust["Statement"][0]["Principal"]["AWS"])


def ids(operator: str, *found: str) -> Change:
    return statement(Condition={operator: {"sts:ExternalId": list(found)}})


TWO, FOUR = (f"<<{INPUT}.external_id.{number}>>" for number in (2, 4))
# A change of the trust policy of generations 2 and 4, and what is said of it.
MUTANTS: dict[str, tuple[Change, list[str]]] = {
    "no condition": (
        lambda trust: trust["Statement"][0].pop("Condition"),
        [
            f"lets in {LIGHTLY} with external id 1, which is not alive; {REFUSED}",
            f"lets in {LIGHTLY} with a wrong external id; {REFUSED}",
            f"lets in {LIGHTLY} without an external id; {REFUSED}",
        ],
    ),
    "everybody": (
        statement(Principal="*"),
        [
            f"lets in another account with external id 2; {REFUSED}",
            f"lets in another of your account with external id 2; {REFUSED}",
            f"lets in whoever does not sign, with external id 2; {REFUSED}",
        ],
    ),
    "another account instead": (
        statement(Principal={"AWS": "arn:aws:iam::555566667777:root"}),
        [
            f"does not let in {LIGHTLY} with external id 2; expected: allowed, since that generation is alive",
            f"lets in arn:aws:iam::555566667777:root, which it names; {REFUSED}",
        ],
    ),
    "another account too": (
        trusts("555566667777"),
        [f"lets in 555566667777, which it names; {REFUSED}"],
    ),
    "a role of another account too": (
        trusts("arn:aws:iam::555566667777:role/ci"),
        [f"lets in arn:aws:iam::555566667777:role/ci, which it names; {REFUSED}"],
    ),
    "a service too": (
        lambda trust: trust["Statement"][0]["Principal"].update(Service="ec2.amazonaws.com"),
        [f"lets in ec2.amazonaws.com, which it names; {REFUSED}"],
    ),
    "our own account too": (
        trusts("<<aws.account>>"),
        [f"lets in another of your account with external id 2; {REFUSED}"],
    ),
    "tags of the session": (
        statement(Action=["sts:AssumeRole", "sts:TagSession"], Condition={}),
        [f"lets in {LIGHTLY} by sts:TagSession; {REFUSED}"],
    ),
    "every action": (
        lambda trust: trust["Statement"].append({"Sid": "More", "Effect": "Allow", "Principal": {"AWS": _trusted(trust)}, "Action": "sts:*"}),
        [f"lets in {LIGHTLY} by sts:AssumeRoleWithWebIdentity; {REFUSED}"],
    ),
    "a generation is lost": (
        ids("StringEquals", FOUR),
        [f"does not let in {LIGHTLY} with external id 2; expected: allowed, since that generation is alive"],
    ),
    "a generation that has ended": (
        ids("StringEquals", TWO, FOUR, "external-id-of-generation-1"),
        [f"lets in {LIGHTLY} with external id 1, which is not alive; {REFUSED}"],
    ),
    "a pattern": (
        ids("StringLike", TWO, f"{FOUR}*"),
        [f"lets in {LIGHTLY} with a wrong external id; {REFUSED}"],
    ),
    "in any case": (
        ids("StringEqualsIgnoreCase", TWO, FOUR),
        [f"lets in {LIGHTLY} with a wrong external id; {REFUSED}"],
    ),
    "only if one is given": (
        ids("StringEqualsIfExists", TWO, FOUR),
        [f"lets in {LIGHTLY} without an external id; {REFUSED}"],
    ),
    "all but these": (
        ids("StringNotEquals", TWO, FOUR),
        [
            f"does not let in {LIGHTLY} with external id 4; expected: allowed, since that generation is alive",
            f"lets in {LIGHTLY} with a wrong external id; {REFUSED}",
        ],
    ),
    "only with MFA": (
        lambda trust: trust["Statement"][0]["Condition"].update(Bool={"aws:MultiFactorAuthPresent": "true"}),
        [f"does not let in {LIGHTLY} with external id 2; expected: allowed, since that generation is alive"],
    ),
    "a deny": (
        lambda trust: trust["Statement"].append({"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}),
        [f"denies {LIGHTLY} with external id 2; expected: allowed, since that generation is alive"],
    ),
    "nobody": (
        lambda trust: trust["Statement"].clear(),
        [f"does not let in {LIGHTLY} with external id 2; expected: allowed, since that generation is alive"],
    ),
}  # fmt: skip


def trusting(found: Plan, change: Change, name: str = INPUT) -> Plan:
    """The plan with another trust policy of a role."""
    planned = found.identities[name]
    trust = copy.deepcopy(dict(planned.trust))
    change(trust)
    return replace(found, identities={**found.identities, name: replace(planned, trust=trust)})


@pytest.mark.parametrize("name", MUTANTS)
def test_a_changed_trust_policy_is_a_surprise(judge: Judge, tmp_path: Path, name: str) -> None:
    change, expected = MUTANTS[name]
    proofs = prove(trusting(lightly_forms.made(tmp_path, "generations"), change), judge)
    found = said(proofs)
    assert set(found) >= {f"{ROLE} {words}" for words in expected}, found
    assert all(one.startswith(ROLE) for one in found), "no other identity, and nothing in the storages"


def test_it_is_shown_and_told_once(judge: Judge, tmp_path: Path) -> None:
    change, _ = MUTANTS["no condition"]
    made = lightly_forms.made(tmp_path, "shared in two buckets")
    proofs = prove(trusting(made, change, "street-lightly"), judge)
    out = Console(file=io.StringIO(), soft_wrap=True, emoji=False)
    with out.capture() as captured:
        for proof in proofs:
            show.show(proof, out)
        show.legend(proofs, out)
    lines = captured.get().splitlines()
    assert "    who may become role street-lightly of your account" in lines
    assert "    account 916419735646 with external id 1                      yes" in lines
    assert "    account 916419735646 without an external id                  TOO WIDE" in lines
    assert lines[-1] == "  TOO WIDE: the documents allow it, and nobody asks for it"
    first, second = map(show.data, proofs)
    assert len(list(first["surprises"])) == 3, "a line each for no id, a wrong one and one that is not alive"
    assert (second["surprises"], second["admissions"]) == ([], [])
    told = {one["who"]: one for one in first["admissions"]}
    assert told["account 916419735646 without an external id"] == {
        "who": "account 916419735646 without an external id",
        "principal": "arn:aws:iam::916419735646:user/somebody",
        "action": "sts:AssumeRole",
        "requested": False,
        "effective": True,
        "decision": "Allowed",
        "outcome": "too-wide",
    }


HOME, OTHERS, AWAY = "the principal", "the principal, from its other networks", "the principal, from elsewhere"


def test_objects_from_networks_and_lists_from_anywhere(judge: Judge, tmp_path: Path) -> None:
    yes, no = {Outcome.ASKED}, {Outcome.REFUSED}
    for form in ("addresses", "vpcs", "addresses and vpcs"):
        for proof in prove(lightly_forms.made(tmp_path / form, form), judge):
            writes = yes if proof.planned.name == "work" else no
            may = {"list": yes, "read": yes, "write": writes, "delete": writes, "other": no}
            found = from_where(proof)
            assert found[HOME] == may
            if form != "vpcs":
                assert found[OTHERS] == may
            assert found[AWAY] == {"list": yes, "read": no, "write": no, "delete": no}
            assert all(outcome == Outcome.REFUSED for outcome in _of(proof, "its name in another account"))


def _of(proof: Proof, words: str) -> list[Outcome]:
    return [answer.outcome for answer in proof.answers if answer.question.who.words == words]


def test_who_has_no_networks_is_asked_from_nowhere_in_particular(judge: Judge, tmp_path: Path) -> None:
    for proof in prove(lightly_forms.made(tmp_path, "roles"), judge):
        assert {answer.question.who.origin for answer in proof.answers} == {""}


def sid(name: str, **values: Any) -> Callable[[Statements], object]:
    def change(statements: Statements) -> None:
        next(one for one in statements if one["Sid"] == name).update(values)

    return change


FROM_IP, FROM_VPC = "LightlyInputObjectsFromIp", "LightlyInputObjectsFromVpc"
BERLIN = "arn:aws:s3:::street-raw/berlin/*"
# A change of what the input's user may, and the beginning and the end of a sentence that it leads to.
NETWORKS: dict[str, tuple[Callable[[Statements], object], str, str]] = {
    "from everywhere": (sid(FROM_IP, Condition={}), "from elsewhere: the documents allow s3:GetObject on arn:aws:s3:::street-raw/berlin/x/y z from 198.51.100.6;", "refused, since no grant asks for it"),
    "a wider mask": (sid(FROM_IP, Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), "from elsewhere: the documents allow s3:GetObject on arn:aws:s3:::street-raw/berlin/x/y z from 198.51.100.8;", "refused, since no grant asks for it"),
    "from all but these": (sid(FROM_IP, Condition={"NotIpAddress": {"aws:SourceIp": "198.51.100.7/32"}}), ": the documents do not allow s3:GetObject", "asks to read under berlin/ from 198.51.100.7/32"),
    "another address": (sid(FROM_IP, Condition={"IpAddress": {"aws:SourceIp": "198.51.100.9/32"}}), ": the documents do not allow s3:GetObject", "asks to read under berlin/ from 198.51.100.7/32"),
    "any VPC": (sid(FROM_VPC, Condition={"StringLike": {"aws:SourceVpc": "vpc-*"}}), "from elsewhere: the documents allow s3:GetObject on arn:aws:s3:::street-raw/berlin/x/y z from vpc-00000000000000000;", "refused, since no grant asks for it"),
    "if there is a VPC": (sid(FROM_VPC, Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-0a1b2c3d"}}), "from elsewhere: the documents allow s3:GetObject on arn:aws:s3:::street-raw/berlin/x/y z;", "refused, since no grant asks for it"),
    "one VPC is lost": (sid(FROM_VPC, Condition={"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d4e5f60718"}}), "from its other networks: the documents do not allow s3:GetObject on arn:aws:s3:::street-raw/berlin/x/y z from vpc-0a1b2c3d;", "asks to read under berlin/ from vpc-0a1b2c3d4e5f60718 and vpc-0a1b2c3d"),
    "both at once": (sid(FROM_VPC, Condition={"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}, "IpAddress": {"aws:SourceIp": "198.51.100.7/32"}}), "from its other networks: the documents do not allow s3:GetObject", "asks to read under berlin/ from vpc-0a1b2c3d4e5f60718 and vpc-0a1b2c3d"),
    "a folder without its slash, from a VPC": (sid(FROM_VPC, Resource="arn:aws:s3:::street-raw/berlin*"), "from its other networks: the documents allow s3:GetObject on arn:aws:s3:::street-raw/berlin from vpc-", "refused, since no grant asks for it"),
    "the whole bucket, from an address": (sid(FROM_IP, Resource="arn:aws:s3:::street-raw/*"), ": the documents allow s3:GetObject on arn:aws:s3:::street-raw/elsewhere/x from 198.51.100.7;", "refused, since no grant asks for it"),
    "another bucket, from a VPC": (sid(FROM_VPC, Resource=[BERLIN, "arn:aws:s3:::street-raw*"]), "from its other networks: the documents allow s3:GetObject on arn:aws:s3:::street-raw-2/", "refused, since no grant asks for it"),
    "lists from networks alone": (sid("LightlyInputList", Condition={"IpAddress": {"aws:SourceIp": "198.51.100.7/32"}}), "from elsewhere: the documents do not allow s3:ListBucket", "asks to list under berlin/"),
}  # fmt: skip


def allowing(found: Plan, change: Callable[[Statements], object], name: str = INPUT) -> Plan:
    """The plan with another policy of an identity."""
    planned = found.identities[name]
    policy = copy.deepcopy(dict(planned.policy))
    change(policy["Statement"])
    return replace(found, identities={**found.identities, name: replace(planned, policy=policy)})


@pytest.mark.parametrize("name", NETWORKS)
def test_changed_networks_are_a_surprise(judge: Judge, tmp_path: Path, name: str) -> None:
    change, begins, ends = NETWORKS[name]
    found = said(prove(allowing(lightly_forms.made(tmp_path, "addresses and vpcs"), change), judge))
    begins = f"the principal{'' if begins.startswith(':') else ', '}{begins}"
    assert [one for one in found if one.startswith(begins) and one.endswith(ends)], found[:3]


def test_the_folder_of_the_grants_other_identity_is_asked_about(judge: Judge, tmp_path: Path) -> None:
    made = lightly_forms.made(tmp_path, "apart in one bucket")
    wider = sid("LightlyInputObjects", Resource=[BERLIN, "arn:aws:s3:::street-raw/work/*"])
    surprise, named = said(prove(allowing(made, wider), judge))
    assert surprise.startswith("the principal: the documents allow s3:GetObject on arn:aws:s3:::street-raw/work/x/y z;")
    assert "of its policy allows s3:GetObject on arn:aws:s3:::street-raw/work/*; expected: nothing of that" in named


def test_shared_credentials_may_in_each_place_what_is_asked_there(judge: Judge, tmp_path: Path) -> None:
    (proof,) = prove(lightly_forms.made(tmp_path, "shared in one bucket"), judge)
    found = {
        (one.question.place.folder, one.question.column): one.outcome
        for one in proof.answers
        if one.question.who == proof.answers[0].question.who and one.question.place.kind == "inside"
    }
    yes, no = Outcome.ASKED, Outcome.REFUSED
    assert [found["berlin/", verb] for verb in ("list", "read", "write", "delete")] == [yes, yes, no, no]
    assert [found["work/", verb] for verb in ("list", "read", "write", "delete")] == [yes, yes, yes, yes]


def test_shared_credentials_that_write_over_the_input_are_a_surprise(judge: Judge, tmp_path: Path) -> None:
    made = lightly_forms.made(tmp_path, "shared in one bucket")
    wider = sid("LightlyObjects", Resource="arn:aws:s3:::street-raw/*")
    found = said(prove(allowing(made, wider, "street-lightly"), judge))
    assert any("allow s3:PutObject on arn:aws:s3:::street-raw/berlin/" in one for one in found)
