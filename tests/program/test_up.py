"""From grant files to live policies and settings."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from xml.etree import ElementTree

from tests import secret_search
from tests.conftest import Sandbox, Stack
from tests.program.stacks import STORES, entry, files, grant, seed, sids

SHEET = "In V7 Darwin open **Settings"
PLAIN = grant("plain", "plain", "access: read-only", "accept: [whole-bucket]")


def plain(tls_only: bool) -> str:
    """A bucket on Wasabi whose TLS statement is switched on and off."""
    return "\n" + entry("wasabi", "plain-wasabi", f", tls_only: {str(tls_only).lower()}", name="plain")


def with_plain(tls_only: bool) -> dict[str, str]:
    """A stack with a bucket and a grant on each store, and that one."""
    lines = [entry(store, f"pair-{store}", ", tls_only: true", name=f"on-{store}") for store in STORES]
    return {**files("pair"), "storage": "\n".join(lines) + plain(tls_only), "plain": PLAIN}


def created_buckets_are_protected(sandbox: Sandbox) -> None:
    aws, wasabi = sandbox.s3("aws"), sandbox.s3("wasabi")
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


def settings_are_private_files_and_written_again_from_the_state(sandbox: Sandbox) -> None:
    out = sandbox.folder.root / "out" / "pair"
    sheet = out / "writes" / "v7-storage-integration.md"
    fields = json.loads((out / "writes" / "v7-storage-integration.json").read_text())["form"]
    assert fields == {
        "Storage provider": "AWS S3",
        "Name": "pair-aws",
        "S3 Bucket": "pair-aws",
        "S3 Prefix": "darwin/",
        "S3 Region": "eu-central-1",
    }
    written = {path: path.read_text() for path in out.rglob("*.*")}
    assert len(written) == 12
    for path in written:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.unlink()
    assert stat.S_IMODE(sheet.parent.stat().st_mode) == 0o700
    said = sandbox.run("drawbridge", "settings", "--stack", "pair")
    assert said.split() == ["out/pair/plain", "out/pair/reads", "out/pair/writes"]
    assert {path: path.read_text() for path in written} == written
    said = sandbox.run("drawbridge", "settings", "nobody", "--stack", "pair", code=1)
    assert "nobody: no such grant in stack pair; it has: plain, reads, writes" in said


def settings_are_secret_in_the_state_and_on_screen(stack: Stack, said: str) -> None:
    assert "settings: [secret]" in said
    assert SHEET not in said
    assert SHEET not in stack.pulumi("stack", "export")
    assert SHEET in stack.pulumi("stack", "output", "--json", "--show-secrets")
    assert SHEET in stack.pulumi("stack", "export", "--show-secrets")


def its_lights_are_green_and_say_so_to_scripts_and_to_ci(sandbox: Sandbox) -> None:
    report = sandbox.folder.root / "out" / "junit.xml"
    said = sandbox.run("drawbridge", "verify", "--stack", "pair", "--junit", str(report))
    assert "3 grants verified, nothing red." in said
    assert "○" not in said
    suites = {suite.get("name", ""): suite for suite in ElementTree.fromstring(report.read_text())}  # noqa: S314  ours
    assert sorted(suites) == ["plain in plain", "reads in on-wasabi", "writes in on-aws"]
    assert (
        {suite.get("failures") for suite in suites.values()}
        == {suite.get("skipped") for suite in suites.values()}
        == {"0"}
    )
    sandbox.run("drawbridge", "verify", "reads", "--stack", "pair", "--json")
    said = sandbox.run("drawbridge", "verify", "nobody", "--stack", "pair", code=1)
    assert "nobody: no such grant in stack pair; it has: plain, reads, writes" in said

    policy = sandbox.policy("aws", "pair-aws")
    sandbox.put_policy(
        "aws", "pair-aws", {**policy, "Statement": [one for one in policy["Statement"] if one["Sid"] != "DarwinWrite"]}
    )
    said = sandbox.run("drawbridge", "verify", "--stack", "pair", "--json", "--junit", str(report), code=1)
    assert "the statement DarwinWrite is gone" in said
    assert "3 grants verified, 3 red, " in said
    sandbox.put_policy("aws", "pair-aws", policy)


def the_stores_keys_and_the_passphrase_are_nowhere_but_in_their_files(sandbox: Sandbox) -> None:
    folder, secrets = sandbox.folder, secret_search.of_sandbox(sandbox.folder)
    assert sorted(secrets) == [
        "lightly-aws.aws_access_key_id",
        "lightly-aws.aws_secret_access_key",
        "minio.aws_access_key_id",
        "minio.aws_secret_access_key",
        "obs.aws_access_key_id",
        "obs.aws_secret_access_key",
        "passphrase",
        "s3.aws_access_key_id",
        "s3.aws_secret_access_key",
        "sandbox.aws_access_key_id",
        "sandbox.aws_secret_access_key",
        "v7-aws-source.aws_access_key_id",
        "v7-aws-source.aws_secret_access_key",
        "v7-wasabi.aws_access_key_id",
        "v7-wasabi.aws_secret_access_key",
        "wasabi.aws_access_key_id",
        "wasabi.aws_secret_access_key",
    ]
    looked_at = [folder.state, folder.root / "out", folder.root / "grants", folder.root / "infra", folder.project]
    assert all(place.exists() for place in looked_at)
    kept = [folder.aws_credentials, folder.passphrase]
    assert secret_search.search(secrets, looked_at, sandbox.said, allowed=kept) == []
    assert secret_search.search(secrets, [folder.state]), "the search sees the files that hold them"


def test_grants_become_policies_and_private_settings(sandbox: Sandbox) -> None:
    stack = sandbox.stack("pair", **with_plain(False))
    stack.preview("--diff")
    assert not (sandbox.folder.root / "out" / "pair").exists(), "a preview writes no settings"
    said = stack.up()
    created_buckets_are_protected(sandbox)
    settings_are_secret_in_the_state_and_on_screen(stack, said)
    settings_are_private_files_and_written_again_from_the_state(sandbox)
    its_lights_are_green_and_say_so_to_scripts_and_to_ci(sandbox)
    assert sandbox.policy("wasabi", "plain-wasabi") == seed("plain-wasabi"), "V7's own, and nothing else"

    # Entries of storage.yaml are renamed, which changes nothing; tls_only is switched on, which changes one policy.
    renamed = {name: text.replace("on-wasabi", "scans").replace("on-aws", "films") for name, text in with_plain(True).items()}  # fmt: skip
    stack.write(**renamed)
    assert "1 updated" in stack.up()
    for bucket, store in (("pair-aws", "aws"), ("pair-wasabi", "wasabi"), ("plain-wasabi", "wasabi")):
        assert {"DarwinAccess", "DrawbridgeTlsOnly"} <= set(sids(sandbox.policy(store, bucket)))

    stack.write(**with_plain(False))
    said = stack.up("--refresh")
    assert "1 updated" in said
    assert "created" not in said
    assert sids(sandbox.policy("wasabi", "plain-wasabi")) == ["DarwinAccess"], "tls_only is switched off again"
    the_stores_keys_and_the_passphrase_are_nowhere_but_in_their_files(sandbox)


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
