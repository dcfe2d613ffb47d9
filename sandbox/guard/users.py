"""Users, where moto has less than IAM: boundaries, moves, credentials for services, what has to go before a user."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.wrappers import Response

from sandbox.guard.answers import Refused, result
from sandbox.guard.principals import iam

Given = Mapping[str, str]


def of_name(account: str, name: str) -> Any:
    """Moto's user; refused where there is none."""
    users = iam(account).users
    if name not in users:
        raise Refused(404, "NoSuchEntity", f"The user with name {name} cannot be found.")
    return users[name]


def bound(account: str, name: str, arn: str) -> None:
    """Keeps a user's boundary where moto keeps a role's."""
    about = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None
    of_name(account, name).permissions_boundary = about


def prove_empty(account: str, name: str) -> None:
    """Refuses to delete a user that has something still; of policies moto says so itself.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    """
    user = iam(account).users.get(name)
    has = {
        "delete access keys": user and user.access_keys,
        "delete SSH public keys": user and user.ssh_public_keys,
        "delete signing certificates": user and user.signing_certificates,
        "delete service specific credentials": user and _credentials(user),
        "delete MFA device": user and user.mfa_devices,
        "delete login profile": user and user.password,
        "remove users from group": user and [one for one in iam(account).groups.values() if user in one.users],
    }
    for first, found in has.items():
        if found:
            raise Refused(409, "DeleteConflict", f"Cannot delete entity, must {first} first.")


def _put_boundary(account: str, given: Given) -> None:
    bound(account, given.get("UserName", ""), given.get("PermissionsBoundary", ""))


def _delete_boundary(account: str, given: Given) -> None:
    bound(account, given.get("UserName", ""), "")


def _update(account: str, given: Given) -> None:
    """Another name or path, with its tags and keys, which moto would leave behind."""
    backend, name = iam(account), given.get("UserName", "")
    user, new = of_name(account, name), given.get("NewUserName", name)
    if new != name and new in backend.users:
        raise Refused(409, "EntityAlreadyExists", f"User with name {new} already exists.")
    tags = backend.tagger.list_tags_for_resource(user.arn)["Tags"]
    backend.tagger.delete_all_tags_for_resource(user.arn)
    backend.update_user(name, given.get("NewPath"), new)
    backend.tagger.tag_resource(user.arn, tags)
    for key in user.access_keys:
        key.user_name = new


def _credentials(user: Any) -> dict[str, dict[str, str]]:
    """By their ids; moto has none, so they are kept with its user."""
    found: dict[str, dict[str, str]] = user.__dict__.setdefault("service_credentials", {})
    return found


def _create_credential(account: str, given: Given) -> Mapping[str, object]:
    user, number = of_name(account, given.get("UserName", "")), f"ACCA{uuid.uuid4().hex[:16].upper()}"
    made = {
        "UserName": user.name,
        "Status": "Active",
        "ServiceUserName": f"{user.name}-at-{account}",
        "CreateDate": datetime.now(UTC).isoformat(),
        "ServiceSpecificCredentialId": number,
        "ServiceName": given.get("ServiceName", ""),
    }
    _credentials(user)[number] = made
    return {"ServiceSpecificCredential": {**made, "ServicePassword": uuid.uuid4().hex}}


def _list_credentials(account: str, given: Given) -> Mapping[str, object]:
    return {"ServiceSpecificCredentials": list(_credentials(of_name(account, given.get("UserName", ""))).values())}


def _delete_credential(account: str, given: Given) -> None:
    number = given.get("ServiceSpecificCredentialId", "")
    if not _credentials(of_name(account, given.get("UserName", ""))).pop(number, None):
        raise Refused(404, "NoSuchEntity", f"No such credential {number} exists")


_DONE_HERE: Mapping[str, Callable[[str, Given], Mapping[str, object] | None]] = {
    "PutUserPermissionsBoundary": _put_boundary,
    "DeleteUserPermissionsBoundary": _delete_boundary,
    "UpdateUser": _update,
    "CreateServiceSpecificCredential": _create_credential,
    "ListServiceSpecificCredentials": _list_credentials,
    "DeleteServiceSpecificCredential": _delete_credential,
}
ACTIONS = frozenset(_DONE_HERE)


def answer(account: str, action: str, given: Given) -> Response:
    """The answer to one of ACTIONS."""
    return result("iam", action, _DONE_HERE[action](account, given))
