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
        rules = [_theirs(rule) for rule in inputs["rules"]]
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def get(self, s3: Any, bucket: str) -> Properties:
        """The rules."""
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return {"rules": [_ours(rule) for rule in rules]}

    def unset(self, s3: Any, bucket: str) -> None:
        """Back to the default."""
        s3.delete_bucket_encryption(Bucket=bucket)


def _theirs(rule: Properties) -> Properties:
    default = rule["applyServerSideEncryptionByDefault"]
    key = {"KMSMasterKeyID": default["kmsMasterKeyId"]} if default.get("kmsMasterKeyId") else {}
    limited = {"BucketKeyEnabled": rule["bucketKeyEnabled"]} if "bucketKeyEnabled" in rule else {}
    return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": default["sseAlgorithm"], **key}, **limited}


def _ours(rule: Properties) -> Properties:
    default = rule["ApplyServerSideEncryptionByDefault"]
    key = {"kmsMasterKeyId": default["KMSMasterKeyID"]} if default.get("KMSMasterKeyID") else {}
    # Where no key is named, the store says "false", and the program nothing.
    limited = {"bucketKeyEnabled": rule.get("BucketKeyEnabled", False)} if key else {}
    return {"applyServerSideEncryptionByDefault": {"sseAlgorithm": default["SSEAlgorithm"], **key}, **limited}


RESOURCE = Encryption()
