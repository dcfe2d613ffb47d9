"""Proofs: what grants ask for is what documents allow; a document that was changed is a surprise, either way."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from drawbridge.config import Config, from_file
from drawbridge.model import Prefix
from drawbridge.paths import GRANTS
from drawbridge.plan import Plan, make_plan
from drawbridge.proof.judge import Judge
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.prove import Proof, prove
from tests.files import plan
from tests.platforms import v7_forms

TWO = {
    "one": ("access: read-write", "prefixes: [a/, b/]", "write_prefix: darwin/", "mirax: true"),
    "two": ("access: read-only", "prefixes: [b/c/, z/]"),
}


def proved(found: Plan, judge: Judge) -> dict[str, Proof]:
    return {proof.grant.name: proof for proof in prove(found, judge)}


def sentences(proofs: dict[str, Proof]) -> list[str]:
    return [answer.sentence() for proof in proofs.values() for answer in proof.surprises]


def two(at: Path, storage: str = v7_forms.STORAGES["aws"]) -> Plan:
    texts = {
        name: "\n".join([f"name: {name}", "platform: v7", "storage: scans", *lines]) for name, lines in TWO.items()
    }
    return plan(at, storage, **texts)


def outcomes(proof: Proof, place: str, folder: str = "") -> dict[str, set[Outcome]]:
    """What came out in one place, as the right principal."""
    found: dict[str, set[Outcome]] = {}
    for answer in proof.answers:
        question = answer.question
        if question.who.known and question.who.tls and (question.place.kind, question.place.folder) == (place, folder):
            found.setdefault(question.column, set()).add(answer.outcome)
    return found


@pytest.mark.parametrize("stack", sorted(path.name for path in GRANTS.iterdir()))
def test_every_example(judge: Judge, stack: str) -> None:
    found = proved(make_plan(from_file(stack)), judge)
    assert found
    assert sentences(found) == []


@pytest.mark.parametrize(("kind", "form"), v7_forms.CASES)
def test_every_form_of_v7(judge: Judge, tmp_path: Path, kind: str, form: str) -> None:
    found = proved(v7_forms.made(tmp_path, kind, form), judge)
    assert sentences(found) == []
    for proof in found.values():
        asked = {verb for access in proof.accesses for verb in access.verbs}
        allowed = {answer.question.column for answer in proof.answers if answer.effective and answer.own}
        assert allowed == asked, "what is asked for is tried"


def test_what_a_grant_asks_for_and_what_it_shares(judge: Judge, tmp_path: Path) -> None:
    found = proved(two(tmp_path), judge)
    yes, no, shared = {Outcome.ASKED}, {Outcome.REFUSED}, {Outcome.SHARED}
    one, other = found["one"], found["two"]
    assert outcomes(one, "inside", "a/") == {"list": yes, "read": yes, "write": no, "delete": no, "other": no}
    assert outcomes(one, "inside", "darwin/") == {"list": no, "read": yes, "write": yes, "delete": no, "other": no}
    assert (
        outcomes(one, "bare", "a/")
        == outcomes(one, "beside", "a/")
        == dict.fromkeys(("list", "read", "write", "delete"), no)
    )
    assert outcomes(one, "shared", "z/") == {"list": no, "read": shared, "write": no, "delete": no}
    assert outcomes(other, "inside", "b/c/") == {"list": shared, "read": yes, "write": no, "delete": no, "other": no}
    assert outcomes(other, "shared", "darwin/") == {"list": no, "read": shared, "write": shared, "delete": no}
    assert outcomes(one, "elsewhere") == dict.fromkeys(("list", "read", "write", "delete", "other"), no)
    assert outcomes(one, "bucket") == {"other": no}


def test_what_is_accepted(judge: Judge, tmp_path: Path) -> None:
    yes, no, accepted = {Outcome.ASKED}, {Outcome.REFUSED}, {Outcome.ACCEPTED}
    whole = proved(v7_forms.made(tmp_path / "a", "wasabi", "read-write-location-alone"), judge)["one"]
    assert outcomes(whole, "elsewhere") == {"list": no, "read": accepted, "write": no, "delete": no, "other": no}
    assert outcomes(whole, "inside", "darwin/")["write"] == yes
    lists = proved(v7_forms.made(tmp_path / "b", "wasabi", "mirax-list-bucket"), judge)["one"]
    assert outcomes(lists, "elsewhere") == {"list": accepted, "read": no, "write": no, "delete": no, "other": no}
    assert outcomes(lists, "inside", "slides/")["read"] == yes


def test_without_tls_only_where_it_is_refused(judge: Judge, tmp_path: Path) -> None:
    for form, expected in {"read-only-whole-bucket": False, "without-tls-only": True, "existing": True}.items():
        proof = proved(v7_forms.made(tmp_path / form, "aws", form), judge)["one"]
        plain = [one for one in proof.answers if not one.question.who.tls and one.question.column == "read"]
        assert {one.effective for one in plain} == {expected}
        assert proof.surprises == []


def test_a_key_grant_is_shown_and_not_decided(judge: Judge, tmp_path: Path) -> None:
    proof = proved(v7_forms.made(tmp_path, "aws", "kms"), judge)["one"]
    assert [one["operations"] for one in proof.key_grants] == [["Decrypt", "GenerateDataKey"]]
    assert not any("kms" in answer.question.action for answer in proof.answers)


Statements = list[dict[str, Any]]
ARN = "arn:aws:s3:::your-s3-bucket-name"


def part(statements: Statements, sid: str) -> dict[str, Any]:
    return next(one for one in statements if one["Sid"] == sid)


def changed(sid: str, **values: Any) -> Callable[[Statements], None]:
    return lambda statements: part(statements, sid).update(values)


def added(**statement: Any) -> Callable[[Statements], None]:
    return lambda statements: statements.append({"Sid": "Mutant", "Effect": "Allow", **statement})


def without(sid: str) -> Callable[[Statements], None]:
    return lambda statements: statements.remove(part(statements, sid))


ROLE = "arn:aws:iam::258327614892:role/external_s3"
READ, WRITE, LIST, TLS = "DarwinAccess", "DarwinWrite", "DarwinList", "DrawbridgeTlsOnly"
FOLDERS = [f"{ARN}/{folder}*" for folder in ("a/", "b/", "darwin/", "z/")]
# A change of the documents of TWO, and the beginning of a sentence that it leads to.
MUTANTS: dict[str, tuple[Callable[[Statements], None], str]] = {
    "wider: a folder loses its slash": (changed(READ, Resource=[f"{ARN}/a*", *FOLDERS[1:]]), f"the principal: the documents allow s3:GetObject on {ARN}/a; expected: refused, since no grant asks for it"),
    "wider: the whole bucket": (changed(READ, Resource=f"{ARN}/*"), "the principal: the documents allow s3:GetObject"),
    "wider: other buckets": (changed(READ, Resource=[*FOLDERS, f"{ARN}*"]), f"the principal: the documents allow s3:GetObject on {ARN}-2/a/x"),
    "wider: a pattern of actions": (changed(READ, Action="s3:GetObject*"), "the principal: the documents allow s3:GetObjectAcl on"),
    "wider: a pattern of actions to write": (changed(WRITE, Action="s3:Put*"), "the principal: the documents allow s3:PutObjectAcl on"),
    "wider: delete": (changed(WRITE, Action=["s3:PutObject", "s3:DeleteObject"]), f"the principal: the documents allow s3:DeleteObject on {ARN}/darwin/"),
    "wider: everything": (changed(WRITE, Action="s3:*"), "the principal: the documents allow s3:DeleteObject"),
    "wider: writes where it reads": (changed(WRITE, Resource=FOLDERS), f"the principal: the documents allow s3:PutObject on {ARN}/a/"),
    "wider: everybody": (changed(READ, Principal="*"), "another of its account: the documents allow s3:GetObject"),
    "wider: everybody in the account": (changed(READ, Principal={"AWS": "arn:aws:iam::258327614892:root"}), "another of its account: the documents allow s3:GetObject"),
    "wider: another account, too": (added(Principal={"AWS": ROLE.replace("258327614892", "1" * 12)}, Action="s3:GetObject", Resource=f"{ARN}/a/*"), "its name in another account: the documents allow s3:GetObject"),
    "wider: anonymous": (added(Principal="*", Action="s3:ListBucket", Resource=ARN, Condition={"StringLike": {"s3:prefix": "a/*"}}), "anonymous: the documents allow s3:ListBucket"),
    "wider: lists the bare name": (changed(LIST, Condition={"StringLike": {"s3:prefix": ["a*", "b/", "b/*"]}}), f"the principal: the documents allow s3:ListBucket on {ARN} with the prefix 'a'"),
    "wider: lists everything": (changed(LIST, Condition={}), f"the principal: the documents allow s3:ListBucket on {ARN} without a prefix"),
    "wider: lists versions": (changed(LIST, Action=["s3:ListBucket", "s3:ListBucketVersions"], Condition={}), "the principal: the documents allow s3:ListBucketVersions"),
    "wider: a condition turned round": (changed(LIST, Condition={"StringNotLike": {"s3:prefix": ["a/", "a/*", "b/", "b/*"]}}), "the principal: the documents allow s3:ListBucket"),
    "wider: the policy itself": (added(Principal={"AWS": ROLE}, Action="s3:PutBucketPolicy", Resource=ARN), "the principal: the documents allow s3:PutBucketPolicy"),
    "wider: no TLS needed": (without(TLS), "the principal, without TLS: the documents allow s3:GetObject"),
    "wider: TLS needed by nobody": (changed(TLS, Condition={"Bool": {"aws:SecureTransport": "fals"}}), "the principal, without TLS: the documents allow"),
    "wider: TLS needed on the bucket alone": (changed(TLS, Resource=ARN), "the principal, without TLS: the documents allow s3:GetObject"),
    "wider: all but": (added(Principal={"AWS": ROLE}, NotAction="s3:GetObject", Resource=f"{ARN}/a/*"), "the principal: the documents allow s3:PutObject"),
    "narrower: a folder is missing": (changed(READ, Resource=FOLDERS[:-1]), f"the principal: the documents do not allow s3:GetObject on {ARN}/z/x/y z; expected: allowed, since two asks to read under b/c/ and z/"),
    "narrower: a folder inside": (changed(READ, Resource=[f"{ARN}/a/b/*", *FOLDERS[1:]]), "the principal: the documents do not allow s3:GetObject"),
    "narrower: the folder itself": (changed(READ, Resource=[f"{ARN}/a/?*", *FOLDERS[1:]]), f"the principal: the documents do not allow s3:GetObject on {ARN}/a/;"),
    "narrower: no statement to write": (without(WRITE), "the principal: the documents do not allow s3:PutObject"),
    "narrower: a misspelt action": (changed(READ, Action="s3:GetObjet"), "the principal: the documents do not allow s3:GetObject"),
    "narrower: another principal": (changed(WRITE, Principal={"AWS": f"{ROLE}-2"}), "the principal: the documents do not allow s3:PutObject"),
    "narrower: lists on objects": (changed(LIST, Resource=f"{ARN}/*"), "the principal: the documents do not allow s3:ListBucket"),
    "narrower: lists the folder alone": (changed(LIST, Condition={"StringLike": {"s3:prefix": ["a/", "b/*"]}}), f"the principal: the documents do not allow s3:ListBucket on {ARN} with the prefix 'a/x/'"),
    "narrower: lists below the folder alone": (changed(LIST, Condition={"StringEquals": {"s3:prefix": ["a/*", "b/*"]}}), "the principal: the documents do not allow s3:ListBucket"),
    "narrower: a deny": (added(Effect="Deny", Principal="*", Action="s3:GetObject", Resource=f"{ARN}/a/*"), "the principal: the documents deny s3:GetObject"),
    "narrower: nobody at all": (changed(TLS, Condition={}), "the principal: the documents deny s3:GetObject"),
    "narrower: TLS turned round": (changed(TLS, Condition={"Bool": {"aws:SecureTransport": "true"}}), "the principal: the documents deny s3:GetObject"),
    "narrower: nothing": (lambda statements: statements.clear(), "the principal: the documents do not allow s3:GetObject"),
}  # fmt: skip


def mutated(found: Plan, change: Callable[[Statements], None]) -> Plan:
    """The plan with other documents."""
    planned = found.storages["scans"]
    statements = copy.deepcopy([*planned.documents.statements, *planned.documents.protection])
    change(statements)
    documents = replace(planned.documents, statements=tuple(statements), protection=())
    return replace(found, storages={"scans": replace(planned, documents=documents)})


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_a_surprise(judge: Judge, tmp_path: Path, name: str) -> None:
    change, expected = MUTANTS[name]
    found = proved(mutated(two(tmp_path), change), judge)
    said = sentences(found)
    assert [sentence for sentence in said if sentence.startswith(expected)], said[:5]
    outcome = Outcome.TOO_WIDE if name.startswith("wider") else Outcome.MISSING
    assert outcome in {answer.outcome for proof in found.values() for answer in proof.surprises}


def test_the_plan_that_the_mutants_are_made_of_has_none(judge: Judge, tmp_path: Path) -> None:
    assert sentences(proved(mutated(two(tmp_path), lambda _: None), judge)) == []


def valid(prefix: str) -> bool:
    try:
        return bool(TypeAdapter(Prefix).validate_python(prefix))
    except ValidationError:
        return False


# All that a folder's name may have in it, above all what means something in patterns and ARNs.
FOLDER = st.one_of(
    st.sampled_from(["a", "b", "ab", "a-beside", "A", "darwin", "x", "elsewhere"]),
    st.text(st.sampled_from("ab.+^()[]:;,=@#%&!'\"~-_ äß日🙂"), min_size=1, max_size=6),
)
PREFIX = (
    st.lists(FOLDER, min_size=1, max_size=3).map(lambda folders: "".join(f"{one}/" for one in folders)).filter(valid)
)
PRINCIPALS = [None, "arn:aws:iam::111111111111:role/v7/stand-in", "arn:aws:iam::333333333333:user/a+b=c,d.e@f-g_h"]


@st.composite
def v7_grant(draw: st.DrawFn, name: str, *, alone: bool, principal: str | None) -> dict[str, Any]:
    """A valid grant."""
    prefixes = draw(st.lists(PREFIX, max_size=3, unique=True))
    writes, mirax = draw(st.booleans()), draw(st.booleans())
    grant: dict[str, Any] = {"name": name, "platform": "v7", "storage": "scans", "prefixes": prefixes, "mirax": mirax}
    grant |= {"access": "read-write" if writes else "read-only", "accept": [] if prefixes else ["whole-bucket"]}
    if writes and draw(st.booleans()):
        grant["write_prefix"] = draw(PREFIX)
    if writes and alone and draw(st.booleans()):
        grant["write"] = "everywhere"
    if mirax and prefixes and draw(st.booleans()):
        grant |= {"list_scope": "bucket", "accept": ["list-bucket"]}
    return grant | ({"principal": principal} if principal else {})


@st.composite
def v7_grants(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One grant, or several on one bucket."""
    number, principal = draw(st.sampled_from([1, 1, 2, 3])), draw(st.sampled_from(PRINCIPALS))
    return [draw(v7_grant(f"g{one}", alone=number == 1, principal=principal)) for one in range(number)]


@pytest.mark.parametrize("kind", ["aws", "wasabi"])
@pytest.mark.parametrize("half", [1, 2])
@settings(max_examples=125)
@given(v7_grants(), st.booleans(), st.booleans())
def test_made_up_grants(
    judge: Judge,
    kind: str,
    half: int,
    grants: list[dict[str, Any]],
    existing: bool,
    tls_only: bool,
) -> None:
    region = {"aws": "eu-central-1", "wasabi": "eu-central-2"}[kind]
    storage: dict[str, Any] = {"kind": kind, "bucket": "scans-2026", "region": region}
    storage |= {"existing": True} if existing else {"tls_only": tls_only}
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "storage.yaml").write_text(json.dumps({"scans": storage}, ensure_ascii=False))
        for grant in grants:
            (Path(name) / f"{grant['name']}.yaml").write_text(json.dumps(grant, ensure_ascii=False))
        found = proved(make_plan(Config("stack", Path(name))), judge)
    assert set(found) == {grant["name"] for grant in grants}
    assert sentences(found) == []
