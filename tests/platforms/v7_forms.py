"""Every form of a V7 grant, for the golden documents; `python -m tests.platforms.v7_forms` writes those anew, to read."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from drawbridge.plan import Plan
from tests.files import plan

GOLDEN = Path(__file__).parents[1] / "golden" / "v7"
STORAGES = {
    "aws": "scans: {kind: aws, bucket: your-s3-bucket-name, region: eu-central-1}",
    "wasabi": "scans: {kind: wasabi, bucket: your-s3-bucket-name, region: eu-central-2}",
}
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WHOLE = ("accept: [whole-bucket]",)

# The name of a form, and the lines of each of its grants after name, platform and storage.
FORMS: dict[str, list[tuple[str, ...]]] = {
    "read-only-whole-bucket": [("access: read-only", *WHOLE)],
    "read-write-whole-bucket": [("access: read-write", *WHOLE)],
    "read-only-one-prefix": [("access: read-only", "prefixes: [my_subfolder/]")],
    "read-only-prefixes": [("access: read-only", "prefixes: [b/, a/]")],
    "read-write-blank-location": [("access: read-write", "prefixes: [a/]")],
    "read-write": [("access: read-write", "prefixes: [scans/, films/]", "write_prefix: darwin/")],
    "read-write-location-inside": [("access: read-write", "prefixes: [scans/]", "write_prefix: scans/darwin/")],
    "read-write-location-alone": [("access: read-write", "write_prefix: darwin/", *WHOLE)],
    "location-said-whole-bucket": [("access: read-write", "write: location", *WHOLE)],
    "everywhere": [("access: read-write", "prefixes: [a/]", "write_prefix: darwin/", "write: everywhere")],
    "everywhere-one-prefix": [("access: read-write", "prefixes: [a/]", "write_prefix: a/", "write: everywhere")],
    "everywhere-whole-bucket": [("access: read-write", "write_prefix: darwin/", "write: everywhere", *WHOLE)],
    "several": [
        ("access: read-only", "prefixes: [a/, b/]", "integration: reading"),
        ("access: read-write", "prefixes: [b/c/]", "write_prefix: darwin/"),
    ],
    "several-one-whole-bucket": [
        ("access: read-write", *WHOLE, "integration: all"),
        ("access: read-write", "prefixes: [b/]", "write_prefix: darwin/"),
    ],
    "several-one-lists": [
        ("access: read-only", "prefixes: [a/]", "mirax: true", "integration: slides"),
        ("access: read-only", "prefixes: [b/]"),
    ],
    "mirax": [("access: read-write", "prefixes: [slides/, more/]", "write_prefix: darwin/", "mirax: true")],
    "mirax-list-bucket": [
        ("access: read-only", "prefixes: [slides/]", "mirax: true", "list_scope: bucket", "accept: [list-bucket]")
    ],
    "mirax-whole-bucket": [("access: read-only", "mirax: true", *WHOLE)],
    "principal": [("access: read-only", *WHOLE, "principal: arn:aws:iam::999988887777:role/v7/stand-in")],
    "cors-the-other-way": [("access: read-only", *WHOLE, "cors: {other}")],
}
# What only one of the stores has: the entry of storage.yaml, and the grant.
MORE: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "aws": {
        "kms": (f"kms_key: '{KEY}'", ("access: read-write", "prefixes: [a/]")),
        "kms-read-only": (f"kms_key: '{KEY}'", ("access: read-only", "prefixes: [a/]")),
        "kms-without-bucket-key": (f"kms_key: '{KEY}', bucket_key: false", ("access: read-only", "prefixes: [a/]")),
        "without-tls-only": ("tls_only: false", ("access: read-only", *WHOLE)),
        "existing": ("existing: true", ("access: read-only", *WHOLE)),
    },
    "wasabi": {
        "tls-only": ("tls_only: true", ("access: read-only", *WHOLE)),
        "existing": ("existing: true", ("access: read-only", *WHOLE)),
    },
}
CASES = [(kind, form) for kind in STORAGES for form in [*FORMS, *MORE[kind]]]


def made(at: Path, kind: str, form: str) -> Plan:
    """The plan of a form on a store."""
    if form in FORMS:
        storage, grants = STORAGES[kind], FORMS[form]
    else:
        more, grant = MORE[kind][form]
        storage, grants = STORAGES[kind].replace("}", f", {more}}}"), [grant]
    other = "false" if kind == "aws" else "true"
    texts = {
        name: "\n".join([f"name: {name}", "platform: v7", "storage: scans", *lines]).format(other=other)
        for name, lines in zip(("one", "two"), grants, strict=False)
    }
    return plan(at, storage, **texts)


def documents(at: Path, kind: str, form: str) -> dict[str, Any]:
    """The whole documents that a form amounts to on a store."""
    found = made(at, kind, form).storages["scans"].documents
    return {"policy": found.policy, "cors": list(found.cors), "key_grants": list(found.key_grants)}


def golden(kind: str, form: str) -> Path:
    """Where the golden documents of a form lie."""
    return GOLDEN / kind / f"{form}.json"


if __name__ == "__main__":
    for case in CASES:
        golden(*case).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            golden(*case).write_text(json.dumps(documents(Path(folder), *case), indent=2) + "\n")
