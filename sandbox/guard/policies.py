"""Policy documents that cannot be: AWS refuses them when they are put, and so does the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.iam.models import iam_backends

from drawbridge.documents import POLICY, parts_of
from drawbridge.proof.judge import NotUnderstood, Policy, Request
from sandbox.guard.answers import Refused, unknown
from sandbox.guard.context import unknown_keys
from sandbox.guard.court import Court

MOST_STARS = 8  # in one string: patterns with many take long to decide
DEEPEST = 20
_ACCOUNT = re.compile(r"\d{12}|arn:aws:iam::\d{12}:root")
_ENTITY = re.compile(r"arn:aws:iam::(\d{12}):(user|role)/(?:[!-~]+/)?([\w+=,.@-]+)", re.ASCII)
_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([\w+=,.@-]+)/[\w+=,.@-]+", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


def statements(policy: Policy) -> list[Mapping[str, Any]]:
    """The statements of a document, of which one may stand alone."""
    return [*parts_of(POLICY, dict(policy))]


def some(value: Any) -> list[Any]:
    """A value, or several, as a list."""
    return list(value) if isinstance(value, list) else [value]


def bucket_policy(text: bytes, bucket: str, owner: str, court: Court) -> Policy:
    """The bucket policy in a request; refuses with MalformedPolicy what S3 refuses."""
    wrong = "MalformedPolicy"
    policy = read(text, wrong)
    if not statements(policy):
        raise Refused(400, wrong, "Could not parse the policy: Statement is empty!")
    arn = f"arn:aws:s3:::{bucket}"
    trial = Request(f"arn:aws:iam::{owner}:root", "s3:GetBucketPolicy", arn, owner, policy=policy)
    _understood(trial, court, wrong)
    _principals(policy, wrong, "Invalid principal in policy")
    for statement in statements(policy):
        for resource in some(statement.get("Resource", [])) + some(statement.get("NotResource", [])):
            if resource != arn and not str(resource).startswith(f"{arn}/"):
                raise Refused(400, wrong, "Policy has invalid resource")
    return policy


def trust_policy(text: str, account: str, court: Court) -> None:
    """Refuses the trust policy of a role as IAM does."""
    wrong = "MalformedPolicyDocument"
    policy = read(text.encode(), wrong)
    root, arn = f"arn:aws:iam::{account}:root", f"arn:aws:iam::{account}:role/trial"
    _understood(Request(root, "sts:AssumeRole", arn, account, policy=policy), court, wrong)
    for statement in statements(policy):
        if "Resource" in statement or "NotResource" in statement:
            raise Refused(400, wrong, "Has prohibited field Resource")
    _principals(policy, wrong, "Invalid principal in policy")


def identity_policy(text: str, account: str, court: Court) -> None:
    """Refuses the policy of a user, role, group or session as IAM does."""
    wrong = "MalformedPolicyDocument"
    policy = read(text.encode(), wrong)
    user = f"arn:aws:iam::{account}:user/trial"
    _understood(Request(user, "iam:GetUser", user, account, identity=[policy]), court, wrong)


def read(text: bytes, wrong: str) -> Policy:
    """A document; refuses what is no JSON object with the code that is given."""
    try:
        policy = json.loads(text, object_pairs_hook=_once)
        patterns = [one for one in _strings(policy) if one.count("*") > MOST_STARS]
    except (ValueError, RecursionError):
        raise Refused(400, wrong, "Policies must be valid JSON and the first byte must be '{'") from None
    if patterns:
        raise Refused(400, wrong, f"The sandbox takes no pattern with more than {MOST_STARS} *: {patterns[0][:100]}")
    if not isinstance(policy, dict):
        raise Refused(400, wrong, "Policies must be valid JSON and the first byte must be '{'")
    return policy


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        raise ValueError("it goes too deep")
    if isinstance(value, str):
        yield value
    for one in (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(one, depth + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _understood(trial: Request, court: Court, wrong: str) -> None:
    """First what no reader understands, then what only the sandbox does not."""
    try:
        court.decide([trial])
    except NotUnderstood as error:
        raise Refused(400, wrong, f"The policy is not valid: {str(error).partition(': ')[2][:300]}") from None
    documents = [*trial.identity, *([trial.policy] if trial.policy else [])]
    if keys := [key for policy in documents for key in unknown_keys(policy)]:
        raise unknown(f"the condition key {keys[0]}")


def _principals(policy: Policy, wrong: str, message: str) -> None:
    for kind, name in _named(policy):
        if kind in ("CanonicalUser", "Federated"):
            raise unknown(f"a principal of the kind {kind}")
        if not (_SERVICE.fullmatch(name) if kind == "Service" else kind == "AWS" and exists(name)):
            raise Refused(400, wrong, message)


def _named(policy: Policy) -> Iterator[tuple[str, str]]:
    for statement in statements(policy):
        for field in ("Principal", "NotPrincipal"):
            given = statement.get(field, {})
            for kind, names in ({"AWS": given} if isinstance(given, str) else given).items():
                yield from ((kind, str(name)) for name in some(names))


def exists(name: str) -> bool:
    """Whether a principal exists; every account with twelve digits counts as one."""
    if name == "*" or _ACCOUNT.fullmatch(name):
        return True
    if session := _SESSION.fullmatch(name):
        return session[1] in iam_backends and session[2] in _names(session[1], "role")
    entity = _ENTITY.fullmatch(name)
    if not entity or entity[1] not in iam_backends:
        return False
    found = _names(entity[1], entity[2]).get(entity[3])
    return found is not None and found.arn == name


def _names(account: str, kind: str) -> dict[str, Any]:
    backend = iam_backends[account]["aws"]
    if kind == "user":
        return dict(backend.users)
    return {role.name: role for role in list(backend.roles.values())}
