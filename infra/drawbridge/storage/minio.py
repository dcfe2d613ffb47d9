"""A bucket on a MinIO server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from drawbridge.problems import Finding
from drawbridge.storage.compatible import AddressedBucket
from drawbridge.storage.interface import Storage


def _forever(value: object) -> object:
    # github.com/minio/minio, internal/bucket/lifecycle/rule.go: a rule of this alone is none
    if value != "forever":
        raise ValueError("is no rule that MinIO takes; leave it out, since MinIO itself removes them after a day")
    return value


class MinioBucket(AddressedBucket):
    """`kind: minio`; users of the server are made by pulumi-minio."""

    name: ClassVar[str] = "minio"
    title: ClassVar[str] = "MinIO server"
    users: ClassVar[str] = "minio"
    kind: Literal["minio"]
    keep_unfinished_uploads: Annotated[Literal["forever"], BeforeValidator(_forever)] = Field(
        "forever", description="forever: MinIO itself removes their parts after a day"
    )

    def beside(self, others: Mapping[str, Storage]) -> Iterator[Finding]:
        """Another server: pulumi-minio makes the users of all."""
        for name, other in others.items():
            if isinstance(other, MinioBucket) and other.endpoint != self.endpoint:
                yield Finding(
                    ("endpoint",),
                    f"is another server than that of {name}, and a stack has one, since pulumi-minio makes users on "
                    "one; give this one a stack of its own",
                )
                return


STORAGE = MinioBucket
