"""A name on a MinIO server is free, or somebody else's: then it is refused at preview, and nothing is asked twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from drawbridge.resources.base import Failed
from drawbridge.resources.minio_claim import NEEDED, MinioClaimOperations, taken
from tests.conftest import Sandbox

OPERATIONS = MinioClaimOperations()
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture(autouse=True)
def environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is told server and keys as pulumi-minio is."""
    for name, value in sandbox.env.items():
        if name.startswith("MINIO_"):
            monkeypatch.setenv(name, value)


@pytest.fixture
def iam(sandbox: Sandbox, name: str) -> Iterator[Any]:
    """The server's IAM, in which nobody of that name stays."""
    client = sandbox.client("iam", "minio")
    yield client
    for user in [one["UserName"] for one in client.list_users()["Users"] if one["UserName"] == name]:
        client.delete_user(UserName=user)


def refused(name: str) -> str:
    """What a preview says, and the same when it is made."""
    (failure,) = OPERATIONS.check({}, {"user": name}).failures
    with pytest.raises(Failed) as raised:
        OPERATIONS.create({"user": name})
    assert str(raised.value) == failure.reason
    return str(failure.reason)


def test_nobodys_name_is_free(name: str) -> None:
    assert not OPERATIONS.check({}, {"user": name}).failures
    assert OPERATIONS.create({"user": name}).id == name


def test_somebody_elses_user_and_policy_are_refused(iam: Any, name: str) -> None:
    iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(ALLOW))
    assert refused(name).startswith(
        f"policy {name} exists on the MinIO server already, and this stack did not make it; "
    )
    iam.create_user(UserName=name)
    assert refused(name).startswith(f"user {name} exists ")


def test_what_is_in_the_state_is_not_asked_for_again(iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    olds = {"user": name}
    assert not OPERATIONS.check(olds, {"user": name}).failures
    assert not OPERATIONS.diff(name, olds, {"user": name}).changes
    olds = {"user": f"{name}-before"}
    assert OPERATIONS.check(olds, {"user": name}).failures
    assert OPERATIONS.diff(name, olds, {"user": name}).changes


@pytest.mark.parametrize("missing", NEEDED)
def test_what_the_environment_lacks_is_told(missing: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing)
    assert refused(name) == f"pulumi-minio takes the server and its keys from the environment, which lacks {missing}"


def test_a_wrong_key_is_no_free_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_PASSWORD", "not-the-administrators")
    assert f"does not say whether there is a user {name}: 403" in refused(name)
    assert "not-the-administrators" not in refused(name)


def test_an_answer_that_is_not_minios_is_no_free_name(
    sandbox: Sandbox, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The path is an object of no bucket there: 404 as well, but in S3's own words.
    aws = sandbox.client("sts", "aws").meta.endpoint_url
    monkeypatch.setenv("MINIO_ENDPOINT", aws.removeprefix("https://"))
    keys = sandbox.client("sts", "aws")._request_signer._credentials
    monkeypatch.setenv("MINIO_USER", keys.access_key)
    monkeypatch.setenv("MINIO_PASSWORD", keys.secret_key)
    with pytest.raises(Failed, match=f"does not say whether there is a user {name}: "):
        taken(name)


def test_only_the_administrator_is_told(sandbox: Sandbox, iam: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(ALLOW))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    monkeypatch.setenv("MINIO_USER", key["AccessKeyId"])
    monkeypatch.setenv("MINIO_PASSWORD", key["SecretAccessKey"])
    with pytest.raises(Failed, match=": 403"):
        taken(name)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="all")


def test_a_server_that_is_away_is_told_without_a_traceback(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_ENDPOINT", "127.0.0.1:9")
    assert "https://127.0.0.1:9" in refused(name)
