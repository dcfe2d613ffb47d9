"""V7: whole documents for each form on both stores, what cannot stand together, and the settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drawbridge.documents import same
from drawbridge.plan import Plan
from tests.files import plan, problems
from tests.platforms.v7_forms import CASES, GOLDEN, documents, golden

STORAGE_OF = {"wide": "wasabi", "street": "aws"}
ACCEPT = "accept: [whole-bucket]"


def grant(storage: str, access: str, *more: str, name: str = "") -> str:
    lines = [f"name: {name or f'{storage}-v7'}", "platform: v7", f"storage: {storage}", f"access: {access}", *more]
    return "\n".join(lines)


@pytest.mark.parametrize(("kind", "form"), CASES)
def test_the_whole_documents_of_each_form(tmp_path: Path, kind: str, form: str) -> None:
    found = documents(tmp_path, kind, form)
    assert found == json.loads(golden(kind, form).read_text())
    assert json.dumps(found, indent=2) + "\n" == golden(kind, form).read_text(), "in the same order"


def test_no_golden_document_is_left_over() -> None:
    assert sorted(GOLDEN.rglob("*.json")) == sorted(golden(*case) for case in CASES)


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
    fields = json.loads(files["v7-storage-integration.json"])["form"]
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


@pytest.mark.parametrize("storage", STORAGE_OF)
def test_the_sheet_is_the_golden_one(tmp_path: Path, storage: str) -> None:
    lines = ("read-write", "prefixes: [scans/]") if storage == "street" else ("read-only", ACCEPT)
    sheet = plan(tmp_path, g=grant(storage, *lines)).grants[f"{storage}-v7"].settings.files["v7-storage-integration.md"]
    assert sheet == (Path(__file__).parents[1] / "golden" / f"v7-sheet-{storage}.md").read_text()


def warned(at: Path, **grants: str) -> list[str]:
    """The warnings of a plan, without the folder's name."""
    return [str(problem).removeprefix(f"{at / 'stack'}/") for problem in plan(at, **grants).warnings]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("prefixes: [scans/]", "write_prefix: darwin/"), ""),
        (("prefixes: [scans/]", "write_prefix: scans/darwin/"), "V7 writes to scans/darwin/, inside scans/, which"),
        (("prefixes: [darwin/a/]", "write_prefix: darwin/"), "V7 writes to darwin/, around darwin/a/, which"),
        (("prefixes: [data/]",), "prefixes[0]: V7 writes to data/, inside data/, which"),
        ((ACCEPT,), "V7 writes to data/, inside the bucket, which"),
    ],
)
def test_a_write_location_inside_what_is_read(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    found = warned(tmp_path / "silent", g=grant("street", "read-write", *lines))
    assert len(found) == bool(said)
    assert said in "".join(found)
    assert not warned(tmp_path / "no", g=grant("street", "read-write", *lines, "auto_registration: false"))
    registered = grant("street", "read-write", *lines, "auto_registration: true")
    if said:
        (error,) = problems(tmp_path / "yes", g=registered)
        assert "where new objects are registered automatically" in error
        assert "warning" not in error
    else:
        assert not warned(tmp_path / "yes", g=registered)


def test_what_another_grant_writes_where_this_one_registers(tmp_path: Path) -> None:
    reader = grant("street", "read-only", "prefixes: [scans/]", "auto_registration: true", "integration: r", name="a")
    writer = grant("street", "read-write", "prefixes: [films/]", "write_prefix: scans/darwin/", name="b")
    assert problems(tmp_path, a=reader, b=writer) == [
        "a.yaml:5:12 prefixes[0]: V7 writes to scans/darwin/ by the grant b, inside scans/, where new objects are "
        "registered automatically, so that its own thumbnails would be registered again and again; let it read and "
        "write in folders apart"
    ]


def test_write_everywhere_is_for_the_only_grant_of_a_bucket(tmp_path: Path) -> None:
    first = grant("street", "read-write", "prefixes: [a/]", "write: everywhere", name="a")
    second = grant("street", "read-only", "prefixes: [b/]", "integration: second", name="b")
    elsewhere = grant("wide", "read-only", "prefixes: [b/]", name="c")
    assert problems(tmp_path, a=first, b=second, c=elsewhere) == [
        "a.yaml:6:8 write: everywhere is for a bucket's only V7 grant, and b lets V7 into street too; leave it out"
    ]
    assert plan(tmp_path / "alone", a=first, c=elsewhere).grants


def test_grants_on_one_bucket_have_one_principal(tmp_path: Path) -> None:
    other = "principal: arn:aws:iam::999988887777:role/x"
    first = grant("street", "read-only", "prefixes: [a/]", other, "integration: i", name="a")
    second = grant("street", "read-only", "prefixes: [b/]", name="b")
    assert problems(tmp_path, a=first, b=second) == [
        "a.yaml:6:12 principal: differs from that of b, and the V7 grants on one bucket share a statement; "
        "give both the same",
        "b.yaml:1:1 principal: differs from that of a, and the V7 grants on one bucket share a statement; "
        "give both the same",
    ]


def test_what_is_accepted_for_nothing_is_a_warning(tmp_path: Path) -> None:
    assert warned(
        tmp_path, g=grant("street", "read-only", "prefixes: [a/]", "accept: [whole-bucket, list-bucket]")
    ) == [
        "g.yaml:6:10 warning: accept[0]: is not needed, since prefixes limit the grant; leave it out",
        "g.yaml:6:24 warning: accept[1]: is not needed, since no more is listed than is read; leave it out",
    ]


def test_integrations_have_names_of_their_own_and_slugs(tmp_path: Path) -> None:
    first = grant("street", "read-only", "prefixes: [a/]", 'integration: "Street Scans"', name="a")
    second = grant("wide", "read-only", "prefixes: [a/]", "integration: street scans", name="b")
    found = warned(tmp_path, a=first, b=second)
    assert found[0] == (
        "a.yaml:6:14 warning: integration: the integrations of a and b would be called Street Scans in V7; unless "
        "they belong to different teams there, give each its own, such as integration: a"
    )
    files = plan(tmp_path / "one", a=first).grants["a"].settings.files
    assert json.loads(files["v7-storage-integration.json"])["slug"] == "street-scans"
    assert "| Name | `Street Scans` |" in files["v7-storage-integration.md"]
    assert "slug, `street-scans`" in files["v7-storage-integration.md"]
    odd = grant("street", "read-only", "prefixes: [a/]", "integration: straße_1")
    assert "look up what it makes of straße_1" in warned(tmp_path / "odd", g=odd)[0]
