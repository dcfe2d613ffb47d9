"""What is asked about a grant: every verb in every place, as whoever might come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from drawbridge.access import Access, Principal
from drawbridge.proof import origins
from drawbridge.storage.s3 import S3Bucket

Column = Literal["list", "read", "write", "delete", "other"]
COLUMNS: tuple[Column, ...] = ("list", "read", "write", "delete", "other")
Kind = Literal["inside", "bare", "beside", "shared", "not its own", "elsewhere", "bucket", "another bucket"]

# The permission that each verb is, said here a second time: what storages spell is what is on trial. The others are
# what a pattern in an action, such as s3:Get*, would let in with them.
ON_OBJECTS: dict[Column, tuple[str, ...]] = {
    "read": ("s3:GetObject",),
    "write": ("s3:PutObject",),
    "delete": ("s3:DeleteObject",),
    "other": (
        "s3:AbortMultipartUpload",
        "s3:BypassGovernanceRetention",
        "s3:DeleteObjectVersion",
        "s3:GetObjectAcl",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:ListMultipartUploadParts",
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:RestoreObject",
    ),
}
ON_BUCKETS: tuple[str, ...] = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
FEW = tuple(column for column in COLUMNS if column != "other")


@dataclass(frozen=True)
class Who:
    """Somebody who comes: `arn` is None for whoever does not sign. `known` is the grant's own principal.

    `origin` is the address, or the id of the VPC, that the request comes from; "" if the store is told of none.
    """

    words: str
    arn: str | None
    known: bool = False
    tls: bool = True
    origin: str = ""


@dataclass(frozen=True)
class Place:
    """Where something is tried: keys of objects and prefixes of lists (None: a list without one).

    `folder` is the prefix that the place is about, "" if about none; `inside` lies in the bucket of the grant.
    """

    kind: Kind
    folder: str
    keys: tuple[str, ...]
    lists: tuple[str | None, ...] = ()
    columns: tuple[Column, ...] = FEW

    @property
    def inside(self) -> bool:
        """Whether it lies in the grant's own bucket."""
        return self.kind != "another bucket"


@dataclass(frozen=True)
class Question:
    """May somebody do one thing with one resource? `at` is the object's key or the list's prefix, None without."""

    who: Who
    place: Place
    column: Column
    action: str
    resource: str
    at: str | None = None

    @property
    def context(self) -> dict[str, str]:
        """The condition keys of the request."""
        prefix = {"s3:prefix": self.at} if self.column == "list" and self.at is not None else {}
        return {"aws:SecureTransport": "true" if self.who.tls else "false", **origins.key(self.who.origin), **prefix}

    def covered_by(self, access: Access) -> bool:
        """Whether an access is about this, in this place; whose it is does not count."""
        return self.place.inside and access.covers(self.column, self.at or "") and access.open_to(self.who.origin)


def questions(
    bucket: S3Bucket, principal: Principal, own: Sequence[Access], others: Sequence[Access], beside: Sequence[Access]
) -> list[Question]:
    """Everything that is asked about one grant's accesses to a bucket.

    `others` are those of other grants with the same principal, `beside` the grant's own with another one.
    """
    networks = [network for access in (*own, *others) for network in access.networks]
    first, *rest = origins.inside(networks) or [""]
    right = Who("the principal", principal.arn, known=True, origin=first)
    places = list(_places(_folders(own), _folders(others), _folders(beside)))
    # Whoever else comes tries the plainest of it: what is inside a folder, elsewhere and on the bucket.
    plain = [_plain(place) for place in places if place.kind in ("inside", "elsewhere", "bucket")]
    same = [replace(right, words="the principal, from its other networks", origin=one) for one in rest]
    away = origins.outside(networks) if networks else []
    others_come = [replace(right, words="the principal, from elsewhere", origin=one) for one in away]
    others_come += strangers(right)
    return [
        question
        for everybody, where in (([right, *same], places), (others_come, plain))
        for who in everybody
        for place in where
        for question in _at(bucket, who, place)
    ]


def strangers(principal: Who) -> Iterator[Who]:
    """Who is to be kept out, and the principal itself without TLS; from where it comes itself."""
    assert principal.arn  # noqa: S101  it signs
    yield replace(principal, words="the principal, without TLS", tls=False)
    stranger = replace(principal, known=False)
    yield replace(stranger, words="another of its account", arn=f"{principal.arn}-other")
    own, elsewhere = account(principal.arn), another_account(principal.arn)
    renamed = principal.arn.replace(f":{own}:", f":{elsewhere}:", 1)
    yield replace(stranger, words="its name in another account", arn=renamed)
    yield replace(stranger, words="anonymous", arn=None)


def account(arn: str) -> str:
    """The account of a principal."""
    return arn.split(":")[4]


def another_account(arn: str, start: int = 1) -> str:
    """An account that is not the principal's: 111111111111, or the next."""
    found = str(start) * 12
    return found if found != account(arn) else str(start + 1) * 12


def _folders(accesses: Sequence[Access]) -> list[str]:
    return sorted({prefix for access in accesses for prefix in access.prefixes if prefix})


def _places(own: Sequence[str], others: Sequence[str], not_own: Sequence[str]) -> Iterator[Place]:
    for folder in own:
        bare = folder.removesuffix("/")
        deep = f"{folder}x/y z"
        yield Place("inside", folder, (deep, folder), (folder, f"{folder}x/"), COLUMNS)
        yield Place("bare", folder, (bare,), (bare,))
        yield Place("beside", folder, (f"{bare}-beside/x",), (f"{bare}-",))
    for folder in sorted(set(others) - set(own)):
        yield Place("shared", folder, (f"{folder}x/y z",), (folder,))
    for folder in sorted(set(not_own) - {*own, *others}):
        yield Place("not its own", folder, (f"{folder}x/y z",), (folder,))
    yield Place("elsewhere", "", ("elsewhere/x", "y"), (None, "", "elsewhere/"), COLUMNS)
    yield Place("bucket", "", (), (), ("other",))
    yield Place("another bucket", "", (f"{own[0] if own else ''}x",), (None, *own[:1]), COLUMNS)


def _plain(place: Place) -> Place:
    columns = FEW if place.kind == "inside" else place.columns
    return Place(place.kind, place.folder, place.keys[:1], place.lists[:1], columns)


def _at(bucket: S3Bucket, who: Who, place: Place) -> Iterator[Question]:
    arn = bucket.arn if place.inside else f"{bucket.arn}-2"
    for column in place.columns:
        for action in ON_OBJECTS.get(column, ()):
            for key in place.keys[: 1 if column == "other" else None]:
                yield Question(who, place, column, action, f"{arn}/{key}", key)
    if "list" in place.columns:
        for prefix in place.lists:
            yield Question(who, place, "list", "s3:ListBucket", arn, prefix)
    if place.kind in ("bucket", "another bucket"):
        for action in ON_BUCKETS:
            yield Question(who, place, "other", action, arn)
