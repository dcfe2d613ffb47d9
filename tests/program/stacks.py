"""Stacks with a bucket on each store, and what others have there."""

from __future__ import annotations

import json
from typing import Any

FOREIGN = {
    "Sid": "AuditorsRead",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::555566667777:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::{bucket}/audit/*",
}


FOREIGN_RULE = {"ID": "intranet", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://intranet.example"]}


# What V7's page "Wasabi S3 Configuration" asks for, read-only.
SEED = {
    "Version": "2012-10-17",
    "Id": "PolicyForExternalAccess",
    "Statement": [
        {
            "Sid": "DarwinAccess",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::100000274636:user/darwin"},
            "Action": ["s3:GetObject"],
            "Resource": "arn:aws:s3:::radiology-scans/*",
        }
    ],
}


def files(name: str) -> dict[str, str]:
    """A stack with a bucket on each store and a V7 grant on each."""
    return {
        "storage": f"""
            on-wasabi:
              kind: wasabi
              bucket: {name}-wasabi
              region: eu-central-2
              profile: wasabi
              tls_only: true
            on-aws: {{kind: aws, bucket: {name}-aws, region: eu-central-1}}
            """,
        "reads": """
            name: reads
            platform: v7
            storage: on-wasabi
            access: read-only
            accept: [whole-bucket]
            """,
        "writes": """
            name: writes
            platform: v7
            storage: on-aws
            access: read-write
            prefixes: [scans/]
            write_prefix: darwin/
            """,
    }


STORES = ("wasabi", "aws")


def foreign(bucket: str) -> dict[str, Any]:
    return dict(json.loads(json.dumps(FOREIGN).replace("{bucket}", bucket)))


def sids(policy: dict[str, Any]) -> list[str]:
    return sorted(statement["Sid"] for statement in policy["Statement"])


def seed(bucket: str) -> dict[str, Any]:
    """V7's own policy for a bucket on Wasabi."""
    return dict(json.loads(json.dumps(SEED).replace("radiology-scans", bucket)))


def entry(store: str, bucket: str, more: str = "", *, name: str = "") -> str:
    """A line of storage.yaml with one bucket, called as its store unless named."""
    place = "region: eu-central-2, profile: wasabi" if store == "wasabi" else "region: eu-central-1"
    return f"{name or store}: {{kind: {store}, bucket: {bucket}, {place}{more}}}"


def grant(store: str, name: str = "grant", *lines: str) -> str:
    """A grant that writes, on such a bucket."""
    wanted = lines or ("access: read-write", "prefixes: [scans/]", "write_prefix: darwin/")
    return "\n".join([f"name: {name}", "platform: v7", f"storage: {store}", *wanted])
