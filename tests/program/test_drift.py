"""What was changed by hand is shown, mended, and never overwritten unseen."""

from __future__ import annotations

import json
from typing import Any

from drawbridge.documents import same
from tests.conftest import Sandbox, Stack
from tests.program.stacks import STORES, entry, grant, sids

BUCKETS = [(store, f"{what}-{store}") for what in ("loose", "robbed") for store in STORES]
UNSEEN = "unseen-aws"
STORAGE = [entry(store, bucket, ", tls_only: true", name=bucket) for store, bucket in [*BUCKETS, ("aws", UNSEEN)]]
GRANTS = {bucket: grant(bucket, bucket) for _, bucket in [*BUCKETS, ("aws", UNSEEN)]}

Policies = dict[str, dict[str, Any]]


def policies(sandbox: Sandbox) -> Policies:
    """The live policies of all buckets that have one."""
    found = {}
    for store, bucket in [*BUCKETS, ("aws", UNSEEN)]:
        if bucket != "robbed-wasabi":
            found[bucket] = sandbox.policy(store, bucket)
    return found


def change_by_hand(sandbox: Sandbox, before: Policies) -> None:
    """On each store a policy is widened, protections are taken away, and another policy is robbed of statements."""
    for store in STORES:
        wider = json.loads(json.dumps(before[f"loose-{store}"]).replace("s3:GetObject", "s3:*"))
        sandbox.put_policy(store, f"loose-{store}", wider)
        suspended = {"Status": "Suspended"}
        sandbox.s3(store).put_bucket_versioning(Bucket=f"loose-{store}", VersioningConfiguration=suspended)
    sandbox.s3("aws").delete_public_access_block(Bucket="loose-aws")
    left = [part for part in before["robbed-aws"]["Statement"] if part["Sid"] != "DarwinWrite"]
    sandbox.put_policy("aws", "robbed-aws", {**before["robbed-aws"], "Statement": left})
    sandbox.s3("wasabi").delete_bucket_policy(Bucket="robbed-wasabi")
    denied = json.loads(json.dumps(before[UNSEEN]).replace('"Allow"', '"Deny"'))
    sandbox.put_policy("aws", UNSEEN, denied)


def is_not_overwritten_unseen(stack: Stack) -> None:
    """A grant changes whose statement somebody changed: without a refresh nothing is written, and both are shown."""
    by_hand = policies(stack.sandbox)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "Sid DarwinAccess is there already" in said
        assert "`pulumi up --refresh` puts ours back in its place" in said
    assert policies(stack.sandbox) == by_hand


def is_shown(stack: Stack) -> None:
    """A preview with a refresh tells every change, and ends with the code for scripts."""
    said = stack.preview("--refresh", "--diff", "--expect-no-changes", code=7)
    assert "s3:*" in said, "a policy that was widened"
    assert "DarwinWrite" in said, "one that was robbed"
    assert "Suspended" in said, "versioning"
    # In place: four policies and two versionings; anew: the public access block, and both parts of a policy.
    assert "6 to update" in said
    assert "3 to create" in said


def is_mended(stack: Stack, before: Policies) -> None:
    """What is ours is as it was, and the grant that changed is as it is now."""
    sandbox, after = stack.sandbox, policies(stack.sandbox)
    for bucket in set(after) - {UNSEEN}:
        assert same(after[bucket], before[bucket]), bucket
    assert sids(sandbox.policy("wasabi", "robbed-wasabi")) == ["DarwinAccess", "DarwinWrite", "DrawbridgeTlsOnly"]
    assert f"{UNSEEN}/films/*" in json.dumps(after[UNSEEN])
    assert "scans/" not in json.dumps(after[UNSEEN])
    for store in STORES:
        assert sandbox.s3(store).get_bucket_versioning(Bucket=f"loose-{store}")["Status"] == "Enabled"
    block = sandbox.s3("aws").get_public_access_block(Bucket="loose-aws")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}


def test_what_was_changed_by_hand(sandbox: Sandbox) -> None:
    stack = sandbox.stack("drift", storage="\n".join(STORAGE), **GRANTS)
    stack.up()
    before = policies(sandbox)
    change_by_hand(sandbox, before)
    changed = {UNSEEN: GRANTS[UNSEEN].replace("scans/", "films/")}
    stack.write(storage="\n".join(STORAGE), **{**GRANTS, **changed})
    is_not_overwritten_unseen(stack)
    is_shown(stack)
    stack.up("--refresh")
    is_mended(stack, before)
    stack.preview("--refresh", "--expect-no-changes")
