"""What roles and users of AWS's IAM share: names, ARNs, the size of what they may, the policy as a resource."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from drawbridge import templates, tokens
from drawbridge.access import Access, Principal
from drawbridge.auth.interface import PlannedIdentity, Wanted
from drawbridge.deployer.deployed import Deployed
from drawbridge.documents import compact
from drawbridge.iam import LONGEST_NAME, Iam
from drawbridge.problems import Finding
from drawbridge.storage.interface import ConflictingAccesses

if TYPE_CHECKING:
    import pulumi

    from drawbridge.program import Run

# Characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST = {"user": 2048, "role": 10240, "trust": 2048}
POLICY = "drawbridge"
"""What the one inline policy of each of our identities is called."""
Kind = Literal["role", "user"]


def principal(kind: Kind, wanted: Wanted, iam: Iam) -> Principal:
    """An identity in the account of the stack's aws provider."""
    name = iam.name(wanted.name)
    return Principal(f"arn:aws:iam::{tokens.AWS_ACCOUNT}:{kind}{iam.path}{name}", f"{kind} {name} of your account")


def too_long(wanted: Wanted, iam: Iam) -> Iterator[Finding]:
    """A name that IAM does not take."""
    name = iam.name(wanted.name)
    if len(name) > LONGEST_NAME:
        yield Finding(("name",), f"makes the name {name}, and IAM takes at most {LONGEST_NAME} characters; shorten it")


def policy(kind: Kind, wanted: Wanted, accesses: Sequence[Access]) -> dict[str, Any]:
    """What an identity may do, as one inline policy; raises ConflictingAccesses."""
    statements = wanted.storage.identity_statements(accesses)
    document: dict[str, Any] = templates.document("iam/identity-policy.json.j2", accesses=statements)
    fits(kind, document, wanted.name)
    return document


def fits(what: str, document: Any, name: str) -> None:
    """Raises ConflictingAccesses where a document is too large for IAM."""
    size = len(compact(tokens.longest(document)))
    if size > LARGEST[what]:
        raise ConflictingAccesses(
            f"the {what} policy of {name} would have {size:,} characters, and {LARGEST[what]:,} are allowed; "
            "name a folder that several of its prefixes lie in"
        )


def common(iam: Iam, run: Run) -> dict[str, Any]:
    """The arguments that every role and user has."""
    boundary = {"permissions_boundary": iam.permissions_boundary} if iam.permissions_boundary else {}
    return {"path": iam.path, "tags": {**iam.tags, **run.tags}, **boundary}


def deployed(planned: PlannedIdentity, iam: Iam, *kinds: str) -> Iterator[Deployed]:
    """Resources about one identity, which cannot be made without the stack's boundary if it has one."""
    boundary = {"iam:PermissionsBoundary": iam.permissions_boundary} if iam.permissions_boundary else {}
    for kind in kinds:
        yield Deployed(kind, {"identity": planned.principal.arn}, boundary)


def resolved(document: Any, values: dict[str, pulumi.Output[str]]) -> pulumi.Output[str]:
    """A document as IAM takes it, once what only the cloud knows is known."""
    import pulumi

    return pulumi.Output.all(**values).apply(lambda known: compact(tokens.resolve(document, known)))
