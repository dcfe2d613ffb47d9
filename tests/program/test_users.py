"""Users and keys on Wasabi and MinIO: each key works while its number is alive, and other people's users stay."""

from __future__ import annotations

import configparser
import json
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from botocore.exceptions import ClientError

from sandbox.environment import credentials
from tests import secret_search
from tests.conftest import Sandbox, Stack
from tests.program.credentials import Comer, all_the_time, values

STORAGE = """
    raw: {kind: wasabi, bucket: users-raw, region: eu-central-2, profile: wasabi}
    work: {kind: minio, bucket: users-work, endpoint: "https://minio.example.com", profile: minio}
    """
GRANT = """
    name: users
    platform: lightly
    input: {{storage: raw, prefix: berlin/, auth: access-keys, generations: {generations}}}
    lightly: {{storage: work, prefix: berlin/, auth: access-keys, generations: {generations}}}
    """
NAMES = {"wasabi": "users-input", "minio": "users-lightly"}
BUCKETS = {"wasabi": "users-raw", "minio": "users-work"}
LET_IN = dict.fromkeys(NAMES, "")
ENDED = dict.fromkeys(NAMES, "InvalidAccessKeyId")


def ways(stack: Stack, generation: int) -> dict[str, Callable[[], str]]:
    """How the platform comes to each store with the key of a generation."""
    found = values(stack)
    return {
        store: partial(
            Comer(stack.sandbox, store, BUCKETS[store], "berlin/").with_key,
            *(found[f"{name}.{what}.{generation}"] for what in ("access_key", "secret_key")),
        )
        for store, name in NAMES.items()
    }


def come(found: dict[str, Callable[[], str]]) -> dict[str, str]:
    """What came of each way, once."""
    return {store: way() for store, way in found.items()}


def apply(stack: Stack, generations: str, *words: str) -> str:
    """`up` with these generations alive."""
    stack.write(storage=STORAGE, grant=GRANT.format(generations=generations))
    return stack.up(*words)


def somebody_elses_users_are_refused_and_untouched(sandbox: Sandbox, stack: Stack) -> None:
    iam = {store: sandbox.client("iam", store) for store in NAMES}
    theirs = {}
    for store, name in NAMES.items():
        iam[store].create_user(UserName=name)
        theirs[store] = iam[store].create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    assert "user users-lightly exists on the MinIO server already" in stack.preview(code=None)
    # Whatever else is refused, Pulumi stops at the first: one store at a time.
    iam["minio"].delete_access_key(UserName=NAMES["minio"], AccessKeyId=theirs["minio"])
    iam["minio"].delete_user(UserName=NAMES["minio"])
    assert "user users-input exists already, with keys that this stack did not give it" in stack.up(code=None)
    (key,) = iam["wasabi"].list_access_keys(UserName=NAMES["wasabi"])["AccessKeyMetadata"]
    assert (key["AccessKeyId"], key["Status"]) == (theirs["wasabi"], "Active")
    assert iam["wasabi"].list_user_policies(UserName=NAMES["wasabi"])["PolicyNames"] == []
    iam["wasabi"].delete_access_key(UserName=NAMES["wasabi"], AccessKeyId=theirs["wasabi"])
    iam["wasabi"].delete_user(UserName=NAMES["wasabi"])


def users_that_were_deleted_by_hand_are_made_anew(sandbox: Sandbox, stack: Stack) -> None:
    for store, name in NAMES.items():
        iam = sandbox.client("iam", store)
        for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
            iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
        iam.delete_user(UserName=name)
    before = ways(stack, 2)
    assert come(before) == ENDED
    stack.up("--refresh")
    assert come(ways(stack, 2)) == LET_IN
    assert come(before) == ENDED


def test_keys_rotate_without_a_gap_and_end_with_their_users(sandbox: Sandbox) -> None:
    stack = sandbox.stack("users", storage=STORAGE, grant=GRANT.format(generations="[1]"))
    somebody_elses_users_are_refused_and_untouched(sandbox, stack)

    stack.up()
    first = ways(stack, 1)
    assert come(first) == LET_IN
    stack.preview("--refresh", "--expect-no-changes")
    with all_the_time(first) as watched:
        apply(stack, "[1, 2]")
    assert (watched.refused, bool(watched.times)) == ([], True)
    second = ways(stack, 2)
    assert come(first) == come(second) == LET_IN
    secrets = {name: value for name, value in values(stack).items() if "secret_key" in name}
    with all_the_time(second) as watched:
        apply(stack, "[2]")
    assert (watched.refused, bool(watched.times)) == ([], True)
    assert (come(first), come(second)) == (ENDED, LET_IN)
    stack.up("--expect-no-changes")

    users_that_were_deleted_by_hand_are_made_anew(sandbox, stack)
    last = ways(stack, 2)
    secrets |= {f"{name} again": value for name, value in values(stack).items() if "secret_key" in name}
    assert len(secrets) == 6
    stack.destroy()
    assert come(last) == ENDED
    for store, name in NAMES.items():
        with pytest.raises(ClientError, match="NoSuchEntity"):
            sandbox.client("iam", store).get_user(UserName=name)
        assert sandbox.s3(store).head_bucket(Bucket=BUCKETS[store]), "and the bucket stays"
    looked_at = [sandbox.folder.state / "backend", sandbox.folder.root / "grants"]
    assert secret_search.search(secrets, looked_at, sandbox.said) == []


def point(sandbox: Sandbox, profile: str, keys: Mapping[str, str]) -> None:
    """Gives an AWS profile on Wasabi the keys of somebody."""
    places = {sandbox.folder.aws_config: f"profile {profile}", sandbox.folder.aws_credentials: profile}
    for path, section in places.items():
        file = configparser.ConfigParser(interpolation=None)
        file.read(path)
        file[section] = dict(keys if section == profile else file["profile wasabi"])
        with path.open("w") as out:
            file.write(out)


def of_another_account(sandbox: Sandbox) -> Mapping[str, str]:
    """The keys of an administrator of another account of Wasabi."""
    iam = sandbox.client("iam", "wasabi", account="888899990000")
    iam.create_user(UserName="administrator")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def test_with_the_keys_of_another_account_nothing_counts_as_ended(sandbox: Sandbox) -> None:
    ours, theirs = credentials(sandbox.folder)["wasabi"], of_another_account(sandbox)
    point(sandbox, "moving", ours)
    storage = "scans: {kind: wasabi, bucket: moving-scans, region: eu-central-2, profile: moving}"
    lightly = """
        name: moving
        platform: lightly
        input: {storage: scans, prefix: berlin/, auth: access-keys}
        lightly: {storage: scans, prefix: work/, auth: access-keys}
        shared_credentials: true
        """
    stack = sandbox.stack("moving", storage=storage, grant=lightly)
    stack.up()
    found = values(stack)
    keys = (found[f"moving.{what}.1"] for what in ("access_key", "secret_key"))
    comes = partial(Comer(sandbox, "wasabi", "moving-scans", "berlin/").with_key, *keys)
    assert comes() == ""

    stack.write(storage=storage)
    point(sandbox, "moving", theirs)
    for words in ([], ["--refresh"]):
        assert "belong to another account than the one that made this" in stack.up(*words, code=None)
    point(sandbox, "moving", ours)
    assert comes() == "", "it lives on, and is known"
    stack.up()
    assert comes() == "InvalidAccessKeyId"
