"""Whose a bucket of a wanted name is: nobody's, this stack's, or one that has to be left alone."""

from __future__ import annotations

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties, say
from drawbridge.resources.store import OURS, Store, store


class NotOurs(Failed):
    """The bucket has to be left alone."""


def ours(at: Store, bucket: str, region: str, maker: str) -> bool:
    """True for a bucket that this stack made, False where there is none; raises NotOurs for any other.

    Proof is that the caller owns it and that it carries our tag. An empty one on which nothing is set is what a run
    leaves that died between making and tagging it (see `untagged`).
    """
    match at.whose(bucket):
        case "nobody":
            return False
        case "other":
            raise NotOurs(
                f"the bucket name {bucket} is taken by another account; choose another name, or, if the bucket is "
                "yours, use the credentials of the account that it belongs to, which need s3:ListBucket on it"
            )
    made_by = at.tags(bucket).get(OURS)
    if made_by != maker and not untagged(at, bucket):
        by = f"was made by the stack {made_by}" if made_by else "was not made by Drawbridge"
        raise NotOurs(
            f"bucket {bucket} exists in this account already and {by}; to use it as it is, say existing: true, "
            "or choose another name"
        )
    if (lies_in := at.region(bucket)) != region:
        raise NotOurs(f"bucket {bucket} lies in {lies_in} already, and a bucket cannot move; say region: {lies_in}")
    return True


def moved(olds: Properties, news: Properties) -> bool:
    """Whether the properties of a resource speak of another bucket than before."""
    connections = olds["connection"], news["connection"]
    return olds["bucket"] != news["bucket"] or any(
        connections[0][key] != connections[1][key] for key in ("kind", "region")
    )


def failures(olds: Properties, news: Properties, maker: str) -> list[CheckFailure]:
    """For a `check`, so that a preview tells; what is in the state already is not asked for again."""
    if olds and not moved(olds, news):
        return []
    try:
        ours(store(news["connection"]), news["bucket"], news["connection"]["region"], maker)
    except Failed as failed:
        return [CheckFailure("", str(failed))]
    return []


class ClaimOperations(Operations):
    """Properties: `connection` (see Store), `bucket`, `maker`, and `adopt`: the bucket is ours and lacks our tag."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a bucket of that name that this stack did not make."""
        return CheckResult(news, failures(_olds, news, news["maker"]))

    def create(self, props: Properties) -> CreateResult:
        """Asks once more, just before the bucket is made."""
        ours(store(props["connection"]), props["bucket"], props["connection"]["region"], props["maker"])
        _adopt(props)
        return CreateResult(props["bucket"], props)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another bucket is another claim."""
        gone = moved(_olds, _news)
        changed = any(_olds[key] != _news[key] for key in ("connection", "maker"))
        return DiffResult(gone or changed or bool(_news.get("adopt")), ["bucket"] if gone else [])

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """The bucket is ours; it may lack the tag that says so."""
        _adopt(_news)
        return UpdateResult(_news)


class BucketClaim(DynamicResource, name="BucketClaim", operations=ClaimOperations, secret_outputs=()):
    """Goes before a bucket that a provider makes, which would not say whose the one is that is there already."""


def _adopt(props: Properties) -> None:
    """Puts our tag beside those of others, and says that the bucket is managed from now on."""
    if props.get("adopt"):
        at, bucket = store(props["connection"]), props["bucket"]
        tags = [{"Key": key, "Value": value} for key, value in {**at.tags(bucket), OURS: props["maker"]}.items()]
        at.call("put_bucket_tagging", bucket, Tagging={"TagSet": tags})
        say(f"{bucket} was there, empty and with nothing set, and is now made and kept by this stack")


# What would be there if anybody had used the bucket, by the operation that tells; each answer without it is empty.
TRACES = (
    "get_bucket_tagging",
    "get_bucket_policy",
    "get_bucket_lifecycle_configuration",
    "get_bucket_cors",
    "get_bucket_versioning",
    "get_bucket_website",
    "get_bucket_logging",
    "get_bucket_notification_configuration",
    "get_bucket_replication",
    "get_object_lock_configuration",
    "list_object_versions",
    "list_multipart_uploads",
)
_UNKNOWN = {"NotImplemented", "MethodNotAllowed", "XNotImplemented"}  # a store that does not know an operation
# In an answer that tells of nothing.
_SAY_NOTHING = {"ResponseMetadata", "IsTruncated", "MaxKeys", "MaxUploads", "Name", "Bucket", "Prefix", "KeyMarker",
                "UploadIdMarker", "VersionIdMarker", "Delimiter", "EncodingType", "RequestCharged"}  # fmt: skip


def untagged(at: Store, bucket: str) -> bool:
    """Whether nothing was ever put into a bucket, or set on it, by anybody."""
    from botocore.exceptions import ClientError

    for operation in TRACES:
        try:
            answer = at.get(operation, bucket) or {}
        except ClientError as error:
            if error.response["Error"]["Code"] not in _UNKNOWN:
                raise
            answer = {}
        if any(value for key, value in answer.items() if key not in _SAY_NOTHING):
            return False
    encryption = at.get("get_bucket_encryption", bucket)
    rules = encryption["ServerSideEncryptionConfiguration"]["Rules"] if encryption else []
    if any(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256" for rule in rules):
        return False
    return len(at.call("get_bucket_acl", bucket)["Grants"]) <= 1
