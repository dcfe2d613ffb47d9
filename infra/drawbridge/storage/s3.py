"""What all kinds of S3 share: names, ARNs, how verbs are spelt, and the documents of a bucket."""

from __future__ import annotations

import ipaddress
import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge import templates, tokens
from drawbridge.access import Access, CorsRule, Verb, outermost
from drawbridge.documents import POLICY
from drawbridge.model import Days
from drawbridge.problems import Finding
from drawbridge.storage.interface import ConflictingAccesses, Documents, Storage

if TYPE_CHECKING:
    from drawbridge.plan import PlannedStorage
    from drawbridge.program import Run
    from drawbridge.resources.store import Store
    from drawbridge.verify.live import Live, Spot

# Verb -> permissions. Writing in parts needs no more than s3:PutObject:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
ACTIONS: dict[Verb, list[str]] = {
    "list": ["s3:ListBucket"],
    "read": ["s3:GetObject"],
    "write": ["s3:PutObject"],
    "delete": ["s3:DeleteObject"],
}
ON_THE_BUCKET: set[Verb] = {"list"}  # their resource is the bucket's own ARN, and s3:prefix says where
VPC = "vpc-"  # how the ids of VPCs begin, among networks; all others are addresses
TLS_ONLY = "DrawbridgeTlsOnly"
MAKING = ("tls_only", "versioning", "keep_old_versions", "keep_unfinished_uploads")  # keys for a bucket of our own

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_FIRST, _LAST = ("xn--", "sthree-", "amzn-s3-demo-"), ("-s3alias", "--ol-s3", "--x-s3")


def _bucket_name(value: str) -> str:
    if not re.fullmatch(_BUCKET, value):
        raise ValueError(
            "must be 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends"
        )
    if value.startswith(_FIRST) or value.endswith(_LAST):
        raise ValueError(
            f"must not begin with {', '.join(_FIRST)} or end with {', '.join(_LAST)}: S3 keeps them for itself"
        )
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        return value
    raise ValueError("must not look like an IP address")


Bucket = Annotated[str, AfterValidator(_bucket_name), WithJsonSchema({"type": "string", "pattern": f"^{_BUCKET}$"})]


