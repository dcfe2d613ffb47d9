"""Statements, and the live policies that tests put them into."""

from __future__ import annotations

import json
from typing import Any

from drawbridge.resources.statements import StatementOperations
from tests.resources.conftest import CONNECTIONS

ID = "PolicyForExternalAccess"
OPERATIONS = StatementOperations()


def statement(bucket: str, sid: str, action: str = "s3:GetObject") -> dict[str, Any]:
    principal = {"AWS": "arn:aws:iam::111122223333:root"}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def properties(kind: str, bucket: str, *parts: dict[str, Any], document_id: str = ID) -> dict[str, Any]:
    return {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": list(parts), "document_id": document_id}


def live(s3: Any, bucket: str) -> dict[str, Any]:
    return dict(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]))


def put(s3: Any, bucket: str, *statements: dict[str, Any], **more: str) -> dict[str, Any]:
    document = {**more, "Statement": list(statements)}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    return document


def has_no_policy(s3: Any, bucket: str) -> bool:
    try:
        live(s3, bucket)
    except s3.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] == "NoSuchBucketPolicy")
    return False
