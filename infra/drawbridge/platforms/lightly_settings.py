"""Lightly's own configuration: the payload of each datasource, and a script and a sheet that set them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from drawbridge import templates, tokens
from drawbridge.auth.interface import Wanted
from drawbridge.platforms.interface import Settings
from drawbridge.storage.aws import AwsBucket
from drawbridge.storage.s3 import S3Bucket

PURPOSES = {"input": "INPUT", "lightly": "LIGHTLY"}
SCRIPT, SHEET = "lightly-setup.py", "lightly-setup.md"
# lightly 1.5.26, api/api_workflow_datasources.py: what each setter of the client sends unless told otherwise.
THUMBNAILS = ".lightly/thumbnails/[filename]_thumb.[extension]"

DatasetType = Literal["images", "videos"]
Light = Literal["can_list", "can_read", "can_write", "can_overwrite"]  # as Lightly's client calls them
_KEY = "the policy of its kms_key has to leave it to IAM who may use the key"
_NO_KEY = "needs kms_key in storage.yaml, where the bucket is encrypted with a KMS key"


@dataclass(frozen=True)
class Source:
    """A datasource in a bucket: who comes, to which folder of it, and how far.

    `endpoint` is the store's address, with its scheme, where that is not AWS. `bypass` says that objects can be reached
    from the customer's own network alone, so that Lightly's cloud can only list them.
    """

    wanted: Wanted
    prefix: str
    bucket: S3Bucket
    list_scope: Literal["prefix", "bucket"] = "prefix"
    delete: bool = True
    bypass: bool = False
    endpoint: str = ""

    @property
    def kms_key(self) -> str:
        """The ARN of the key that its objects are encrypted with, or ""."""
        return self.bucket.kms_key or "" if isinstance(self.bucket, AwsBucket) else ""


@dataclass(frozen=True)
class Local:
    """A datasource on a disk: the folder below what lightly-serve mounts, and where the browser finds that server."""

    prefix: str
    server: str = "http://localhost:3456"


def settings(
    grant: str, dataset: str, dataset_type: DatasetType, sources: Mapping[str, Source | Local], *, serve: str = ""
) -> Settings:
    """A payload for each datasource (`input`, `lightly`), a script that sets both, and a sheet for its operator.

    `serve` is the command that serves local folders.
    """
    buckets = [one for one in sources.values() if isinstance(one, Source)]
    payloads = {use: _payload(use, one) for use, one in sources.items()}
    values = {
        "grant": grant,
        "dataset": dataset,
        "dataset_type": dataset_type,
        "bypass": any(one.bypass for one in buckets),
        "switches": _switches(sources),
    }
    more = {
        "serve": serve,
        "delegated": any(one.wanted.auth == "assume-role" for one in buckets),
        "signed": bool(buckets),
        "fields": {use: _fields(payload) for use, payload in payloads.items()},
    }
    files = {f"lightly-{use}.json": json.dumps(payload, indent=2) + "\n" for use, payload in payloads.items()}
    files[SCRIPT] = templates.text(f"{SCRIPT}.j2", **values)
    files[SHEET] = templates.text(f"{SHEET}.j2", **values, **more)
    return Settings(files, f"Lightly's dataset {dataset}: python {SCRIPT}")


def _payload(use: str, one: Source | Local) -> dict[str, Any]:
    """Exactly the fields of lightly 1.5.26, openapi_generated/swagger_client/models/datasource_config_*.py."""
    base = {"purpose": PURPOSES[use], "thumbSuffix": THUMBNAILS}
    if isinstance(one, Local):
        return {"type": "LOCAL", "fullPath": one.prefix, **base, "webServerLocation": one.server}
    wanted, newest = one.wanted, one.wanted.generations[-1]
    place = f"{one.bucket.bucket}/{one.prefix}"
    on_s3 = {"fullPath": f"s3://{place}", **base, "s3Region": one.bucket.region}
    encrypted = {"s3ServerSideEncryptionKMSKey": one.kms_key} if one.kms_key else {}
    if wanted.auth == "assume-role":
        role, external_id = str(wanted.token("role_arn")), str(wanted.token("external_id", newest))
        return {"type": "S3DelegatedAccess", **on_s3, "s3ARN": role, "s3ExternalId": external_id, **encrypted}
    access, secret = str(wanted.token("access_key", newest)), str(wanted.token("secret_key", newest))
    if one.endpoint:
        keys = {"obsEndpoint": one.endpoint, "obsAccessKeyId": access, "obsSecretAccessKey": secret}
        return {"type": "OBS", "fullPath": f"obs://{place}", **base, **keys}
    return {"type": "S3", **on_s3, "s3AccessKeyId": access, "s3SecretAccessKey": secret, **encrypted}


def _fields(payload: Mapping[str, Any]) -> dict[str, str]:
    """The payload for reading: "" stands for what is secret, or not known before `up`."""
    return {name: "" if tokens.used(value) else value for name, value in payload.items()}


def _switches(sources: Mapping[str, Source | Local]) -> dict[Light, list[str]]:
    """What to look at in the grant where a light is red: keys, and what they do."""
    found: dict[Light, dict[str, list[str]]] = {light: {} for light in get_args(Light)}

    def note(lights: Iterable[Light], key: str, does: str) -> None:
        for light in lights:
            found[light].setdefault(does, []).append(key)

    for use, one in sources.items():
        lights: tuple[Light, ...] = ("can_list", "can_read") if use == "input" else get_args(Light)
        if isinstance(one, Local):
            note(lights, f"local.{use}_mount", "the folder; lightly-serve has to run, and to mount it")
            continue
        if one.list_scope == "prefix":
            note(["can_list"], f"{use}.list_scope", "bucket, with accept: [list-bucket]; now only the folder is listed")
        if use == "lightly" and not one.delete:
            note(["can_overwrite"], f"{use}.delete", "true; now Lightly may not delete what it wrote")
        note(lights, f"{use}.prefix", "outside of this folder Lightly may do nothing")
        if one.kms_key or (isinstance(one.bucket, AwsBucket) and one.bucket.existing):
            note([light for light in lights if light != "can_list"], f"{use}.storage", _KEY if one.kms_key else _NO_KEY)
    return {light: [f"{', '.join(keys)}: {does}" for does, keys in notes.items()] for light, notes in found.items()}
