"""A user with its policy and its keys on a store with an IAM of AWS's form: ours alone is changed, and it ends whole."""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from drawbridge.resources.access_key import AccessKeyOperations
from drawbridge.resources.base import Failed
from drawbridge.resources.store import store
from drawbridge.resources.user import UserOperations
from tests.conftest import Sandbox
from tests.resources.conftest import CONNECTIONS

USERS, KEYS = UserOperations(), AccessKeyOperations()
THEIRS = "belong to another account than the one that made this"


def document(action: str = "s3:GetObject") -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::scans/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def properties(name: str, policy: str = "") -> dict[str, Any]:
    connection = {**CONNECTIONS["wasabi"], "iam": "https://iam.wasabisys.com"}
    return {"connection": connection, "user": name, "policy": policy or document()}


def key_properties(name: str) -> dict[str, Any]:
    return {"connection": properties(name)["connection"], "user": name, "access_key": None, "secret_key": None}


def made_key(name: str) -> dict[str, Any]:
    """What is known of a new key."""
    return dict(KEYS.create(key_properties(name)).outs or {})


def live(name: str) -> dict[str, Any]:
    """The user as it is."""
    return dict(USERS.read(name, properties(name)).outs or {})


@pytest.fixture
def iam(sandbox: Sandbox) -> Any:
    """The store's administrator."""
    return sandbox.client("iam", "wasabi")


def test_a_user_comes_changes_and_goes(sandbox: Sandbox, iam: Any, name: str) -> None:
    made = USERS.create(properties(name))
    owner = sandbox.s3("wasabi").list_buckets()["Owner"]["ID"]
    assert (made.id, made.outs) == (name, {**properties(name), "owner": owner})
    assert iam.get_user_policy(UserName=name, PolicyName="drawbridge")["PolicyDocument"] == json.loads(document())
    wider = properties(name, document("s3:PutObject"))
    assert USERS.diff(name, properties(name), wider).changes
    assert not USERS.diff(name, properties(name), properties(name, document().replace(" ", ""))).changes
    USERS.update(name, properties(name), wider)
    assert json.loads(live(name)["policy"]) == json.loads(document("s3:PutObject"))
    USERS.delete(name, wider)
    assert USERS.read(name, wider).id == ""
    USERS.delete(name, wider)


def test_another_name_is_another_user(name: str) -> None:
    assert USERS.diff(name, properties(name), properties("other")).replaces == ["user"]
    assert KEYS.diff("AKIA", key_properties(name), key_properties("other")).replaces == ["user"]
    assert not KEYS.diff("AKIA", key_properties(name), key_properties(name)).changes


def test_a_policy_that_was_taken_away_by_hand_is_seen(iam: Any, name: str) -> None:
    USERS.create(properties(name))
    iam.delete_user_policy(UserName=name, PolicyName="drawbridge")
    assert USERS.diff(name, live(name), properties(name)).changes


def test_a_user_that_a_run_left_which_died_is_gone_on_with(iam: Any, name: str) -> None:
    iam.create_user(UserName=name)
    USERS.create(properties(name))
    USERS.create(properties(name))
    assert json.loads(live(name)["policy"]) == json.loads(document())


def give(iam: Any, name: str, what: str) -> None:
    """Lets somebody come as a user."""
    match what:
        case "keys":
            iam.create_access_key(UserName=name)
        case "policies":
            iam.put_user_policy(UserName=name, PolicyName="theirs", PolicyDocument=document())
        case "attached policies":
            arn = iam.create_policy(PolicyName=name, PolicyDocument=document())["Policy"]["Arn"]
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        case "groups":
            iam.create_group(GroupName=name)
            iam.add_user_to_group(UserName=name, GroupName=name)
        case "a password":
            iam.create_login_profile(UserName=name, Password="correct horse battery")
        case "MFA devices":
            serial = f"arn:aws:iam::444455556666:mfa/{name}"
            iam.enable_mfa_device(
                UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
            )


@pytest.mark.parametrize("has", ["keys", "policies", "attached policies", "groups", "a password", "MFA devices"])
def test_somebody_elses_user_is_refused_and_left_as_it_is(iam: Any, name: str, has: str) -> None:
    iam.create_user(UserName=name)
    give(iam, name, has)
    said = f"user {name} exists already, with {has.removeprefix('attached ')} that this stack did not give it; "
    with pytest.raises(Failed, match=said):
        USERS.create(properties(name))
    assert "drawbridge" not in iam.list_user_policies(UserName=name)["PolicyNames"]


