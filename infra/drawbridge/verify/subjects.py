"""What is verified: each grant's accesses to each storage, who comes, and everything that is tried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass

from drawbridge.access import Access, Principal
from drawbridge.auth import auths, identity_auth
from drawbridge.auth.interface import PlannedIdentity, PrincipalAuth
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage
from drawbridge.resources.base import Failed, explained
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Nobody
from drawbridge.verify.live import CannotAsk, Live
from drawbridge.verify.tries import Target, Try, in_a_foreign_one, in_another, tries


class NotApplied(Exception):
    """The state lacks what an identity comes with; the message says what."""


Comes = Callable[[PlannedGrant, Access], Identity]


def handed(plan: Plan, values: Mapping[str, str]) -> Comes:
    """How platforms come, as their auths know, with what the state has of each identity."""
    identities = {planned.principal: planned for planned in plan.identities.values()}

    def comes(_grant: PlannedGrant, access: Access) -> Identity:
        auth = auths()[access.auth]
        if isinstance(auth, PrincipalAuth):
            return auth.comes(access.principal)
        planned = identities[access.principal]
        try:
            return identity_auth(access.auth).comes(planned, values)
        except KeyError as missing:
            raise NotApplied(
                f"the state has no {missing.args[0]}, with which {access.principal.words} comes; run `pulumi up`"
            ) from None

    return comes


@dataclass(frozen=True)
class Subject:
    """One grant's accesses to one storage."""

    grant: PlannedGrant
    planned: PlannedStorage
    principal: Principal
    identity: Identity
    live: Live
    tries: tuple[Try, ...]
    made: PlannedIdentity | None = None
    """The principal as planned, where the stack makes it."""

    def who(self, one: Try) -> Identity:
        """Whoever makes a try."""
        return Nobody() if one.who == "nobody" else self.identity.wrong().get(one.who, self.identity)

    def key(self, one: Try) -> Hashable:
        """The same for tries of several grants that are one request."""
        return self.who(one), one.check, one.target, one.at, one.probes, one.tls

    def probed(self, one: Try, endpoints: Endpoints) -> bool:
        """Whether a try needs probes, and somebody can make it."""
        return one.probes is not None and not self.who(one).unavailable(endpoints)


class Lives:
    """The live storages of a plan, each reached once; `problems` are those that cannot be, or not be come to."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._found: dict[str, Live | None] = {}
        self._foreign: dict[str, tuple[str, str] | str] = {}
        self.problems: list[str] = []

    def __getitem__(self, name: str) -> Live:
        found = self.get(name)
        assert found is not None, "only what was reached is asked for"  # noqa: S101
        return found

    def get(self, name: str) -> Live | None:
        """The live storage; None where it cannot be reached."""
        if name not in self._found:
            try:
                self._found[name] = explained(self._plan.storages[name].storage.live)()
            except Failed as failed:
                self.problem(f"{name}: cannot be reached with its owner's credentials: {failed}")
                self._found[name] = None
        return self._found[name]

    def problem(self, words: str) -> None:
        """Why something cannot be tried; each is told once."""
        self.problems += [] if words in self.problems else [words]

    def foreign(self, name: str) -> tuple[str, str] | str:
        """A bucket that the stack does not know, or why there is none; asked once for each way to its owner."""
        known = {planned.storage.bucket for planned in self._plan.storages.values()}
        live = self[name]
        at = live.spot("").connection
        if at not in self._foreign:
            try:
                self._foreign[at] = live.foreign(known)
            except CannotAsk as reason:
                self._foreign[at] = str(reason)
        return self._foreign[at]


def subjects(plan: Plan, grants: Collection[str], lives: Lives, comes: Comes, run: str) -> Iterator[Subject]:
    """A subject for each grant, storage and principal, as far as the storage can be reached; `run` names the run."""
    made = {planned.principal: planned for planned in plan.identities.values()}
    for name in grants:
        grant = plan.grants[name]
        firsts: dict[tuple[str, Principal], Access] = {}
        for access in grant.accesses:
            firsts.setdefault((access.storage, access.principal), access)
        for (storage, principal), first in sorted(firsts.items(), key=lambda item: item[0][0]):
            live = lives.get(storage)
            if live is None:
                continue
            try:
                identity = comes(grant, first)
            except NotApplied as reason:
                lives.problem(f"{name}: {reason}")
                continue
            planned = plan.storages[storage]
            same = [access for access in planned.accesses if access.principal == principal]
            own = [access for access in same if access.grant == name]
            apart = [access for access in planned.accesses if access.grant == name and access.principal != principal]
            found = tries(
                Target(storage, planned.storage.bucket),
                own,
                [access for access in same if access.grant != name],
                run,
                elsewhere=_elsewhere(plan, storage, principal, lives, run),
                apart=apart,
                needs_tls=planned.storage.needs_tls,
                wrong=identity.wrong(),
            )
            yield Subject(grant, planned, principal, identity, live, tuple(found), made.get(principal))


def _elsewhere(plan: Plan, name: str, principal: Principal, lives: Lives, run: str) -> list[Try]:
    """What is tried in another bucket, in which the principal has nothing to do; a try that says why there is none."""
    kind = plan.storages[name].storage.kind
    for other, planned in plan.storages.items():
        has = any(access.principal == principal for access in planned.accesses)
        if other == name or planned.storage.kind != kind or has:
            continue
        live = lives.get(other)
        if live and lives[name].reaches(live):
            return in_another(Target(other, planned.storage.bucket), run)
    foreign = lives.foreign(name)
    if isinstance(foreign, str):
        return [Try("other bucket", "list", Target("", ""), foreign)]
    return in_a_foreign_one(Target("", foreign[0]), foreign[1])
