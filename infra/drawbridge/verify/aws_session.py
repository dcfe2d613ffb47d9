"""Comes to AWS, and to what speaks its protocols, as somebody: a boto3 session that signs as an identity."""

from __future__ import annotations

import boto3
from botocore.config import Config

from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Keys, Role, Vendor

WAITING = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "max_attempts": 3})


def session(identity: Identity, region: str, endpoints: Endpoints) -> boto3.Session:
    """Signs all that is asked; raises ClientError where a role does not let in whoever assumes it."""
    match identity:
        case Keys(access_key, secret_key):
            return boto3.Session(access_key, secret_key, region_name=region)
        case Vendor(arn):
            return boto3.Session(profile_name=endpoints.principals[arn], region_name=region)
        case Role(by=by):
            return _assumed(identity, session(by, region, endpoints), endpoints)
    raise TypeError(f"nobody comes to AWS as {identity!r}")


def _assumed(role: Role, caller: boto3.Session, endpoints: Endpoints) -> boto3.Session:
    at = endpoints.stores.get("aws")
    sts = caller.client("sts", endpoint_url=at and at.endpoint, verify=endpoints.ca or None, config=WAITING)
    given = {"ExternalId": role.external_id} if role.external_id else {}
    answer = sts.assume_role(
        RoleArn=role.arn, RoleSessionName="drawbridge-verify", DurationSeconds=role.seconds, **given
    )
    keys = answer["Credentials"]
    return boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=caller.region_name
    )
