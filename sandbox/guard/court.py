"""Puts requests to the judge, and says why one is denied in AWS's words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from drawbridge.proof import judge
from drawbridge.proof.judge import Decision, Policy
from sandbox.guard.answers import Refused, denied
from sandbox.guard.context import Context
from sandbox.guard.principals import ACCOUNT, Principal

# Whatever its policy says, so that nobody locks an account out of its own bucket.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
ROOTS_OWN = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}


@dataclass(frozen=True)
class Wish:
    """One permission that a principal needs; `quoted` is how S3 writes a resource in its messages."""

    who: Principal
    action: str
    resource: str
    owner: str
    context: Context
    policy: Policy | None = None
    quoted: bool = False


class Decides(Protocol):
    """A judge, or several after each other."""

    def decide(self, requests: Iterable[judge.Request]) -> list[Decision]:
        """The decisions, in the order of the requests."""


class Court:
    """Decides wishes."""

    def __init__(self, judge_: Decides) -> None:
        self._judge = judge_

    def allows(self, *wishes: Wish) -> list[bool]:
        """Whether each may be done."""
        decisions = self._judge.decide(_request(wish) for wish in wishes)
        return [
            decision is Decision.ALLOWED or _roots_own(wish) for wish, decision in zip(wishes, decisions, strict=True)
        ]

    def demand(self, *wishes: Wish) -> None:
        """Refuses unless all may be done; the first that may not is told."""
        for wish, allowed in zip(wishes, self.allows(*wishes), strict=True):
            if not allowed:
                raise self.refusal(wish)

    def refusal(self, wish: Wish) -> Refused:
        """Why a wish is denied; strangers to the resource's account are told nothing."""
        if wish.quoted and wish.who.account != wish.owner:
            return denied()
        resource = f'"{wish.resource}"' if wish.quoted else wish.resource
        about = f"User: {wish.who} is not authorized to perform: {wish.action} on resource: {resource}"
        return denied(f"{about} {self._why(wish)}")

    def decide(self, requests: Sequence[judge.Request]) -> list[Decision]:
        """The judge's own decisions; raises NotUnderstood for documents that it cannot read."""
        return self._judge.decide(requests)

    def _why(self, wish: Wish) -> str:
        request = _request(wish)
        limits: dict[str, dict[str, Any]] = {
            "identity-based policy": {},
            "permissions boundary": {"boundary": request.boundary},
            "session policy": {"session": request.session},
        }
        bare = replace(request, policy=None, boundary=None, session=None, account=wish.who.account)
        asked = [replace(bare, **more) for more in limits.values()]
        decisions = dict(zip(limits, self._judge.decide(asked), strict=True))
        if self._judge.decide([request]) == [Decision.EXPLICITLY_DENIED]:
            kinds = [kind for kind, decision in decisions.items() if decision is Decision.EXPLICITLY_DENIED]
            kind = kinds[0] if kinds else "resource-based policy"
            return f"with an explicit deny in {'an' if kind[0] == 'i' else 'a'} {kind}"
        kinds = [kind for kind, decision in decisions.items() if decision is not Decision.ALLOWED]
        kind = kinds[0] if kinds else "resource-based policy"
        return f"because no {kind} allows the {wish.action} action"


def _roots_own(wish: Wish) -> bool:
    return wish.action in ROOTS_OWN and wish.who.kind == ACCOUNT and wish.who.account == wish.owner


def _request(wish: Wish) -> judge.Request:
    who = wish.who
    return judge.Request(
        who.arn,
        wish.action,
        wish.resource,
        wish.owner,
        wish.context,
        who.identity,
        wish.policy,
        who.boundary,
        who.session,
    )
