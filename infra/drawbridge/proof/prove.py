"""Proves a plan: what its documents allow, as the judge decides, against what its grants ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import islice
from typing import Any

from drawbridge import tokens
from drawbridge.access import Access, Principal
from drawbridge.documents import POLICY, with_parts
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage
from drawbridge.proof.judge import ALLOW_ALL, Decision, Judge, Policy, Request
from drawbridge.proof.questions import Question, account, another_account, questions
from drawbridge.storage import kinds
from drawbridge.storage.interface import Documents
from drawbridge.storage.s3 import S3Bucket
from drawbridge.terminal import Told
from drawbridge.tokens import Token

IDENTITY = (ALLOW_ALL,)
# What only the cloud knows: the account of each kind of storage.
KNOWN = {token.name: "7" * token.longest for token in (Token.of(kind, "account") for kind in kinds())}
AT_ONCE = 1000  # requests between two signs of progress


class Outcome(Enum):
    """What was asked for against what the documents allow; the worst comes last."""

    REFUSED = "no"
    ASKED = "yes"
    SHARED = "shared"  # another grant on the storage asks for it, and they share a principal
    ACCEPTED = "accepted"  # wider than a folder, and the grant says so
    MISSING = "MISSING"
    TOO_WIDE = "TOO WIDE"

    @property
    def surprise(self) -> bool:
        """Whether it should not be so."""
        return self in (Outcome.MISSING, Outcome.TOO_WIDE)


@dataclass(frozen=True)
class Answer:
    """A question with the decision about it, and the accesses, the grant's own and others', that ask for it."""

    question: Question
    decision: Decision
    own: tuple[Access, ...]
    others: tuple[Access, ...]

    @property
    def effective(self) -> bool:
        """Whether the documents allow it."""
        return self.decision is Decision.ALLOWED

    @property
    def outcome(self) -> Outcome:
        """How the decision compares."""
        expected = bool(self.own or self.others)
        if self.effective != expected:
            return Outcome.TOO_WIDE if self.effective else Outcome.MISSING
        if not expected:
            return Outcome.REFUSED
        if not self.own:
            return Outcome.SHARED
        return Outcome.ACCEPTED if all(access.accepted for access in self.own) else Outcome.ASKED

    def sentence(self) -> str:
        """What was asked, what the documents say, and what was expected."""
        asked = f"{self.question.action} on {self.question.resource}"
        if self.question.column == "list":
            asked += f" with the prefix {self.question.at!r}" if self.question.at is not None else " without a prefix"
        said = {Decision.ALLOWED: "allow", Decision.IMPLICITLY_DENIED: "do not allow"}.get(self.decision, "deny")
        why = ", and ".join(f"{access.grant} asks to {access.words()}" for access in (*self.own, *self.others))
        expected = f"allowed, since {why}" if why else "refused, since no grant asks for it"
        return f"{self.question.who.words}: the documents {said} {asked}; expected: {expected}"


@dataclass(frozen=True)
class Proof:
    """Everything that was decided about one grant's accesses to one storage."""

    grant: PlannedGrant
    planned: PlannedStorage
    principal: Principal
    accesses: tuple[Access, ...]
    answers: tuple[Answer, ...]

    @property
    def surprises(self) -> list[Answer]:
        """What is not as it was asked for."""
        return [answer for answer in self.answers if answer.outcome.surprise]

    @property
    def key_grants(self) -> list[dict[str, Any]]:
        """What lets the principal use the storage's key; no policy, so nothing the judge could decide."""
        return list(self._own_keys.key_grants)

    @property
    def key_sentences(self) -> list[str]:
        """The same for people."""
        return self.planned.storage.key_sentences(self._own_keys)

    @property
    def _own_keys(self) -> Documents:
        grants = self.planned.documents.key_grants
        return Documents(key_grants=tuple(one for one in grants if one["principal"] == self.principal.arn))


