"""Users and keys on Wasabi and MinIO: each key works while its number is alive, and other people's users stay."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from botocore.exceptions import ClientError

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
