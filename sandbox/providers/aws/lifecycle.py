"""aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.s3 import BucketSetting
from sandbox.providers.standin import Properties, Unknown

_KNOWN = {"id", "status", "filter", "noncurrentVersionExpiration", "abortIncompleteMultipartUpload"}


class Lifecycle(BucketSetting):
    """Rules that clean up old versions and unfinished uploads."""

    name = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    inputs = frozenset({"bucket", "region", "rules"})

    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets all rules."""
        rules = {"Rules": [_theirs(rule) for rule in inputs["rules"]]}
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=rules)

    def get(self, s3: Any, bucket: str) -> Properties:
        """All rules."""
        return {"rules": [_ours(rule) for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]}

    def unset(self, s3: Any, bucket: str) -> None:
        """Removes all rules."""
        s3.delete_bucket_lifecycle(Bucket=bucket)


def _theirs(rule: Properties) -> Properties:
    if unknown := sorted(set(rule) - _KNOWN):
        raise Unknown(f"the sandbox's stand-in does not know {', '.join(unknown)} of a lifecycle rule")
    found = {"ID": rule["id"], "Status": rule["status"], "Filter": {"Prefix": rule["filter"]["prefix"]}}
    if old := rule.get("noncurrentVersionExpiration"):
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": old["noncurrentDays"]}
    if unfinished := rule.get("abortIncompleteMultipartUpload"):
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": unfinished["daysAfterInitiation"]}
    return found


def _ours(rule: Properties) -> Properties:
    found = {"id": rule["ID"], "status": rule["Status"], "filter": {"prefix": rule.get("Filter", {}).get("Prefix", "")}}
    if old := rule.get("NoncurrentVersionExpiration"):
        found["noncurrentVersionExpiration"] = {"noncurrentDays": old["NoncurrentDays"]}
    if unfinished := rule.get("AbortIncompleteMultipartUpload"):
        found["abortIncompleteMultipartUpload"] = {"daysAfterInitiation": unfinished["DaysAfterInitiation"]}
    return found


RESOURCE = Lifecycle()
