"""Identities to be made, for tests: on each kind of store, with any number of generations."""

from __future__ import annotations

from drawbridge.access import Access
from drawbridge.auth import identity_auth
from drawbridge.auth.interface import PlannedIdentity, Wanted
from drawbridge.iam import Iam
from drawbridge.storage import kinds
from drawbridge.storage.s3 import S3Bucket

STORES = {
    "aws": {"region": "eu-central-1"},
    "wasabi": {"region": "eu-central-2"},
    **{kind: {"endpoint": "https://s3.example.com"} for kind in ("minio", "obs", "s3")},
}


def bucket(kind: str, name: str = "street-imagery") -> S3Bucket:
    """A bucket on a kind of store."""
    found = kinds()[kind].model_validate({"kind": kind, "bucket": name, **STORES[kind]})
    assert isinstance(found, S3Bucket)
    return found


def wanted(kind: str, auth: str, *generations: int, name: str = "street-lightly-input") -> Wanted:
    """An identity for one bucket, that a platform's account may become."""
    return Wanted(name, auth, {"street": bucket(kind)}, ("input",), generations or (1,), trusted="916419735646")


def planned(who: Wanted, *prefixes: str, iam: Iam | None = None) -> PlannedIdentity:
    """What it amounts to where it may read, a statement for each prefix."""
    auth, iam = identity_auth(who.auth), iam or Iam()
    principal = auth.principal(who, iam)
    accesses = [
        Access("street-lightly", "street", who.auth, principal, "", f"Read{number}", ("read",), (prefix,))
        for number, prefix in enumerate(prefixes or ("berlin/",))
    ]
    return auth.plan(who, accesses, iam)
