"""A bucket on Wasabi."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from drawbridge.storage.compatible import CompatibleBucket

# docs.wasabi.com, "Service URLs for Wasabi's Storage Regions" (2026-03-06).
Region = Literal[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-central-2",
    "eu-south-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "us-central-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
]


class WasabiBucket(CompatibleBucket):
    """`kind: wasabi`."""

    name: ClassVar[str] = "wasabi"
    title: ClassVar[str] = "Wasabi account"
    users: ClassVar[str] = "wasabi"
    kind: Literal["wasabi"]
    region: Region = Field(description="Wasabi's code of the region that the bucket lies in")
    # Off: on Wasabi a policy with a Deny in it takes the place of the IAM policies of the account's own users,
    # who then need an Allow here as well. Wasabi support, "How Bucket Deny Policies Interact With IAM Policies".
    tls_only: bool = Field(
        False,
        description="a statement that refuses requests without TLS; on Wasabi a Deny in a bucket policy may also shut "
        "out the account's own sub-users, so it is off unless asked for",
    )

    @property
    def address(self) -> str:
        """Wasabi's endpoint for the region."""
        return f"https://s3.{self.region}.wasabisys.com"


STORAGE = WasabiBucket
