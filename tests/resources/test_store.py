"""Reaching a store: which account, which endpoint, and which checksum goes over the wire."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse

from drawbridge.resources.base import Failed
from drawbridge.resources.store import NoBucket, Store, caller_account, once
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


def test_whose_a_bucket_is(s3: Any, kind: str, bucket: str, name: str) -> None:
    store = Store(CONNECTIONS[kind])
    assert store.whose(bucket) == "caller"
    s3.delete_bucket(Bucket=bucket)
    assert store.whose(name) == "nobody"


def test_a_bucket_of_another_account_is_the_others(sandbox: Any, kind: str, bucket: str) -> None:
    elsewhere = Store(CONNECTIONS[kind])
    if kind == "aws":  # what AWS answers where the bucket has another owner than the one that is expected
        refusal = AWSResponse(elsewhere.client.meta.endpoint_url, 403, {}, SimpleNamespace(stream=lambda: iter(())))
        elsewhere.client.meta.events.register("before-send.s3.HeadBucket", lambda **_: refusal)
    else:
        elsewhere.client.meta.events.register(
            "after-call.s3.ListBuckets", lambda parsed, **_: parsed.update(Buckets=[])
        )
    assert elsewhere.whose(bucket) == "other"


def test_who_the_caller_is_is_asked_once_and_told_in_one_line() -> None:
    connection = {key: value for key, value in CONNECTIONS["aws"].items() if key != "account"}
    assert caller_account(connection) == "111122223333"


def test_a_profile_that_does_not_exist_is_said_in_one_line() -> None:
    connection = {**CONNECTIONS["wasabi"], "profile": "nobody"}
    with pytest.raises(Failed, match=r"The config profile \(nobody\) could not be found; `profile` in storage.yaml"):
        Store(connection)


@pytest.mark.parametrize(
    ("answer", "region"),
    [(None, "us-east-1"), ("", "us-east-1"), ("EU", "eu-west-1"), ("eu-central-2", "eu-central-2")],
)
def test_where_a_bucket_lies(kind: str, monkeypatch: pytest.MonkeyPatch, answer: str | None, region: str) -> None:
    store = Store(CONNECTIONS[kind])
    monkeypatch.setattr(store, "call", lambda *_: {"LocationConstraint": answer})
    assert store.region("b") == region


def test_no_credentials_are_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = Store({**CONNECTIONS["wasabi"], "profile": ""})
    with pytest.raises(Failed, match="there are no credentials for it; name an AWS profile that has them"):
        store.prove_reachable()


def test_threads_that_ask_at_the_same_moment_share_one_answer() -> None:
    asked: list[str] = []
    together = Barrier(8)

    @once
    def make(argument: str) -> object:
        asked.append(argument)
        return object()

    def ask(_: int) -> object:
        together.wait()
        return make("a")

    with ThreadPoolExecutor(8) as pool:
        (found,) = set(pool.map(ask, range(8)))
    assert make("a") is found
    assert make("b") is not found
    assert asked == ["a", "b"]


def test_a_failure_is_not_kept_for_who_asks_later() -> None:
    answers = iter([Failed("no network"), "there"])

    @once
    def make(_argument: str) -> str:
        answer = next(answers)
        if isinstance(answer, Failed):
            raise answer
        return str(answer)

    with pytest.raises(Failed, match="no network"):
        make("a")
    assert make("a") == "there"
