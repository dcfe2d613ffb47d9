"""Our rules in a bucket's CORS document; those of others stay."""

from __future__ import annotations

from drawbridge.documents import CORS, Document
from drawbridge.resources.base import DynamicResource
from drawbridge.resources.parts import Parts
from drawbridge.resources.store import Store


class CorsOperations(Parts):
    """The document is a list of rules."""

    shape = CORS

    def load(self, store: Store, bucket: str) -> Document | None:
        """The live rules."""
        answer = store.get("get_bucket_cors", bucket)
        return {"CORSRules": answer["CORSRules"]} if answer else None

    def save(self, store: Store, bucket: str, document: Document | None) -> None:
        """Puts the rules, or deletes the document when none is left."""
        if document is None:
            store.call("delete_bucket_cors", bucket)
        else:
            store.call("put_bucket_cors", bucket, CORSConfiguration=document)


class BucketCors(DynamicResource, name="BucketCors", operations=CorsOperations, secret_outputs=()):
    """Rules in a bucket's CORS document; see Parts for the properties."""
