"""The aws stand-in: it knows the profile and region of its configuration, and the sandbox's AWS."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from pulumi.provider.experimental import server

import sandbox.providers.aws
from drawbridge.once import Once
from drawbridge.registry import plugins
from sandbox.providers.standin import StandIn, Unknown


class Cloud:
    """Clients of the sandbox's AWS, by region, all with the keys of one profile."""

    def __init__(self, profile: str, region: str) -> None:
        self.profile, self.region = profile, region
        self._once = Once()

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client for a service in a region, made once for all threads."""
        where = region or self.region

        def make() -> Any:
            return boto3.Session(profile_name=self.profile, region_name=where).client(service)

        return self._once((service, where), make)

    def s3(self, region: str | None) -> Any:
        """The S3 client for a region."""
        return self.client("s3", region)


FILLED_IN = {"skipCredentialsValidation", "skipRegionValidation"}  # by the SDK, for a provider of the program's own


class Aws(StandIn):
    """Knows the two keys of configuration that the sandbox sets."""

    def connect(self, config: Mapping[str, str]) -> Cloud:
        """The clients for a profile and region."""
        unknown = sorted(set(config) - {"profile", "region"} - FILLED_IN)
        if unknown:
            raise Unknown(f"the sandbox's stand-in for aws does not know the configuration {', '.join(unknown)}")
        return Cloud(config["profile"], config["region"])


def main() -> None:
    """Serves the provider; the version has to be the SDK's, else the engine looks for another."""
    types = plugins(sandbox.providers.aws, "RESOURCE")
    functions = plugins(sandbox.providers.aws, "FUNCTION")
    server.main(sys.argv[1:], importlib.metadata.version("pulumi-aws"), Aws("aws", types, functions))
