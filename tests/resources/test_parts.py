"""Statements and CORS rules on live stores: owned, merged, healed, and gone without a trace."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from drawbridge.documents import same
from drawbridge.resources.base import Failed
from drawbridge.resources.cors import CorsOperations
from drawbridge.resources.parts import AT_LEAST
from drawbridge.resources.statements import StatementOperations
from tests.resources.conftest import CONNECTIONS

ID = "PolicyForExternalAccess"
OPERATIONS = StatementOperations()


def statement(bucket: str, sid: str, action: str = "s3:GetObject") -> dict[str, Any]:
    principal = {"AWS": "arn:aws:iam::111122223333:root"}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def properties(kind: str, bucket: str, *parts: dict[str, Any], document_id: str = ID) -> dict[str, Any]:
    return {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": list(parts), "document_id": document_id}


def live(s3: Any, bucket: str) -> dict[str, Any]:
    return dict(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]))


def put(s3: Any, bucket: str, *statements: dict[str, Any], **more: str) -> dict[str, Any]:
    document = {**more, "Statement": list(statements)}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    return document


def has_no_policy(s3: Any, bucket: str) -> bool:
    try:
        live(s3, bucket)
    except s3.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] == "NoSuchBucketPolicy")
    return False


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


def test_writers_of_one_process_do_not_undo_each_other(kind: str, s3: Any, bucket: str) -> None:
    wanted = [properties(kind, bucket, statement(bucket, f"S{number}")) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(OPERATIONS.create, wanted))
    assert {part["Sid"] for part in live(s3, bucket)["Statement"]} == {f"S{number}" for number in range(8)}


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


class Disturbed(StatementOperations):
    """Somebody else writes the policy right after us, as often as told."""

    def __init__(self, s3: Any, times: int) -> None:
        self.s3, self.times = s3, times

    def save(self, store: Any, bucket: str, document: dict[str, Any] | None) -> None:
        super().save(store, bucket, document)
        if self.times:
            self.times -= 1
            put(self.s3, bucket, statement(bucket, "Theirs"))


def test_a_concurrent_writer_is_noticed_and_both_are_kept(kind: str, s3: Any, bucket: str) -> None:
    Disturbed(s3, 2).create(properties(kind, bucket, statement(bucket, "Ours")))
    assert [part["Sid"] for part in live(s3, bucket)["Statement"]] == ["Theirs", "Ours"]


def test_a_writer_that_does_not_stop_is_reported_with_what_is_missing(
    kind: str, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Failed, match=r'did not stay as written, 8 times.*Missing: .*"Ours"'):
        Disturbed(s3, 99).create(properties(kind, bucket, statement(bucket, "Ours")))


def test_what_somebody_else_took_out_meanwhile_is_said(
    kind: str, s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    put(s3, bucket, statement(bucket, "Auditors"))
    Disturbed(s3, 1).create(properties(kind, bucket, statement(bucket, "Ours")))
    said = capfd.readouterr().out
    assert f"{bucket}: while the bucket policy was written, somebody else took out" in said
    assert '"Auditors"' in said


class Reformatting(StatementOperations):
    """A store that keeps the meaning and not the text: other order, one-element lists as scalars and scalars as lists."""

    def load(self, store: Any, bucket: str) -> dict[str, Any] | None:
        document = super().load(store, bucket)
        return None if document is None else reformatted(document)


def reformatted(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: reformatted(value[name], name) for name in sorted(value, reverse=True)}
    if isinstance(value, list):
        items = [reformatted(item) for item in reversed(value)]
        return items[0] if len(items) == 1 and key != "Statement" else items
    return [value] if key in ("Action", "Resource") else value


def test_a_store_that_reformats_is_written_once_and_shows_no_drift(kind: str, s3: Any, bucket: str) -> None:
    written = []

    class Counted(Reformatting):
        def save(self, store: Any, bucket: str, document: dict[str, Any] | None) -> None:
            written.append(document)
            super().save(store, bucket, document)

    before = put(s3, bucket, {**statement(bucket, "Theirs"), "Action": ["s3:GetObject", "s3:ListBucket"]})
    ours = {**statement(bucket, "Ours"), "Action": ["s3:PutObject", "s3:GetObject"]}
    made = Counted().create(properties(kind, bucket, ours))
    assert len(written) == 1
    assert Counted().read(made.id, dict(made.outs or {})).outs == made.outs
    Counted().update(made.id, dict(made.outs or {}), properties(kind, bucket, ours))
    assert len(written) == 1
    Counted().delete(made.id, dict(made.outs or {}))
    assert same(live(s3, bucket), before)


def test_a_policy_that_would_be_too_large_with_what_others_wrote_is_told_at_preview_and_not_written(
    kind: str, s3: Any, bucket: str
) -> None:
    theirs = [{**statement(bucket, "Big"), "Resource": [f"arn:aws:s3:::{bucket}/{'x' * 500}{n}" for n in range(37)]}]
    before = put(s3, bucket, *theirs)
    ours = {**statement(bucket, "Ours"), "Resource": [f"arn:aws:s3:::{bucket}/{'y' * 500}{n}" for n in range(3)]}
    wanted = properties(kind, bucket, ours)
    said = r"the bucket policy would have 2[0-9],[0-9]{3} bytes, and 20,480 are allowed; 1 of its parts are of others"
    (failure,) = OPERATIONS.check({}, wanted).failures
    assert re.search(said, failure.reason)
    with pytest.raises(Failed, match=said):
        OPERATIONS.create(wanted)
    assert live(s3, bucket) == before


def test_more_cors_rules_than_s3_takes_are_told(kind: str, s3: Any, bucket: str) -> None:
    rules = [{"ID": f"r{n}", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]} for n in range(100)]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    wanted = {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": [{**rules[0], "ID": "Ours"}]}
    with pytest.raises(Failed, match="the CORS document would have 101 rules, and 100 are allowed"):
        CorsOperations().create(wanted)


@pytest.mark.parametrize(
    "theirs",
    [
        {"Statement": {"Sid": "Alone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "BUCKET"}},
        {"Statement": [{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "NotAction": "s3:*",
                        "NotResource": "BUCKET"}]},
        {"Version": "2008-10-17", "Id": "ü", "Statement": [{"Sid": "Same"}, {"Sid": "Same"}, {}]},
        {"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Principal": {"Federated": "x"},
                                                 "Condition": {"Null": {"aws:TokenIssueTime": True}}}]},
    ],
)  # fmt: skip
def test_foreign_documents_of_any_shape_come_back(kind: str, s3: Any, bucket: str, theirs: dict[str, Any]) -> None:
    text = json.dumps(theirs).replace("BUCKET", f"arn:aws:s3:::{bucket}/*")
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "Ours")))
    assert statement(bucket, "Ours") in live(s3, bucket)["Statement"]
    OPERATIONS.delete(made.id, dict(made.outs or {}))
    assert same(live(s3, bucket), json.loads(text))


def test_cors_rules_of_others_stay(kind: str, s3: Any, bucket: str) -> None:
    theirs = {"ID": "theirs", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://intranet.example"]}
    ours = {
        "ID": "Ours",
        "AllowedHeaders": ["*"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedOrigins": ["https://darwin.v7labs.com"],
    }
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [theirs]})
    wanted = {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": [ours]}
    made = CorsOperations().create(wanted)
    assert same(s3.get_bucket_cors(Bucket=bucket)["CORSRules"], [theirs, ours])
    assert CorsOperations().read(made.id, dict(made.outs or {})).outs == made.outs
    CorsOperations().delete(made.id, dict(made.outs or {}))
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [theirs]


def test_the_only_cors_rules_leave_no_document(kind: str, s3: Any, bucket: str) -> None:
    ours = {"ID": "Ours", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://darwin.v7labs.com"]}
    made = CorsOperations().create({"connection": CONNECTIONS[kind], "bucket": bucket, "parts": [ours]})
    CorsOperations().delete(made.id, dict(made.outs or {}))
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=bucket)


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


def test_what_we_take_out_ourselves_is_blamed_on_nobody(
    kind: str, s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    outs = OPERATIONS.update(made.id, dict(made.outs or {}), properties(kind, bucket, statement(bucket, "C"))).outs
    OPERATIONS.delete(made.id, dict(outs or {}))
    assert capfd.readouterr().out == ""


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


def test_removal_works_in_a_document_that_is_too_large_already(kind: str, s3: Any, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    state = dict(made.outs or {})
    big = {**statement(bucket, "Big"), "Resource": [f"arn:aws:s3:::{bucket}/{'x' * 500}{n}" for n in range(60)]}
    put(s3, bucket, big, *state["parts"])
    less = OPERATIONS.update(made.id, state, properties(kind, bucket, statement(bucket, "A"))).outs or {}
    OPERATIONS.delete(made.id, less)
    assert live(s3, bucket)["Statement"] == [big]


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


class Scheduled(StatementOperations):
    """Another writer that read before our write and writes after our first look: only a later look finds it."""

    def __init__(self, s3: Any) -> None:
        self.s3, self.slept = s3, 0.0
        self.stale: dict[str, Any] | None = None

    def save(self, store: Any, bucket: str, document: dict[str, Any] | None) -> None:
        if self.stale is None:
            self.stale = super().load(store, bucket)
        super().save(store, bucket, document)

    def sleep(self, seconds: float) -> None:
        if not self.slept:
            put(self.s3, "crowded", *(self.stale or {}).get("Statement", []), statement("crowded", "Other"))
        self.slept += seconds


@pytest.mark.parametrize("took", [0.0, 2.0])
def test_a_write_that_comes_within_the_pause_is_found(
    kind: str, s3: Any, monkeypatch: pytest.MonkeyPatch, took: float
) -> None:
    s3.create_bucket(Bucket="crowded", CreateBucketConfiguration={"LocationConstraint": CONNECTIONS[kind]["region"]})
    try:
        put(s3, "crowded", statement("crowded", "Theirs"))
        writer = Scheduled(s3)
        clock = iter(range(0, 100_000))
        monkeypatch.setattr("time.sleep", writer.sleep)
        monkeypatch.setattr("drawbridge.resources.parts.monotonic", lambda: next(clock) * took)
        writer.create(properties(kind, "crowded", statement("crowded", "Ours")))
        assert {part["Sid"] for part in live(s3, "crowded")["Statement"]} == {"Theirs", "Other", "Ours"}
        assert writer.slept >= 2 * max(took, AT_LEAST), "at least twice as long as reading and writing took"
    finally:
        s3.delete_bucket(Bucket="crowded")
