"""Storage with a past: what is there already, of others or of our own, and what is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest

from drawbridge.documents import same
from tests.conftest import Sandbox, Stack
from tests.program.stacks import FOREIGN_RULE, STORES, entry, files, foreign, grant, seed, sids

THEIRS = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
TEAM = {"Key": "team", "Value": "imaging"}


class Past:
    """Buckets that a stack made, some of which are changed by hand: before it goes, or until it comes again."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.s3 = {"wasabi": sandbox.s3("wasabi", "eu-central-2"), "aws": sandbox.s3("aws")}

    def storage(self, again: str = "") -> str:
        """The stack's storage.yaml, with more for one of its buckets."""
        lines = [
            line
            for store in STORES
            for line in (
                entry(store, f"shared-{store}", ", tls_only: true"),
                entry(store, f"untagged-{store}", name=f"untagged-{store}"),
                entry(store, f"again-{store}", f", tls_only: true{again}", name=f"again-{store}"),
                entry(store, f"tagged-{store}", name=f"tagged-{store}"),
            )
        ]
        return "\n".join([*lines, "far: {kind: aws, bucket: far-aws, region: us-west-2}"])

    def die_before_tagging(self) -> None:
        """What a run leaves that ends between making a bucket and tagging it."""
        for store, s3 in self.s3.items():
            place = {"LocationConstraint": s3.meta.region_name}
            s3.create_bucket(Bucket=f"untagged-{store}", CreateBucketConfiguration=place)

    def share(self) -> None:
        """Others write a statement, a CORS rule and data."""
        for store, s3 in self.s3.items():
            bucket = f"shared-{store}"
            live = self.sandbox.policy(store, bucket)
            self.sandbox.put_policy(store, bucket, {**live, "Statement": [foreign(bucket), *live["Statement"]]})
            rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"] if store == "aws" else []
            s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [*rules, FOREIGN_RULE]})
            for used in (bucket, f"untagged-{store}"):
                s3.put_object(Bucket=used, Key="scans/one.png", Body=b"data")

    def what_others_wrote_is_there(self) -> None:
        for store, s3 in self.s3.items():
            bucket = f"shared-{store}"
            assert foreign(bucket) in self.sandbox.policy(store, bucket)["Statement"]
            assert FOREIGN_RULE in s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
            assert s3.get_object(Bucket=bucket, Key="scans/one.png")["Body"].read() == b"data"

    def only_protections_are_left_of_ours(self) -> None:
        for store, s3 in self.s3.items():
            bucket = f"shared-{store}"
            assert sids(self.sandbox.policy(store, bucket)) == ["AuditorsRead", "DrawbridgeTlsOnly"]
            assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [FOREIGN_RULE]
            assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert self.s3["aws"].get_public_access_block(Bucket="shared-aws")

    def access_is_back(self) -> None:
        for store in STORES:
            live = sids(self.sandbox.policy(store, f"shared-{store}"))
            assert {"AuditorsRead", "DarwinAccess", "DrawbridgeTlsOnly"} <= set(live)

    def what_was_untagged_is_ours(self) -> None:
        for store, s3 in self.s3.items():
            assert s3.get_bucket_tagging(Bucket=f"untagged-{store}")["TagSet"][0]["Key"] == "drawbridge"

    def tag(self) -> None:
        """Others add a tag and clean-up to a bucket that was kept."""
        for store, s3 in self.s3.items():
            bucket = f"tagged-{store}"
            tags = [*s3.get_bucket_tagging(Bucket=bucket)["TagSet"], TEAM]
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
            rules = [THEIRS, *s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]]
            s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def tags_and_clean_up_of_others_are_there(self) -> None:
        for store, s3 in self.s3.items():
            bucket = f"tagged-{store}"
            assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]} == {"drawbridge", "team"}
            found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
            assert [rule["ID"] for rule in found] == ["theirs", "old-versions", "unfinished-uploads"]

    def protections_are_as_they_are_wanted_now(self, days: int) -> None:
        for store, s3 in self.s3.items():
            found = s3.get_bucket_lifecycle_configuration(Bucket=f"again-{store}")["Rules"]
            rules: dict[str, Any] = {rule["ID"]: rule for rule in found}
            assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == days

    def is_not_taken_by_another_stack(self, store: str) -> None:
        bucket = f"shared-{store}"
        thief = self.sandbox.stack(f"thief-{store}", storage=entry(store, bucket))
        for said in (thief.preview(code=1), thief.up(code=1)):
            assert (
                f"bucket {bucket} exists in this account already and was made by the stack drawbridge-sandbox/past; "
                "to use it as it is, say existing: true, or choose another name"
            ) in said


