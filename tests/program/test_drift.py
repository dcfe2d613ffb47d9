"""What was changed by hand is shown, mended, and never overwritten unseen."""

from __future__ import annotations

import json

from drawbridge.documents import same
from tests.conftest import Sandbox, Stack
from tests.program.stacks import STORES, files, sids


def test_what_was_changed_by_hand_is_not_overwritten_unseen(sandbox: Sandbox) -> None:
    stack = sandbox.stack("unseen", **files("unseen"))
    stack.up()
    live = sandbox.policy("aws", "unseen-aws")
    by_hand = json.loads(json.dumps(live).replace('"Allow"', '"Deny"'))
    sandbox.put_policy("aws", "unseen-aws", by_hand)
    stack.write(**{**files("unseen"), "writes": files("unseen")["writes"].replace("scans/", "films/")})
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "Sid DarwinAccess is there already" in said
        assert "`pulumi up --refresh` puts ours back in its place" in said
    assert sandbox.policy("aws", "unseen-aws") == by_hand
    stack.up("--refresh")
    assert "unseen-aws/films/*" in json.dumps(sandbox.policy("aws", "unseen-aws"))


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
