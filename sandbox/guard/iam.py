"""IAM: which permission an action needs and on what, and what IAM refuses that moto takes.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.iam.responses import IamResponse
from werkzeug.wrappers import Response

from drawbridge.proof.judge import NotUnderstood
from sandbox.guard import context, policies, simulate, store, users
from sandbox.guard.answers import Refused, unknown
from sandbox.guard.court import Court, Wish
from sandbox.guard.principals import ACCOUNT, USER, iam
from sandbox.guard.store import Order
from sandbox.guard.visit import DEFAULT_REGION, Visit

# Parameters that name what an action is about, the first that is given; where an action has two, see _OTHER.
_ENTITIES = {
    "UserName": "user",
    "RoleName": "role",
    "GroupName": "group",
    "InstanceProfileName": "instance-profile",
    "ServerCertificateName": "server-certificate",
}
_ARNS = ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "SerialNumber")
_OTHER = {
    "AddUserToGroup": "GroupName",
    "RemoveUserFromGroup": "GroupName",
    "AddRoleToInstanceProfile": "InstanceProfileName",
    "RemoveRoleFromInstanceProfile": "InstanceProfileName",
}
# Without a name these are about whoever asks.
_ONES_OWN = {
    "GetUser", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "ListAccessKeys", "ListMFADevices",
    "ListSigningCertificates", "UploadSigningCertificate", "UpdateSigningCertificate", "DeleteSigningCertificate",
    "ChangePassword",
}  # fmt: skip
# These know the boundary that a user or role has. Tags on creation need their own permission:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html
_WITHIN = {
    f"{verb}{kind}Policy" for verb in ("Put", "Delete", "Attach", "Detach") for kind in ("User", "Role")
}  # fmt: skip
_TAGS = {"CreateUser": "TagUser", "CreateRole": "TagRole"}
# Their own policies could give away more than their authors have: the sandbox checks no such thing.
_NOT_KNOWN = {"CreateServiceLinkedRole", "SimulatePrincipalPolicy", "UpdateLoginProfile"}


def handle(app: Any, court: Court, visit: Visit, given: Mapping[str, str]) -> Response:
    """The answer to a request to IAM, or Refused."""
    who = visit.who
    action = given.get("Action", "")
    here = action in users.ACTIONS or action == simulate.ACTION
    if not here and (action in _NOT_KNOWN or not hasattr(IamResponse, camelcase_to_underscores(action))):
        raise unknown(f"iam:{action}")
    parameters = dict(given)
    if action in _ONES_OWN and "UserName" not in parameters:
        if who.kind != USER and action != "GetUser":
            raise Refused(400, "ValidationError", "Must specify userName when calling with non-User credentials")
        if who.kind == USER:
            parameters["UserName"] = who.name
    # The root of an account may do everything in it: in IAM no resource has a policy of its own.
    if who.kind != ACCOUNT:
        _demand(court, visit, action, parameters)
    if action == simulate.ACTION:
        return simulate.answer(court, who, parameters)
    _check_documents(court, who.account, parameters)
    arn = parameters.get("PermissionsBoundary")
    if arn and arn not in iam(who.account).managed_policies:
        raise Refused(404, "NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")
    if action in users.ACTIONS:
        return users.answer(who.account, action, parameters)
    if action == "DeleteUser":
        users.prove_empty(who.account, parameters.get("UserName", ""))
    order = Order("iam", DEFAULT_REGION, who.account, visit.key_id, "/", parameters, b"", {})
    answer = store.answer(app, store.query_environ(visit.request, order))
    if action == "CreateUser" and answer.status_code == 200 and "PermissionsBoundary" in parameters:
        users.bound(who.account, parameters["UserName"], parameters["PermissionsBoundary"])
    return answer


def _demand(court: Court, visit: Visit, action: str, given: Mapping[str, str]) -> None:
    own, who = context.common(visit), visit.who
    if action.startswith(("Attach", "Detach")):
        own["iam:PolicyARN"] = given.get("PolicyArn", "")
    if boundary := given.get("PermissionsBoundary") or (action in _WITHIN and _bound_by(who.account, given)):
        own["iam:PermissionsBoundary"] = boundary
    about = resource(who.account, action, given)
    wishes = [Wish(who, f"iam:{action}", about, who.account, own)]
    if action in _TAGS and any(name.startswith("Tags.") for name in given):
        wishes.append(Wish(who, f"iam:{_TAGS[action]}", about, who.account, context.common(visit)))
    if action == "UpdateUser":  # a permission on both, by the page of UpdateUser in IAM's API reference
        name, path = given.get("UserName", ""), about.partition(":user")[2].rpartition("/")[0]
        moved = f"{given.get('NewPath', f'{path}/')}{given.get('NewUserName', name)}"
        there = f"arn:aws:iam::{who.account}:user{moved}"
        wishes.append(Wish(who, f"iam:{action}", there, who.account, context.common(visit)))
    if action == "AddRoleToInstanceProfile":  # whoever has the profile gets the role
        role = resource(who.account, "GetRole", {"RoleName": given.get("RoleName", "")})
        wishes.append(Wish(who, "iam:PassRole", role, who.account, context.common(visit)))
    try:
        court.demand(*wishes)
    except NotUnderstood:
        raise unknown(f"what iam:{action} is about") from None


def resource(account: str, action: str, given: Mapping[str, str]) -> str:
    """The ARN of what an action is about, with the path of what exists; * where it is about nothing."""
    if action == "CreatePolicy":
        return f"arn:aws:iam::{account}:policy{given.get('Path', '/')}{given.get('PolicyName', '')}"
    named = _OTHER.get(action) or next((name for name in _ENTITIES if name in given), None)
    if named:
        kind, name = _ENTITIES[named], given.get(named, "")
        path = _path(account, kind, name) or given.get("Path", "/")
        return f"arn:aws:iam::{account}:{kind}{path}{name}"
    return next((given[name] for name in _ARNS if name in given), "*")


def _path(account: str, kind: str, name: str) -> str:
    backend = iam(account)
    found: dict[str, Any] = {
        "user": backend.users.get(name),
        "role": next((role for role in list(backend.roles.values()) if role.name == name), None),
        "group": backend.groups.get(name),
    }
    return str(found[kind].path) if found.get(kind) else ""


def _check_documents(court: Court, account: str, given: Mapping[str, str]) -> None:
    if "AssumeRolePolicyDocument" in given:
        policies.trust_policy(given["AssumeRolePolicyDocument"], account, court)
    if given.get("Action") == "UpdateAssumeRolePolicy":
        policies.trust_policy(given.get("PolicyDocument", ""), account, court)
    elif "PolicyDocument" in given:
        policies.identity_policy(given["PolicyDocument"], account, court)


def _bound_by(account: str, given: Mapping[str, str]) -> str:
    """The boundary of the user or role that an action is about."""
    backend = iam(account)
    if "UserName" in given:
        about = getattr(backend.users.get(given["UserName"]), "permissions_boundary", None) or {}
        return str(about.get("PermissionsBoundaryArn") or "")
    role = next((one for one in list(backend.roles.values()) if one.name == given.get("RoleName")), None)
    return str(role.permissions_boundary_arn or "") if role else ""