def test_every_key_ends_with_its_user(sandbox: Sandbox, iam: Any, name: str) -> None:
    USERS.create(properties(name))
    ours = made_key(name)["access_key"]
    by_hand = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    USERS.delete(name, properties(name))
    for key in (ours, by_hand):
        assert KEYS.read(key, key_properties(name)).id == ""
        KEYS.delete(key, key_properties(name))


def test_a_key_is_told_once_and_deleted_or_switched_off_is_gone(iam: Any, name: str) -> None:
    USERS.create(properties(name))
    made = made_key(name)
    key = made["access_key"]
    assert len(made["secret_key"]) >= 30
    assert (KEYS.read(key, made).id, KEYS.read(key, made).outs) == (key, made)
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert KEYS.read(key, made).id == ""
    KEYS.delete(key, made)
    KEYS.delete(key, made)
    assert iam.list_access_keys(UserName=name)["AccessKeyMetadata"] == []


def test_a_user_has_no_third_key(name: str) -> None:
    USERS.create(properties(name))
    for _ in range(2):
        KEYS.create(key_properties(name))
    with pytest.raises((Failed, ClientError), match="LimitExceeded"):
        KEYS.create(key_properties(name))


@pytest.fixture
def elsewhere(sandbox: Sandbox, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A connection to another account of the store, in which there is a user of the same name with a key."""
    iam = sandbox.client("iam", "wasabi", account="888899990000")
    administrator = f"{name}-administrator"
    keys = {}
    for user in (administrator, name):
        iam.create_user(UserName=user)
        keys[user] = iam.create_access_key(UserName=user)["AccessKey"]
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName=administrator, PolicyName="all", PolicyDocument=json.dumps(everything))
    profiles = configparser.ConfigParser(interpolation=None)
    profiles.read(sandbox.env["AWS_CONFIG_FILE"])
    profiles[f"profile {administrator}"] = {
        **profiles["profile wasabi"],
        "aws_access_key_id": keys[administrator]["AccessKeyId"],
        "aws_secret_access_key": keys[administrator]["SecretAccessKey"],
    }
    with (tmp_path / "config").open("w") as file:
        profiles.write(file)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    yield {**properties(name)["connection"], "profile": administrator}
    assert iam.list_user_policies(UserName=name)["PolicyNames"] == []
    (key,) = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert key["AccessKeyId"] == keys[name]["AccessKeyId"], "and nothing of theirs was touched"


def test_in_another_account_nothing_is_read_changed_or_deleted(iam: Any, name: str, elsewhere: dict[str, Any]) -> None:
    user = dict(USERS.create(properties(name)).outs or {})
    key = made_key(name)
    other_user, other_key = ({**made, "connection": elsewhere} for made in (user, key))
    unknown = {**other_user, "user": "nobody-there"}
    for operation in (USERS.read, USERS.delete):
        for there, props in ((name, other_user), ("nobody-there", unknown)):
            with pytest.raises(Failed, match=THEIRS):
                operation(there, props)
    with pytest.raises(Failed, match=THEIRS):
        USERS.update(name, user, {**properties(name, document("s3:*")), "connection": elsewhere})
    for operation in (KEYS.read, KEYS.delete):
        with pytest.raises(Failed, match=THEIRS):
            operation(key["access_key"], other_key)
    with pytest.raises(Failed, match=THEIRS):
        KEYS.update(key["access_key"], key, {**key_properties(name), "connection": elsewhere})
    assert [one["AccessKeyId"] for one in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]] == [
        key["access_key"]
    ]
    assert json.loads(live(name)["policy"]) == json.loads(document())


def test_in_another_account_it_is_another_user_whose_name_has_to_be_unused(
    name: str, elsewhere: dict[str, Any]
) -> None:
    user, key = dict(USERS.create(properties(name)).outs or {}), made_key(name)
    there = {**properties(name), "connection": elsewhere}
    assert USERS.diff(name, user, there).replaces == ["connection"]
    assert KEYS.diff(key["access_key"], key, {**key_properties(name), "connection": elsewhere}).replaces == [
        "connection"
    ]
    with pytest.raises(Failed, match=f"user {name} exists already, with keys"):
        USERS.create(there)


def test_another_way_to_the_same_account_keeps_the_user_and_its_key(name: str) -> None:
    user, key = dict(USERS.create(properties(name)).outs or {}), made_key(name)
    connection = {**properties(name)["connection"], "region": "eu-west-1"}
    found = USERS.diff(name, user, {**properties(name), "connection": connection})
    assert (found.changes, found.replaces) == (True, [])
    given = {**key_properties(name), "connection": connection}
    found = KEYS.diff(key["access_key"], key, given)
    assert (found.changes, found.replaces) == (True, [])
    assert KEYS.update(key["access_key"], key, given).outs == {**key, "connection": connection}
    assert store(connection).owner() == key["owner"] == user["owner"]
