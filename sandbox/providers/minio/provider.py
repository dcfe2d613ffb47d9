"""The minio stand-in: server and keys come from the environment, as the real provider's, and never from inputs."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Mapping
from typing import Any

import boto3

from drawbridge.registry import plugins
from sandbox.providers import minio
from sandbox.providers.standin import StandIn, Unknown

# https://www.pulumi.com/registry/packages/minio/installation-configuration/
NEEDED = ("MINIO_ENDPOINT", "MINIO_USER", "MINIO_PASSWORD")


class Cloud:
    """IAM of the server that stands in for MinIO, with the administrator's keys."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        if missing := [name for name in NEEDED if not environment.get(name)]:
            raise Unknown(f"the sandbox's stand-in for minio needs {', '.join(missing)} in the environment")
        https = environment.get("MINIO_ENABLE_HTTPS", "").lower() in ("1", "true")
        session = boto3.Session(environment["MINIO_USER"], environment["MINIO_PASSWORD"], region_name="us-east-1")
        at: dict[str, Any] = {
            "endpoint_url": f"http{'s' if https else ''}://{environment['MINIO_ENDPOINT']}",
            "verify": environment.get("MINIO_CACERT_FILE") or None,
        }
        self.iam = session.client("iam", **at)
        self._sts = session.client("sts", **at)

    def policy(self, name: str) -> str:
        """The ARN of a managed policy, which MinIO knows by its name alone."""
        return f"arn:aws:iam::{self._sts.get_caller_identity()['Account']}:policy/{name}"


class Minio(StandIn):
    """Takes no configuration: what it needs would be kept in the state."""

    def connect(self, config: Mapping[str, str]) -> Cloud:
        """IAM of the server that the environment names."""
        if config:
            raise Unknown(
                f"the sandbox's stand-in for minio does not know the configuration {', '.join(sorted(config))}"
            )
        return Cloud(os.environ)


def main() -> None:
    """Serves the provider; the version has to be the SDK's, else the engine looks for another."""
    from pulumi.provider.experimental import server

    types = plugins(minio, "RESOURCE")
    server.main(sys.argv[1:], importlib.metadata.version("pulumi-minio"), Minio("minio", types, {}))
