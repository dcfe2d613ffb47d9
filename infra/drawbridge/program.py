"""Wires the plan to Pulumi: resources, then outputs and settings; knows no platform and no storage by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pulumi
from pulumi.runtime.config import get_config_env, get_config_secret_keys_env

from drawbridge import settings, tokens
from drawbridge.access import Principal
from drawbridge.auth import identity_auth
from drawbridge.auth.interface import Made, PlannedIdentity
from drawbridge.config import PREFIX, Config, from_values
from drawbridge.documents import compact
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage, make_plan
from drawbridge.problems import Finding, Invalid, Problem
from drawbridge.resources.allowance import Allowance
from drawbridge.resources.base import Failed, explained
from drawbridge.resources.store import OURS
from drawbridge.state import SETTINGS, VALUES


@dataclass(frozen=True)
class Run:
    """One run of the program: what storages need to know of it."""

    project: str
    stack: str
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Why a storage, by its name, cannot let in more than it does."""
    handed_in: Mapping[str, Any] = field(default_factory=dict)
    """What the configuration holds for identities: a secret Output by the name of its token."""

    @property
    def maker(self) -> str:
        """What marks a bucket as made by this stack."""
        return f"{self.project}/{self.stack}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of everything that this stack makes."""
        return {OURS: self.maker}


def main() -> None:
    """The program; every mistake in the files ends it before a resource is declared."""
    run = Run(pulumi.get_project(), pulumi.get_stack())
    try:
        plan = make_plan(_config(run.stack))
        run = replace(run, handed_in=_handed_in(plan))
    except Invalid as invalid:
        raise pulumi.RunError(f"the stack's files cannot be used:\n{invalid}") from None
    for warning in plan.warnings:
        _warn(warning)
    try:
        run = replace(run, refusals=_inspect(plan))
        made = {name: explained(planned.storage.provision)(planned, run) for name, planned in plan.storages.items()}
        identities = {one.principal: _provision(one, plan, run) for one in plan.identities.values()}
    except Failed as failed:
        raise pulumi.RunError(str(failed)) from None
    if not pulumi.runtime.is_dry_run():
        try:
            settings.forget(run.stack, plan.grants)
        except OSError as error:
            pulumi.log.warn(f"the settings of grants that are gone could not be removed: {error}")
    pulumi.export(
        "access", {name: [access.sentence() for access in grant.accesses] for name, grant in plan.grants.items()}
    )
    pulumi.export(
        "storages", {name: planned.sentences() for name, planned in plan.storages.items() if planned.accesses}
    )
    values = {name: value for identity in identities.values() for name, value in identity.values.items()}
    pulumi.export(VALUES, pulumi.Output.secret(values))
    ready = {name: [*_resources(grant, made, identities)] for name, grant in plan.grants.items()}
    pulumi.export(SETTINGS, pulumi.Output.secret(_settings(plan, run, ready, values)))


def _inspect(plan: Plan) -> dict[str, str]:
    """Asks all storages at once what they lack for their grants; returns what stops new ones, by storage.

    It stops only what would let in more: access can always be ended, also beside a storage that is in trouble.
    """
    with ThreadPoolExecutor(max_workers=16) as pool:
        # Pulumi keeps its configuration in the context, which a thread does not have by itself.
        asked = {name: pool.submit(copy_context().run, _found_out, planned) for name, planned in plan.storages.items()}
        found = {name: sorted(one.result()) for name, one in asked.items()}
    for problem in [problem for problems in found.values() for problem in problems]:
        _warn(problem)  # errors too: all are told, and Pulumi shows no more than the first refusal
    errors = {name: [one for one in problems if one.severity == "error"] for name, problems in found.items()}
    return {name: "\n".join(map(str, problems)) for name, problems in errors.items() if problems}


def _found_out(planned: PlannedStorage) -> list[Problem]:
    try:
        return [planned.problem(finding) for finding in explained(lambda: list(planned.storage.inspect(planned)))()]
    except Failed as failed:
        at = ("profile",) if "profile" in planned.storage.model_fields_set else ()
        return [planned.problem(Finding(at, f"cannot be asked: {failed}"))]


def _warn(problem: Problem) -> None:
    """As Pulumi shows warnings, which says the word itself."""
    pulumi.log.warn(str(replace(problem, severity="error")))


