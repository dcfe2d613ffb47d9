"""What identities of ours share: names, ARNs, the size of what they may, the policy as a resource."""

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
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    import pulumi

    from drawbridge.program import Run
    from drawbridge.resources.identity_claim import IdentityClaim

# Characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST_OF_ROLE, LARGEST_TRUST = 10240, 2048
POLICY = "drawbridge"
"""What the one inline policy of each of our identities is called."""
Kind = Literal["role", "user"]


def principal(kind: Kind, wanted: Wanted, iam: Iam) -> Principal:
    """An identity in the account of the stack's aws provider."""
    name = iam.name(wanted.name)
    arn = f"arn:aws:iam::{tokens.AWS_ACCOUNT}:{kind}{iam.path}{name}"
    return Principal(arn, f"{kind} {name} of your account", ours=True)


def too_long(wanted: Wanted, iam: Iam) -> Iterator[Finding]:
    """A name that IAM does not take."""
    name = iam.name(wanted.name)
    if len(name) > LONGEST_NAME:
        shorten = "shorten it, or drawbridge:iam_name_prefix" if iam.name_prefix else "shorten it"
        yield Finding(("name",), f"makes the name {name}, and IAM takes at most {LONGEST_NAME} characters; {shorten}")


def policy(
    largest: int | None, wanted: Wanted, accesses: Sequence[Access], denied: Sequence[str] = ()
) -> dict[str, Any]:
    """What an identity may do in all its storages, as one policy; raises ConflictingAccesses where it is too large.

    `denied` are actions that the store lets everybody do who is not denied them.
    """
    statements: dict[str, Any] = {}
    for name, storage in wanted.storages.items():
        for one in storage.identity_statements([access for access in accesses if access.storage == name]):
            # Only a key's statement has the same name in each storage.
            same = sum(1 for sid in statements if sid.rstrip("0123456789") == one["sid"])
            statements.setdefault(f"{one['sid']}{same + 1 if same else ''}", one)
    named = [{**one, "sid": sid} for sid, one in statements.items()]
    document: dict[str, Any] = templates.document("iam/identity-policy.json.j2", accesses=named, denied=list(denied))
    fits(document, largest, f"the policy of {wanted.name}", "use shorter or fewer prefixes, or fewer networks")
    return document


def fits(document: Any, largest: int | None, words: str, advice: str) -> None:
    """Raises ConflictingAccesses, with some advice, where a document is too large for the store."""
    size = len(compact(tokens.longest(document)))
    if largest and size > largest:
        raise ConflictingAccesses(f"{words} would have {size:,} characters, and {largest:,} are allowed; {advice}")


def common(iam: Iam, run: Run) -> dict[str, Any]:
    """The arguments that every role and user has."""
    boundary = {"permissions_boundary": iam.permissions_boundary} if iam.permissions_boundary else {}
    return {"path": iam.path, "tags": {**iam.tags, **run.tags}, **boundary}


def claim(kind: Kind, planned: PlannedIdentity, iam: Iam, run: Run) -> IdentityClaim:
    """What is asked before it is made; raises Failed, and where it is asked too."""
    from drawbridge.resources.identity_claim import IdentityClaim

    wanted = planned.wanted
    return IdentityClaim(
        kind,
        iam.name(wanted.name),
        run.maker,
        lambda: client(wanted),
        lambda message: str(planned.problem(Finding(wanted.at, message))),
    )


def at(wanted: Wanted) -> S3Bucket:
    """A storage through which the account is reached."""
    storage = next(iter(wanted.storages.values()))
    assert isinstance(storage, S3Bucket), "no other has identities here"  # noqa: S101
    return storage


def client(wanted: Wanted) -> Any:
    """IAM in the account of the stack's aws provider; raises Failed."""
    return at(wanted).store().session.client("iam")


def deployed(kind: Kind, planned: PlannedIdentity, iam: Iam, *resources: str) -> Iterator[Deployed]:
    """Its claim, and resources about it, which cannot be made without the stack's boundary if it has one."""
    # As long as there is none of that name, IAM knows no path of it.
    account, _, name = planned.principal.arn.partition(f"{kind}{iam.path}")
    yield Deployed(f"{kind} name", {"identity": f"{account}{kind}/{name}"})
    boundary = {"iam:PermissionsBoundary": iam.permissions_boundary} if iam.permissions_boundary else {}
    for resource in (f"claimed {kind}", *resources):
        yield Deployed(resource, {"identity": planned.principal.arn}, boundary)


def resolved(document: Any, values: dict[str, pulumi.Output[str]]) -> pulumi.Output[str]:
    """A document as IAM takes it, once what only the cloud knows is known."""
    import pulumi

    return pulumi.Output.all(**values).apply(lambda known: compact(tokens.resolve(document, known)))
