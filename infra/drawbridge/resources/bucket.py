"""A bucket on an S3-compatible store, with plain S3 calls that every such store knows; it is never deleted."""

from __future__ import annotations

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.documents import same
from drawbridge.resources import claim
from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties
from drawbridge.resources.store import OURS, NoBucket, Store, store

_COMPARED = ("tags", "versioning", "connection")


class BucketOperations(Operations):
    """Properties: `connection` (see Store), `bucket`, `tags` (with our own) and `versioning` (bool)."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a bucket of that name that this stack did not make."""
        return CheckResult(news, claim.failures(_olds, news, news["tags"][OURS]))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another name, kind or region is another bucket; the old one stays where it is."""
        moved = claim.moved(_olds, _news)
        changed = any(not same(_olds.get(key), _news.get(key)) for key in _COMPARED)
        return DiffResult(moved or changed, ["bucket"] if moved else [])

    def create(self, props: Properties) -> CreateResult:
        """Makes the bucket, or goes on with one that an earlier run of this stack made."""
        at = store(props["connection"])
        if not claim.ours(at, props["bucket"], props["connection"]["region"], props["tags"][OURS]):
            region = props["connection"]["region"]
            # us-east-1 is the one region that must not be named here, on AWS and on stores that follow it.
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            at.call("create_bucket", props["bucket"], **place)
        return CreateResult(props["bucket"], _configure(at, props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Sets everything again."""
        return UpdateResult(_configure(store(_news["connection"]), _news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """The bucket as it is; gone when it does not exist."""
        at = store(props["connection"])
        try:
            return ReadResult(id_, {**props, **_live(at, props["bucket"])})
        except NoBucket:
            at.prove_same_owner(props.get("owner", ""))
            return ReadResult("", {})

    def delete(self, _id: str, _props: Properties) -> None:
        """Never: data outlives the stack. Reached only if somebody takes `retain_on_delete` away."""
        raise Failed(f"bucket {_props['bucket']} holds data and is not deleted; remove it by hand")


class Bucket(DynamicResource, name="Bucket", operations=BucketOperations, secret_outputs=()):
    """A bucket on an S3-compatible store; see BucketOperations for the properties."""


def _configure(at: Store, props: Properties) -> Properties:
    """Sets our tag and versioning, and reads them back; returns the outputs."""
    bucket = props["bucket"]
    theirs = {key: value for key, value in at.tags(bucket).items() if key not in props["tags"]}
    tags = [{"Key": key, "Value": value} for key, value in (theirs | props["tags"]).items()]
    at.call("put_bucket_tagging", bucket, Tagging={"TagSet": tags})
    status = "Enabled" if props["versioning"] else "Suspended"
    at.call("put_bucket_versioning", bucket, VersioningConfiguration={"Status": status})
    live = _live(at, bucket)
    if live["versioning"] != props["versioning"]:
        raise Failed(f"bucket {bucket} does not keep its versioning as set; this store may not support it")
    return {**props, "owner": at.owner()}


def _live(at: Store, bucket: str) -> Properties:
    """What the bucket has now, in the words of the properties; raises NoBucket."""
    tags = {key: value for key, value in at.tags(bucket).items() if key == OURS}
    return {"tags": tags, "versioning": at.call("get_bucket_versioning", bucket).get("Status") == "Enabled"}
