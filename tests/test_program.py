"""The real Pulumi engine over the sandbox: from grant files to live policies and back."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
from typing import Any

import psutil
import pytest

from drawbridge.config import Config
from drawbridge.documents import same
from drawbridge.plan import make_plan
from tests.conftest import Sandbox, Stack

FOREIGN = {
    "Sid": "AuditorsRead",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::555566667777:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::{bucket}/audit/*",
}
FOREIGN_RULE = {"ID": "intranet", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://intranet.example"]}
# What V7's page "Wasabi S3 Configuration" asks for, read-only.
SEED = {
    "Version": "2012-10-17",
    "Id": "PolicyForExternalAccess",
    "Statement": [
        {
            "Sid": "DarwinAccess",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::100000274636:user/darwin"},
            "Action": ["s3:GetObject"],
            "Resource": "arn:aws:s3:::radiology-scans/*",
        }
    ],
}


def files(name: str, *, tls_only: bool = True) -> dict[str, str]:
    """A stack with a bucket on each store and a V7 grant on each."""
    return {
        "storage": f"""
            on-wasabi:
              kind: wasabi
              bucket: {name}-wasabi
              region: eu-central-2
              profile: wasabi
              tls_only: {str(tls_only).lower()}
            on-aws: {{kind: aws, bucket: {name}-aws, region: eu-central-1}}
            """,
        "reads": """
            name: reads
            platform: v7
            storage: on-wasabi
            access: read-only
            accept: [whole-bucket]
            """,
        "writes": """
            name: writes
            platform: v7
            storage: on-aws
            access: read-write
            prefixes: [scans/]
            write_prefix: darwin/
            """,
    }


STORES = ("wasabi", "aws")


def foreign(bucket: str) -> dict[str, Any]:
    return dict(json.loads(json.dumps(FOREIGN).replace("{bucket}", bucket)))


def sids(policy: dict[str, Any]) -> list[str]:
    return sorted(statement["Sid"] for statement in policy["Statement"])


@pytest.fixture(scope="module")
def raised(sandbox: Sandbox) -> Sandbox:
    """The sandbox after its own `up`, as `make up` runs it."""
    said = sandbox.run("python", "-m", "sandbox", "up", cwd=sandbox.folder.root)
    assert "13 created" in said
    return sandbox


@pytest.fixture(scope="module")
def pair(sandbox: Sandbox) -> Stack:
    """A raised stack with a grant on each store, for tests that leave it as they found it."""
    stack = sandbox.stack("pair", **files("pair"))
    stack.up()
    return stack


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
    assert "13 unchanged" in said
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


def test_what_others_wrote_survives_up_and_destroy_and_ours_goes(sandbox: Sandbox) -> None:
    stack = sandbox.stack("shared", **files("shared"))
    stack.up()
    for store in STORES:
        bucket = f"shared-{store}"
        live = sandbox.policy(store, bucket)
        sandbox.put_policy(store, bucket, {**live, "Statement": [foreign(bucket), *live["Statement"]]})
        rules = sandbox.s3(store).get_bucket_cors(Bucket=bucket)["CORSRules"] if store == "aws" else []
        sandbox.s3(store).put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [*rules, FOREIGN_RULE]})
        sandbox.s3(store).put_object(Bucket=bucket, Key="scans/one.png", Body=b"data")
    stack.write(**{**files("shared"), "writes": files("shared")["writes"].replace("scans/", "films/")})
    assert "1 updated" in stack.up()
    for store in STORES:
        assert foreign(f"shared-{store}") in sandbox.policy(store, f"shared-{store}")["Statement"]
    assert "films/*" in json.dumps(sandbox.policy("aws", "shared-aws"))

    stack.destroy()
    for store in STORES:
        bucket, s3 = f"shared-{store}", sandbox.s3(store)
        left = sandbox.policy(store, bucket)
        assert sids(left) == ["AuditorsRead", "DrawbridgeTlsOnly"]
        assert foreign(bucket) in left["Statement"]
        assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [FOREIGN_RULE]
        assert s3.get_object(Bucket=bucket, Key="scans/one.png")["Body"].read() == b"data"
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert sandbox.s3("aws").get_public_access_block(Bucket="shared-aws")

    said = stack.up()
    assert "1 imported" in said  # on aws; on wasabi the dynamic resource goes on with its own bucket
    for store in STORES:
        bucket = f"shared-{store}"
        assert {"AuditorsRead", "DarwinAccess", "DrawbridgeTlsOnly"} <= set(sids(sandbox.policy(store, bucket)))
        assert sandbox.s3(store).get_object(Bucket=bucket, Key="scans/one.png")["Body"].read() == b"data"
    stack.preview("--expect-no-changes")


def test_removing_a_grant_and_a_storage_ends_access_and_keeps_the_data(sandbox: Sandbox) -> None:
    stack = sandbox.stack("leaving", **files("leaving"))
    stack.up()
    stack.write(storage="{}")
    stack.up()
    for store in STORES:
        assert sids(sandbox.policy(store, f"leaving-{store}")) == ["DrawbridgeTlsOnly"]
        assert sandbox.s3(store).head_bucket(Bucket=f"leaving-{store}")


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


def test_what_was_changed_by_hand_is_not_overwritten_unseen(sandbox: Sandbox) -> None:
    stack = sandbox.stack("unseen", **files("unseen"))
    stack.up()
    live = sandbox.policy("aws", "unseen-aws")
    by_hand = json.loads(json.dumps(live).replace('"Allow"', '"Deny"'))
    sandbox.put_policy("aws", "unseen-aws", by_hand)
    stack.write(**{**files("unseen"), "writes": files("unseen")["writes"].replace("scans/", "films/")})
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "Sid DarwinAccess is there already" in said
        assert "`pulumi up --refresh` takes the change in and mends it" in said
    assert sandbox.policy("aws", "unseen-aws") == by_hand
    stack.up("--refresh")
    assert "unseen-aws/films/*" in json.dumps(sandbox.policy("aws", "unseen-aws"))


def test_a_bucket_in_another_region_than_the_providers_comes_back_too(sandbox: Sandbox) -> None:
    storage = "far: {kind: aws, bucket: far-aws, region: us-west-2}"
    stack = sandbox.stack("far", storage=storage)
    stack.up()
    stack.preview("--refresh", "--expect-no-changes")
    stack.destroy()
    assert "1 imported" in stack.up()
    stack.preview("--expect-no-changes")


def test_tls_only_can_be_switched_off_and_on(sandbox: Sandbox) -> None:
    stack = sandbox.stack("switch", **files("switch"))
    stack.up()
    stack.write(**files("switch", tls_only=False))
    stack.up()
    assert sids(sandbox.policy("wasabi", "switch-wasabi")) == ["DarwinAccess"]
    stack.write(**files("switch"))
    stack.up()
    assert sids(sandbox.policy("wasabi", "switch-wasabi")) == ["DarwinAccess", "DrawbridgeTlsOnly"]


def test_a_policy_changed_by_hand_is_shown_and_mended(pair: Stack) -> None:
    before = {store: pair.sandbox.policy(store, f"pair-{store}") for store in STORES}
    for store in STORES:
        wider = json.loads(json.dumps(before[store]).replace("s3:GetObject", "s3:*"))
        pair.sandbox.put_policy(store, f"pair-{store}", wider)
    said = pair.preview("--refresh", "--diff")
    assert "s3:*" in said
    assert "2 to update" in said
    pair.up("--refresh")
    for store in STORES:
        assert same(pair.sandbox.policy(store, f"pair-{store}"), before[store])
    pair.preview("--refresh", "--expect-no-changes")


def test_a_statement_removed_by_hand_is_shown_and_put_back(pair: Stack) -> None:
    before = pair.sandbox.policy("aws", "pair-aws")
    less = {**before, "Statement": [part for part in before["Statement"] if part["Sid"] != "DarwinWrite"]}
    pair.sandbox.put_policy("aws", "pair-aws", less)
    pair.sandbox.s3("wasabi").delete_bucket_policy(Bucket="pair-wasabi")
    assert "DarwinWrite" in pair.preview("--refresh", "--diff")
    pair.up("--refresh")
    assert same(pair.sandbox.policy("aws", "pair-aws"), before)
    assert sids(pair.sandbox.policy("wasabi", "pair-wasabi")) == ["DarwinAccess", "DrawbridgeTlsOnly"]


def test_a_protection_changed_by_hand_is_shown_and_mended(pair: Stack) -> None:
    for store in STORES:
        pair.sandbox.s3(store).put_bucket_versioning(
            Bucket=f"pair-{store}", VersioningConfiguration={"Status": "Suspended"}
        )
    pair.sandbox.s3("aws").delete_public_access_block(Bucket="pair-aws")
    pair.preview("--refresh", "--expect-no-changes", code=7)
    pair.up("--refresh")
    for store in STORES:
        assert pair.sandbox.s3(store).get_bucket_versioning(Bucket=f"pair-{store}")["Status"] == "Enabled"
    assert pair.sandbox.s3("aws").get_public_access_block(Bucket="pair-aws")


def test_settings_are_private_files_written_by_up_alone_and_again_from_the_state(sandbox: Sandbox) -> None:
    stack = sandbox.stack("settings", **files("settings"))
    out = sandbox.folder.root / "out" / "settings"
    stack.preview()
    assert not out.exists()
    stack.up()
    sheet = out / "writes" / "v7-storage-integration.md"
    fields = json.loads((out / "writes" / "v7-storage-integration.json").read_text())
    assert fields == {
        "Storage provider": "AWS S3",
        "Name": "settings-aws",
        "S3 Bucket": "settings-aws",
        "S3 Prefix": "darwin/",
        "S3 Region": "eu-central-1",
    }
    written = {path: path.read_text() for path in out.rglob("*.*")}
    assert len(written) == 4
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


def test_a_statement_pasted_by_hand_is_taken_over_or_refused(sandbox: Sandbox) -> None:
    only_storage = {"storage": files("pasted")["storage"].replace("tls_only: true", "tls_only: false")}
    stack = sandbox.stack("pasted", **only_storage)
    stack.up()
    pasted = json.loads(json.dumps(SEED).replace("radiology-scans", "pasted-wasabi"))
    other = json.loads(json.dumps(pasted).replace("s3:GetObject", "s3:PutObject"))
    stack.write(**only_storage, reads=files("pasted")["reads"])

    sandbox.put_policy("wasabi", "pasted-wasabi", other)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "Sid DarwinAccess is there already" in said
        assert '"s3:PutObject"' in said
        assert '"s3:GetObject"' in said
        assert "Traceback" not in said
    assert sandbox.policy("wasabi", "pasted-wasabi") == other

    sandbox.put_policy("wasabi", "pasted-wasabi", pasted)
    assert "DarwinAccess was there already, with our content, and is now ours" in stack.up()
    assert sandbox.policy("wasabi", "pasted-wasabi") == pasted
    stack.destroy()
    with pytest.raises(Exception, match="NoSuchBucketPolicy"):
        sandbox.policy("wasabi", "pasted-wasabi")


def test_a_bucket_of_another_stack_is_not_taken(pair: Stack) -> None:
    thief = pair.sandbox.stack("thief", storage=files("pair")["storage"])
    said = thief.preview(code=1)
    assert "bucket pair-wasabi exists in this account already and was made by the stack drawbridge-sandbox/pair" in said
    thief.write(storage="on-aws: {kind: aws, bucket: pair-aws, region: eu-central-1}")
    assert "BucketAlreadyOwnedByYou" in thief.up(code=1)


def test_a_run_killed_in_the_middle_is_gone_on_with(sandbox: Sandbox) -> None:
    stack = sandbox.stack("killed", **files("killed"))
    command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "killed"]
    with subprocess.Popen(
        command, cwd=sandbox.folder.project, env=sandbox.env, text=True, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        for line in process.stdout or ():
            if "BucketStatements" in line and "creating" in line:
                break
        started = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
    stack.pulumi("cancel", "--yes")
    for provider in started:  # providers outlive the engine and finish what they are at
        with contextlib.suppress(psutil.NoSuchProcess):
            provider.kill()
    stack.up("--refresh")
    stack.preview("--refresh", "--expect-no-changes")
    for store in STORES:
        assert {"DarwinAccess", "DrawbridgeTlsOnly"} <= set(sids(sandbox.policy(store, f"killed-{store}")))


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