def prove(plan: Plan, judge: Judge, told: Told = lambda _done, _all: None) -> list[Proof]:
    """A proof per grant and storage; `told` hears how many requests are decided. Raises JudgeFailed."""
    asked = [(subject, list(_questions(subject))) for subject in _subjects(plan)]
    requests = {_key(subject, one): _request(subject, one) for subject, found in asked for one in found}
    decisions: dict[object, Decision] = {}
    waiting = iter(requests.items())
    while some := list(islice(waiting, AT_ONCE)):
        decisions |= zip((key for key, _ in some), judge.decide(request for _, request in some), strict=True)
        told(len(decisions), len(requests))
    covering = _Covering()
    return [
        Proof(
            subject.grant,
            subject.planned,
            subject.principal,
            subject.own,
            tuple(_answer(subject, one, decisions[_key(subject, one)], covering) for one in found),
        )
        for subject, found in asked
    ]


@dataclass(frozen=True)
class _Subject:
    """One grant's accesses to one storage, those of others with the same principal, and the storage's policy."""

    grant: PlannedGrant
    planned: PlannedStorage
    bucket: S3Bucket
    principal: Principal
    own: tuple[Access, ...]
    others: tuple[Access, ...]
    policy: Policy | None
    identity: Policy | None
    """What an identity of ours may; None for a principal of the platform's own account, which lets it do everything."""


def _subjects(plan: Plan) -> Iterator[_Subject]:
    policies = {name: _policy(planned) for name, planned in plan.storages.items()}
    identities = {one.principal: tokens.resolve(dict(one.policy), KNOWN) for one in plan.identities.values()}
    for grant in plan.grants.values():
        for name, principal in dict.fromkeys((access.storage, access.principal) for access in grant.accesses):
            planned = plan.storages[name]
            bucket = planned.storage
            assert isinstance(bucket, S3Bucket)  # noqa: S101  every kind that there is
            same = [access for access in planned.accesses if access.principal.arn == principal.arn]
            own = tuple(access for access in same if access.grant == grant.name)
            others = tuple(access for access in same if access.grant != grant.name)
            who = replace(principal, arn=tokens.resolve(principal.arn, KNOWN))
            yield _Subject(grant, planned, bucket, who, own, others, policies[name], identities.get(principal))


def _policy(planned: PlannedStorage) -> Policy | None:
    """The bucket policy where nobody else wrote: what is put into it, with a value for what only the cloud knows."""
    parts = [*planned.documents.statements, *planned.documents.protection]
    found: Policy | None = tokens.resolve(with_parts(POLICY, None, parts, []), KNOWN)
    return found


def _questions(subject: _Subject) -> list[Question]:
    return questions(subject.bucket, subject.principal, subject.own, subject.others)


def _key(subject: _Subject, question: Question) -> object:
    who = question.who
    return subject.planned.name, who.arn, who.tls, question.action, question.resource, question.context.get("s3:prefix")


def _request(subject: _Subject, question: Question) -> Request:
    return Request(
        principal=question.who.arn,
        action=question.action,
        resource=question.resource,
        # The platform comes from another account, which lets it do everything, or as an identity of ours.
        account=account(subject.principal.arn) if subject.identity else another_account(subject.principal.arn, start=3),
        context=question.context,
        identity=_identity(subject, question),
        policy=subject.policy,
    )


def _identity(subject: _Subject, question: Question) -> Sequence[Policy]:
    """The policies of whoever asks; another of our own account has none."""
    who = question.who
    if who.arn is None:
        return ()
    if subject.identity is None or account(who.arn) != account(subject.principal.arn):
        return IDENTITY
    return (subject.identity,) if who.known else ()


class _Covering(dict[object, tuple[Access, ...]]):
    """Which accesses are about a question: looked for once, since the grants on a bucket share most questions."""

    def find(self, subject: _Subject, question: Question) -> tuple[Access, ...]:
        key = subject.planned.name, subject.principal.arn, question.place.inside, question.column, question.at
        if key not in self:
            same = (*subject.own, *subject.others)
            self[key] = tuple(access for access in same if question.covered_by(access))
        return self[key]


def _answer(subject: _Subject, question: Question, decision: Decision, covering: _Covering) -> Answer:
    let_in = question.who.known and (question.who.tls or not subject.bucket.needs_tls)
    found = covering.find(subject, question) if let_in else ()
    own = tuple(access for access in found if access.grant == subject.grant.name)
    return Answer(question, decision, own, tuple(access for access in found if access.grant != subject.grant.name))
