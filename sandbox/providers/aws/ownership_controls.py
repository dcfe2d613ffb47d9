"""aws:s3/bucketOwnershipControls:BucketOwnershipControls."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.s3 import BucketSetting
from sandbox.providers.standin import Properties


class OwnershipControls(BucketSetting):
    """Who owns what others write."""

    name = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    inputs = frozenset({"bucket", "region", "rule"})

    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets the one rule."""
        rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})

    def get(self, s3: Any, bucket: str) -> Properties:
        """The one rule."""
        rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}}

    def unset(self, s3: Any, bucket: str) -> None:
        """Back to the default."""
        s3.delete_bucket_ownership_controls(Bucket=bucket)


RESOURCE = OwnershipControls()
