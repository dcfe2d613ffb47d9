"""From a plan, the policy of the identity that runs `pulumi up`: what its resources need, on them and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drawbridge import templates, tokens
from drawbridge.access import listed
from drawbridge.auth import auths
from drawbridge.auth.interface import IdentityAuth
from drawbridge.deployer.aws import ANYTHING, LIMITS, LISTS, NEEDS, ONLY_LIMITED, Needs, about
from drawbridge.deployer.deployed import Deployed
from drawbridge.documents import compact
from drawbridge.plan import Plan

# Characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LARGEST = 6144
MOST_POLICIES = 10
"""Managed policies of one role or user, unless AWS raises the quota."""
Condition = tuple[tuple[str, tuple[str, ...]], ...]
_LIMITED = {
    "iam:PermissionsBoundary": "Bounded",
    "iam:PassedToService": "Passed",
    "kms:GranteePrincipal": "Granted",
    "kms:ViaService": "ThroughS3",
}


@dataclass(frozen=True)
class Statement:
    """Permissions on resources, under a condition: the values of condition keys, sorted."""

    topic: str
    condition: Condition
    resources: tuple[str, ...]
    actions: tuple[str, ...]


def deployed(plan: Plan) -> Iterator[Deployed]:
    """What a stack deploys on AWS."""
    for storage in plan.storages.values():
        yield from storage.storage.deployed(storage)
    for identity in plan.identities.values():
        auth = auths()[identity.wanted.auth]
        assert isinstance(auth, IdentityAuth), "only such an auth makes one"  # noqa: S101
        yield from auth.deployed(identity, plan.iam)


def documents(found: Iterable[Deployed], needs: Mapping[str, Needs] = NEEDS) -> list[dict[str, Any]]:
    """The policy that lets somebody deploy that, as few documents as IAM's size of a managed policy allows."""
    packed: list[list[Statement]] = []
    for statement in _small_enough(_statements(found, needs)):
        roomy = next((one for one in packed if _size([*one, statement]) <= LARGEST), None)
        if roomy is None:
            packed.append([statement])
        else:
            roomy.append(statement)
    return [_document(statements) for statements in packed]


def notes(plan: Plan, made: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What somebody who attaches the documents has to know, in sentences."""
    if not made:
        yield f"Stack {plan.stack} has nothing on AWS, so nobody needs a policy there."
    if len(made) > 1:
        yield f"{len(made)} documents, since a managed policy has at most {LARGEST:,} characters; attach all of them."
    if len(made) > MOST_POLICIES:
        yield f"An identity has at most {MOST_POLICIES} managed policies unless AWS raises that quota: split the stack."
    if tokens.AWS_ACCOUNT.name in tokens.used(made):
        yield f"{tokens.AWS_ACCOUNT} stands for the account's number; --account fills it in."
    iam = plan.iam
    ours = [iam.name(one.wanted.name) for one in plan.identities.values() if one.wanted.kind.users == "aws"]
    if made and ours and not iam.permissions_boundary:
        yield (
            "Without drawbridge:iam_permissions_boundary whoever holds this can give the stack's roles and users any "
            "permission and come as them: guard it as an administrator's."
        )
    if made and ours and iam.path == "/" and not iam.name_prefix:
        yield (
            f"It is for IAM's {listed(sorted(ours))}, made by the stack or not: with drawbridge:iam_path or "
            "drawbridge:iam_name_prefix nobody who names a grant can aim it at somebody else's."
        )
    elsewhere = {name: one.storage.kind for name, one in plan.storages.items() if one.storage.kind != "aws"}
    if elsewhere:
        named = listed([f"{name} ({kind})" for name, kind in elsewhere.items()])
        yield f"Not in it: {named}, which AWS's IAM knows nothing of; there the keys of the profile decide."


def _statements(found: Iterable[Deployed], needs: Mapping[str, Needs]) -> list[Statement]:
    """Each permission once, on exactly the resources that need it; permissions on the same resources together."""
    on: dict[tuple[str, Condition, str], set[str]] = {}
    for one in found:
        for permission in needs[one.kind].permissions(kept=one.kept):
            resource = ANYTHING if about(permission) == ANYTHING else one.about.get(about(permission))
            condition = _condition(one, permission)
            if resource and (condition or permission not in ONLY_LIMITED):
                on.setdefault((_topic(resource), condition, permission), set()).add(resource)
    alike: dict[tuple[str, Condition, tuple[str, ...]], list[str]] = {}
    for (topic, condition, permission), resources in sorted(on.items()):
        alike.setdefault((topic, condition, tuple(sorted(resources))), []).append(permission)
    return [Statement(*key, tuple(permissions)) for key, permissions in sorted(alike.items())]


def _condition(one: Deployed, permission: str) -> Condition:
    keys = sorted(set(LIMITS.get(permission, ())) & one.limits.keys())
    values = {key: one.limits[key] for key in keys}
    return tuple((key, (value,) if isinstance(value, str) else tuple(value)) for key, value in values.items())


def _topic(resource: str) -> str:
    """What a resource is, for the statement's Sid."""
    if resource == ANYTHING:
        return "Account"
    _, _, service, _, _, name = resource.split(":", 5)
    if service == "s3":
        return "Folders" if "/" in name else "Buckets"
    return f"{name.partition('/')[0].title()}s"


def _small_enough(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Each fits into a document of its own; one about many resources becomes several."""
    for one in statements:
        half = len(one.resources) // 2
        if half and _size([one]) > LARGEST:
            halves = [replace(one, resources=some) for some in (one.resources[:half], one.resources[half:])]
            yield from _small_enough(halves)
        else:
            yield one


def _size(statements: list[Statement]) -> int:
    return len(compact(tokens.longest(_document(statements))))


def _document(statements: list[Statement]) -> dict[str, Any]:
    named: dict[str, int] = {}
    spelt = []
    for one in statements:
        sid = one.topic + "".join(_LIMITED[key] for key, _ in one.condition if key in _LIMITED)
        named[sid] = number = named.get(sid, 0) + 1
        spelt.append(
            {
                "sid": sid if number == 1 else f"{sid}{number}",
                "actions": one.actions,
                "resources": one.resources,
                "equal": {key: values for key, values in one.condition if key not in LISTS},
                "among": {key: values for key, values in one.condition if key in LISTS},
            }
        )
    made: dict[str, Any] = templates.document("deployer/deployer-policy.json.j2", statements=spelt)
    return made
