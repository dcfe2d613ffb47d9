"""aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.s3 import BucketSetting
from sandbox.providers.standin import Properties


class Encryption(BucketSetting):
    """The default encryption: an algorithm and, for KMS, a key."""

    name = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    inputs = frozenset({"bucket", "region", "rules"})

    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets the rules."""
        rules = [_theirs(rule["applyServerSideEncryptionByDefault"]) for rule in inputs["rules"]]
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def get(self, s3: Any, bucket: str) -> Properties:
        """The rules."""
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return {"rules": [_ours(rule["ApplyServerSideEncryptionByDefault"]) for rule in rules]}

    def unset(self, s3: Any, bucket: str) -> None:
        """Back to the default."""
        s3.delete_bucket_encryption(Bucket=bucket)


def _theirs(default: Properties) -> Properties:
    key = {"KMSMasterKeyID": default["kmsMasterKeyId"]} if default.get("kmsMasterKeyId") else {}
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": default["sseAlgorithm"], **key}}


def _ours(default: Properties) -> Properties:
    key = {"kmsMasterKeyId": default["KMSMasterKeyID"]} if default.get("KMSMasterKeyID") else {}
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": default["SSEAlgorithm"], **key}}


RESOURCE = Encryption()
