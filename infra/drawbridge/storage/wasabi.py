"""A bucket on Wasabi: a dynamic resource over boto3, since the AWS provider no longer works on S3-compatible stores."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.program import Run
    from drawbridge.resources.store import Store


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


def _profile(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; name a profile of ~/.aws/config, or leave the key out for the environment")
    return value


Profile = Annotated[str, AfterValidator(_profile), WithJsonSchema({"type": "string", "pattern": r"\S"})]


class WasabiBucket(S3Bucket):
    """`kind: wasabi`; the keys come from an AWS profile or the environment, never from a grant."""

    name: ClassVar[str] = "wasabi"
    kind: Literal["wasabi"]
    region: Region = Field(description="Wasabi's code of the region that the bucket lies in")
    # Off: on Wasabi a policy with a Deny in it takes the place of the IAM policies of the account's own users,
    # who then need an Allow here as well. Wasabi support, "How Bucket Deny Policies Interact With IAM Policies".
    tls_only: bool = Field(
        False,
        description="a statement that refuses requests without TLS; on Wasabi a Deny in a bucket policy may also shut "
        "out the account's own sub-users, so it is off unless asked for",
    )
    profile: Profile | None = Field(None, description="the AWS profile with the keys for Wasabi; else the environment")

    def connection(self) -> dict[str, Any]:
        """Wasabi's endpoint for the region, unless the profile carries an endpoint_url."""
        endpoint = f"https://s3.{self.region}.wasabisys.com"
        return {"kind": self.name, "region": self.region, "endpoint": endpoint, "profile": self.profile or ""}

    def reach(self) -> dict[str, Any]:
        """Everything is known beforehand."""
        return self.connection()

    def store(self) -> Store:
        """Wasabi with the profile's keys."""
        from drawbridge.resources.store import store

        return store(self.connection())

    def options(self) -> str:
        """The endpoint and the profile."""
        profile = f" --profile {shlex.quote(self.profile)}" if self.profile else ""
        return f"{profile} --endpoint-url {self.connection()['endpoint']}"

    def make(self, run: Run) -> list[Any]:
        """One resource: the bucket with versioning."""
        import pulumi

        from drawbridge.resources.bucket import Bucket

        properties = {
            "connection": self.reach(),
            "bucket": self.bucket,
            "tags": run.tags,
            "versioning": self.versioning,
        }
        return [Bucket(self.resource, properties, pulumi.ResourceOptions(retain_on_delete=True))]


STORAGE = WasabiBucket
