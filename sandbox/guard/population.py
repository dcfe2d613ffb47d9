"""Makes the platforms' principals in moto: each may do everything, as far as its own account is asked."""

from __future__ import annotations

import json
from typing import Any

from drawbridge.proof.judge import ALLOW_ALL
from sandbox.guard.principals import iam
from sandbox.guard.signature import Key
from sandbox.vendors import Vendor

POLICY = "everything"
LONGEST = "43200"  # seconds of a session


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
