"""Lightly's settings as `up` hands them over: every kind of datasource, with made-up values for the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from drawbridge import tokens
from drawbridge.auth.interface import Wanted
from drawbridge.platforms import lightly_settings
from drawbridge.platforms.lightly_settings import Local, Source
from drawbridge.storage.aws import AwsBucket
from drawbridge.storage.s3 import S3Bucket
from drawbridge.storage.wasabi import WasabiBucket

ROLE = "arn:aws:iam::111122223333:role/drawbridge/street-lightly-input"
EXTERNAL_ID, ACCESS, SECRET = "Ext3rnal+id/of:lightly", "AKIDEXAMPLE", "s3cr3t/of+an=access/key"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef"
VALUES = {"role_arn": ROLE, "external_id": EXTERNAL_ID, "access_key": ACCESS, "secret_key": SECRET}

_FRANKFURT = {"kind": "aws", "region": "eu-central-1"}
RAW = AwsBucket.model_validate({**_FRANKFURT, "bucket": "street-raw", "existing": True})
WORK = AwsBucket.model_validate({**_FRANKFURT, "bucket": "street-work", "kms_key": KEY})
ELSEWHERE = WasabiBucket.model_validate({"kind": "wasabi", "bucket": "street-wasabi", "region": "eu-central-2"})


def source(use: str, auth: str, bucket: S3Bucket, **more: Any) -> Source:
    """A datasource whose identity has two generations, of which the newest counts."""
    return Source(wanted(f"street-lightly-{use}", auth, bucket), "berlin/", bucket, **more)


def wanted(name: str, auth: str, bucket: S3Bucket) -> Wanted:
    return Wanted(name, auth, {"work": bucket}, (), (1, 2))


BOTH_ON_AWS = {
    "input": source("input", "assume-role", RAW),
    "lightly": source("lightly", "access-keys", WORK, delete=False),
}
DELEGATED = {"input": source("input", "assume-role", RAW), "lightly": source("lightly", "assume-role", WORK)}
KEYS = {"input": source("input", "access-keys", RAW), "lightly": source("lightly", "access-keys", WORK)}
OBS = {
    use: source(use, "access-keys", ELSEWHERE, endpoint="https://s3.eu-central-2.wasabisys.com")
    for use in ("input", "lightly")
}
LOCAL = {"input": Local("berlin/"), "lightly": Local("work/", "https://files.example.com:3456")}


def handed_over(sources: Mapping[str, Source | Local], *, bypass: bool = False, **more: Any) -> dict[str, str]:
    """The files of the grant street-lightly; fails where an old generation is handed over."""
    given = {
        use: replace(one, bypass=bypass) if bypass and isinstance(one, Source) else one for use, one in sources.items()
    }
    files = lightly_settings.settings("street-lightly", "street-lightly", "images", given, **more).files
    used = tokens.used(files)
    assert not {token for token in used if token.endswith(".1")}
    values = {token: VALUES[token.split(".")[1]] for token in used}
    resolved: dict[str, str] = tokens.resolve(files, values)
    return resolved