def test_buckets_stay_when_a_stack_goes_and_it_goes_on_with_them(sandbox: Sandbox) -> None:
    past = Past(sandbox)
    past.die_before_tagging()
    reads, writes = grant("wasabi", "reads", "access: read-only", "accept: [whole-bucket]"), grant("aws", "writes")
    stack = sandbox.stack("past", storage=past.storage(), reads=reads, writes=writes)
    stack.up()
    past.what_was_untagged_is_ours()
    past.protections_are_as_they_are_wanted_now(90)
    stack.preview("--refresh", "--expect-no-changes")
    for store in STORES:
        past.is_not_taken_by_another_stack(store)

    past.share()
    films = writes.replace("scans/", "films/")
    stack.write(storage=past.storage(), reads=reads, writes=films)
    assert "1 updated" in stack.up()
    past.what_others_wrote_is_there()
    assert "films/*" in json.dumps(sandbox.policy("aws", "shared-aws"))

    stack.destroy()
    past.what_others_wrote_is_there()
    past.only_protections_are_left_of_ours()

    past.tag()
    stack.write(storage=past.storage(", keep_old_versions: 30"), reads=reads, writes=films)
    stack.preview()
    # On AWS each bucket is imported; on Wasabi the dynamic resource goes on with its own.
    assert "5 imported" in stack.up()
    past.what_others_wrote_is_there()
    past.access_is_back()
    past.tags_and_clean_up_of_others_are_there()
    past.protections_are_as_they_are_wanted_now(30)
    stack.up("--refresh", "--expect-no-changes")
    past.tags_and_clean_up_of_others_are_there()


def test_statements_that_were_there_before_and_those_that_have_to_go(sandbox: Sandbox) -> None:
    """One that no state knows, as a run leaves it that is killed before it keeps its state; one pasted by hand."""
    buckets = [entry("wasabi", bucket, name=bucket) for bucket in ("orphan", "pasted")]
    leaving = files("leaving")
    storage = "\n".join(buckets)
    both = "\n".join([*buckets, *(entry(store, f"leaving-{store}", ", tls_only: true") for store in STORES)])
    ends = {"reads": leaving["reads"].replace("on-", ""), "writes": leaving["writes"].replace("on-", "")}
    stack = sandbox.stack("statements", storage=both, **ends)
    stack.up()
    left, pasted = seed("orphan"), seed("pasted")
    sandbox.put_policy("wasabi", "orphan", left)

    other = json.loads(json.dumps(pasted).replace("s3:GetObject", "s3:PutObject"))
    sandbox.put_policy("wasabi", "pasted", other)
    takes = grant("pasted", "pasted", "access: read-only", "accept: [whole-bucket]")
    stack.write(storage=both, pasted=takes, **ends)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "Sid DarwinAccess is there already" in said
        assert '"s3:PutObject"' in said
        assert '"s3:GetObject"' in said
        assert "Traceback" not in said
    assert sandbox.policy("wasabi", "pasted") == other, "what differs is refused"

    sandbox.put_policy("wasabi", "pasted", pasted)
    assert "DarwinAccess was there already, with our content, and is now ours" in stack.up()
    assert sandbox.policy("wasabi", "pasted") == pasted

    stack.write(storage=storage, pasted=takes)
    said = stack.up("--refresh")
    assert 'orphan: [{"Sid":"DarwinAccess"' in said
    assert "no grant of this stack has it" in said
    assert sandbox.policy("wasabi", "orphan") == left
    for store in STORES:
        assert sids(sandbox.policy(store, f"leaving-{store}")) == ["DrawbridgeTlsOnly"], "access ends"
        assert sandbox.s3(store).head_bucket(Bucket=f"leaving-{store}"), "and the bucket stays"

    stack.destroy()
    with pytest.raises(Exception, match="NoSuchBucketPolicy"):
        sandbox.policy("wasabi", "pasted")


def test_two_stacks_on_one_bucket_at_the_same_moment(sandbox: Sandbox) -> None:
    bucket, s3 = "for-two", sandbox.s3("aws")
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
