"""aws:s3/bucketVersioning:BucketVersioning."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.s3 import BucketSetting
from sandbox.providers.standin import Gone, Properties


class Versioning(BucketSetting):
    """Enabled or Suspended; a bucket that was never told has none."""

    name = "aws:s3/bucketVersioning:BucketVersioning"
    inputs = frozenset({"bucket", "region", "versioningConfiguration"})

    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets the status."""
        status = inputs["versioningConfiguration"]["status"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def get(self, s3: Any, bucket: str) -> Properties:
        """The status."""
        status = s3.get_bucket_versioning(Bucket=bucket).get("Status")
        if not status:
            raise Gone(f"{bucket} has no versioning")
        return {"versioningConfiguration": {"status": status}}

    def unset(self, s3: Any, bucket: str) -> None:
        """Suspends it, as the real provider does."""
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


RESOURCE = Versioning()
