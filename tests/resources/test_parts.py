"""Our own statements on live stores: they come, change, drift, heal and go without a trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drawbridge.resources.base import Failed
from tests.resources.policies import ID, OPERATIONS, has_no_policy, live, properties, put, statement


def test_a_new_policy_has_the_id_and_leaves_nothing_behind(kind: str, s3: Any, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "Ours")))
    assert live(s3, bucket) == {"Version": "2012-10-17", "Id": ID, "Statement": [statement(bucket, "Ours")]}
    OPERATIONS.delete(made.id, dict(made.outs or {}))
    assert has_no_policy(s3, bucket)


@pytest.mark.parametrize(
    "theirs", [{}, {"Version": "2008-10-17"}, {"Id": "Theirs"}, {"Version": "2012-10-17", "Id": ID}]
)
def test_a_foreign_document_comes_back_as_it_was(kind: str, s3: Any, bucket: str, theirs: dict[str, str]) -> None:
    before = put(s3, bucket, statement(bucket, "Theirs"), **theirs)
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "Ours")))
    assert live(s3, bucket)["Id"] == theirs.get("Id", ID)
    assert live(s3, bucket).get("Version") == theirs.get("Version"), "it decides what others' statements mean"
    OPERATIONS.delete(made.id, dict(made.outs or {}))
    assert live(s3, bucket) == before


def test_update_replaces_what_was_ours_and_only_that(kind: str, s3: Any, bucket: str) -> None:
    put(s3, bucket, statement(bucket, "Theirs"))
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    wanted = properties(kind, bucket, statement(bucket, "B", "s3:PutObject"), statement(bucket, "C"))
    OPERATIONS.update(made.id, dict(made.outs or {}), wanted)
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Theirs"), *wanted["parts"]]


def test_a_foreign_sid_that_ours_would_replace_is_refused_and_nothing_is_written(
    kind: str, s3: Any, bucket: str
) -> None:
    before = put(s3, bucket, statement(bucket, "Ours", "s3:DeleteObject"))
    wanted = properties(kind, bucket, statement(bucket, "Ours"))
    (failure,) = OPERATIONS.check({}, wanted).failures
    assert "s3:DeleteObject" in failure.reason
    with pytest.raises(Failed, match="Sid Ours is there already"):
        OPERATIONS.create(wanted)
    made = {**properties(kind, bucket, statement(bucket, "Other")), "gave_id": False}
    assert OPERATIONS.check(made, wanted).failures, "a preview of the update tells it too"
    with pytest.raises(Failed, match="Sid Ours is there already"):
        OPERATIONS.update("id", made, wanted)
    assert live(s3, bucket) == before


def test_read_tells_drift_and_what_is_gone(kind: str, s3: Any, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    state = dict(made.outs or {})
    assert OPERATIONS.read(made.id, state).outs == state
    put(s3, bucket, statement(bucket, "A", "s3:*"), statement(bucket, "Theirs"))
    found = OPERATIONS.read(made.id, state).outs or {}
    assert found["parts"] == [statement(bucket, "A", "s3:*")]
    assert OPERATIONS.diff(made.id, found, state).changes
    put(s3, bucket, statement(bucket, "Theirs"))
    assert OPERATIONS.read(made.id, state).id == ""
    s3.delete_bucket_policy(Bucket=bucket)
    assert OPERATIONS.read(made.id, state).id == ""
    s3.delete_bucket(Bucket=bucket)
    assert OPERATIONS.read(made.id, state).id == ""
    OPERATIONS.delete(made.id, state)  # nothing to do, and no error


def test_another_spelling_of_the_store_is_no_drift(kind: str, s3: Any, bucket: str) -> None:
    ours = {
        **statement(bucket, "A"),
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    made = OPERATIONS.create(properties(kind, bucket, ours))
    put(s3, bucket, {**ours, "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"})
    assert OPERATIONS.read(made.id, dict(made.outs or {})).outs == made.outs


def test_a_missing_bucket_is_said_in_one_line(kind: str, name: str) -> None:
    with pytest.raises(Failed, match=f"^bucket {name} does not exist$"):
        OPERATIONS.create(properties(kind, name, statement(name, "A")))
    assert not OPERATIONS.check({}, properties(kind, name, statement(name, "A"))).failures


@pytest.mark.parametrize("changed", ["other content", "twice"])
def test_what_was_changed_by_hand_under_our_sid_is_neither_replaced_nor_removed_unseen(
    kind: str, s3: Any, bucket: str, changed: str
) -> None:
    ours = statement(bucket, "Ours")
    made = OPERATIONS.create(properties(kind, bucket, ours))
    state = dict(made.outs or {})
    deny = {**ours, "Effect": "Deny"}
    by_hand = put(s3, bucket, *([deny] if changed == "other content" else [ours, deny]))
    wanted = properties(kind, bucket, statement(bucket, "Ours", "s3:PutObject"))
    assert OPERATIONS.check(state, wanted).failures
    with pytest.raises(Failed, match=r"(?s)Deny.*`pulumi up --refresh` puts ours back in its place"):
        OPERATIONS.update(made.id, state, wanted)
    with pytest.raises(Failed, match=r"(?s)Deny.*`pulumi up --refresh` puts ours back in its place"):
        OPERATIONS.delete(made.id, state)
    assert live(s3, bucket) == by_hand


def test_after_a_refresh_what_was_changed_by_hand_is_mended_or_removed(kind: str, s3: Any, bucket: str) -> None:
    ours = statement(bucket, "Ours")
    made = OPERATIONS.create(properties(kind, bucket, ours))
    put(s3, bucket, statement(bucket, "Theirs"), {**ours, "Effect": "Deny"})
    refreshed = OPERATIONS.read(made.id, dict(made.outs or {}))
    inputs, outs = refreshed.inputs or {}, refreshed.outs or {}
    assert not OPERATIONS.check(inputs, properties(kind, bucket, ours)).failures
    updated = OPERATIONS.update(made.id, outs, properties(kind, bucket, ours)).outs or {}
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Theirs"), ours]
    OPERATIONS.delete(made.id, updated)
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Theirs")]


def test_a_bucket_is_not_gone_because_it_is_looked_for_elsewhere(s3: Any, kind: str, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "Ours")))
    state = {**(made.outs or {}), "bucket": "not-there", "owner": "somebody"}
    if kind == "aws":  # there the account was compared before
        assert OPERATIONS.read(made.id, state).id == ""
        return
    for operation in (OPERATIONS.read, OPERATIONS.delete):
        with pytest.raises(Failed, match="belong to another account than the one that made this"):
            operation(made.id, state)


def test_another_bucket_is_another_resource_and_another_profile_is_not(kind: str) -> None:
    olds = properties(kind, "one", statement("one", "A"))
    assert OPERATIONS.diff("id", olds, {**olds, "bucket": "two"}).replaces == ["bucket"]
    found = OPERATIONS.diff("id", olds, {**olds, "connection": {**olds["connection"], "profile": "other"}})
    assert (found.changes, found.replaces) == (True, [])
    assert not OPERATIONS.diff("id", olds, dict(olds)).changes


def test_no_parts_are_a_resource_too_which_writes_nothing(kind: str, s3: Any, bucket: str) -> None:
    none = properties(kind, bucket)
    made = OPERATIONS.create(none)
    assert has_no_policy(s3, bucket)
    assert OPERATIONS.read(made.id, dict(made.outs or {})).id == made.id
    outs = OPERATIONS.update(made.id, dict(made.outs or {}), properties(kind, bucket, statement(bucket, "Ours"))).outs
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Ours")]
    OPERATIONS.update(made.id, dict(outs or {}), none)
    assert has_no_policy(s3, bucket)


def test_what_is_in_trouble_lets_in_nothing_more_and_lets_go(kind: str, bucket: str) -> None:
    both = {**statement(bucket, "A"), "Resource": [f"arn:aws:s3:::{bucket}/a/*", f"arn:aws:s3:::{bucket}/b/*"]}
    one = {**both, "Resource": f"arn:aws:s3:::{bucket}/b/*"}

    def check(olds: dict[str, Any], *parts: dict[str, Any]) -> list[str]:
        answer = OPERATIONS.check(olds, {**properties(kind, bucket, *parts), "refuse": "the key is disabled"})
        assert "refuse" not in (answer.inputs or {})
        return [failure.reason for failure in answer.failures]

    assert check({}, one) == ["the key is disabled"]
    assert check(properties(kind, bucket, one), both) == ["the key is disabled"]
    for olds, news in (((both,), (one,)), ((both,), (both,)), ((both,), ()), ((), ())):
        assert check(properties(kind, bucket, *olds), *news) == []


def test_two_parts_under_our_key_can_go_once_a_refresh_has_taken_them_in(kind: str, s3: Any, bucket: str) -> None:
    ours = statement(bucket, "Ours")
    made = OPERATIONS.create(properties(kind, bucket, ours))
    put(s3, bucket, statement(bucket, "Theirs"), ours, {**ours, "Effect": "Deny"})
    refreshed = dict(OPERATIONS.read(made.id, dict(made.outs or {})).outs or {})
    OPERATIONS.delete(made.id, refreshed)
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Theirs")]


def test_a_statement_of_a_run_that_died_is_told_when_no_grant_has_it(
    kind: str, s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put(s3, bucket, statement(bucket, "DarwinAccess"), statement(bucket, "Theirs"))
    wanted = {**properties(kind, bucket), "reserved": ["DarwinAccess", "DarwinWrite"]}
    made = OPERATIONS.create(wanted)
    said = capfd.readouterr().out
    assert f'{bucket}: [{{"Sid":"DarwinAccess"' in said
    assert "no grant of this stack has it" in said
    assert "Theirs" not in said
    OPERATIONS.read(made.id, dict(made.outs or {}))
    assert "no grant of this stack has it" in capfd.readouterr().out
    OPERATIONS.update(made.id, dict(made.outs or {}), {**wanted, "parts": [statement(bucket, "DarwinAccess")]})
    assert "no grant" not in capfd.readouterr().out


def test_the_id_leaves_with_the_last_statement_and_the_resource_stays(kind: str, s3: Any, bucket: str) -> None:
    before = put(s3, bucket, statement(bucket, "Theirs"))
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "Ours")))
    outs = OPERATIONS.update(made.id, dict(made.outs or {}), properties(kind, bucket, document_id="")).outs or {}
    assert live(s3, bucket) == before
    assert outs["gave_id"] is False


def test_what_is_kept_is_ours_again_whatever_it_says_when_the_stack_comes_back(kind: str, s3: Any, bucket: str) -> None:
    former = put(s3, bucket, statement(bucket, "Kept", "s3:PutObject"))
    wanted = {**properties(kind, bucket, statement(bucket, "Kept"), document_id=""), "kept": True}
    assert not OPERATIONS.check({}, wanted).failures
    made = OPERATIONS.create(wanted)
    assert live(s3, bucket)["Statement"] == [statement(bucket, "Kept")]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(former))
    with pytest.raises(Failed, match="Sid Kept is there already"):
        OPERATIONS.update(made.id, dict(made.outs or {}), {**wanted, "parts": [statement(bucket, "Kept", "s3:*")]})
