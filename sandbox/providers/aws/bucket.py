"""aws:s3/bucket:Bucket: name, region, tags; everything else of a bucket is a resource of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from sandbox.providers.aws.s3 import gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType

# What the real provider asks of every bucket, though the program takes nothing of it from here.
_ASKED = (
    "get_bucket_policy",
    "get_bucket_acl",
    "get_bucket_cors",
    "get_bucket_website",
    "get_bucket_versioning",
    "get_bucket_accelerate_configuration",
    "get_bucket_request_payment",
    "get_bucket_logging",
    "get_bucket_lifecycle_configuration",
    "get_bucket_replication",
    "get_bucket_encryption",
    "get_object_lock_configuration",
)


class Bucket(ResourceType):
    """Makes the calls of terraform-provider-aws, internal/service/s3/bucket.go.

    It tags as that does without s3:TagResource, which it tries first: moto knows no tags on creation.
    """

    name = "aws:s3/bucket:Bucket"
    inputs = frozenset({"bucket", "region", "tags", "forceDestroy"})
    defaults = MappingProxyType({"forceDestroy": False})
    computed = frozenset({"bucket", "region"})
    replace = frozenset({"bucket", "region"})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Makes the bucket, then tags it."""
        bucket, region = inputs["bucket"], inputs.get("region") or cloud.region
        s3 = cloud.s3(region)
        # There S3 takes the making of one's own bucket again for done.
        if region == "us-east-1" and self._there(s3, bucket):
            raise FileExistsError(f"creating S3 Bucket ({bucket}): BucketAlreadyExists")
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, ACL="private", **place)
        s3.head_bucket(Bucket=bucket)
        self._tag(s3, bucket, inputs)
        return str(bucket)

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Where it is and how it is tagged."""
        s3 = cloud.s3(region)
        with gone_when_missing():
            place = s3.head_bucket(Bucket=identity)["BucketRegion"]
        if place != (region or cloud.region):
            raise Gone(f"{identity} lies in {place}; like the real provider, an import looks in one region only")
        for operation in _ASKED:
            _answer(s3, operation, identity)
        found = {
            "bucket": identity,
            "region": place,
            "bucketRegion": place,
            "arn": f"arn:aws:s3:::{identity}",
            "bucketDomainName": f"{identity}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{identity}.s3.{place}.amazonaws.com",
        }
        tags = self._tags(s3, identity)
        return {**found, "tagsAll": tags, **({"tags": tags} if tags else {})}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Tags it."""
        self._tag(cloud.s3(inputs.get("region")), identity, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it if it is empty, or with all that is in it where that is asked for."""
        if inputs.get("forceDestroy"):
            raise NotImplementedError("the sandbox's stand-in does not empty buckets (forceDestroy)")
        cloud.s3(inputs.get("region")).delete_bucket(Bucket=identity)

    def _there(self, s3: Any, bucket: str) -> bool:
        try:
            s3.head_bucket(Bucket=bucket)
        except ClientError:
            return False
        return True

    def _tag(self, s3: Any, bucket: str, inputs: Properties) -> None:
        wanted, there = inputs.get("tags") or {}, self._tags(s3, bucket)
        tags = [{"Key": key, "Value": value} for key, value in wanted.items()]
        if tags:
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        elif there:
            s3.delete_bucket_tagging(Bucket=bucket)

    def _tags(self, s3: Any, bucket: str) -> dict[str, str]:
        answer = _answer(s3, "get_bucket_tagging", bucket)
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet", [])}


def _answer(s3: Any, operation: str, bucket: str) -> Properties:
    """What is set; {} where nothing is."""
    try:
        return dict(getattr(s3, operation)(Bucket=bucket))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code.startswith("NoSuch") or code.endswith("NotFoundError"):
            return {}
        raise


RESOURCE = Bucket()
