"""The judge: decisions that AWS documents, and no decision where there can be none."""

from __future__ import annotations

import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from drawbridge.proof import judge as client
from drawbridge.proof.judge import ALLOW_ALL, Decision, Judge, JudgeFailed, NotInstalled, Request, TooSlow

OWNER, OTHER = "111122223333", "444455556666"
ROLE, NEIGHBOUR = f"arn:aws:iam::{OTHER}:role/reader", f"arn:aws:iam::{OTHER}:role/reader-2"
SESSION = f"arn:aws:sts::{OTHER}:assumed-role/reader/session"
OWN_USER = f"arn:aws:iam::{OWNER}:user/ann"
BUCKET = "arn:aws:s3:::scans"
ALLOWED, IMPLICITLY, EXPLICITLY = Decision.ALLOWED, Decision.IMPLICITLY_DENIED, Decision.EXPLICITLY_DENIED


def statement(action: str | list[str], resource: str | list[str], effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def to(principal: str, *given: Any, **more: Any) -> dict[str, Any]:
    """A bucket policy with one statement."""
    return policy(statement(*given, Principal="*" if principal == "*" else {"AWS": principal}, **more))


READ = statement("s3:GetObject", f"{BUCKET}/studies/*")
FOLDER = to(ROLE, "s3:GetObject", f"{BUCKET}/studies/*")
LIST = to(ROLE, "s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": ["studies/", "studies/*"]}})
PUBLIC = to("*", "s3:GetObject", f"{BUCKET}/*")
TLS = statement("s3:*", [BUCKET, f"{BUCKET}/*"], "Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})  # fmt: skip
OVER_TLS = policy(*FOLDER["Statement"], TLS)
DENY_READ = statement("s3:GetObject", "*", "Deny")
TRUST = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "a-secret-id"}}})  # fmt: skip
TRUSTING = f"arn:aws:iam::{OWNER}:role/lightly"


def asked(key: str, principal: str | None = ROLE, action: str = "s3:GetObject", **more: Any) -> Request:
    """A request for an object as a principal whose own account allows everything."""
    given: dict[str, Any] = {"identity": [ALLOW_ALL] if principal else [], "policy": FOLDER, **more}
    return Request(principal, action, f"{BUCKET}/{key}", OWNER, **given)


def listing(prefix: str | None, document: dict[str, Any] = LIST, action: str = "s3:ListBucket") -> Request:
    context = {} if prefix is None else {"s3:prefix": prefix}
    return Request(ROLE, action, BUCKET, OWNER, context, [ALLOW_ALL], document)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and the pages it leads to.
