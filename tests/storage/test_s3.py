"""What all kinds of S3 share: the table of actions, names, and which kinds there are."""

from __future__ import annotations

from typing import get_args

import pytest
from botocore.session import Session
from pydantic import ValidationError

from drawbridge.storage import kinds
from drawbridge.storage.s3 import ACTIONS, S3Bucket


def test_every_kind_is_found_by_its_file() -> None:
    assert list(kinds()) == ["aws", "wasabi"]
    for name, kind in kinds().items():
        assert kind.name == name


def test_the_table_of_actions() -> None:
    assert ACTIONS == {"list": ["s3:ListBucket"], "read": ["s3:GetObject"], "write": ["s3:PutObject"]}


@pytest.mark.parametrize("bucket", ["abc", "my.scans", "a1-b2", "x" * 63])
@pytest.mark.parametrize("kind", ["aws", "wasabi"])
def test_bucket_names_that_are_taken(kind: str, bucket: str) -> None:
    entry = {"kind": kind, "bucket": bucket, "region": "eu-central-2"}
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
