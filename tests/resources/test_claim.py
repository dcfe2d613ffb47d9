"""Whose a bucket is decides between "ours, goes on", "say existing: true" and "taken"."""

from __future__ import annotations

from typing import Any

import pytest

from drawbridge.resources.claim import ClaimOperations, NotOurs, ours
from drawbridge.resources.store import Store
from tests.resources.conftest import CONNECTIONS

OPERATIONS = ClaimOperations()
MAKER = "project/stack"


def properties(kind: str, bucket: str) -> dict[str, Any]:
    return {"connection": CONNECTIONS[kind], "bucket": bucket, "maker": MAKER, "adopt": False}


def tag(s3: Any, bucket: str, maker: str) -> None:
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "drawbridge", "Value": maker}]})


def refused(kind: str, bucket: str) -> str:
    """What a preview says, and the same when it is made."""
    (failure,) = OPERATIONS.check({}, properties(kind, bucket)).failures
    with pytest.raises(NotOurs) as raised:
        OPERATIONS.create(properties(kind, bucket))
    assert str(raised.value) == failure.reason
    return str(failure.reason)


def test_nobodys_name_is_free(kind: str, name: str) -> None:
    assert not OPERATIONS.check({}, properties(kind, name)).failures
    assert OPERATIONS.create(properties(kind, name)).id == name


def test_ours_by_its_tag_goes_on(kind: str, s3: Any, bucket: str) -> None:
    tag(s3, bucket, MAKER)
    s3.put_object(Bucket=bucket, Key="a", Body=b"data")
    assert ours(Store(CONNECTIONS[kind]), bucket, CONNECTIONS[kind]["region"], MAKER)


def test_ours_by_having_nothing_set_goes_on(kind: str, s3: Any, bucket: str) -> None:
    assert ours(Store(CONNECTIONS[kind]), bucket, CONNECTIONS[kind]["region"], MAKER)


def test_one_without_our_tag_gets_it_beside_those_of_others(
    kind: str, s3: Any, bucket: str, capfd: pytest.CaptureFixture[str]
) -> None:
    adopted = {**properties(kind, bucket), "adopt": True}
    made = OPERATIONS.create(adopted)
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "drawbridge", "Value": MAKER}]
    assert "was there, empty and with nothing set, and is now made and kept by this stack" in capfd.readouterr().out
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})
    assert OPERATIONS.diff(bucket, dict(made.outs or {}), adopted).changes
    OPERATIONS.update(bucket, dict(made.outs or {}), adopted)
    assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]} == {"team", "drawbridge"}
    assert not OPERATIONS.diff(bucket, adopted, properties(kind, bucket)).changes


RULE = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "t/"}, "Expiration": {"Days": 1}}
TRACE: dict[str, dict[str, Any]] = {
    "put_bucket_tagging": {"Tagging": {"TagSet": [{"Key": "team", "Value": "a"}]}},
    "put_bucket_policy": {
        "Policy": '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::BUCKET/x"}}'
    },
    "put_bucket_lifecycle_configuration": {"LifecycleConfiguration": {"Rules": [RULE]}},
    "put_bucket_cors": {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}},
    "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Suspended"}},
    "put_bucket_website": {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}},
    "put_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        }
    },
    "put_bucket_acl": {"ACL": "log-delivery-write"},
    "put_object": {"Key": "a"},
    "create_multipart_upload": {"Key": "a"},
}


@pytest.mark.parametrize("operation", TRACE)
def test_any_trace_of_somebody_makes_it_somebody_elses(kind: str, s3: Any, bucket: str, operation: str) -> None:
    about = {
        name: value.replace("BUCKET", bucket) if isinstance(value, str) else value
        for name, value in TRACE[operation].items()
    }
    getattr(s3, operation)(Bucket=bucket, **about)
    assert "was not made by Drawbridge" in refused(kind, bucket)


def test_a_deleted_object_is_a_trace_too(kind: str, s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    assert "was not made by Drawbridge" in refused(kind, bucket)


@pytest.mark.parametrize("maker", ["", "project/other"])
def test_any_other_in_the_account_can_be_used_as_it_is(kind: str, s3: Any, bucket: str, maker: str) -> None:
    if maker:
        tag(s3, bucket, maker)
    s3.put_object(Bucket=bucket, Key="a", Body=b"theirs")
    by = f"was made by the stack {maker}" if maker else "was not made by Drawbridge"
    assert refused(kind, bucket) == (
        f"bucket {bucket} exists in this account already and {by}; to use it as it is, say existing: true, "
        "or choose another name"
    )


def test_ours_in_another_region_does_not_move(kind: str, s3: Any, bucket: str) -> None:
    tag(s3, bucket, MAKER)
    with pytest.raises(NotOurs, match=f"lies in {CONNECTIONS[kind]['region']} already, and a bucket cannot move"):
        ours(Store(CONNECTIONS[kind]), bucket, "us-west-2", MAKER)


def test_another_accounts_is_taken(kind: str, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "whose", lambda *_: "other")
    assert f"the bucket name {bucket} is taken by another account; choose another name" in refused(kind, bucket)


def test_what_is_in_the_state_is_not_asked_for_again(kind: str, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"data")
    state = properties(kind, bucket)
    assert not OPERATIONS.check(state, properties(kind, bucket)).failures
    assert not OPERATIONS.diff(bucket, state, properties(kind, bucket)).changes
    assert OPERATIONS.diff(bucket, state, properties(kind, "another")).replaces == ["bucket"]
