"""Our rules in a bucket's lifecycle configuration; those of others stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drawbridge.documents import LIFECYCLE, Document
from drawbridge.resources.base import DynamicResource
from drawbridge.resources.parts import Parts
from drawbridge.resources.store import Store

_SIZES = "TransitionDefaultMinimumObjectSize"  # of the whole configuration; AWS resets it unless it is sent again


class LifecycleOperations(Parts):
    """The configuration is a list of rules."""

    shape = LIFECYCLE

    def load(self, store: Store, bucket: str) -> Document | None:
        """The live rules."""
        answer = store.get("get_bucket_lifecycle_configuration", bucket)
        if not answer:
            return None
        kept = {_SIZES: answer[_SIZES]} if _SIZES in answer else {}
        return {**kept, "Rules": [_with_filter(_plain(rule)) for rule in answer["Rules"]]}

    def save(self, store: Store, bucket: str, document: Document | None) -> None:
        """Puts the rules, or deletes the configuration when none is left."""
        if document is None:
            store.call("delete_bucket_lifecycle", bucket)
            return
        kept = {_SIZES: document[_SIZES]} if _SIZES in document else {}
        rules = {"Rules": document["Rules"]}
        store.call("put_bucket_lifecycle_configuration", bucket, LifecycleConfiguration=rules, **kept)


class BucketLifecycle(DynamicResource, name="BucketLifecycle", operations=LifecycleOperations, secret_outputs=()):
    """Rules in a bucket's lifecycle configuration; see Parts for the properties."""


def _plain(value: Any) -> Any:
    """Data without boto3's datetime objects, which it takes back as texts."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _with_filter(rule: Document) -> Document:
    """A rule in the newer of S3's two forms, since one configuration cannot mix them.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html: Prefix is deprecated, use Filter.
    """
    if rule.get("Filter"):
        return rule
    return {
        **{key: value for key, value in rule.items() if key != "Prefix"},
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
