"""A bucket on any other store that speaks S3."""

from __future__ import annotations

from typing import ClassVar, Literal

from drawbridge.storage.compatible import AddressedBucket


class AnyS3Bucket(AddressedBucket):
    """`kind: s3`; the keys for a platform are handed in."""

    name: ClassVar[str] = "s3"
    title: ClassVar[str] = "S3 store"
    on_policies: ClassVar[str] = "Where the store's own policies have another grammar than AWS's, write the same there."
    kind: Literal["s3"]


STORAGE = AnyS3Bucket
