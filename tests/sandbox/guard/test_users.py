"""Users as IAM has them: what has to go before one goes, and what it takes along to another name and path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Sandbox
from tests.sandbox.guard.cast import OK, OWNER, Cast, Outcome, allow, outcome, policy

CONFLICT: Outcome = (409, "DeleteConflict")
DENIED: Outcome = (403, "AccessDenied")
BELONGINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "access keys": ("create_access_key", {}),
    "policies": ("put_user_policy", {"PolicyName": "p", "PolicyDocument": policy(allow("s3:GetObject"))}),
    "SSH public keys": ("upload_ssh_public_key", {"SSHPublicKeyBody": "ssh-rsa AAAA"}),
    "MFA device": (
        "enable_mfa_device",
        {"SerialNumber": "123456789", "AuthenticationCode1": "111111", "AuthenticationCode2": "222222"},
    ),
    "service specific credentials": (
        "create_service_specific_credential",
        {"ServiceName": "codecommit.amazonaws.com"},
    ),
    "group": ("add_user_to_group", {"GroupName": "belongs"}),
}


@pytest.mark.parametrize("what", BELONGINGS)
@pytest.mark.parametrize("store", ["aws", "wasabi"])
def test_a_user_with_anything_left_is_not_deleted(sandbox: Sandbox, store: str, what: str) -> None:
    iam, name = sandbox.client("iam", store), f"has-{what.replace(' ', '-')}"
    iam.create_user(UserName=name)
    if what == "group":
        iam.create_group(GroupName="belongs")
    operation, given = BELONGINGS[what]
    getattr(iam, operation)(UserName=name, **given)
    with pytest.raises(iam.exceptions.DeleteConflictException, match=f"Cannot delete entity, must .* {what}"):
        iam.delete_user(UserName=name)
    assert iam.get_user(UserName=name)["User"]["UserName"] == name


def test_a_user_with_nothing_left_is(cast: Cast) -> None:
    iam = cast.admin().iam
    iam.create_user(UserName="had-a-key")
    key = iam.create_access_key(UserName="had-a-key")["AccessKey"]["AccessKeyId"]
    assert outcome(lambda: iam.delete_user(UserName="had-a-key")) == CONFLICT
    iam.delete_access_key(UserName="had-a-key", AccessKeyId=key)
    assert outcome(lambda: iam.delete_user(UserName="had-a-key")) == OK
    assert outcome(lambda: iam.delete_user(UserName="had-a-key")) == (404, "NoSuchEntity")


def test_a_user_moves_with_its_tags_its_keys_and_what_it_may(cast: Cast) -> None:
    who, iam = cast.user("moves", allow("iam:ListAccessKeys")), cast.admin().iam
    iam.tag_user(UserName="moves", Tags=[{"Key": "team", "Value": "a"}])
    iam.update_user(UserName="moves", NewPath="/two/")
    moved = iam.get_user(UserName="moves")["User"]
    assert (moved["Arn"], moved["Tags"]) == (f"arn:aws:iam::{OWNER}:user/two/moves", [{"Key": "team", "Value": "a"}])
    iam.update_user(UserName="moves", NewUserName="moved")
    assert iam.get_user(UserName="moved")["User"]["Arn"] == f"arn:aws:iam::{OWNER}:user/two/moved"
    assert outcome(lambda: who.iam.list_access_keys(UserName="moved")) == OK
    assert outcome(lambda: iam.get_user(UserName="moves")) == (404, "NoSuchEntity")
    cast.user("stays")
    taken = outcome(lambda: iam.update_user(UserName="moved", NewUserName="stays"))
    assert taken == (409, "EntityAlreadyExists")


def test_moving_takes_a_permission_on_both_places(cast: Cast) -> None:
    cast.user("mover-from")
    here, there = f"arn:aws:iam::{OWNER}:user/mover-from", f"arn:aws:iam::{OWNER}:user/two/mover-from"
    half, whole = cast.user("mover-half", allow("iam:UpdateUser", here)), cast.user("mover-whole")
    cast.admin().iam.put_user_policy(
        UserName="mover-whole", PolicyName="p", PolicyDocument=policy(allow("iam:UpdateUser", [here, there]))
    )
    move = {"UserName": "mover-from", "NewPath": "/two/"}
    assert outcome(lambda: half.iam.update_user(**move)) == DENIED
    assert outcome(lambda: whole.iam.update_user(**move)) == OK


def test_credentials_for_services_come_and_go(cast: Cast) -> None:
    iam = cast.admin().iam
    iam.create_user(UserName="commits")
    asked = {"UserName": "commits", "ServiceName": "codecommit.amazonaws.com"}
    made = iam.create_service_specific_credential(**asked)["ServiceSpecificCredential"]
    number = made["ServiceSpecificCredentialId"]
    (found,) = iam.list_service_specific_credentials(UserName="commits")["ServiceSpecificCredentials"]
    assert found["ServiceSpecificCredentialId"] == number
    delete = {"UserName": "commits", "ServiceSpecificCredentialId": number}
    assert outcome(lambda: iam.delete_service_specific_credential(**delete)) == OK
    assert outcome(lambda: iam.delete_service_specific_credential(**delete)) == (404, "NoSuchEntity")
