"""The plan: all that a stack's files amount to, as plain data, computed without Pulumi, network or clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from drawbridge.access import Access, CorsRule, altogether, listed, phrase
from drawbridge.auth import auths
from drawbridge.auth.interface import IdentityAuth, PlannedIdentity, PrincipalAuth
from drawbridge.config import Config
from drawbridge.iam import Iam
from drawbridge.load import Stack, load
from drawbridge.platforms import platforms
from drawbridge.platforms.interface import Settings
from drawbridge.problems import Finding, Invalid, Problem
from drawbridge.storage.interface import ConflictingAccesses, Documents, Storage
from drawbridge.verify.tries import Light


@dataclass(frozen=True)
class PlannedStorage:
    """A storage with what its grants allow, and the documents that this amounts to."""

    name: str
    storage: Storage
    accesses: tuple[Access, ...]
    documents: Documents
    folders: tuple[str, ...]
    """Those that have to exist, though nothing may lie in them yet."""
    problem: Callable[[Finding], Problem] = field(compare=False, repr=False)
    """Puts what is found out about the storage in its place in storage.yaml."""

    def sentences(self) -> list[str]:
        """What each principal may do here, all grants together, and with which key."""
        found = [
            f"{who.words} may altogether {listed([phrase(verb, where) for verb, where in may.items()])}"
            for who, may in altogether(self.accesses).items()
        ]
        return found + self.storage.key_sentences(self.documents)


@dataclass(frozen=True)
class PlannedGrant:
    """A grant with what it allows and what its platform's operator is given."""

    name: str
    platform: str
    accesses: tuple[Access, ...]
    settings: Settings
    lights: Mapping[Light, str]
    """What the platform itself calls some of the lights of `verify`."""


@dataclass(frozen=True)
class Plan:
    """Storages, grants and identities by name, each in alphabetical order; `warnings` are for people."""

    stack: str
    storages: dict[str, PlannedStorage]
    grants: dict[str, PlannedGrant]
    identities: dict[str, PlannedIdentity] = field(default_factory=dict)
    iam: Iam = field(default_factory=Iam)
    warnings: tuple[Problem, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The plan for scripts: who may do what where, and each storage's documents."""
        return {
            "stack": self.stack,
            "grants": {name: _grant_data(grant) for name, grant in self.grants.items()},
            "storages": {name: _storage_data(storage) for name, storage in self.storages.items()},
            "identities": {name: _identity_data(identity) for name, identity in self.identities.items()},
        }


def make_plan(config: Config) -> Plan:
    """The plan of a stack's folder; raises Invalid with every mistake."""
    stack = load(config.grants, config.iam)
    grants = {name: _plan_grant(stack, name) for name in stack.grants}
    accesses = [access for grant in grants.values() for access in grant.accesses]
    rules = [rule for name in stack.grants for rule in _cors(stack, name).items()]
    placeholders = [_placeholders(stack, name) for name in stack.grants]
    storages, problems = {}, []
    for name, storage in sorted(stack.storages.items()):
        here = tuple(access for access in accesses if access.storage == name)
        try:
            documents = _documents(storage, here, [rule for where, rule in rules if where == name], config)
            told = partial(stack.storage_problem, name)
            folders = tuple(sorted({folder for found in placeholders for folder in found.get(name, ())}))
            storages[name] = PlannedStorage(name, storage, here, documents, folders, told)
        except ConflictingAccesses as conflict:
            problems.append(stack.storage_problem(name, Finding((), str(conflict))))
    identities, conflicts = _identities(stack, accesses, config)
    if problems or conflicts:
        raise Invalid([*problems, *conflicts, *stack.warnings])
    return Plan(config.stack, storages, grants, identities, config.iam, tuple(stack.warnings))


def _identities(
    stack: Stack, accesses: Sequence[Access], config: Config
) -> tuple[dict[str, PlannedIdentity], list[Problem]]:
    """What the stack makes for its grants, and what cannot be made."""
    found: dict[str, PlannedIdentity] = {}
    problems = []
    for name, grant in stack.grants.items():
        for wanted in platforms()[grant.platform].identities(grant, stack.context(name)):
            auth = auths()[wanted.auth]
            assert isinstance(auth, IdentityAuth), "only such an auth makes one"  # noqa: S101
            principal = auth.principal(wanted, config.iam)
            try:
                own = [access for access in accesses if access.principal == principal]
                found[wanted.name] = auth.plan(wanted, own, config.iam)
            except ConflictingAccesses as conflict:
                problems.append(stack.grant_problem(name, Finding((), str(conflict))))
    return dict(sorted(found.items())), problems


def _plan_grant(stack: Stack, name: str) -> PlannedGrant:
    grant = stack.grants[name]
    platform = platforms()[grant.platform]
    context = stack.context(name)
    accesses, settings = platform.accesses(grant, context), platform.settings(grant, context)
    return PlannedGrant(name, platform.title, tuple(accesses), settings, platform.lights)


def _cors(stack: Stack, name: str) -> dict[str, CorsRule]:
    grant = stack.grants[name]
    return platforms()[grant.platform].cors(grant, stack.context(name))


def _placeholders(stack: Stack, name: str) -> dict[str, list[str]]:
    grant = stack.grants[name]
    return platforms()[grant.platform].placeholders(grant, stack.context(name))


def _documents(storage: Storage, accesses: Sequence[Access], rules: list[CorsRule], config: Config) -> Documents:
    allowed = [access for access in accesses if isinstance(auths()[access.auth], PrincipalAuth)]
    names = sorted({name for platform in platforms().values() for name in platform.statements})
    reserved = tuple(f"{name}{config.sid_suffix}" for name in names)
    return replace(storage.documents(allowed, rules, config.sid_suffix), reserved=reserved)


def _grant_data(grant: PlannedGrant) -> dict[str, Any]:
    return {
        "platform": grant.platform,
        "access": [
            {
                "storage": access.storage,
                "principal": access.principal.arn,
                "auth": access.auth,
                "verbs": list(access.verbs),
                "prefixes": list(access.prefixes),
            }
            for access in grant.accesses
        ],
        "settings": sorted(grant.settings.files),
    }


def _storage_data(planned: PlannedStorage) -> dict[str, Any]:
    return {
        **planned.storage.model_dump(),
        "effective": [{"principal": who.arn, "verbs": dict(may)} for who, may in altogether(planned.accesses).items()],
        "policy": planned.documents.policy,
        "cors": list(planned.documents.cors),
        "key_grants": list(planned.documents.key_grants),
        "folders": list(planned.folders),
    }


def _identity_data(planned: PlannedIdentity) -> dict[str, Any]:
    return {
        "principal": planned.principal.arn,
        "auth": planned.wanted.auth,
        "generations": list(planned.wanted.generations),
        "policy": dict(planned.policy),
        "trust": dict(planned.trust),
    }