DECISIONS: dict[str, tuple[Request, Decision]] = {
    # Both accounts have to allow what goes across accounts.
    "across accounts, both allow": (asked("studies/1"), ALLOWED),
    "across accounts, the principal's own does not": (asked("studies/1", identity=[]), IMPLICITLY),
    "across accounts, the bucket's does not": (asked("studies/1", policy=None), IMPLICITLY),
    "across accounts, the principal's own denies": (asked("studies/1", identity=[ALLOW_ALL, policy(DENY_READ)]), EXPLICITLY),
    "another principal of the account": (asked("studies/1", NEIGHBOUR), IMPLICITLY),
    "the session of a role": (asked("studies/1", SESSION), ALLOWED),
    "an account named lets in whom that account lets": (asked("studies/1", NEIGHBOUR, policy=to(f"arn:aws:iam::{OTHER}:root", "s3:GetObject", f"{BUCKET}/*")), ALLOWED),
    "another account": (asked("studies/1", f"arn:aws:iam::{OWNER[:-1]}9:role/reader"), IMPLICITLY),
    # Within one account either is enough.
    "one account, its own policy": (asked("studies/1", OWN_USER, identity=[policy(READ)], policy=None), ALLOWED),
    "one account, the bucket's policy": (asked("studies/1", OWN_USER, identity=[], policy=to(OWN_USER, "s3:GetObject", f"{BUCKET}/*")), ALLOWED),
    "one account, none": (asked("studies/1", OWN_USER, identity=[]), IMPLICITLY),
    # A Deny is stronger than any Allow.
    "a deny beside an allow": (asked("studies/1", OWN_USER, identity=[policy(READ, DENY_READ)], policy=None), EXPLICITLY),
    "a deny in the bucket's policy": (asked("studies/1", policy=policy(*FOLDER["Statement"], statement("s3:*", f"{BUCKET}/*", "Deny", Principal={"AWS": ROLE}))), EXPLICITLY),
    "a deny of all but one principal": (asked("studies/1", policy=policy(*FOLDER["Statement"], statement("s3:*", f"{BUCKET}/*", "Deny", NotPrincipal={"AWS": NEIGHBOUR}))), EXPLICITLY),
    # Keys and patterns.
    "the folder itself": (asked("studies/"), ALLOWED),
    "deep in the folder": (asked("studies/2026/a b/🙂+[1](2).dcm"), ALLOWED),
    "its bare name": (asked("studies"), IMPLICITLY),
    "beside it": (asked("studies-old/1"), IMPLICITLY),
    "keys know upper case": (asked("Studies/1"), IMPLICITLY),
    "actions do not": (asked("studies/1", policy=to(ROLE, "S3:getobject", f"{BUCKET}/*")), ALLOWED),
    "another bucket": (Request(ROLE, "s3:GetObject", "arn:aws:s3:::scans-2/studies/1", OWNER, {}, [ALLOW_ALL], FOLDER), IMPLICITLY),
    "a question mark is one character": (asked("b/1", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/?/1")), ALLOWED),
    "and not two": (asked("bb/1", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/?/1")), IMPLICITLY),
    "a star goes over slashes": (asked("a/b/c/1", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/a/*/1")), ALLOWED),
    "an old version is another permission": (asked("studies/1", action="s3:GetObjectVersion"), IMPLICITLY),
    "which a pattern takes in": (asked("studies/1", action="s3:GetObjectVersion", policy=to(ROLE, "s3:GetObject*", f"{BUCKET}/*")), ALLOWED),
    "all but one action": (asked("studies/1", action="s3:DeleteObject", policy=policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "NotAction": "s3:GetObject", "Resource": f"{BUCKET}/*"})), ALLOWED),
    "all but some objects": (asked("x/1", policy=policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "NotResource": f"{BUCKET}/studies/*"})), ALLOWED),
    "a misspelt action allows nothing": (asked("studies/1", policy=to(ROLE, "s3:GetObjet", f"{BUCKET}/*")), IMPLICITLY),
    # What is requested is never a pattern.
    "a star is a character": (asked("*"), IMPLICITLY),
    "also in a name": (asked("stud*"), IMPLICITLY),
    "and inside the folder": (asked("studies/*"), ALLOWED),
    "so is a question mark": (asked("?tudies/1"), IMPLICITLY),
    "so is a variable": (asked("${aws:username}"), IMPLICITLY),
    "a line end is a character": (asked("studies/a\nb\u2028c"), ALLOWED),
    "and ends no pattern": (asked("other\nstudies/1"), IMPLICITLY),
    # Lists are made of a bucket, with a prefix.
    "a list of the folder": (listing("studies/"), ALLOWED),
    "below it": (listing("studies/2026/"), ALLOWED),
    "of its bare name": (listing("studies"), IMPLICITLY),
    "of what begins likewise": (listing("studies-"), IMPLICITLY),
    "of everything": (listing(""), IMPLICITLY),
    "without a prefix": (listing(None), IMPLICITLY),
    "of a star": (listing("*"), IMPLICITLY),
    "of a line end": (listing("studies/\n"), ALLOWED),
    "on objects instead of the bucket": (listing("studies/", to(ROLE, "s3:ListBucket", f"{BUCKET}/*")), IMPLICITLY),
    "a condition that an action does not know": (listing(None, to(ROLE, "s3:GetBucketLocation", BUCKET, Condition={"StringLike": {"s3:prefix": "studies/*"}}), "s3:GetBucketLocation"), IMPLICITLY),
    # Conditions.
    "with TLS": (asked("studies/1", policy=OVER_TLS, context={"aws:SecureTransport": "true"}), ALLOWED),
    "without TLS": (asked("studies/1", policy=OVER_TLS, context={"aws:SecureTransport": "false"}), EXPLICITLY),
    "an address inside": (asked("a", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), context={"aws:SourceIp": "192.0.2.7"}), ALLOWED),
    "an address outside": (asked("a", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), context={"aws:SourceIp": "198.51.100.7"}), IMPLICITLY),
    "an operator that takes what is missing": (asked("a", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/*", Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}})), ALLOWED),
    "one that does not": (asked("a", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})), IMPLICITLY),
    "two conditions, one of them false": (asked("a", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/*", Condition={"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), context={"aws:SecureTransport": "true"}), IMPLICITLY),
    # Who does not sign.
    "anonymous": (asked("studies/1", None), IMPLICITLY),
    "anonymous, in a public bucket": (asked("studies/1", None, policy=PUBLIC), ALLOWED),
    "anonymous, where only AWS's users are let in": (asked("studies/1", None, policy=to(f"arn:aws:iam::{OTHER}:root", "s3:GetObject", f"{BUCKET}/*")), IMPLICITLY),
    # A boundary takes away, and gives nothing.
    "a boundary that holds the permission": (asked("studies/1", OWN_USER, identity=[policy(READ)], policy=None, boundary=[policy(READ)]), ALLOWED),
    "a boundary without it": (asked("studies/1", OWN_USER, identity=[ALLOW_ALL], policy=None, boundary=[policy(statement("s3:ListBucket", BUCKET))]), IMPLICITLY),
    "a boundary alone": (asked("studies/1", OWN_USER, identity=[], policy=None, boundary=[policy(READ)]), IMPLICITLY),
    # So does the policy of a session.
    "a session policy that holds the permission": (asked("studies/1", SESSION, identity=[policy(READ)], session=policy(READ)), ALLOWED),
    "a session policy without it": (asked("studies/1", SESSION, session=policy(statement("s3:ListBucket", BUCKET))), IMPLICITLY),
    "a session policy that denies": (asked("studies/1", SESSION, session=policy(READ, DENY_READ)), EXPLICITLY),
    "a session policy alone": (asked("studies/1", SESSION, identity=[], session=policy(READ)), IMPLICITLY),
    # Trust policies.
    "a role that trusts": (Request(ROLE, "sts:AssumeRole", TRUSTING, OWNER, {"sts:ExternalId": "a-secret-id"}, [ALLOW_ALL], TRUST), ALLOWED),
    "a wrong external id": (Request(ROLE, "sts:AssumeRole", TRUSTING, OWNER, {"sts:ExternalId": "another"}, [ALLOW_ALL], TRUST), IMPLICITLY),
    "no external id": (Request(ROLE, "sts:AssumeRole", TRUSTING, OWNER, {}, [ALLOW_ALL], TRUST), IMPLICITLY),
    "a stranger to the role": (Request(NEIGHBOUR, "sts:AssumeRole", TRUSTING, OWNER, {"sts:ExternalId": "a-secret-id"}, [ALLOW_ALL], TRUST), IMPLICITLY),
    "an action without a resource": (Request(OWN_USER, "s3:ListAllMyBuckets", "*", OWNER, {}, [policy(READ)]), IMPLICITLY),
}  # fmt: skip


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions_that_aws_documents(judge: Judge, name: str) -> None:
    request, expected = DECISIONS[name]
    assert judge.one(request) is expected


def test_many_at_once_are_answered_in_order(judge: Judge) -> None:
    asked_, expected = zip(*DECISIONS.values(), strict=True)
    assert judge.decide(asked_ * 20) == list(expected) * 20


def test_several_threads_share_it(judge: Judge) -> None:
    def one(number: int) -> Decision:
        return judge.one(asked(f"{'studies' if number % 3 else 'other'}/{number}"))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(one, range(400)))
    assert found == [ALLOWED if number % 3 else IMPLICITLY for number in range(400)]


NO_DECISIONS: dict[str, tuple[Request, str]] = {
    "an operation instead of a permission": (asked("a", action="s3:HeadObject"), "invalid.action"),
    "no service": (asked("a", action="s4:GetObject"), "invalid.service"),
    "a bucket where an object belongs": (Request(ROLE, "s3:GetObject", BUCKET, OWNER), "no.resource.types"),
    "a condition key that the action does not know": (asked("a", context={"s3:prefix": "a"}), "knows no s3:prefix"),
    "a document that is none": (asked("a", policy={"Statement": 1}), "policy.errors"),
    "an identity policy that is none": (asked("a", identity=[{"Statement": 1}]), "policy.errors"),
    "a session policy that is none": (asked("a", SESSION, session={"Statement": 1}), "olicy"),
    "an anonymous request with policies": (asked("a", None, identity=[ALLOW_ALL]), "anonymous.identityPolicies.invalid"),
    "a star in the policy and in the request": (asked("a*", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/a${{*}}")), "a policy has ${*} in it"),
    "a line end in both": (asked("a\n", policy=to(ROLE, "s3:GetObject", f"{BUCKET}/a\n")), "and so has a request"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_DECISIONS)
def test_a_failure_is_no_denial(judge: Judge, name: str) -> None:
    request, expected = NO_DECISIONS[name]
    with pytest.raises(JudgeFailed) as failed:
        judge.decide([asked("studies/1"), request])
    assert str(failed.value).startswith("the judge cannot decide s")
    assert expected in str(failed.value)
    assert judge.one(asked("studies/1")) is ALLOWED, "the next one is decided"


def test_many_wildcards_are_decided_too(judge: Judge) -> None:
    pattern = f"{BUCKET}/{'*a' * 14}*b"
    for policy in (to(ROLE, "s3:GetObject", pattern), to(ROLE, "s3:GetObject", f"{BUCKET}/{'*?a' * 14}*")):
        judge.one(asked("a" * 1000, policy=policy))
    assert judge.one(asked("a" * 1000, policy=to(ROLE, "s3:GetObject", pattern))) is IMPLICITLY
    assert judge.one(asked("a" * 1000 + "b", policy=to(ROLE, "s3:GetObject", pattern))) is ALLOWED


def program(folder: Path, text: str, **more: float) -> Judge:
    (folder / "judge.py").write_text(textwrap.dedent(text))
    return Judge([sys.executable, str(folder / "judge.py")], **more)


def test_a_judge_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with program(tmp_path, "import time; time.sleep(600)", limit=0.2) as slow:
        # More than a pipe holds, so that asking waits too.
        many = [asked(f"{number}", policy={"Statement": ["x" * 10_000]}) for number in range(100)]
        for _ in range(2):
            with pytest.raises(TooSlow, match=r"ended, with -9\nit had not answered for 0\.2 seconds"):
                slow.decide(many)


def test_a_judge_that_only_has_much_to_do_goes_on(tmp_path: Path) -> None:
    text = """
        import json, sys, time
        for number, line in enumerate(sys.stdin, 1):
            time.sleep(0.2)
            print(json.dumps({"number": number, "decisions": ["Allowed"]}), flush=True)
    """
    with program(tmp_path, text, limit=2) as busy:
        assert busy.decide([asked("a", policy={"Statement": [number]}) for number in range(12)]) == [ALLOWED] * 12


def test_a_judge_that_ends_says_why(tmp_path: Path) -> None:
    with program(tmp_path, "import sys; input(); sys.exit('no more memory')") as ends:
        for _ in range(2):
            with pytest.raises(JudgeFailed, match="the judge has ended, with 1\nno more memory"):
                ends.one(asked("a"))


@pytest.mark.parametrize("answer", ["hello", '{"number": 2, "decisions": ["Allowed"]}', "[]"])
def test_an_answer_to_another_question_is_none(tmp_path: Path, answer: str) -> None:
    with (
        program(tmp_path, f"input(); print({answer!r}, flush=True); input()") as other,
        pytest.raises(JudgeFailed, match="it said what is no answer: "),
    ):
        other.one(asked("a"))


def test_a_judge_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(JudgeFailed, match="the judge cannot be started: "):
        Judge([str(tmp_path / "nothing")])


def test_a_judge_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(NotInstalled, match=r"is not installed; run: make judge$"):
        client.find()


def test_what_is_found_is_what_was_installed(judge: Judge) -> None:
    with Judge(client.find()) as found:
        assert found.one(asked("studies/1")) is ALLOWED
