"""A bucket on a MinIO server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from drawbridge.model import Days
from drawbridge.problems import Finding
from drawbridge.storage.compatible import AddressedBucket


class MinioBucket(AddressedBucket):
    """`kind: minio`; users of the server are made by pulumi-minio."""

    name: ClassVar[str] = "minio"
    title: ClassVar[str] = "MinIO server"
    users: ClassVar[str] = "minio"
    kind: Literal["minio"]
    keep_unfinished_uploads: Days = Field(
        "forever",
        description="forever: MinIO itself removes their parts after a day",
        json_schema_extra={"const": "forever"},
    )

    def check(self) -> Iterator[Finding]:
        """A rule that MinIO does not take, too."""
        yield from super().check()
        if self.keep_unfinished_uploads != "forever":
            # github.com/minio/minio, internal/bucket/lifecycle/rule.go: a rule of this alone is none
            yield Finding(
                ("keep_unfinished_uploads",),
                "is no rule that MinIO takes; leave it out, since MinIO itself removes them after a day",
            )


STORAGE = MinioBucket
