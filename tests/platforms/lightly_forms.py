"""Grants to Lightly of every form on S3, for tests of what is decided and tried."""

from __future__ import annotations

from pathlib import Path

from drawbridge.plan import Plan
from tests.files import plan

AWS = """\
raw: {kind: aws, bucket: street-raw, region: eu-central-1}
work: {kind: aws, bucket: street-work, region: eu-central-1}
"""
OTHER = "endpoint: 'https://s3.example.com'"
# Both datasources' storages on each other kind of store.
STORES = {
    "wasabi": "{{kind: wasabi, bucket: street-{name}, region: eu-central-2}}",
    **{kind: f"{{{{kind: {kind}, bucket: street-{{name}}, {OTHER}}}}}" for kind in ("minio", "obs", "s3")},
}
ROLE, KEYS = "auth: assume-role", "auth: access-keys"
RAW, WORK = "storage: raw, prefix: berlin/", "storage: work, prefix: berlin/"
FORMS = {
    "roles": (f"{RAW}, {ROLE}", f"{WORK}, {ROLE}", ""),
    "keys": (f"{RAW}, {KEYS}", f"{WORK}, {KEYS}", ""),
    "a role and keys": (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}, delete: false", ""),
    "generations": (f"{RAW}, {ROLE}, generations: [2, 4]", f"{WORK}, {ROLE}, generations: [2]", ""),
    "shared in two buckets": (f"{RAW}, {ROLE}", f"{WORK}, {ROLE}", "shared_credentials: true"),
    "shared in one bucket": (f"{RAW}, {KEYS}", f"storage: raw, prefix: work/, {KEYS}", "shared_credentials: true"),
    "apart in one bucket": (f"{RAW}, {ROLE}", f"storage: raw, prefix: work/, {KEYS}", ""),
    "one folder in the other": (
        f"{RAW}, {ROLE}",
        f"storage: raw, prefix: berlin/work/, {ROLE}",
        "accept: [writes-over-input]",
    ),
    "lists the bucket": (f"{RAW}, {ROLE}, list_scope: bucket", f"{WORK}, {ROLE}", "accept: [list-bucket]"),
    "addresses": (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}", "network: {source_ip: [203.0.113.0/24, '2001:db8::/48']}"),
    "vpcs": (f"{RAW}, {ROLE}", f"{WORK}, {ROLE}", "network: {source_vpc: [vpc-0a1b2c3d4e5f60718]}"),
    "addresses and vpcs": (
        f"{RAW}, {KEYS}",
        f"{WORK}, {KEYS}",
        "network: {source_ip: [198.51.100.7/32], source_vpc: [vpc-0a1b2c3d4e5f60718, vpc-0a1b2c3d]}",
    ),
}
CASES = [*(("aws", form) for form in FORMS), *((kind, form) for kind in STORES for form in ("keys", "shared in one bucket"))]  # fmt: skip


def text(form: str) -> str:
    """The grant's file."""
    read, written, more = FORMS[form]
    return f"name: street-lightly\nplatform: lightly\ninput: {{{read}}}\nlightly: {{{written}}}\n{more}\n"


def made(at: Path, form: str, kind: str = "aws") -> Plan:
    """The plan of a form on a kind of store."""
    places = (
        "\n".join(f"{name}: {STORES[kind].format(name=name)}" for name in ("raw", "work")) if kind != "aws" else AWS
    )
    return plan(at, places, street=text(form))
