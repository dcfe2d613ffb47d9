"""What all kinds of S3 share: the table of actions, names, and which kinds there are."""

from __future__ import annotations

from typing import get_args

import pytest
from botocore.session import Session
from pydantic import ValidationError

from drawbridge.storage import kinds
from drawbridge.storage.s3 import ACTIONS, S3Bucket

ADDRESSED = ("minio", "obs", "s3")
REGIONS = ("eu-central-1", "us-east-1")


def test_every_kind_is_found_by_its_file() -> None:
    assert list(kinds()) == ["aws", "minio", "obs", "s3", "wasabi"]
    for name, kind in kinds().items():
        assert kind.name == name


def test_the_table_of_actions() -> None:
    assert ACTIONS == {
        "list": ["s3:ListBucket"],
        "read": ["s3:GetObject"],
        "write": ["s3:PutObject"],
        "delete": ["s3:DeleteObject"],
    }


@pytest.mark.parametrize("bucket", ["abc", "my.scans", "a1-b2", "x" * 63])
@pytest.mark.parametrize("kind", ["aws", "minio", "obs", "s3", "wasabi"])
def test_bucket_names_that_are_taken(kind: str, bucket: str) -> None:
    entry = {"kind": kind, "bucket": bucket, "region": "eu-central-2"}
    if kind in ADDRESSED:
        entry["endpoint"] = "https://s3.example.com"
    assert kinds()[kind].model_validate(entry).bucket == bucket


@pytest.mark.parametrize(
    "bucket", ["ab", "x" * 64, "-abc", "abc-", "a..b", "10.0.0.1", "A-b", "a_b", "s3://abc", "abc\n"]
)
def test_bucket_names_that_are_refused(bucket: str) -> None:
    with pytest.raises(ValidationError):
        kinds()["aws"].model_validate({"kind": "aws", "bucket": bucket, "region": "eu-central-2"})


def test_connections_hold_no_key_and_name_the_real_endpoint() -> None:
    entry = {"bucket": "abc", "region": "eu-central-2"}
    wasabi = kinds()["wasabi"].model_validate({"kind": "wasabi", "profile": "w", **entry})
    aws = kinds()["aws"].model_validate({"kind": "aws", **entry})
    assert isinstance(wasabi, S3Bucket)
    assert isinstance(aws, S3Bucket)
    assert wasabi.connection() == {
        "kind": "wasabi",
        "region": "eu-central-2",
        "endpoint": "https://s3.eu-central-2.wasabisys.com",
        "profile": "w",
    }
    assert aws.connection() == {"kind": "aws", "region": "eu-central-2", "account": "<<aws.account>>"}


def test_the_regions_of_aws_are_those_that_botocore_knows() -> None:
    known = Session().get_available_regions("s3", "aws")
    assert list(get_args(kinds()["aws"].model_fields["region"].annotation)) == known


def addressed(kind: str, **more: str) -> S3Bucket:
    """A bucket of a store without an address of its own."""
    found = kinds()[kind].model_validate({"kind": kind, "bucket": "abc", "endpoint": "https://s3.example.com", **more})
    assert isinstance(found, S3Bucket)
    return found


@pytest.mark.parametrize("kind", ADDRESSED)
def test_a_store_without_an_address_of_its_own_is_where_its_endpoint_says(kind: str) -> None:
    bucket = addressed(kind, region="eu-de", profile="mine")
    assert bucket.connection() == bucket.reach()
    assert bucket.connection() == {
        "kind": kind,
        "region": "eu-de",
        "endpoint": "https://s3.example.com",
        "profile": "mine",
    }
    assert addressed(kind).region == "us-east-1"
    assert bucket.options() == " --profile mine --endpoint-url https://s3.example.com"
    assert bucket.arn == "arn:aws:s3:::abc"
    assert not bucket.needs_tls


@pytest.mark.parametrize("kind", ADDRESSED)
def test_two_stores_may_have_a_bucket_of_one_name(kind: str) -> None:
    one, other = addressed(kind), addressed(kind, endpoint="https://s3.example.com:9000")
    again = addressed(kind, region="elsewhere", profile="other")
    assert one.place != other.place
    assert one.resource != other.resource
    assert (one.place, one.resource) == (again.place, again.resource)
    assert other.resource == f"{kind}-s3.example.com-9000-abc"


@pytest.mark.parametrize("kind", ADDRESSED)
@pytest.mark.parametrize(
    "spelt", ["https://s3.example.com:443", "https://s3.example.com.", "https://s3.example.com.:0443"]
)
def test_another_spelling_of_an_address_is_the_same_place(kind: str, spelt: str) -> None:
    one, other = addressed(kind), addressed(kind, endpoint=spelt)
    assert one.place == other.place
    assert one.resource == other.resource
    assert one.whose == other.whose
    assert other.address == "https://s3.example.com"


def test_one_bucket_at_an_address_is_one_place_whatever_kind_it_is_said_to_be() -> None:
    assert len({addressed(kind).place for kind in ADDRESSED}) == 1
    assert addressed("s3").place not in {
        kinds()[kind].model_validate({"kind": kind, "bucket": "abc", "region": "eu-central-2"}).place
        for kind in ("aws", "wasabi")
    }


def test_who_can_be_let_into_two_buckets() -> None:
    """One user belongs to an AWS account, or to whoever has the keys of a profile at an address."""
    aws = [kinds()["aws"].model_validate({"kind": "aws", "bucket": "abc", "region": one}) for one in REGIONS]
    wasabi = [kinds()["wasabi"].model_validate({"kind": "wasabi", "bucket": "abc", "region": one}) for one in REGIONS]
    for one, other in (aws, wasabi):
        assert isinstance(one, S3Bucket)
        assert isinstance(other, S3Bucket)
        assert one.whose == other.whose
        assert one.whose != addressed("s3").whose
    for kind in ADDRESSED:
        assert addressed(kind).whose == addressed(kind, bucket="other").whose
        assert addressed(kind).whose != addressed(kind, profile="another").whose
        assert addressed(kind).whose != addressed(kind, endpoint="https://other.example.com").whose