def _config(stack: str) -> Config:
    given = get_config_env()
    values = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
    secret = [key.removeprefix(PREFIX) for key in get_config_secret_keys_env() if key.startswith(PREFIX)]
    return from_values(stack, values, secret)


def _handed_in(plan: Plan) -> dict[str, pulumi.Output[str]]:
    """The values that are handed in, as secrets; raises Invalid where one is missing or is none."""
    if plan.missing:
        raise Invalid(plan.missing)
    names = {name for identity in plan.identities.values() for name in (*identity.handed_in, *identity.may_be)}
    given = {name: get_config_env()[f"{PREFIX}{name}"] for name in sorted(names & plan.handed_in.keys())}
    if wrong := [(name, why) for name, value in given.items() if (why := tokens.wrong(name, value))]:
        raise Invalid([replace(plan.handed_in[name](why), severity="error") for name, why in wrong])
    if twice := [pair for identity in plan.identities.values() for pair in _twice(identity, given)]:
        message = "has the same value as {}, which therefore would never end; hand in another one"
        raise Invalid([replace(plan.handed_in[new](message.format(old)), severity="error") for old, new in twice])
    return {name: pulumi.Output.secret(value) for name, value in given.items()}


def _twice(identity: PlannedIdentity, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values of an identity that are handed in twice, by the names of the first and of the other one."""
    first: dict[str, str] = {}
    for name in (*identity.handed_in, *identity.may_be):
        if name in given and (old := first.setdefault(given[name], name)) != name:
            yield old, name


def _provision(identity: PlannedIdentity, plan: Plan, run: Run) -> Made:
    wanted = identity.wanted
    refused = [run.refusals[name] for name in wanted.storages if name in run.refusals]
    policy = compact(tokens.resolve(identity.policy, {}))  # a token that is left over stops the run
    more = {"refuse": "\n".join(refused)} if refused else {}
    auth = identity_auth(wanted.auth)
    alive = {"generations": list(wanted.generations), "most": auth.most(wanted), "at": _generations(identity)}
    allowed = Allowance(wanted.name, {"policy": policy, **alive, **more}).policy
    return explained(auth.provision)(identity, allowed, plan.iam, run)


def _generations(identity: PlannedIdentity) -> str:
    """Where the grant says which generations are alive."""
    return str(identity.problem(Finding((*identity.wanted.at, "generations"), ""))).rstrip()


def _resources(
    grant: PlannedGrant, made: Mapping[str, Sequence[Any]], identities: Mapping[Principal, Made]
) -> Iterator[Any]:
    """What has to be there before a grant's settings are handed over."""
    for storage in sorted({access.storage for access in grant.accesses}):
        yield from made[storage]
    for principal in {access.principal: None for access in grant.accesses}:
        if principal in identities:
            yield from identities[principal].resources


def _settings(
    plan: Plan, run: Run, ready: Mapping[str, Sequence[Any]], values: Mapping[str, pulumi.Output[str]]
) -> dict[str, pulumi.Output[dict[str, str]]]:
    """Every grant's settings, known once its storage lets the platform in; only then are the files written."""
    found = {}
    for name, grant in plan.grants.items():
        used = {token: values[token] for token in sorted(tokens.used(grant.settings.files)) if token in values}
        waits = pulumi.Output.all(*[resource.urn for resource in ready[name]])
        known = pulumi.Output.all(waits, pulumi.Output.from_input(used))
        found[name] = known.apply(partial(_hand_over, run.stack, grant))
    return found


def _hand_over(stack: str, grant: PlannedGrant, known: Sequence[Any]) -> dict[str, str]:
    """The files with their values; one that could be more than a value in a script or in JSON stops the run."""
    for name, value in known[1].items():
        if why := tokens.wrong(name, value):
            raise pulumi.RunError(f"{name}, as its store gave it, {why}; {grant.name} gets no settings")
    # A token that is left over stops the run.
    files: dict[str, str] = tokens.resolve(grant.settings.files, known[1])
    if not pulumi.runtime.is_dry_run():
        try:
            settings.write(stack, grant.name, files)
        except OSError as error:
            pulumi.log.warn(f"the settings of {grant.name} are in the state, but not in out/: {error}")
    return files
