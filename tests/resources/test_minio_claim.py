"""A name on the buckets' MinIO server is free, or somebody else's: then it is refused at preview already."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from drawbridge.resources.base import Failed
from drawbridge.resources.minio_claim import NEEDED, MinioClaimOperations, another_server, taken
from tests.conftest import Sandbox

OPERATIONS = MinioClaimOperations()
CONNECTION = {"kind": "minio", "region": "us-east-1", "endpoint": "https://minio.example.com", "profile": "minio"}
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


def properties(name: str, **connection: str) -> dict[str, Any]:
    return {"user": name, "connection": {**CONNECTION, **connection}}


def refused(name: str, **connection: str) -> str:
    """What a preview says, and the same when it is made."""
    (failure,) = OPERATIONS.check({}, properties(name, **connection)).failures
    with pytest.raises(Failed) as raised:
        OPERATIONS.create(properties(name, **connection))
    assert str(raised.value) == failure.reason
    return str(failure.reason)


def test_nobodys_name_is_free(name: str) -> None:
    assert not OPERATIONS.check({}, properties(name)).failures
    made = OPERATIONS.create(properties(name))
    assert (made.id, made.outs) == (name, properties(name))
    assert OPERATIONS.read(name, properties(name)).outs == made.outs


def test_somebody_elses_user_and_policy_are_refused(iam: Any, name: str) -> None:
    iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(ALLOW))
    assert refused(name).startswith(
        f"policy {name} exists on the MinIO server already, and this stack did not make it; "
    )
    iam.create_user(UserName=name)
    assert refused(name).startswith(f"user {name} exists ")


def test_what_is_in_the_state_is_not_asked_for_again(iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    olds = properties(name)
    assert not OPERATIONS.check(olds, properties(name)).failures
    assert not OPERATIONS.diff(name, olds, properties(name)).changes
    assert OPERATIONS.diff(name, olds, properties(name, profile="another")).changes
    olds = properties(f"{name}-before")
    assert OPERATIONS.check(olds, properties(name)).failures
    assert OPERATIONS.diff(name, olds, properties(name)).changes


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
    said = refused(name, endpoint="https://127.0.0.1:9", profile="")
    assert "Could not connect" in said
    assert "https://127.0.0.1:9" in said


def test_users_are_made_on_the_server_of_their_buckets_alone(
    iam: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = os.environ["MINIO_ENDPOINT"]
    # The profile carries the server's address; without one, storage.yaml does.
    said = refused(name, profile="")
    assert said == (
        f"MINIO_ENDPOINT and MINIO_ENABLE_HTTPS lead to https://{server}, where users would be made, but the buckets "
        "are at https://minio.example.com, as the profile's endpoint_url or else `endpoint` in storage.yaml says; let "
        "both lead to one server"
    )
    # One that is there already would be looked for there too.
    iam.create_user(UserName=name)
    olds = properties(name)
    (failure,) = OPERATIONS.check(olds, properties(name, profile="")).failures
    assert failure.reason == said
    with pytest.raises(Failed, match="where users would be made"):
        OPERATIONS.read(name, properties(name, profile=""))
    monkeypatch.setenv("MINIO_ENABLE_HTTPS", "false")
    assert refused(name).startswith(f"MINIO_ENDPOINT and MINIO_ENABLE_HTTPS lead to http://{server}, ")


@pytest.mark.parametrize(
    ("endpoint", "server"),
    [
        ("https://minio.example.com", "MinIO.example.com:443"),
        ("https://minio.example.com", "minio.example.com."),
        ("https://minio.example.com:9000", "minio.example.com:9000"),
    ],
)
def test_another_spelling_of_the_server_is_the_same(
    endpoint: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIO_ENDPOINT", server)
    assert another_server({**CONNECTION, "endpoint": endpoint, "profile": ""}) == ""
    monkeypatch.setenv("MINIO_ENDPOINT", f"{server.partition(':')[0]}:9001")
    assert another_server({**CONNECTION, "endpoint": endpoint, "profile": ""})


def test_a_user_does_not_move_to_another_server(name: str) -> None:
    (failure,) = OPERATIONS.check(properties(name), properties(name, endpoint="https://other.example.com")).failures
    assert failure.reason.startswith(
        f"user {name} was made at https://minio.example.com and cannot move to https://other.example.com: remove its "
    )


def test_a_user_that_is_there_can_be_ended_though_its_profile_is_gone(name: str) -> None:
    gone = properties(name, profile="nobody")
    assert not OPERATIONS.check(properties(name), gone).failures
    assert "The config profile (nobody) could not be found" in OPERATIONS.check({}, gone).failures[0].reason
