"""From grant files to live policies and settings."""

from __future__ import annotations

import json
import os
import stat
import subprocess

from drawbridge.config import Config
from drawbridge.documents import same
from drawbridge.plan import make_plan
from tests.conftest import Sandbox, Stack
from tests.program.stacks import SEED, STORES, files, sids


def test_up_raises_what_the_plan_says(raised: Sandbox) -> None:
    plan = make_plan(Config("sandbox", raised.folder.root / "grants" / "sandbox"))
    for planned in plan.storages.values():
        live = raised.policy(planned.storage.name, planned.storage.bucket)
        assert same(live, planned.documents.policy)
    rules = raised.s3("aws").get_bucket_cors(Bucket="street-imagery")["CORSRules"]
    assert same(rules, plan.storages["street"].documents.cors)


def test_the_wasabi_policy_is_v7s_own_with_the_tls_statement_beside_it(raised: Sandbox) -> None:
    live = raised.policy("wasabi", "radiology-scans")
    assert live["Id"] == SEED["Id"]
    assert live["Version"] == SEED["Version"]
    assert [part for part in live["Statement"] if part["Sid"] == "DarwinAccess"] == SEED["Statement"]
    assert sids(live) == ["DarwinAccess", "DrawbridgeTlsOnly"]


def test_without_tls_only_the_wasabi_policy_is_the_seed_and_nothing_else(sandbox: Sandbox) -> None:
    stack = sandbox.stack("plain", **files("plain", tls_only=False))
    stack.up()
    assert sandbox.policy("wasabi", "plain-wasabi") == json.loads(
        json.dumps(SEED).replace("radiology-scans", "plain-wasabi")
    )


def test_up_ends_with_a_summary_and_a_second_one_changes_nothing(raised: Sandbox) -> None:
    said = raised.run("python", "-m", "sandbox", "up", cwd=raised.folder.root)
    assert "15 unchanged" in said
    assert "created" not in said
    assert "role external_s3 of account 258327614892 may write under darwin/ in street (aws" in said
    assert "settings: out/sandbox/street-v7/" in said
    raised.run("pulumi", "preview", "--expect-no-changes", "--stack", "sandbox")


def test_created_buckets_are_protected(pair: Stack) -> None:
    aws, wasabi = pair.sandbox.s3("aws"), pair.sandbox.s3("wasabi")
    block = aws.get_public_access_block(Bucket="pair-aws")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    owner = aws.get_bucket_ownership_controls(Bucket="pair-aws")["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    encryption = aws.get_bucket_encryption(Bucket="pair-aws")["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    for s3, bucket in ((aws, "pair-aws"), (wasabi, "pair-wasabi")):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
        assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 90
        assert rules["unfinished-uploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7


def test_renaming_an_entry_of_storage_changes_nothing(pair: Stack) -> None:
    renamed = {
        name: text.replace("on-wasabi", "scans").replace("on-aws", "films") for name, text in files("pair").items()
    }
    pair.write(**renamed)
    pair.up()
    for store in STORES:
        assert "DarwinAccess" in sids(pair.sandbox.policy(store, f"pair-{store}"))
    pair.write(**files("pair"))
    pair.up()
    pair.preview("--refresh", "--expect-no-changes")


def test_tls_only_can_be_switched_off_and_on(sandbox: Sandbox) -> None:
    stack = sandbox.stack("switch", **files("switch"))
    stack.up()
    stack.write(**files("switch", tls_only=False))
    stack.up()
    assert sids(sandbox.policy("wasabi", "switch-wasabi")) == ["DarwinAccess"]
    stack.write(**files("switch"))
    stack.up()
    assert sids(sandbox.policy("wasabi", "switch-wasabi")) == ["DarwinAccess", "DrawbridgeTlsOnly"]


def test_settings_are_private_files_written_by_up_alone_and_again_from_the_state(sandbox: Sandbox) -> None:
    stack = sandbox.stack("settings", **files("settings"))
    out = sandbox.folder.root / "out" / "settings"
    stack.preview()
    assert not out.exists()
    stack.up()
    sheet = out / "writes" / "v7-storage-integration.md"
    fields = json.loads((out / "writes" / "v7-storage-integration.json").read_text())["form"]
    assert fields == {
        "Storage provider": "AWS S3",
        "Name": "settings-aws",
        "S3 Bucket": "settings-aws",
        "S3 Prefix": "darwin/",
        "S3 Region": "eu-central-1",
    }
    written = {path: path.read_text() for path in out.rglob("*.*")}
    assert len(written) == 8
    for path in written:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.unlink()
    assert stat.S_IMODE(sheet.parent.stat().st_mode) == 0o700
    said = sandbox.run("drawbridge", "settings", "--stack", "settings")
    assert said.split() == ["out/settings/reads", "out/settings/writes"]
    assert {path: path.read_text() for path in written} == written
    said = sandbox.run("drawbridge", "settings", "nobody", "--stack", "settings", code=1)
    assert "nobody: no such grant in stack settings; it has: reads, writes" in said


def test_mistakes_are_all_shown_at_preview_and_nothing_is_made(sandbox: Sandbox) -> None:
    broken = files("broken")
    broken["writes"] = broken["writes"].replace("scans/", "scans").replace("read-write", "read-wrte")
    broken["reads"] = broken["reads"].replace("on-wasabi", "on-wasaby")
    stack = sandbox.stack("broken", **broken)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "grants/broken/reads.yaml:4:10 storage: on-wasaby is not in storage.yaml" in said
        assert (
            "grants/broken/writes.yaml:5:9 access: must be one of read-only, read-write; did you mean read-write?"
            in said
        )
        assert "grants/broken/writes.yaml:6:12 prefixes[0]: must end in /" in said
        assert "Traceback" not in said
    for store in STORES:
        assert f"broken-{store}" not in [entry["Name"] for entry in sandbox.s3(store).list_buckets()["Buckets"]]


def test_the_project_for_real_clouds_needs_nothing_of_the_sandbox(sandbox: Sandbox) -> None:
    """The top-level project as a user runs it, with an activated environment; Wasabi needs no provider plugin."""
    root = sandbox.folder.root
    (root / "grants" / "prod").mkdir()
    for name, text in {"storage": "scans: {kind: wasabi, bucket: prod-scans, region: eu-central-2, profile: wasabi}",
                       "scans-v7": "name: scans-v7\nplatform: v7\nstorage: scans\naccess: read-only\nprefixes: [studies/]"}.items():  # fmt: skip
        (root / "grants" / "prod" / f"{name}.yaml").write_text(text)
    (root / "sandbox").rename(root / "away")
    try:
        env = sandbox.env | {"PATH": f"{root / '.venv' / 'bin'}{os.pathsep}{os.defpath}"}
        for command in (["pulumi", "stack", "init", "prod"], ["pulumi", "up", "--yes"], ["drawbridge", "settings"]):
            done = subprocess.run(command, cwd=root, env=env, text=True, capture_output=True)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        (root / "away").rename(root / "sandbox")
    assert sids(sandbox.policy("wasabi", "prod-scans")) == ["DarwinAccess"]
    assert done.stdout == "out/prod/scans-v7\n"
    assert (root / "out" / "prod" / "scans-v7" / "v7-storage-integration.md").exists()
