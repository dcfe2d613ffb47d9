"""Lightly's own configuration: the payload of each datasource, as its REST API takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drawbridge.auth.interface import Wanted
from drawbridge.platforms.interface import Settings
from drawbridge.storage.s3 import S3Bucket

PURPOSES = {"input": "INPUT", "lightly": "LIGHTLY"}


@dataclass(frozen=True)
class Source:
    """A datasource: who comes, to which folder of which bucket."""

    wanted: Wanted
    prefix: str
    bucket: S3Bucket


def settings(grant: str, dataset: str, sources: Mapping[str, Source]) -> Settings:
    """A file for each datasource."""
    files = {f"lightly-{use}.json": _text(_payload(use, one)) for use, one in sources.items()}
    return Settings(files, f"PUT /v1/datasets/…/datasource of Lightly's API, for the dataset {dataset} of {grant}")


def _payload(use: str, one: Source) -> dict[str, Any]:
    """Exactly the fields of lightly 1.5.26, openapi_generated/swagger_client/models/datasource_config_*.py."""
    newest = one.wanted.generations[-1]
    base = {
        "fullPath": f"s3://{one.bucket.bucket}/{one.prefix}",
        "purpose": PURPOSES[use],
        "s3Region": one.bucket.region,
    }
    key = getattr(one.bucket, "kms_key", None)
    encrypted = {"s3ServerSideEncryptionKMSKey": key} if key else {}
    if one.wanted.auth == "assume-role":
        role, external_id = one.wanted.token("role_arn"), one.wanted.token("external_id", newest)
        return {"type": "S3DelegatedAccess", **base, "s3ARN": str(role), "s3ExternalId": str(external_id), **encrypted}
    access, secret = one.wanted.token("access_key", newest), one.wanted.token("secret_key", newest)
    return {"type": "S3", **base, "s3AccessKeyId": str(access), "s3SecretAccessKey": str(secret), **encrypted}


def _text(payload: Mapping[str, Any]) -> str:
    return json.dumps(payload, indent=2) + "\n"
