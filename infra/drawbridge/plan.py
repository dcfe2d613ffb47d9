"""The plan: all that a stack's files amount to, as plain data, computed without Pulumi, network or clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from drawbridge import handed_in
from drawbridge.access import Access, CorsRule, altogether, by_network, listed, phrase
from drawbridge.auth import auths, identity_auth
from drawbridge.auth.interface import PlannedIdentity, PrincipalAuth
from drawbridge.config import PREFIX, Config
from drawbridge.groups import collected, grouped
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
        found: dict[str, list[str]] = {}
        for networks, accesses in by_network(self.accesses).items():
            for who, may in altogether(accesses).items():
                phrases = [phrase(verb, where, networks) for verb, where in may.items()]
                found.setdefault(who.words, []).extend(phrases)
        sentences = [f"{who} may altogether {listed(phrases)}" for who, phrases in sorted(found.items())]
        return sentences + self.storage.key_sentences(self.documents)


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
    missing: tuple[Problem, ...] = ()
    """What the configuration has to hold for identities, and does not: nothing can be raised without."""
    handed_in: Mapping[str, Callable[[str], Problem]] = field(default_factory=dict, compare=False, repr=False)
    """The names of tokens whose values it holds; each with what puts a warning about it in its place."""

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
    in_storage = grouped(accesses, lambda access: access.storage)
    rules = collected(rule for name in stack.grants for rule in _cors(stack, name).items())
    folders = collected(found for name in stack.grants for found in _placeholders(stack, name).items())
    storages, problems = {}, []
    for name, storage in sorted(stack.storages.items()):
        here = tuple(in_storage.get(name, ()))
        try:
            documents = _documents(storage, here, rules.get(name, []), config)
            told = partial(stack.storage_problem, name)
            needed = sorted({folder for found in folders.get(name, ()) for folder in found})
            storages[name] = PlannedStorage(name, storage, here, documents, tuple(needed), told)
        except ConflictingAccesses as conflict:
            problems.append(stack.storage_problem(name, Finding((), str(conflict))))
    identities, conflicts = _identities(stack, accesses, config)
    if problems or conflicts:
        raise Invalid([*problems, *conflicts, *stack.warnings])
    missing = [problem for planned, grant in identities.values() for problem in _missing(stack, planned, grant, config)]
    handed = grouped((one for one in identities.values() if one[0].handed_in), lambda one: one[1])
    grants = {name: _with_keys(grant, handed.get(name, ())) for name, grant in grants.items()}
    planned_identities = {name: planned for name, (planned, _) in identities.items()}
    warnings = [
        *stack.warnings,
        *(replace(one, severity="warning") for one in missing),
        *_stray(planned_identities, config),
    ]
    return Plan(
        config.stack,
        storages,
        grants,
        planned_identities,
        config.iam,
        tuple(warnings),
        tuple(missing),
        config.handed_in,
    )


def _identities(
    stack: Stack, accesses: Sequence[Access], config: Config
) -> tuple[dict[str, tuple[PlannedIdentity, str]], list[Problem]]:
    """What the stack makes for its grants, each with its grant, and what cannot be made."""
    found: dict[str, tuple[PlannedIdentity, str]] = {}
    of = grouped(accesses, lambda access: access.principal)
    problems = []
    for name, grant in stack.grants.items():
        for wanted in platforms()[grant.platform].identities(grant, stack.context(grant)):
            if wanted.name in found:
                message = f"makes an identity called {wanted.name}, as {found[wanted.name][1]} does; rename one of them"
                problems.append(stack.grant_problem(name, Finding(("name",), message)))
                continue
            auth = identity_auth(wanted.auth)
            principal = auth.principal(wanted, config.iam)
            try:
                planned = auth.plan(wanted, of.get(principal, ()), config.iam)
                found[wanted.name] = replace(planned, problem=partial(stack.grant_problem, name)), name
            except ConflictingAccesses as conflict:
                problems.append(stack.grant_problem(name, Finding(wanted.at, str(conflict))))
    return dict(sorted(found.items())), problems


def _missing(stack: Stack, planned: PlannedIdentity, grant: str, config: Config) -> Iterator[Problem]:
    """Of an identity whose keys are handed in: that the configuration does not have them all."""
    if missing := [name for name in planned.handed_in if name not in config.handed_in]:
        message = (
            f"the configuration of {config.stack} does not have {listed(missing)}, which "
            f"{planned.principal.words} has to be given; `drawbridge handed-in` tells how"
        )
        yield stack.grant_problem(grant, Finding(planned.wanted.at, message))


def _stray(identities: Mapping[str, PlannedIdentity], config: Config) -> list[Problem]:
    """What the configuration holds for nobody, such as a generation that has ended."""
    used = {name for planned in identities.values() for name in (*planned.handed_in, *planned.may_be)}
    unused = [(name, place) for name, place in config.handed_in.items() if name not in used]
    return [place(f"is used by no grant; pulumi config rm {PREFIX}{name}") for name, place in unused]


def _plan_grant(stack: Stack, name: str) -> PlannedGrant:
    grant = stack.grants[name]
    platform = platforms()[grant.platform]
    context = stack.context(grant)
    accesses, settings = platform.accesses(grant, context), platform.settings(grant, context)
    return PlannedGrant(name, platform.title, tuple(accesses), settings, platform.lights)


def _with_keys(grant: PlannedGrant, identities: Sequence[tuple[PlannedIdentity, str]]) -> PlannedGrant:
    """With what to do for keys that are handed in."""
    files = {handed_in.name(planned): handed_in.text(planned) for planned, _ in identities}
    return replace(grant, settings=replace(grant.settings, files={**grant.settings.files, **files}))


def _cors(stack: Stack, name: str) -> dict[str, CorsRule]:
    grant = stack.grants[name]
    return platforms()[grant.platform].cors(grant, stack.context(grant))


def _placeholders(stack: Stack, name: str) -> dict[str, list[str]]:
    grant = stack.grants[name]
    return platforms()[grant.platform].placeholders(grant, stack.context(grant))


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
        "effective": [
            {"principal": who.arn, "verbs": dict(may), **({"networks": list(networks)} if networks else {})}
            for networks, accesses in by_network(planned.accesses).items()
            for who, may in altogether(accesses).items()
        ],
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
