"""Makes what is there before any stack is: the platforms' principals, and buckets that no grant names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.s3.models import s3_backends

from drawbridge.proof.judge import ALLOW_ALL
from sandbox.guard.principals import iam
from sandbox.guard.signature import Key
from sandbox.vendors import Vendor

POLICY = "everything"  # as far as its own account is asked
BUCKET = "not-for-platforms"
LONGEST = "43200"  # seconds of a session


def make_buckets(account: str, regions: Sequence[str]) -> None:
    """A bucket of the administrator's in each region, with something in it, so that there is one to be kept out of."""
    backend = s3_backends[account]["aws"]
    for region in regions:
        name = BUCKET if region == regions[0] else f"{BUCKET}-{region}"
        backend.create_bucket(name, region)
        backend.put_object(name, "2026/salaries.csv", b"nobody's business\n")


def make(vendor: Vendor, key: Key) -> None:
    """A vendor's user with its key and, where the vendor is a role, that role, which the user may take on."""
    backend = iam(vendor.account)
    path = vendor.path if vendor.kind == "user" else "/"
    user = backend.create_user("us-east-1", vendor.user, path)
    user.put_policy(POLICY, json.dumps(ALLOW_ALL))
    made: Any = backend.create_access_key(vendor.user)
    del backend.access_keys[made.access_key_id]
    made.access_key_id, made.secret_access_key = key.key_id, key.secret
    backend.access_keys[key.key_id] = made
    if vendor.kind == "role":
        allow = {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        backend.create_role(vendor.name, trust, vendor.path, None, "", [], LONGEST)
        backend.put_role_policy(vendor.name, POLICY, json.dumps(ALLOW_ALL))
