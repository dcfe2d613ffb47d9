"""A user with its policy and its keys on a store with an IAM of AWS's form: ours alone is changed, and it ends whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from drawbridge.resources.access_key import AccessKeyOperations
from drawbridge.resources.base import Failed
from drawbridge.resources.user import UserOperations
from tests.conftest import Sandbox
from tests.resources.conftest import CONNECTIONS

USERS, KEYS = UserOperations(), AccessKeyOperations()


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


def test_a_user_comes_changes_and_goes(iam: Any, name: str) -> None:
    made = USERS.create(properties(name))
    assert (made.id, made.outs) == (name, properties(name))
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


@pytest.mark.parametrize("has", ["key", "policy", "attached", "group"])
def test_somebody_elses_user_is_refused_and_left_as_it_is(iam: Any, name: str, has: str) -> None:
    iam.create_user(UserName=name)
    if has == "key":
        iam.create_access_key(UserName=name)
    elif has == "policy":
        iam.put_user_policy(UserName=name, PolicyName="theirs", PolicyDocument=document())
    elif has == "attached":
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document())["Policy"]["Arn"]
        iam.attach_user_policy(UserName=name, PolicyArn=arn)
    else:
        iam.create_group(GroupName=name)
        iam.add_user_to_group(UserName=name, GroupName=name)
    with pytest.raises(Failed, match=f"user {name} exists already, with keys, policies or groups"):
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
