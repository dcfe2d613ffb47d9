"""V7: whole policy documents for each form on both stores, and the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drawbridge.documents import same
from drawbridge.plan import Plan
from tests.files import plan, problems

WASABI, AWS = "arn:aws:iam::100000274636:user/darwin", "arn:aws:iam::258327614892:role/external_s3"
BUCKET = {"wide": ("your-s3-bucket-name", WASABI), "street": ("street-imagery", AWS)}


def grant(storage: str, access: str, *more: str) -> str:
    return "\n".join([f"name: {storage}-v7", "platform: v7", f"storage: {storage}", f"access: {access}", *more])


def allow(storage: str, sid: str, actions: list[str], *prefixes: str) -> dict[str, Any]:
    bucket, principal = BUCKET[storage]
    resources = [f"arn:aws:s3:::{bucket}/{prefix}*" for prefix in prefixes]
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": actions,
        "Resource": resources[0] if len(resources) == 1 else resources,
    }


GET, PUT, BOTH = ["s3:GetObject"], ["s3:PutObject"], ["s3:GetObject", "s3:PutObject"]
ACCEPT = "accept: [whole-bucket]"
# (the grant's lines, the statements as (Sid, actions, prefixes))
FORMS: list[tuple[tuple[str, ...], list[tuple[str, list[str], tuple[str, ...]]]]] = [
    (("read-only", ACCEPT), [("DarwinAccess", GET, ("",))]),
    (("read-write", ACCEPT), [("DarwinAccess", BOTH, ("",))]),
    (("read-only", "prefixes: [my_subfolder/]"), [("DarwinAccess", GET, ("my_subfolder/",))]),
    (("read-only", "prefixes: [b/, a/]"), [("DarwinAccess", GET, ("a/", "b/"))]),
    (("read-write", "prefixes: [a/]"), [("DarwinAccess", GET, ("a/", "data/")), ("DarwinWrite", PUT, ("data/",))]),
    (
        ("read-write", "prefixes: [scans/]", "write_prefix: darwin/"),
        [("DarwinAccess", GET, ("darwin/", "scans/")), ("DarwinWrite", PUT, ("darwin/",))],
    ),
    (
        ("read-write", "prefixes: [scans/]", "write_prefix: scans/darwin/"),
        [("DarwinAccess", GET, ("scans/",)), ("DarwinWrite", PUT, ("scans/darwin/",))],
    ),
    (
        ("read-write", "write_prefix: darwin/", ACCEPT),
        [("DarwinAccess", GET, ("",)), ("DarwinWrite", PUT, ("darwin/",))],
    ),
]


@pytest.mark.parametrize("storage", BUCKET)
@pytest.mark.parametrize(("lines", "statements"), FORMS)
def test_the_whole_document_of_each_form(
    tmp_path: Path, storage: str, lines: tuple[str, ...], statements: list[tuple[str, list[str], tuple[str, ...]]]
) -> None:
    documents = plan(tmp_path, g=grant(storage, *lines)).storages[storage].documents
    wanted = [allow(storage, sid, actions, *prefixes) for sid, actions, prefixes in statements]
    assert list(documents.statements) == wanted
    assert documents.policy == {
        "Version": "2012-10-17",
        "Id": "PolicyForExternalAccess",
        "Statement": [*wanted, *documents.protection],
    }


def seed(access: str) -> dict[str, Any]:
    """The document on V7's page "Wasabi S3 Configuration", letter by letter."""
    path = Path(__file__).parents[1] / "golden" / f"v7-wasabi-{access}.json"
    return dict(json.loads(path.read_text()))


@pytest.mark.parametrize("access", ["read-only", "read-write"])
def test_the_whole_bucket_on_wasabi_is_v7s_own_document(tmp_path: Path, access: str) -> None:
    documents = plan(tmp_path, g=grant("wide", access, ACCEPT)).storages["wide"].documents
    assert documents.policy == seed(access)
    assert json.dumps(documents.policy) == json.dumps(seed(access)), "in V7's own order"


def test_tls_only_stands_beside_it_where_it_is_on(tmp_path: Path) -> None:
    storage = "wide: {kind: wasabi, bucket: your-s3-bucket-name, region: eu-central-2, tls_only: true}"
    policy = plan(tmp_path, storage, g=grant("wide", "read-only", ACCEPT)).storages["wide"].documents.policy
    assert policy["Statement"][0] == seed("read-only")["Statement"][0]
    assert policy["Statement"][1:] == [
        {
            "Sid": "DrawbridgeTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::your-s3-bucket-name", "arn:aws:s3:::your-s3-bucket-name/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


@pytest.mark.parametrize(
    ("storage", "line", "wanted"),
    [("street", "", True), ("wide", "", False), ("street", "cors: false", False), ("wide", "cors: true", True)],
)
def test_cors_is_set_on_aws_and_on_wasabi_only_if_asked(tmp_path: Path, storage: str, line: str, wanted: bool) -> None:
    rules = plan(tmp_path, g=grant(storage, "read-only", ACCEPT, line)).storages[storage].documents.cors
    rule = {
        "ID": "DarwinBrowser",
        "AllowedHeaders": ["*"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedOrigins": ["https://darwin.v7labs.com"],
    }
    assert same(list(rules), [rule] if wanted else [])


def test_a_bucket_name_with_dots_is_refused(tmp_path: Path) -> None:
    storage = "dots: {kind: aws, bucket: my.scans, region: eu-central-1}"
    assert problems(tmp_path, storage, g=grant("dots", "read-only", "prefixes: [a/]")) == [
        "g.yaml:3:10 storage: has the bucket my.scans, and V7 cannot reach a name with dots (virtual-host-style "
        "HTTPS); use another bucket"
    ]


def settings(found: Plan, storage: str) -> dict[str, str]:
    files = found.grants[f"{storage}-v7"].settings.files
    fields = json.loads(files["v7-storage-integration.json"])
    for name, value in fields.items():
        shown = f"`{value}`" if value else "*leave blank*"
        assert f"| {name} | {shown} |" in files["v7-storage-integration.md"]
    return dict(fields)


def test_the_settings_are_the_fields_of_v7s_form(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        a=grant("wide", "read-only", ACCEPT),
        b=grant("street", "read-write", "prefixes: [scans/]", "write_prefix: darwin/"),
    )
    assert settings(found, "wide") == {
        "Storage provider": "Wasabi",
        "Name": "your-s3-bucket-name",
        "S3 Bucket": "your-s3-bucket-name",
        "S3 Prefix": "",
        "S3 Region": "eu-central-2",
    }
    assert settings(found, "street") == {
        "Storage provider": "AWS S3",
        "Name": "street-imagery",
        "S3 Bucket": "street-imagery",
        "S3 Prefix": "darwin/",
        "S3 Region": "eu-central-1",
    }


@pytest.mark.parametrize("storage", BUCKET)
def test_the_sheet_is_the_golden_one(tmp_path: Path, storage: str) -> None:
    lines = ("read-write", "prefixes: [scans/]") if storage == "street" else ("read-only", ACCEPT)
    sheet = plan(tmp_path, g=grant(storage, *lines)).grants[f"{storage}-v7"].settings.files["v7-storage-integration.md"]
    assert sheet == (Path(__file__).parents[1] / "golden" / f"v7-sheet-{storage}.md").read_text()
