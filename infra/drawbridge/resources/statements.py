"""Our statements in a bucket's policy; those of others stay."""

from __future__ import annotations

import json

from drawbridge.documents import POLICY, Document, compact
from drawbridge.resources.base import DynamicResource
from drawbridge.resources.parts import Parts
from drawbridge.resources.store import Store


class StatementOperations(Parts):
    """The policy is a JSON text."""

    shape = POLICY

    def load(self, store: Store, bucket: str) -> Document | None:
        """The live policy as data."""
        answer = store.get("get_bucket_policy", bucket)
        return json.loads(answer["Policy"]) if answer else None

    def save(self, store: Store, bucket: str, document: Document | None) -> None:
        """Puts the policy, or deletes it when no statement is left."""
        if document is None:
            store.call("delete_bucket_policy", bucket)
        else:
            store.call("put_bucket_policy", bucket, Policy=compact(document))


class BucketStatements(DynamicResource, name="BucketStatements", operations=StatementOperations, secret_outputs=()):
    """Statements in a bucket's policy; see Parts for the properties."""
