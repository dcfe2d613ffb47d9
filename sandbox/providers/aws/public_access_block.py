"""aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.s3 import BucketSetting
from sandbox.providers.standin import Properties

_FLAGS = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


class PublicAccessBlock(BucketSetting):
    """Four switches, each off unless set."""

    name = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    inputs = frozenset({"bucket", "region", *_FLAGS})
    defaults = dict.fromkeys(_FLAGS, False)

    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets all four."""
        flags = {theirs: inputs[ours] for ours, theirs in _FLAGS.items()}
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=flags)

    def get(self, s3: Any, bucket: str) -> Properties:
        """All four."""
        flags = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        return {ours: flags[theirs] for ours, theirs in _FLAGS.items()}

    def unset(self, s3: Any, bucket: str) -> None:
        """Removes the block."""
        s3.delete_public_access_block(Bucket=bucket)


RESOURCE = PublicAccessBlock()
