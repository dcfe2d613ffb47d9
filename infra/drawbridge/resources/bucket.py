"""A bucket on an S3-compatible store, with plain S3 calls that every such store knows; it is never deleted."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.documents import same
from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties
from drawbridge.resources.store import NOT_OURS, OURS, NoBucket, Store, store

_COMPARED = ("tags", "versioning", "keep_old_versions", "keep_unfinished_uploads", "connection")
_OLD, _UNFINISHED = "old-versions", "unfinished-uploads"


class BucketOperations(Operations):
    """Properties: `connection` (see Store), `bucket`, `tags`, `versioning` (bool), `keep_old_versions` and
    `keep_unfinished_uploads` (days, or `forever`)."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a bucket of that name that this stack did not make."""
        failures = []
        if not _olds or _moved(_olds, news):
            try:
                _ours_or_absent(store(news["connection"]), news)
            except Failed as failed:
                failures.append(CheckFailure("", str(failed)))
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another name, kind or region is another bucket; the old one stays where it is."""
        moved = _moved(_olds, _news)
        changed = any(not same(_olds.get(key), _news.get(key)) for key in _COMPARED)
        return DiffResult(moved or changed, ["bucket"] if moved else [])

    def create(self, props: Properties) -> CreateResult:
        """Makes the bucket, or goes on with one that an earlier run of this stack made."""
        at = store(props["connection"])
        if not _ours_or_absent(at, props):
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


def _moved(olds: Properties, news: Properties) -> bool:
    return any(
        one != other
        for one, other in (
            (olds["bucket"], news["bucket"]),
            (olds["connection"]["kind"], news["connection"]["kind"]),
            (olds["connection"]["region"], news["connection"]["region"]),
        )
    )


def _ours_or_absent(at: Store, props: Properties) -> bool:
    """True for a bucket that this stack made, False where there is none; raises Failed for anybody else's."""
    from botocore.exceptions import ClientError

    bucket = props["bucket"]
    if at.owns(bucket):
        maker = at.tags(bucket).get(OURS)
        if maker == props["tags"][OURS] or _untouched(at, bucket):
            region = at.region(bucket)
            if region == props["connection"]["region"]:
                return True
            raise Failed(f"bucket {bucket} lies in {region} already, and a bucket cannot move; say region: {region}")
        by = f"was made by the stack {maker}" if maker else "was not made by Drawbridge"
        raise Failed(f"bucket {bucket} exists in this account already and {by}; choose another name")
    try:
        at.call("head_bucket", bucket)
    except NoBucket:
        return False
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_OURS:
            raise
    raise Failed(f"the bucket name {bucket} is taken by another account; choose another name")


def _untouched(at: Store, bucket: str) -> bool:
    """Whether a bucket is as a run that died between making and tagging it leaves it: nothing in it, nothing set."""
    return not (
        at.tags(bucket)
        or at.get("get_bucket_policy", bucket)
        or at.get("get_bucket_lifecycle_configuration", bucket)
        or at.get("get_bucket_cors", bucket)
        or at.call("get_bucket_versioning", bucket).get("Status")
        or at.call("list_object_versions", bucket, MaxKeys=1).keys() & {"Versions", "DeleteMarkers"}
    )


def _configure(at: Store, props: Properties) -> Properties:
    """Sets tags, versioning and clean-up, and reads them back; returns the outputs."""
    bucket = props["bucket"]
    theirs = {key: value for key, value in at.tags(bucket).items() if key not in props["tags"]}
    tags = [{"Key": key, "Value": value} for key, value in (theirs | props["tags"]).items()]
    at.call("put_bucket_tagging", bucket, Tagging={"TagSet": tags})
    status = "Enabled" if props["versioning"] else "Suspended"
    at.call("put_bucket_versioning", bucket, VersioningConfiguration={"Status": status})
    _clean_up(at, props)
    wanted = {key: props[key] for key in ("versioning", "keep_old_versions", "keep_unfinished_uploads")}
    live = _live(at, bucket)
    lost = [key for key, value in wanted.items() if not same(live[key], value)]
    if lost:
        raise Failed(f"bucket {bucket} does not keep {', '.join(lost)} as set; this store may not support it")
    return {**props, "owner": at.owner()}


def _clean_up(at: Store, props: Properties) -> None:
    """Sets our two lifecycle rules; rules of others stay."""
    bucket = props["bucket"]
    live = at.get("get_bucket_lifecycle_configuration", bucket) or {"Rules": []}
    theirs = [rule for rule in live["Rules"] if rule.get("ID") not in (_OLD, _UNFINISHED)]
    rules = theirs + _rules(props)
    if rules:
        at.call("put_bucket_lifecycle_configuration", bucket, LifecycleConfiguration={"Rules": rules})
    elif live["Rules"]:
        at.call("delete_bucket_lifecycle", bucket)


def _rules(props: Properties) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if props["keep_old_versions"] != "forever":
        days = int(props["keep_old_versions"])
        rules.append({"ID": _OLD, "NoncurrentVersionExpiration": {"NoncurrentDays": days}})
    if props["keep_unfinished_uploads"] != "forever":
        days = int(props["keep_unfinished_uploads"])
        rules.append({"ID": _UNFINISHED, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}})
    return [{"Status": "Enabled", "Filter": {"Prefix": ""}, **rule} for rule in rules]


def _covers_all(rule: dict[str, Any]) -> bool:
    return rule.get("Filter") in (None, {}, {"Prefix": ""}) and not rule.get("Prefix")


def _live(at: Store, bucket: str) -> Properties:
    """What the bucket has now, in the words of the properties; raises NoBucket."""
    versioning = at.call("get_bucket_versioning", bucket).get("Status") == "Enabled"
    answer = at.get("get_bucket_lifecycle_configuration", bucket) or {"Rules": []}
    # A rule that is switched off, or that no longer covers the whole bucket, does not clean up what it should.
    rules = {rule.get("ID"): rule for rule in answer["Rules"] if rule["Status"] == "Enabled" and _covers_all(rule)}
    old = rules.get(_OLD, {}).get("NoncurrentVersionExpiration", {})
    unfinished = rules.get(_UNFINISHED, {}).get("AbortIncompleteMultipartUpload", {})
    tags = {key: value for key, value in at.tags(bucket).items() if key == OURS}
    return {
        "tags": tags,
        "versioning": versioning,
        "keep_old_versions": old.get("NoncurrentDays", "forever"),
        "keep_unfinished_uploads": unfinished.get("DaysAfterInitiation", "forever"),
    }
