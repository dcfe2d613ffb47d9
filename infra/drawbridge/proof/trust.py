"""Who may become a role of ours: its trust policy, asked as the platform's account and as whoever else might come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drawbridge import tokens
from drawbridge.access import Principal
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.proof.judge import ALLOW_ALL, Decision, Policy, Request
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.questions import account, another_account

ASSUME = "sts:AssumeRole"
# What a pattern such as sts:* in the action would let in with it: ways past the external id, and what a session could
# carry. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservicests.html
OTHERS = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity", "sts:TagSession")
IDENTITY = (ALLOW_ALL,)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks to become a role; `arn` is None for whoever does not sign."""

    words: str
    arn: str | None
    external_id: str | None = None
    action: str = ASSUME
    expected: bool = False

    @property
    def context(self) -> dict[str, str]:
        """The condition keys of the request; no other action knows an external id."""
        return {} if self.external_id is None else {"sts:ExternalId": self.external_id}


@dataclass(frozen=True)
class Admission:
    """A caller with the decision about it."""

    role: Principal
    caller: Caller
    decision: Decision

    @property
    def effective(self) -> bool:
        """Whether the trust policy lets it in."""
        return self.decision is Decision.ALLOWED

    @property
    def outcome(self) -> Outcome:
        """How the decision compares."""
        return Outcome.of(self.decision, expected=self.caller.expected)

    @property
    def alike(self) -> object:
        """The same for admissions of which one has to be told."""
        return self.caller.words, self.caller.action, self.outcome

    def sentence(self) -> str:
        """Who asked, what the trust policy says, and what was expected."""
        expected = (
            "allowed, since that generation is alive"
            if self.caller.expected
            else "refused, since only the platform's account may become it, with an external id that is alive"
        )
        verb = {Decision.ALLOWED: "lets in", Decision.IMPLICITLY_DENIED: "does not let in"}.get(self.decision, "denies")
        return f"{self.role.words}: the trust policy {verb} {self.caller.words}; expected: {expected}"


def asked(planned: PlannedIdentity, known: Mapping[str, str]) -> list[tuple[Caller, Request]]:
    """Everybody who asks to become an identity, and the request; `known` are the values of the tokens in its ARN."""
    if not planned.trust:
        return []
    role = tokens.resolve(planned.principal.arn, known)
    ids = {planned.wanted.token("external_id", number).name: _id(number) for number in planned.wanted.generations}
    trust = tokens.resolve(planned.trust, {**known, **ids})
    return [(caller, _request(caller, role, trust)) for caller in _callers(planned, role, trust)]


def _id(generation: int) -> str:
    """What stands for an external id, which is a secret."""
    return f"external-id-of-generation-{generation}"


def _callers(planned: PlannedIdentity, role: str, trust: Mapping[str, Any]) -> Iterator[Caller]:
    alive, trusted = planned.wanted.generations, planned.wanted.trusted
    platform, words = _somebody(trusted), f"account {trusted}"
    right = _id(alive[-1])
    for number in alive:
        yield Caller(f"{words} with external id {number}", platform, _id(number), expected=True)
    for number in sorted({1, *(beside for one in alive for beside in (one - 1, one + 1))} - {0, *alive}):
        yield Caller(f"{words} with external id {number}, which is not alive", platform, _id(number))
    for wrong in ("another-external-id", f"{right}-0", right.upper()):
        yield Caller(f"{words} with a wrong external id", platform, wrong)
    yield Caller(f"{words} without an external id", platform)
    yield from (Caller(f"{words} by {action}", platform, action=action) for action in OTHERS)
    for number in alive:
        given, known = f"with external id {number}", _id(number)
        yield Caller(f"another account {given}", _somebody(another_account(platform)), known)
        yield Caller(f"another of your account {given}", _somebody(account(role)), known)
        yield Caller(f"whoever does not sign, {given}", None, known)
    for name in sorted(_named(trust) - {"*", trusted, f"arn:aws:iam::{trusted}:root"}):
        found = _somebody(account(name)) if name.endswith(":root") else _somebody(name) if name.isdigit() else name
        yield Caller(f"{name}, which it names", found, right)


def _somebody(number: str) -> str:
    """A principal of an account."""
    return f"arn:aws:iam::{number}:user/somebody"


def _named(trust: Mapping[str, Any]) -> set[str]:
    """The principals of all kinds that a trust policy names."""
    found = set()
    for statement in trust["Statement"]:
        given = statement.get("Principal", {})
        for names in given.values() if isinstance(given, Mapping) else [given]:
            found |= {names} if isinstance(names, str) else set(names)
    return found


def _request(caller: Caller, role: str, trust: Policy) -> Request:
    return Request(
        principal=caller.arn,
        action=caller.action,
        resource=role,
        account=account(role),
        context=caller.context,
        identity=IDENTITY if caller.arn else (),
        policy=trust,
    )
