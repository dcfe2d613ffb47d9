"""A bucket on AWS: pulumi-aws makes it and its protections, all of which stay when the stack goes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from drawbridge import tokens
from drawbridge.problems import Finding
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.program import Run


# Keys of the aws provider's configuration that are understood, with the provider's argument. Region, profile and roles
# are shared with boto3; the others do not touch who acts where.
ARGUMENTS = {
    "region": "region",
    "profile": "profile",
    "assumeRoles": "assume_roles",
    "allowedAccountIds": "allowed_account_ids",
    "defaultTags": "default_tags",
    "forbiddenAccountIds": "forbidden_account_ids",
    "ignoreTags": "ignore_tags",
    "maxRetries": "max_retries",
    "retryMode": "retry_mode",
    "skipCredentialsValidation": "skip_credentials_validation",
    "skipMetadataApiCheck": "skip_metadata_api_check",
    "skipRegionValidation": "skip_region_validation",
}
TEXTS = {"region", "profile", "retryMode"}  # the others are JSON


class AwsBucket(S3Bucket):
    """`kind: aws`; the stack's aws provider says which account."""

    name: ClassVar[str] = "aws"
    kind: Literal["aws"]

    def connection(self) -> dict[str, Any]:
        """The region and the account; profile and assumed roles are those of the stack's aws provider."""
        return {"kind": self.name, "region": self.region, "account": str(tokens.AWS_ACCOUNT)}

    def check(self) -> Iterator[Finding]:
        """Other partitions have other ARNs, and V7's principal is not known there."""
        if self.region.startswith(("cn-", "us-gov-", "us-iso", "eu-isoe-")):
            yield Finding(("region",), f"{self.region} is in another partition than aws, the only one that is known")

    def reach(self) -> Any:
        """The aws provider's own profile and roles, and the account that it acts in."""
        import pulumi_aws as aws

        connection = {**self.connection(), **_provider()}
        account = aws.get_caller_identity_output().account_id
        return account.apply(lambda known: tokens.resolve(connection, {tokens.AWS_ACCOUNT.name: known}))

    def make(self, run: Run) -> list[Any]:
        """The bucket, then each protection, one after the other: AWS refuses changes to one bucket side by side."""
        import pulumi
        import pulumi_aws as aws

        from drawbridge.resources.store import made_by

        kept = pulumi.ResourceOptions(retain_on_delete=True, provider=_provider_in(self.region))
        # A bucket that a former destroy left behind is imported; one that is in the state already is not touched.
        ours = made_by({**self.connection(), **_provider()}, self.bucket, run.maker)
        bucket = aws.s3.Bucket(
            self.resource,
            bucket=self.bucket,
            region=self.region,
            tags=run.tags,
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(import_=self.bucket if ours else None)),
        )
        made: list[Any] = [bucket]

        def protect(resource: Any, **properties: Any) -> None:
            after = pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=made[-1:]))
            made.append(resource(self.resource, bucket=bucket.bucket, region=self.region, opts=after, **properties))

        protect(
            aws.s3.BucketPublicAccessBlock,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        protect(aws.s3.BucketOwnershipControls, rule={"object_ownership": "BucketOwnerEnforced"})
        encryption = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
        protect(aws.s3.BucketServerSideEncryptionConfiguration, rules=[encryption])
        status = "Enabled" if self.versioning else "Suspended"
        protect(aws.s3.BucketVersioning, versioning_configuration={"status": status})
        protect(aws.s3.BucketLifecycleConfiguration, rules=self._clean_up())
        return made

    def _clean_up(self) -> list[dict[str, Any]]:
        """Both rules are always there: one that is switched off says so on the bucket instead of being left behind."""
        versions, uploads = self.keep_old_versions, self.keep_unfinished_uploads
        return [
            {
                "id": "old-versions",
                "status": "Disabled" if versions == "forever" else "Enabled",
                "filter": {"prefix": ""},
                "noncurrent_version_expiration": {"noncurrent_days": 90 if versions == "forever" else versions},
            },
            {
                "id": "unfinished-uploads",
                "status": "Disabled" if uploads == "forever" else "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7 if uploads == "forever" else uploads},
            },
        ]


@cache
def _provider_in(region: str) -> Any:
    """A provider whose own region it is, since an import looks for a bucket there alone; None for the stack's own.

    https://github.com/hashicorp/terraform-provider-aws/issues/42853
    """
    import pulumi_aws as aws

    given = _configuration()
    if given.get("region") == region:
        return None
    arguments: dict[str, Any] = {ARGUMENTS[key]: value for key, value in given.items()}
    return aws.Provider(f"aws-{region}", **{**arguments, "region": region})


def _provider() -> dict[str, Any]:
    """The aws provider's profile and roles, for boto3 to act as the same principal; raises Failed."""
    from drawbridge.resources.base import Failed

    given = _configuration()
    roles = given.get("assumeRoles") or []
    for role in roles:
        if unknown := sorted(set(role) - {"roleArn", "sessionName"}):
            raise Failed(
                f"aws:assumeRoles: {', '.join(unknown)} cannot be used, since boto3 cannot share it; "
                "put the role into a profile and name that instead (aws:profile)"
            )
    return {"profile": given.get("profile") or "", "assume_roles": roles}


def _configuration() -> dict[str, Any]:
    """The aws provider's configuration, by key; raises Failed.

    What boto3 could follow only with a key or an id in the state is refused: both read a profile.
    """
    import pulumi
    from pulumi.runtime.config import get_config_env

    from drawbridge.resources.base import Failed

    given = {key.removeprefix("aws:") for key in get_config_env() if key.startswith("aws:")}
    if unknown := sorted(given - set(ARGUMENTS)):
        raise Failed(
            f"aws:{', aws:'.join(unknown)} cannot be used, since boto3 cannot share it; "
            "put it into a profile and name that instead (aws:profile)"
        )
    config = pulumi.Config("aws")
    return {key: config.get(key) if key in TEXTS else config.get_object(key) for key in sorted(given)}


STORAGE = AwsBucket
