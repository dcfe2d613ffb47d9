"""Verifies a plan for real: puts probes, tries everything side by side as the platform would, removes the probes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

from drawbridge.access import Principal, listed
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage
from drawbridge.terminal import Told
from drawbridge.verify.comparing import Comparing
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Vendor
from drawbridge.verify.journal import Journal
from drawbridge.verify.lights import Colour, Lit, light
from drawbridge.verify.live import AT_ONCE, Came, CannotAsk, Live, NoProbe, Result, Ways
from drawbridge.verify.probes import Probes, recover
from drawbridge.verify.subjects import Comes, Lives, Subject, handed, subjects
from drawbridge.verify.tries import Try

Key = TypeVar("Key")
Given = TypeVar("Given")
# Who may not list hears that something is not there in the words of a denial.
_GONE = Result(Came.FAILED, message="the probe was gone when the run ended")


@dataclass(frozen=True)
class Verified:
    """One grant's accesses to one storage, with a light for each try; `advice` is by the cause of a red one."""

    grant: PlannedGrant
    planned: PlannedStorage
    principal: Principal
    lit: tuple[Lit, ...]
    advice: Mapping[str, str]

    @property
    def red(self) -> list[Lit]:
        """What is not as it should be."""
        return [one for one in self.lit if one.colour is Colour.RED]


def titles(found: Sequence[Verified]) -> list[str]:
    """`scans-v7 in scans` of each; with who comes, where a grant has several identities in one storage."""
    names = [f"{one.grant.name} in {one.planned.name}" for one in found]
    return [
        f"{name} as {one.principal.words}" if names.count(name) > 1 else name
        for name, one in zip(names, found, strict=True)
    ]


@dataclass
class Report:
    """All that was verified; `problems` are no lights, but nothing is well with them, and `notes` are for people."""

    stack: str
    grants: tuple[str, ...]
    verified: list[Verified] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(
    plan: Plan,
    grants: Collection[str],
    journal: Journal,
    endpoints: Endpoints,
    told: Told = lambda _done, _all: None,
    values: Mapping[str, str] | None = None,
    comes: Comes | None = None,
) -> Report:
    """Verifies grants of a plan; `told` hears how many steps are done. Raises journal.NoJournal and OSError.

    `values` are what the state has of identities, by the names of their tokens; `comes` is how platforms come, unless
    as their auths know from these.
    """
    report, lives = Report(plan.stack, tuple(name for name in grants if plan.grants[name].accesses)), Lives(plan)
    if elsewhere := sorted(set(grants) - set(report.grants)):
        report.notes.append(f"Not verified, since nothing of it lies in a storage: {listed(elsewhere)}.")
    left, report.problems = recover(journal)
    if left:
        report.notes.append(f"Removed what an earlier run left: {listed(left)}.")
    found = list(subjects(plan, grants, lives, comes or handed(plan, values or {}), run=secrets.token_hex(4)))
    report.problems += lives.problems
    results = _results(found, lives, journal, Ways(endpoints), report, told)
    comparing = Comparing(plan.iam, values or {})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        report.verified = list(pool.map(lambda subject: _verified(subject, results, comparing), found))
    return report


def _results(
    found: Sequence[Subject], lives: Lives, journal: Journal, ways: Ways, report: Report, told: Told
) -> dict[Hashable, Result]:
    """What came back from each request, by the subject's key of it; no probe is left, or the report says so."""
    asked = {subject.key(one): (subject, one) for subject in found for one in subject.tries}
    spots = {
        key: lives[one.target.storage].spot(str(one.probes))
        for key, (subject, one) in asked.items()
        if subject.probed(one, ways.endpoints)
    }
    at = {spot: lives[one.target.storage] for key, spot in spots.items() for _, one in [asked[key]]}
    progress, probes = _Progress(told, 2 * len(at) + len(asked)), Probes(journal, at)
    results: dict[Hashable, Result] = {}
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        probes.put(pool, progress.each)
        made = {
            pool.submit(_attempt, subject, one, ways, probes.missing.get(spots[key]) if key in spots else None): key
            for key, (subject, one) in asked.items()
        }
        results |= {key: done.result() for done, key in progress.each(made)}
    finally:
        pool.shutdown(cancel_futures=True)
        late = {spots[key] for key in spots if _may_come_late(asked[key][1], results.get(key))}
        probes.clear(progress.each, late)
        # One of each bucket is enough.
        without = {spot.bucket: str(error) for spot, error in probes.missing.items() if not isinstance(error, NoProbe)}
        report.problems += [*without.values(), *probes.problems]
    if late:
        report.notes.append("What was written had no answer, and may come late: the next run looks for it.")
    gone = {key for key, spot in spots.items() if spot in probes.gone and asked[key][1].check == "read"}
    return {key: _GONE if key in gone and result.came is Came.REFUSED else result for key, result in results.items()}


def _may_come_late(one: Try, result: Result | None) -> bool:
    """Whether something may be written after the run has ended, since no answer came to it."""
    unanswered = result is None or (result.came is Came.FAILED and not result.status)
    return one.verb == "write" and unanswered


def _attempt(subject: Subject, one: Try, ways: Ways, missing: BaseException | None) -> Result:
    who = subject.who(one)
    if not one.target.bucket:
        return Result(Came.UNTRIED, message=str(one.at))
    if reason := who.unavailable(ways.endpoints):
        return _simulated(subject.live, who, one, ways, reason)
    if missing:
        return Result(Came.UNTRIED, message=str(missing))
    return subject.live.attempt(who, one, ways)


def _simulated(live: Live, who: Identity, one: Try, ways: Ways, reason: str) -> Result:
    """What the cloud's own simulator says of a vendor's principal, as which nobody can come from here."""
    if not isinstance(who, Vendor):
        return Result(Came.UNTRIED, message=reason)
    try:
        return Result(Came.UNTRIED, message=reason, simulated=live.simulate(who.arn, one, ways))
    except CannotAsk as silent:
        return Result(Came.UNTRIED, message=f"{reason}; {silent}")


def _verified(subject: Subject, results: Mapping[Hashable, Result], comparing: Comparing) -> Verified:
    own = {one: results[subject.key(one)] for one in subject.tries}
    lit = [*light(subject.grant.name, subject.principal, own), *comparing.lights(subject)]
    red = [one for one in lit if one.colour is Colour.RED and one.one.check != "compare"]
    causes = {one.cause: one for one in reversed(red)}
    said = {
        cause: subject.live.advice(one.result, one.one, subject.principal, subject.planned.documents)
        for cause, one in causes.items()
    }
    return Verified(subject.grant, subject.planned, subject.principal, tuple(lit), said)


class _Progress:
    """Counts what is done of all that has to be done."""

    def __init__(self, told: Told, total: int) -> None:
        self._told, self._done, self._total = told, 0, total

    def each(self, futures: Mapping[Future[Given], Key]) -> Iterator[tuple[Future[Given], Key]]:
        """Each as soon as it is done."""
        for done in as_completed(futures):
            self._done += 1
            self._told(self._done, self._total)
            yield done, futures[done]
