"""Who comes: the administrator, users and sessions of roles in moto's accounts, or nobody, with all their policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from drawbridge.proof.judge import ALLOW_ALL, Policy
from sandbox.guard.answers import Refused
from sandbox.guard.signature import Key

ACCOUNT, USER, SESSION, NOBODY = "Account", "User", "AssumedRole", "Anonymous"


@dataclass(frozen=True)
class Principal:
    """Whoever makes a request; `issuer` is the ARN that stands for it in aws:PrincipalArn: of a session, its role's."""

    kind: str
    account: str
    arn: str | None
    user_id: str
    name: str = ""
    issuer: str | None = None
    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: Policy | None = None

    def __str__(self) -> str:
        return self.arn or "anonymous"


ANYBODY = Principal(NOBODY, "", None, "anonymous")


def root(account: str) -> Principal:
    """The root of an account, whom nothing but a resource's own policy denies anything."""
    arn = f"arn:aws:iam::{account}:root"
    return Principal(ACCOUNT, account, arn, account, issuer=arn, identity=(ALLOW_ALL,))


@lru_cache(maxsize=1000)
def document(text: str) -> Policy:
    """A policy document; the same one for the same text, since whoever reads it never changes it."""
    return dict(json.loads(text))


def iam(account: str) -> IAMBackend:
    """Where moto keeps an account's users and roles."""
    return iam_backends[account]["aws"]


class Principals:
    """Keys and whose they are: the administrator's is given, all others are moto's."""

    def __init__(self, account: str, administrator: Key) -> None:
        self.account, self._administrator = account, administrator

    def key(self, key_id: str) -> Key:
        """The key of that id; refuses one that is not known or not active."""
        if key_id == self._administrator.key_id:
            return self._administrator
        for account in list(iam_backends):
            key = iam(account).access_keys.get(key_id)
            if key and key.user_name and key.status == "Active" and key.user_name in iam(account).users:
                return Key(key_id, key.secret_access_key)
            if key and (session := _session(account, key_id)):
                return Key(key_id, session.secret_access_key, session.session_token, _utc(session.expiration))
        message = "The AWS Access Key Id you provided does not exist in our records."
        raise Refused(403, "InvalidAccessKeyId", message)

    def is_administrator(self, key_id: str) -> bool:
        """Whether the key is the sandbox's administrator's."""
        return key_id == self._administrator.key_id

    def of(self, key_id: str) -> Principal:
        """Whose a known key is."""
        if self.is_administrator(key_id):
            return root(self.account)
        account = next(one for one in list(iam_backends) if key_id in iam(one).access_keys)
        session = _session(account, key_id)
        return _assumed(session) if session else _user(account, str(iam(account).access_keys[key_id].user_name))


def _session(account: str, key_id: str) -> AssumedRole | None:
    return sts_backends[account]["aws"].get_assumed_role_from_access_key(key_id)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _user(account: str, name: str) -> Principal:
    backend = iam(account)
    user = backend.users[name]
    groups = backend.get_groups_for_user(name)
    identity = [policy for holder in (user, *groups) for policy in _policies(holder)]
    boundary = getattr(user, "permissions_boundary", None) or {}
    limits = _boundary(backend, boundary.get("PermissionsBoundaryArn"))
    return Principal(USER, account, user.arn, user.id, name, user.arn, tuple(identity), limits)


def _assumed(session: AssumedRole) -> Principal:
    backend = iam(session.account_id)
    role = next((one for one in backend.roles.values() if one.arn == session.role_arn), None)
    user_id = str(session.guard_user_id)  # type: ignore[attr-defined] # moto's own is that of the role as it is now
    # A role that is gone, or was made anew under its name, gives its old sessions nothing.
    identity = tuple(_policies(role)) if role and role.id == user_id.partition(":")[0] else ()
    return Principal(
        SESSION,
        session.account_id,
        session.arn,
        user_id,
        session.session_name,
        session.role_arn,
        identity,
        _boundary(backend, role.permissions_boundary_arn) if role else None,
        document(session.policy) if session.policy else None,
    )


def _policies(holder: Any) -> Iterator[Policy]:
    for text in list(holder.policies.values()):
        yield document(text)
    for policy in list(holder.managed_policies.values()):
        yield managed(policy)


def managed(policy: Any) -> Policy:
    """The document of a managed policy's default version."""
    return next(document(one.document) for one in policy.versions if one.version_id == policy.default_version_id)


def _boundary(backend: IAMBackend, arn: str | None) -> tuple[Policy, ...] | None:
    if not arn:
        return None
    policies: Mapping[str, Any] = backend.managed_policies
    # A boundary that was deleted lets nothing through.
    return (managed(policies[arn]),) if arn in policies else ()
