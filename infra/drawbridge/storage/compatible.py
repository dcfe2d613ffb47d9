"""A bucket on a store that speaks S3 and is not AWS: a dynamic resource over boto3, with the keys of a profile.

The AWS provider no longer works on such stores: https://github.com/hashicorp/terraform-provider-aws/issues/45520
"""

from __future__ import annotations

import re
import shlex
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.program import Run
    from drawbridge.resources.store import Store

_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ENDPOINT = rf"https://{_LABEL}(?:[.]{_LABEL})*[.]?(?::[0-9]{{1,5}})?"
_OTHER_KINDS = {"amazonaws.com": "aws", "wasabisys.com": "wasabi"}  # whose hosts are no others' endpoints
_HTTPS, _LAST_PORT = 443, 65535
_REGION = r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"


def _profile(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; name a profile of ~/.aws/config, or leave the key out for the environment")
    return value


def _endpoint(value: str) -> str:
    """The one spelling of an address, so that two of one store are seen to be the same."""
    if not re.fullmatch(_ENDPOINT, value):
        raise ValueError("must be the store's address with https:// and without a path, such as https://s3.example.com")
    host, _, port = value.removeprefix("https://").partition(":")
    host = host.removesuffix(".")
    for domain, kind in _OTHER_KINDS.items():
        if host == domain or host.endswith(f".{domain}"):
            raise ValueError(f"is an address of {domain}; write kind: {kind}, which needs no endpoint")
    if port and not 1 <= int(port) <= _LAST_PORT:
        raise ValueError(f"must have a port from 1 to {_LAST_PORT}")
    return f"https://{host}" + (f":{int(port)}" if port and int(port) != _HTTPS else "")


def _region(value: str) -> str:
    if not re.fullmatch(_REGION, value):
        raise ValueError("must be what the store calls its region, such as eu-de: letters, digits, - and _")
    return value


Profile = Annotated[str, AfterValidator(_profile), WithJsonSchema({"type": "string", "pattern": r"\S"})]

Endpoint = Annotated[str, AfterValidator(_endpoint), WithJsonSchema({"type": "string", "pattern": f"^{_ENDPOINT}$"})]
StoreRegion = Annotated[str, AfterValidator(_region), WithJsonSchema({"type": "string", "pattern": f"^{_REGION}$"})]


class CompatibleBucket(S3Bucket):
    """The keys come from an AWS profile or the environment, never from a grant."""

    # Off: not every store knows aws:SecureTransport, and one that does not may refuse the document or everybody.
    tls_only: bool = Field(False, description="a statement that refuses requests without TLS, where the store knows it")
    profile: Profile | None = Field(None, description="the AWS profile with the store's keys; else the environment")

    @property
    @abstractmethod
    def address(self) -> str:
        """The store's endpoint, unless the profile carries an endpoint_url."""

    @property
    def whose(self) -> tuple[str, ...]:
        """Users belong to whoever has the keys of the profile; Wasabi's to all its regions."""
        return (self.name, self.profile or "")

    def connection(self) -> dict[str, Any]:
        """The endpoint and the profile."""
        return {"kind": self.name, "region": self.region, "endpoint": self.address, "profile": self.profile or ""}

    def reach(self) -> dict[str, Any]:
        """Everything is known beforehand."""
        return self.connection()

    def store(self) -> Store:
        """The store with the profile's keys."""
        from drawbridge.resources.store import store

        return store(self.connection())

    def options(self) -> str:
        """The endpoint and the profile."""
        profile = f" --profile {shlex.quote(self.profile)}" if self.profile else ""
        return f"{profile} --endpoint-url {self.address}"

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


class AddressedBucket(CompatibleBucket):
    """A store that has no address of its own: `endpoint` says where it is."""

    endpoint: Endpoint = Field(description="the store's address with https://, such as https://s3.example.com")
    region: StoreRegion = Field("us-east-1", description="what the store calls its region; us-east-1 unless given")

    @property
    def address(self) -> str:
        """As given."""
        return self.endpoint

    @property
    def whose(self) -> tuple[str, ...]:
        """At one address."""
        return (*super().whose, self.endpoint)

    @property
    def place(self) -> tuple[str, ...]:
        """Bucket names are unique within one endpoint, whatever kind it is said to be."""
        return (self.endpoint, self.bucket)

    @property
    def resource(self) -> str:
        """With the store, since two may have a bucket of the same name."""
        host = self.endpoint.removeprefix("https://").replace(":", "-")
        return f"{self.name}-{host}-{self.bucket}"
