"""Storage with a past: what is there already, of others or of our own, and what is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from drawbridge.documents import same
from tests.conftest import Sandbox, Stack
from tests.program.stacks import FOREIGN_RULE, SEED, STORES, entry, files, foreign, grant, sids


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


@pytest.mark.parametrize("store", STORES)
def test_what_a_run_left_that_died_before_tagging_is_ours_from_then_on(sandbox: Sandbox, store: str) -> None:
    bucket, s3 = f"untagged-{store}", sandbox.s3(store, "eu-central-2" if store == "wasabi" else "eu-central-1")
    place = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    stack = sandbox.stack(bucket, storage=entry(store, bucket))
    stack.up()
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"][0]["Key"] == "drawbridge"
    stack.preview("--refresh", "--expect-no-changes")
    s3.put_object(Bucket=bucket, Key="scans/one.png", Body=b"data")
    stack.destroy()
    stack.up()
    stack.preview("--refresh", "--expect-no-changes")


@pytest.mark.parametrize("store", STORES)
def test_protections_changed_between_destroy_and_up_are_ours_again(sandbox: Sandbox, store: str) -> None:
    bucket = f"again-{store}"
    stack = sandbox.stack(bucket, storage=entry(store, bucket, ", tls_only: true"))
    stack.up()
    stack.destroy()
    stack.write(storage=entry(store, bucket, ", tls_only: true, keep_old_versions: 30"))
    stack.preview()
    stack.up()
    rules = {rule["ID"]: rule for rule in sandbox.s3(store).get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
    assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


def test_a_statement_that_no_state_knows_is_told(sandbox: Sandbox) -> None:
    """As a run leaves it that is killed between writing the policy and keeping the state, if the grant then goes."""
    storage = entry("wasabi", "orphan")
    stack = sandbox.stack("orphan", storage=storage)
    stack.up()
    left = json.loads(json.dumps(SEED).replace("radiology-scans", "orphan"))
    sandbox.put_policy("wasabi", "orphan", left)
    said = stack.up("--refresh")
    assert 'orphan: [{"Sid":"DarwinAccess"' in said
    assert "no grant of this stack has it" in said
    assert sandbox.policy("wasabi", "orphan") == left


@pytest.mark.parametrize("store", STORES)
def test_tags_and_clean_up_of_others_on_a_bucket_that_was_kept_stay(sandbox: Sandbox, store: str) -> None:
    bucket, s3 = f"tagged-{store}", sandbox.s3(store)
    stack = sandbox.stack(f"tagged-{store}", storage=entry(store, bucket))
    stack.up()
    stack.destroy()
    tags = [*s3.get_bucket_tagging(Bucket=bucket)["TagSet"], {"Key": "team", "Value": "imaging"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [theirs, *rules]})
    for words in ((), ("--refresh",)):
        stack.up(*words)
        assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]} == {"drawbridge", "team"}
        found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert [rule["ID"] for rule in found] == ["theirs", "old-versions", "unfinished-uploads"]
    stack.preview("--refresh", "--expect-no-changes")


def test_removing_a_grant_and_a_storage_ends_access_and_keeps_the_data(sandbox: Sandbox) -> None:
    stack = sandbox.stack("leaving", **files("leaving"))
    stack.up()
    stack.write(storage="{}")
    stack.up()
    for store in STORES:
        assert sids(sandbox.policy(store, f"leaving-{store}")) == ["DrawbridgeTlsOnly"]
        assert sandbox.s3(store).head_bucket(Bucket=f"leaving-{store}")


def test_a_bucket_in_another_region_than_the_providers_comes_back_too(sandbox: Sandbox) -> None:
    storage = "far: {kind: aws, bucket: far-aws, region: us-west-2}"
    stack = sandbox.stack("far", storage=storage)
    stack.up()
    stack.preview("--refresh", "--expect-no-changes")
    stack.destroy()
    assert "1 imported" in stack.up()
    stack.preview("--expect-no-changes")


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


@pytest.mark.parametrize("store", STORES)
def test_a_bucket_of_another_stack_is_not_taken(pair: Stack, store: str) -> None:
    thief = pair.sandbox.stack(f"thief-{store}", storage=entry(store, f"pair-{store}"))
    for said in (thief.preview(code=1), thief.up(code=1)):
        assert (
            f"bucket pair-{store} exists in this account already and was made by the stack drawbridge-sandbox/pair; "
            "to use it as it is, say existing: true, or choose another name"
        ) in said


def test_two_stacks_on_one_bucket_at_the_same_moment(sandbox: Sandbox) -> None:
    bucket, s3 = "crowded", sandbox.s3("aws")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    before = {"Version": "2012-10-17", "Statement": [foreign(bucket)]}
    sandbox.put_policy("aws", bucket, before)
    stacks = []
    for suffix in ("Blue", "Green"):
        stack = sandbox.stack(suffix.lower(), storage=entry("aws", bucket, ", existing: true"), grant=grant("aws"))
        stack.pulumi("config", "set", "drawbridge:sid_suffix", suffix)
        stacks.append(stack)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Stack.up, stacks))
        ours = ["DarwinAccessBlue", "DarwinAccessGreen", "DarwinWriteBlue", "DarwinWriteGreen"]
        assert sids(sandbox.policy("aws", bucket)) == ["AuditorsRead", *ours]
        rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
        assert {rule["ID"] for rule in rules} == {"DarwinBrowserBlue", "DarwinBrowserGreen"}
        for stack in stacks:
            stack.preview("--refresh", "--expect-no-changes")
        list(pool.map(Stack.destroy, stacks))
    assert same(sandbox.policy("aws", bucket), before)


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
