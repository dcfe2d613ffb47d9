"""Whose a bucket of a wanted name is: nobody's, this stack's, or one that has to be left alone."""

from __future__ import annotations

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties
from drawbridge.resources.store import OURS, Store, store


class NotOurs(Failed):
    """The bucket has to be left alone."""


def ours(at: Store, bucket: str, region: str, maker: str) -> bool:
    """True for a bucket that this stack made, False where there is none; raises NotOurs for any other.

    Proof is that the caller owns it and that it carries our tag. An empty one on which nothing is set is what a run
    leaves that died between making and tagging it.
    """
    match at.whose(bucket):
        case "nobody":
            return False
        case "other":
            raise NotOurs(
                f"the bucket name {bucket} is taken by another account; choose another name, or, if the bucket is "
                "yours, use the credentials of the account that it belongs to"
            )
    made_by = at.tags(bucket).get(OURS)
    if made_by != maker and not _untouched(at, bucket):
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
    """Properties: `connection` (see Store), `bucket` and `maker`."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a bucket of that name that this stack did not make."""
        return CheckResult(news, failures(_olds, news, news["maker"]))

    def create(self, props: Properties) -> CreateResult:
        """Asks once more, just before the bucket is made."""
        ours(store(props["connection"]), props["bucket"], props["connection"]["region"], props["maker"])
        return CreateResult(props["bucket"], props)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another bucket is another claim."""
        gone = moved(_olds, _news)
        changed = any(_olds[key] != _news[key] for key in ("connection", "maker"))
        return DiffResult(gone or changed, ["bucket"] if gone else [])

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Nothing to do: the bucket is ours."""
        return UpdateResult(_news)


class BucketClaim(DynamicResource, name="BucketClaim", operations=ClaimOperations, secret_outputs=()):
    """Goes before a bucket that a provider makes, which would not say whose the one is that is there already."""


def _untouched(at: Store, bucket: str) -> bool:
    return not (
        at.tags(bucket)
        or at.get("get_bucket_policy", bucket)
        or at.get("get_bucket_lifecycle_configuration", bucket)
        or at.get("get_bucket_cors", bucket)
        or at.call("get_bucket_versioning", bucket).get("Status")
        or at.call("list_object_versions", bucket, MaxKeys=1).keys() & {"Versions", "DeleteMarkers"}
    )
