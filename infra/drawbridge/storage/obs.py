"""A bucket on an object storage service (OBS), as Huawei's and Telekom's clouds have it."""

from __future__ import annotations

from typing import ClassVar, Literal

from drawbridge.storage.compatible import AddressedBucket


class ObsBucket(AddressedBucket):
    """`kind: obs`; the keys for a platform are handed in."""

    name: ClassVar[str] = "obs"
    title: ClassVar[str] = "OBS account"
    # support.huaweicloud.com, "Object Storage Service: Permissions and Supported Actions"
    on_policies: ClassVar[str] = (
        "OBS's own policies have another grammar than this one, which is AWS's: obs:bucket:ListBucket for "
        "s3:ListBucket, obs:object:GetObject, PutObject and DeleteObject for the others, resources such as "
        "OBS:*:*:object:bucket/folder/*, and obs:prefix for s3:prefix. Write the same there, and no more."
    )
    kind: Literal["obs"]


STORAGE = ObsBucket
