"""aws:s3/bucket:Bucket: name, region, tags; everything else of a bucket is a resource of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from sandbox.providers.aws.s3 import gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType


class Bucket(ResourceType):
    """Creating one that exists fails in every region, as the real provider does in us-east-1 too."""

    name = "aws:s3/bucket:Bucket"
    inputs = frozenset({"bucket", "region", "tags", "forceDestroy"})
    defaults = MappingProxyType({"forceDestroy": False})
    computed = frozenset({"bucket", "region"})
    replace = frozenset({"bucket", "region"})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Makes the bucket, then tags it."""
        bucket, region = inputs["bucket"], inputs.get("region") or cloud.region
        s3 = cloud.s3(region)
        if any(entry["Name"] == bucket for entry in s3.list_buckets()["Buckets"]):
            raise FileExistsError(f"creating S3 Bucket ({bucket}): BucketAlreadyOwnedByYou")
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **place)
        self._tag(s3, bucket, inputs)
        return str(bucket)

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Where it is and how it is tagged."""
        with gone_when_missing():
            s3 = cloud.s3(region)
            s3.head_bucket(Bucket=identity)
            place = s3.get_bucket_location(Bucket=identity)["LocationConstraint"] or "us-east-1"
        if place != (region or cloud.region):
            raise Gone(f"{identity} lies in {place}; like the real provider, an import looks in one region only")
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

    def _tag(self, s3: Any, bucket: str, inputs: Properties) -> None:
        tags = [{"Key": key, "Value": value} for key, value in (inputs.get("tags") or {}).items()]
        if tags:
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
        else:
            s3.delete_bucket_tagging(Bucket=bucket)

    def _tags(self, s3: Any, bucket: str) -> dict[str, str]:
        try:
            answer = s3.get_bucket_tagging(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchTagSet":
                return {}
            raise
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


RESOURCE = Bucket()
