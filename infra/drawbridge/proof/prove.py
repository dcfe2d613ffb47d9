"""Proves a plan: what its documents allow, as the judge decides, against what its grants ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from drawbridge import tokens
from drawbridge.access import Access, Principal
from drawbridge.documents import POLICY, with_parts
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage
from drawbridge.proof import named, trust
from drawbridge.proof.judge import ALLOW_ALL, Decision, Judge, Policy, Request
from drawbridge.proof.named import Named
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.questions import Question, account, another_account, questions
from drawbridge.proof.trust import Admission
from drawbridge.storage import kinds
from drawbridge.storage.interface import Documents
from drawbridge.storage.s3 import S3Bucket
from drawbridge.terminal import Told
from drawbridge.tokens import Token

IDENTITY = (ALLOW_ALL,)
# What only the cloud knows: the account of each kind of storage.
KNOWN = {token.name: "7" * token.longest for token in (Token.of(kind, "account") for kind in kinds())}
AT_ONCE = 1000  # requests between two signs of progress


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
        plain = Outcome.of(self.decision, expected=bool(self.own or self.others))
        if plain is not Outcome.ASKED:
            return plain
        if not self.own:
            return Outcome.SHARED
        return Outcome.ACCEPTED if all(access.accepted for access in self.own) else Outcome.ASKED

    @property
    def alike(self) -> object:
        """The same for answers of which one has to be told."""
        return self.question.who.words, self.question.place.kind, self.question.column, self.outcome

    def sentence(self) -> str:
        """What was asked, what the documents say, and what was expected."""
        asked = f"{self.question.action} on {self.question.resource}"
        if self.question.column == "list":
            asked += f" with the prefix {self.question.at!r}" if self.question.at is not None else " without a prefix"
        if self.question.who.origin:
            asked += f" from {self.question.who.origin}"
        said = {Decision.ALLOWED: "allow", Decision.IMPLICITLY_DENIED: "do not allow"}.get(self.decision, "deny")
        why = ", and ".join(f"{access.grant} asks to {access.words()}" for access in (*self.own, *self.others))
        expected = f"allowed, since {why}" if why else "refused, since no grant asks for it"
        return f"{self.question.who.words}: the documents {said} {asked}; expected: {expected}"


@dataclass(frozen=True)
class Proof:
    """Everything that was decided about one grant's accesses to one storage, with one principal."""

    grant: PlannedGrant
    planned: PlannedStorage
    principal: Principal
    accesses: tuple[Access, ...]
    answers: tuple[Answer, ...]
    admissions: tuple[Admission, ...] = ()
    """Who may become the principal, where it is a role of ours: only in the first proof about it."""
    named: tuple[Named, ...] | None = None
    """What its policy names beyond all that it asks for, anywhere: only in the first proof about it, if it is ours."""

    @property
    def surprises(self) -> list[Answer | Admission | Named]:
        """What is not as it was asked for."""
        found: list[Answer | Admission | Named] = [*self.answers, *self.admissions, *(self.named or ())]
        return [one for one in found if one.outcome.surprise]

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
    """A proof per grant, storage and principal; `told` hears how many requests are decided. Raises JudgeFailed."""
    asked = [(subject, _questions(subject)) for subject in _subjects(plan)]
    callers = {one.principal: trust.asked(one, KNOWN) for one in plan.identities.values()}
    unasked = {one.principal: named.unasked(one, plan.storages.values()) for one in plan.identities.values()}
    requests = {_key(subject, one): _request(subject, one) for subject, found in asked for one in found}
    requests |= {(who, caller): request for who, found in callers.items() for caller, request in found}
    decisions: dict[object, Decision] = {}
    waiting = iter(requests.items())
    while some := list(islice(waiting, AT_ONCE)):
        decisions |= zip((key for key, _ in some), judge.decide(request for _, request in some), strict=True)
        told(len(decisions), len(requests))
    covering, proofs = _Covering(), []
    for subject, found in asked:
        who = subject.own[0].principal
        answers = tuple(_answer(subject, one, decisions[_key(subject, one)], covering) for one in found)
        admissions = tuple(Admission(who, caller, decisions[who, caller]) for caller, _ in callers.pop(who, ()))
        beyond = unasked.pop(who, None)
        proofs.append(Proof(subject.grant, subject.planned, who, subject.own, answers, admissions, beyond))
    return proofs


@dataclass(frozen=True)
class _Subject:
    """One grant's accesses to one storage with one principal, whose ARN is known here, and the storage's policy.

    `others` are other grants' with the same principal, `beside` the grant's own with another one. `identity` is what
    an identity of ours may; None for a principal of the platform's own account, which lets it do everything.
    """

    grant: PlannedGrant
    planned: PlannedStorage
    bucket: S3Bucket
    principal: Principal
    own: tuple[Access, ...]
    others: tuple[Access, ...]
    beside: tuple[Access, ...]
    policy: Policy | None
    identity: Policy | None


def _subjects(plan: Plan) -> Iterator[_Subject]:
    policies = {name: _policy(planned) for name, planned in plan.storages.items()}
    identities = {one.principal: tokens.resolve(dict(one.policy), KNOWN) for one in plan.identities.values()}
    for grant in plan.grants.values():
        for name, principal in dict.fromkeys((access.storage, access.principal) for access in grant.accesses):
            planned = plan.storages[name]
            bucket = planned.storage
            assert isinstance(bucket, S3Bucket)  # noqa: S101  every kind that there is
            here: dict[tuple[bool, bool], list[Access]] = {}  # by whether it is the grant's, and the principal's
            for access in planned.accesses:
                here.setdefault((access.grant == grant.name, access.principal == principal), []).append(access)
            own, others, beside = (tuple(here.get(key, ())) for key in ((True, True), (False, True), (True, False)))
            who = replace(principal, arn=tokens.resolve(principal.arn, KNOWN))
            yield _Subject(grant, planned, bucket, who, own, others, beside, policies[name], identities.get(principal))


def _policy(planned: PlannedStorage) -> Policy | None:
    """The bucket policy where nobody else wrote: what is put into it, with a value for what only the cloud knows."""
    parts = [*planned.documents.statements, *planned.documents.protection]
    found: Policy | None = tokens.resolve(with_parts(POLICY, None, parts, []), KNOWN)
    return found


def _questions(subject: _Subject) -> list[Question]:
    return questions(subject.bucket, subject.principal, subject.own, subject.others, subject.beside)


def _key(subject: _Subject, question: Question) -> object:
    context = tuple(question.context.items())
    return subject.planned.name, question.who.arn, question.action, question.resource, context


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
        who, place = subject.principal.arn, question.place
        key = subject.planned.name, who, question.who.origin, place.inside, question.column, question.at
        if key not in self:
            same = (*subject.own, *subject.others)
            self[key] = tuple(access for access in same if question.covered_by(access))
        return self[key]


def _answer(subject: _Subject, question: Question, decision: Decision, covering: _Covering) -> Answer:
    let_in = question.who.known and (question.who.tls or not subject.bucket.needs_tls)
    found = covering.find(subject, question) if let_in else ()
    own = tuple(access for access in found if access.grant == subject.grant.name)
    return Answer(question, decision, own, tuple(access for access in found if access.grant != subject.grant.name))
