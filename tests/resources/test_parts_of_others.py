"""Documents that others write too: any shape and spelling, at any moment, up to any size."""

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
from tests.resources.policies import OPERATIONS, live, properties, put, statement


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
        {"Version": "2008-10-17", "Id": "ü", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["BUCKET"]},
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["BUCKET"]}]},
        {"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
                                                 "Action": "s3:PutObject", "Resource": "BUCKET",
                                                 "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}}]},
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


def test_writers_of_one_process_do_not_undo_each_other(kind: str, s3: Any, bucket: str) -> None:
    wanted = [properties(kind, bucket, statement(bucket, f"S{number}")) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(OPERATIONS.create, wanted))
    assert {part["Sid"] for part in live(s3, bucket)["Statement"]} == {f"S{number}" for number in range(8)}


def test_what_we_take_out_ourselves_is_blamed_on_nobody(
    kind: str, s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    outs = OPERATIONS.update(made.id, dict(made.outs or {}), properties(kind, bucket, statement(bucket, "C"))).outs
    OPERATIONS.delete(made.id, dict(outs or {}))
    assert capfd.readouterr().out == ""


def test_removal_works_in_a_document_that_is_too_large_already(kind: str, s3: Any, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, statement(bucket, "A"), statement(bucket, "B")))
    state = dict(made.outs or {})
    big = {**statement(bucket, "Big"), "Resource": [f"arn:aws:s3:::{bucket}/{'x' * 500}{n}" for n in range(60)]}
    put(s3, bucket, big, *state["parts"])
    less = OPERATIONS.update(made.id, state, properties(kind, bucket, statement(bucket, "A"))).outs or {}
    OPERATIONS.delete(made.id, less)
    assert live(s3, bucket)["Statement"] == [big]
