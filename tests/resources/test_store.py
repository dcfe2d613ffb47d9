"""Reaching a store: which account, which endpoint, and which checksum goes over the wire."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

from drawbridge.resources.base import Failed
from drawbridge.resources.store import NoBucket, Store, made_by
from tests.resources.conftest import CONNECTIONS

CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}


def sent(store: Store, operation: str, bucket: str, **parameters: Any) -> AWSRequest:
    """The request as it leaves the client."""
    requests: list[AWSRequest] = []
    store.client.meta.events.register("before-send.s3", lambda request, **_: requests.append(request))
    store.call(operation, bucket, **parameters)
    return requests[-1]


def test_a_profiles_endpoint_goes_before_the_vendors() -> None:
    assert Store(CONNECTIONS["wasabi"]).client.meta.endpoint_url.startswith("https://127.0.0.1:")


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"])
def test_no_variable_of_a_shell_leads_elsewhere(kind: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Store(CONNECTIONS[kind]).client.meta.endpoint_url
    monkeypatch.setenv(name, "true" if "IGNORE" in name else "https://elsewhere.example")
    connection = {key: value for key, value in CONNECTIONS[kind].items() if key != "account"}
    assert Store(connection).client.meta.endpoint_url == before


def test_another_account_than_the_providers_is_refused_before_anything_is_written(kind: str) -> None:
    with pytest.raises(
        Failed, match=r"the aws provider acts in account 999999999999, but boto3 .* acts in 111122223333"
    ):
        Store({**CONNECTIONS["aws"], "account": "999999999999"})


def test_on_aws_every_request_names_the_owner_that_is_expected(sandbox: Any, name: str) -> None:
    sandbox.s3("aws").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    request = sent(Store(CONNECTIONS["aws"]), "head_bucket", name)
    assert request.headers["x-amz-expected-bucket-owner"] == b"111122223333"


def test_other_stores_get_content_md5_and_no_crc32(sandbox: Any, name: str) -> None:
    sandbox.s3("wasabi").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    request = sent(Store(CONNECTIONS["wasabi"]), "put_bucket_cors", name, CORSConfiguration=CORS)
    names = {header.lower() for header in request.headers}
    assert not {header for header in names if "checksum" in header}
    wanted = base64.b64encode(hashlib.md5(request.body, usedforsecurity=False).digest())
    assert request.headers["Content-MD5"] in (wanted, wanted.decode())
    assert sandbox.s3("wasabi").get_bucket_cors(Bucket=name)["CORSRules"] == CORS["CORSRules"]


def test_what_is_not_set_is_none_and_what_is_not_there_is_no_bucket(s3: Any, kind: str, bucket: str, name: str) -> None:
    store = Store(CONNECTIONS[kind])
    for operation in (
        "get_bucket_policy",
        "get_bucket_cors",
        "get_bucket_tagging",
        "get_bucket_lifecycle_configuration",
    ):
        assert store.get(operation, bucket) is None
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(NoBucket, match=f"bucket {bucket} does not exist"):
        store.get("get_bucket_policy", bucket)


def test_made_by_asks_for_ownership_and_for_the_tag(s3: Any, kind: str, bucket: str) -> None:
    assert not made_by(CONNECTIONS[kind], bucket, "project/stack")
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "drawbridge", "Value": "project/stack"}]})
    assert made_by(CONNECTIONS[kind], bucket, "project/stack")
    assert not made_by(CONNECTIONS[kind], bucket, "project/other")


def test_a_profile_that_does_not_exist_is_said_in_one_line() -> None:
    connection = {**CONNECTIONS["wasabi"], "profile": "nobody"}
    with pytest.raises(Failed, match=r"The config profile \(nobody\) could not be found; `profile` in storage.yaml"):
        made_by(connection, "b", "s")
