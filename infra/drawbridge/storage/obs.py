"""A bucket on an object storage service (OBS), as Huawei's and Telekom's clouds have it."""

from __future__ import annotations

from typing import ClassVar, Literal

from drawbridge.storage.compatible import AddressedBucket


class ObsBucket(AddressedBucket):
    """`kind: obs`; the keys for a platform are handed in."""

    name: ClassVar[str] = "obs"
    title: ClassVar[str] = "OBS account"
    kind: Literal["obs"]


STORAGE = ObsBucket