class S3Bucket(Storage):
    """A bucket that speaks S3: created and kept by the stack, or there already and used as it is."""

    bucket: Bucket = Field(description="the bucket's name, without s3://")
    region: str = Field(description="the code of the region that the bucket lies in")
    existing: bool = Field(False, description="the bucket is there already: used, never created or re-configured")
    tls_only: bool = Field(True, description="a statement in the bucket policy that refuses requests without TLS")
    versioning: bool = Field(True, description="keep what is overwritten or deleted as old versions")
    keep_old_versions: Days = Field(90, description="days until an old version is cleaned up, or forever")
    keep_unfinished_uploads: Days = Field(7, description="days until the parts of an unfinished upload are cleaned up")

    @property
    def arn(self) -> str:
        """The bucket's ARN; S3-compatible stores use the partition `aws` as well (Wasabi's and V7's documents do)."""
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def resource(self) -> str:
        """The name of its resources: by what it is, so that renaming the entry in storage.yaml changes nothing."""
        return f"{self.name}-{self.bucket}"

    @property
    def place(self) -> tuple[str, ...]:
        """Bucket names are unique within a kind."""
        return (self.name, self.bucket)

    @property
    def address(self) -> str:
        """The store's endpoint with its scheme; "" on AWS, where clients find it by the region."""
        return ""

    @property
    def whose(self) -> tuple[str, ...]:
        """What two buckets have in common that one user can be let into; the stack has one AWS account."""
        return (self.name,)

    def check(self) -> Iterator[Finding]:
        """Keys that only a bucket of our own has."""
        for key in sorted(set(MAKING) & self.model_fields_set) if self.existing else ():
            yield Finding(
                (key,), "has no meaning with existing: true, since the bucket is not re-configured; leave it out"
            )

    @property
    def needs_tls(self) -> bool:
        """Whether our own statement refuses requests without TLS."""
        return self.tls_only and not self.existing

    @abstractmethod
    def connection(self) -> dict[str, Any]:
        """How a dynamic resource reaches the bucket (see resources.store); kept in the state, so nothing secret."""

    @abstractmethod
    def reach(self) -> Any:
        """The connection as an input of a resource: what only the cloud knows is filled in."""

    @abstractmethod
    def store(self) -> Store:
        """The live store, reached as the caller; raises resources.base.Failed."""

    @abstractmethod
    def make(self, run: Run) -> list[Any]:
        """Declares the bucket and its protections, all of which stay when the stack goes; the last comes last."""

    @abstractmethod
    def options(self) -> str:
        """The options with which the `aws` command reaches the store, for advice."""

    def lacks(self, planned: PlannedStorage) -> Iterator[Finding]:
        """What the bucket lacks for its grants, which is there already, is the caller's, and lies where it should."""
        from drawbridge.storage import existing

        yield from existing.lacking(self, self.store(), planned.accesses)

    def inspect(self, planned: PlannedStorage) -> Iterator[Finding]:
        """Whether the store can be reached; of an existing bucket, what it lacks."""
        if self.existing and not planned.accesses:
            return
        from drawbridge.storage import existing

        self.store().prove_reachable()
        if self.existing:
            elsewhere = list(existing.elsewhere(self, self.store()))
            yield from elsewhere or self.lacks(planned)

    def provision(self, planned: PlannedStorage, run: Run) -> list[Any]:
        """The bucket, then what is ours in its policy and CORS document, one after the other."""
        import pulumi

        from drawbridge.resources.cors import BucketCors
        from drawbridge.resources.lifecycle import BucketLifecycle
        from drawbridge.resources.placeholder import Placeholder
        from drawbridge.resources.statements import BucketStatements

        made = [] if self.existing else self.make(run)
        connection, documents = self.reach(), planned.documents

        def own(resource: Any, suffix: str, parts: Sequence[dict[str, Any]], **more: Any) -> None:
            # Resolving with no values: a token that is left over stops the run.
            properties = {"connection": connection, "bucket": self.bucket, "parts": tokens.resolve(parts, {}), **more}
            options = pulumi.ResourceOptions(depends_on=made[-1:], retain_on_delete=more.get("kept", False))
            made.append(resource(self.resource + suffix, properties, options))

        if not self.existing:
            # Always there, if only empty: what is kept on delete could not be switched off otherwise.
            own(BucketLifecycle, "-clean-up", self._clean_up(), kept=True)
            own(BucketStatements, "-protection", documents.protection, kept=True)
        if documents.statements or not self.existing:
            # The Id belongs to the platform's statements, so it comes and goes with them.
            more = {
                "document_id": documents.policy.get("Id", "") if documents.statements else "",
                "reserved": list(documents.reserved),
            }
            if planned.name in run.refusals:
                more["refuse"] = run.refusals[planned.name]
            own(BucketStatements, "-grants", documents.statements, **more)
        if documents.cors:
            own(BucketCors, "-grants", documents.cors)
        for folder in planned.folders:
            properties = {"connection": connection, "bucket": self.bucket, "folder": folder}
            kept = pulumi.ResourceOptions(depends_on=made[-1:], retain_on_delete=True)
            # With the slash, which no bucket's name has: no two folders of a stack are called alike.
            made.append(Placeholder(f"{self.resource}/{folder}", properties, kept))
        return made

    def live(self) -> Live:
        """The bucket as its owner reaches it."""
        from drawbridge.verify.s3 import S3Live

        return S3Live(self.store(), self.bucket)

    @classmethod
    def live_at(cls, spot: Spot) -> Live:
        """The bucket that a connection leads to."""
        from drawbridge.resources.store import store
        from drawbridge.verify.s3 import S3Live

        return S3Live(store(json.loads(spot.connection)), spot.bucket)

    def documents(self, accesses: Sequence[Access], cors: Sequence[CorsRule], sid_suffix: str) -> Documents:
        """The bucket policy and CORS rules; a Sid that two principals or verbs would share is a conflict."""
        policy = templates.document(
            "s3/bucket-policy.json.j2",
            id=min(filter(None, (access.document for access in accesses)), default=""),
            accesses=[self._spell(group, sid_suffix) for group in _grouped(accesses)],
            tls_only=TLS_ONLY if self.needs_tls else "",
            bucket_arn=self.arn,
        )
        if too_large := POLICY.too_large(tokens.longest(policy)):
            grants = ", ".join(sorted({access.grant for access in accesses}))
            raise ConflictingAccesses(f"{too_large}; fewer prefixes are needed in {grants}")
        named = sorted({replace(rule, id=rule.id + sid_suffix) for rule in cors}, key=lambda rule: rule.id)
        rules = templates.document("s3/cors.json.j2", rules=named)
        return Documents(
            policy=policy if policy["Statement"] else {},
            statements=tuple(part for part in policy["Statement"] if part["Sid"] != TLS_ONLY),
            protection=tuple(part for part in policy["Statement"] if part["Sid"] == TLS_ONLY),
            cors=tuple(rules["CORSRules"]),
        )

    def identity_statements(self, accesses: Sequence[Access]) -> list[dict[str, Any]]:
        """The same for the policy of an identity of ours, where nobody is named."""
        return [self._spell(group, "") for group in _grouped(accesses)]

    def _spell(self, group: list[Access], sid_suffix: str) -> dict[str, Any]:
        first = group[0]
        prefixes = outermost(prefix for access in group for prefix in access.prefixes)
        on_the_bucket = ON_THE_BUCKET.issuperset(first.verbs)
        resources = [self.arn] if on_the_bucket else [f"{self.arn}/{prefix}*" for prefix in prefixes]
        # Both forms, since clients list `studies/` and below it; never `studies`, which others' names begin with too.
        narrowed = on_the_bucket and prefixes != [""]
        return {
            "sid": first.statement + sid_suffix,
            "principal": first.principal.arn,
            "actions": [action for verb in first.verbs for action in ACTIONS[verb]],
            "resources": resources[0] if len(resources) == 1 else resources,
            "listable": [form for prefix in prefixes for form in (prefix, f"{prefix}*")] if narrowed else [],
            "addresses": [one for one in first.networks if not one.startswith(VPC)],
            "vpcs": [one for one in first.networks if one.startswith(VPC)],
            "via_service": "",
        }

    def _clean_up(self) -> list[dict[str, Any]]:
        """The lifecycle rules; https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html."""
        found: list[dict[str, Any]] = []
        if self.keep_old_versions != "forever":
            old = {"NoncurrentVersionExpiration": {"NoncurrentDays": self.keep_old_versions}}
            found.append({"ID": "old-versions", **old})
        if self.keep_unfinished_uploads != "forever":
            unfinished = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": self.keep_unfinished_uploads}}
            found.append({"ID": "unfinished-uploads", **unfinished})
        return [{"Status": "Enabled", "Filter": {"Prefix": ""}, **rule} for rule in found]


def _grouped(accesses: Sequence[Access]) -> list[list[Access]]:
    """Accesses by Sid, in a stable order; several grants of one platform share a statement."""
    groups: dict[str, list[Access]] = {}
    for access in sorted(accesses, key=lambda access: (access.statement, access.grant)):
        groups.setdefault(access.statement, []).append(access)
    for sid, group in groups.items():
        for other in group[1:]:
            if _shared(other) != _shared(group[0]):
                raise ConflictingAccesses(
                    f"grants {group[0].grant} and {other.grant} need the statement {sid} with different "
                    "principals, actions or networks; give both prefixes, or make them one grant"
                )
    return list(groups.values())


def _shared(access: Access) -> tuple[object, ...]:
    """What accesses in one statement have in common."""
    return access.principal.arn, access.verbs, access.networks
