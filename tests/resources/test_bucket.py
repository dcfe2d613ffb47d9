"""A bucket on an S3-compatible store: made, found again, never taken from others, never deleted."""

from __future__ import annotations

from typing import Any

import pytest

from drawbridge.resources.base import Failed
from drawbridge.resources.bucket import BucketOperations
from tests.resources.conftest import CONNECTIONS

OPERATIONS = BucketOperations()


@pytest.fixture
def kind() -> str:
    return "wasabi"


def properties(bucket: str, **changed: Any) -> dict[str, Any]:
    return {
        "connection": CONNECTIONS["wasabi"],
        "bucket": bucket,
        "tags": {"drawbridge": "project/stack"},
        "versioning": True,
        **changed,
    }


def test_is_made_with_versioning_and_our_tag(s3: Any, name: str) -> None:
    made = OPERATIONS.create(properties(name))
    assert made.id == name
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "drawbridge", "Value": "project/stack"}]
    assert made.outs == {**properties(name), "owner": s3.list_buckets()["Owner"]["ID"]}
    assert OPERATIONS.read(name, made.outs).outs == made.outs


def test_one_of_ours_is_gone_on_with_and_its_data_stays(s3: Any, name: str) -> None:
    OPERATIONS.create(properties(name))
    s3.put_object(Bucket=name, Key="a", Body=b"data")
    OPERATIONS.create(properties(name))
    assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"data"


def test_what_a_run_that_died_before_tagging_left_is_gone_on_with(s3: Any, bucket: str) -> None:
    assert not OPERATIONS.check({}, properties(bucket)).failures
    OPERATIONS.create(properties(bucket))
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"]


def test_one_with_data_and_without_our_tag_is_not_taken(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"theirs")
    said = f"bucket {bucket} exists in this account already and was not made by Drawbridge"
    (failure,) = OPERATIONS.check({}, properties(bucket)).failures
    assert said in failure.reason
    with pytest.raises(Failed, match=said):
        OPERATIONS.create(properties(bucket))


def test_one_that_is_empty_and_set_up_by_somebody_is_not_taken(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert OPERATIONS.check({}, properties(bucket)).failures


def test_one_in_another_account_is_not_gone(s3: Any, bucket: str) -> None:
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(Failed, match="belong to another account"):
        OPERATIONS.read(bucket, {**properties(bucket), "owner": "somebody"})


def test_versioning_is_a_switch_and_foreign_tags_stay(s3: Any, name: str) -> None:
    OPERATIONS.create(properties(name))
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={"TagSet": [{"Key": "team", "Value": "a"}, {"Key": "drawbridge", "Value": "project/stack"}]},
    )
    off = properties(name, versioning=False)
    assert OPERATIONS.diff(name, properties(name), off).changes
    OPERATIONS.update(name, properties(name), off)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
    assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]} == {"team", "drawbridge"}
    assert OPERATIONS.read(name, off).outs == off


def test_a_bucket_that_is_gone_is_told(s3: Any, bucket: str) -> None:
    s3.delete_bucket(Bucket=bucket)
    assert OPERATIONS.read(bucket, properties(bucket)).id == ""


def test_is_never_deleted(s3: Any, bucket: str) -> None:
    with pytest.raises(Failed, match="holds data and is not deleted"):
        OPERATIONS.delete(bucket, properties(bucket))
    assert s3.head_bucket(Bucket=bucket)


def test_a_bucket_does_not_move_to_another_region(s3: Any, name: str) -> None:
    OPERATIONS.create(properties(name))
    moved = properties(name, connection={**CONNECTIONS["wasabi"], "region": "eu-central-1"})
    (failure,) = OPERATIONS.check(properties(name), moved).failures
    assert (
        failure.reason
        == f"bucket {name} lies in eu-central-2 already, and a bucket cannot move; say region: eu-central-2"
    )


def test_another_name_or_region_is_another_bucket() -> None:
    olds = properties("one")
    elsewhere = {**olds, "connection": {**olds["connection"], "region": "us-east-1"}}
    assert OPERATIONS.diff("one", olds, properties("two")).replaces == ["bucket"]
    assert OPERATIONS.diff("one", olds, elsewhere).replaces == ["bucket"]
    assert not OPERATIONS.diff("one", olds, dict(olds)).changes
