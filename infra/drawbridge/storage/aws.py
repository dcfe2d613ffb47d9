"""A bucket on AWS: pulumi-aws makes it and its protections, all of which stay when the stack goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from drawbridge import tokens
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.plan import PlannedStorage
    from drawbridge.provision import Provisioning


class AwsBucket(S3Bucket):
    """`kind: aws`; the stack's aws provider says which account."""

    name: ClassVar[str] = "aws"
    kind: Literal["aws"]

    def connection(self) -> dict[str, Any]:
        """The region and the account; profile and assumed roles are those of the stack's aws provider."""
        return {"kind": self.name, "region": self.region, "account": str(tokens.AWS_ACCOUNT)}

    def provision(self, planned: PlannedStorage, run: Provisioning) -> list[Any]:
        """The bucket, then each protection, one after the other: AWS refuses changes to one bucket side by side."""
        import pulumi
        import pulumi_aws as aws

        kept = pulumi.ResourceOptions(retain_on_delete=True)
        ours = run.made_before(self)
        bucket = aws.s3.Bucket(
            planned.name,
            bucket=self.bucket,
            region=self.region,
            tags=run.tags,
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(import_=self.bucket if ours else None)),
        )
        made: list[Any] = [bucket]

        def protect(resource: Any, **properties: Any) -> None:
            after = pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=made[-1:]))
            made.append(resource(planned.name, bucket=bucket.bucket, region=self.region, opts=after, **properties))

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
                "abort_incomplete_multipart_upload": {
                    "days_after_initiation": 7 if uploads == "forever" else uploads
                },
            },
        ]


STORAGE = AwsBucket
