"""A user of an IAM that speaks AWS's protocol, with one inline policy, as Wasabi has: neither boundary nor tags."""

from __future__ import annotations

import json
from typing import Any

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.access import listed
from drawbridge.documents import compact, same
from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties
from drawbridge.resources.store import store

POLICY = "drawbridge"


class UserOperations(Operations):
    """Properties: `connection` (see Store), `user` (its name) and `policy` (JSON); output: `owner`, the account.

    Nobody else's user is touched, and none of that name in another account.
    """

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another name or account is another user, made before the old one goes."""
        gone = moved(_olds, _news)
        policy = same(json.loads(_olds.get("policy") or "null"), json.loads(_news["policy"]))
        changed = bool(gone) or not policy or _olds.get("connection") != _news["connection"]
        return DiffResult(changed, gone)

    def create(self, props: Properties) -> CreateResult:
        """Makes the user, or goes on with one that a run made which died before it was kept in the state."""
        iam = client(props["connection"])
        try:
            iam.create_user(UserName=props["user"])
        except iam.exceptions.EntityAlreadyExistsException:
            _prove_unused(iam, props["user"])
        return CreateResult(props["user"], _put(iam, props))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Puts the policy again."""
        return UpdateResult(_put(client(_news["connection"], _olds), _news))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """The user with its policy; gone when it does not exist."""
        iam = client(props["connection"], props)
        try:
            iam.get_user(UserName=id_)
        except iam.exceptions.NoSuchEntityException:
            return ReadResult("", {})
        return ReadResult(id_, {**props, "policy": _policy(iam, id_)})

    def delete(self, _id: str, _props: Properties) -> None:
        """Takes the policy and the user away, and every key that it has by then: its access ends."""
        iam = client(_props["connection"], _props)
        try:
            for key in iam.list_access_keys(UserName=_id)["AccessKeyMetadata"]:
                iam.delete_access_key(UserName=_id, AccessKeyId=key["AccessKeyId"])
            for name in iam.list_user_policies(UserName=_id)["PolicyNames"]:
                iam.delete_user_policy(UserName=_id, PolicyName=name)
            iam.delete_user(UserName=_id)
        except iam.exceptions.NoSuchEntityException:
            return


class User(DynamicResource, name="User", operations=UserOperations, secret_outputs=()):
    """A user with its policy; see UserOperations for the properties."""


def client(connection: Properties, made: Properties | None = None) -> Any:
    """IAM beside the store that a connection leads to; raises Failed.

    `made` are the properties of what was made there: the account has to be the same still, since what it does not have
    would seem to be gone, and what it has of that name is somebody else's.
    """
    at = store(connection)
    at.prove_same_owner((made or {}).get("owner", ""))
    own = at.own_endpoint or ""
    # A profile's endpoint is the store's own; Wasabi's IAM has another (docs.wasabi.com, "Service URLs").
    endpoint = connection["iam"] if not own or ".wasabisys.com" in own else own
    return at.session.client("iam", endpoint_url=endpoint, region_name="us-east-1")


def moved(olds: Properties, news: Properties) -> list[str]:
    """The properties for which a user, or a key of one, is another: its name, or a connection to another account."""
    renamed = olds.get("user") != news["user"]
    owner, known = olds.get("owner", ""), olds.get("connection") == news["connection"]
    elsewhere = bool(owner) and not known and store(news["connection"]).owner() != owner
    return [name for name, gone in (("user", renamed), ("connection", elsewhere)) if gone]


def _put(iam: Any, props: Properties) -> Properties:
    """Puts the policy and reads it back; returns the outputs."""
    iam.put_user_policy(UserName=props["user"], PolicyName=POLICY, PolicyDocument=props["policy"])
    if not same(json.loads(_policy(iam, props["user"])), json.loads(props["policy"])):
        raise Failed(f"the policy of user {props['user']} is not as it was put")
    return {**props, "owner": store(props["connection"]).owner()}


def _policy(iam: Any, user: str) -> str:
    """The policy as it is; "null" where there is none."""
    try:
        document = iam.get_user_policy(UserName=user, PolicyName=POLICY)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return "null"
    return compact(document)


def _prove_unused(iam: Any, user: str) -> None:
    """That nobody can come as a user that is there already: then it is what a broken-off run left. Raises Failed."""
    policies = set(iam.list_user_policies(UserName=user)["PolicyNames"]) - {POLICY}
    used = {
        "keys": iam.list_access_keys(UserName=user)["AccessKeyMetadata"],
        "policies": policies or iam.list_attached_user_policies(UserName=user)["AttachedPolicies"],
        "groups": iam.list_groups_for_user(UserName=user)["Groups"],
        "a password": _has_password(iam, user),
        "MFA devices": iam.list_mfa_devices(UserName=user)["MFADevices"],
    }
    if found := [what for what, there in used.items() if there]:
        raise Failed(
            f"user {user} exists already, with {listed(found)} that this stack did not give it; "
            "delete it, or set drawbridge:iam_name_prefix so that ours is called otherwise"
        )


def _has_password(iam: Any, user: str) -> bool:
    """Whether somebody can sign in to the console as the user."""
    try:
        iam.get_login_profile(UserName=user)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True
