"""Verifies a plan for real: puts probes, tries everything side by side as the platform would, removes the probes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

from drawbridge.access import Principal, listed
from drawbridge.paths import shown
from drawbridge.plan import Plan, PlannedGrant, PlannedStorage
from drawbridge.resources.base import Failed, explained
from drawbridge.storage import kinds
from drawbridge.terminal import Told
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Vendor
from drawbridge.verify.journal import Journal
from drawbridge.verify.lights import Colour, Lit, light
from drawbridge.verify.live import AT_ONCE, Came, CannotAsk, Live, NoProbe, Result, Spot, Ways
from drawbridge.verify.subjects import Comes, Lives, Subject, comes, subjects
from drawbridge.verify.tries import Try

Key = TypeVar("Key")
Given = TypeVar("Given")
AGAIN = "; the next run tries it again"


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
    comes: Comes = comes,
) -> Report:
    """Verifies grants of a plan; `told` hears how many steps are done. Raises journal.NoJournal and OSError."""
    report, lives = Report(plan.stack, tuple(grants)), Lives(plan)
    recover(journal, report)
    found = list(subjects(plan, grants, lives, comes))
    report.problems += lives.problems
    results = _results(found, lives, journal, Ways(endpoints), report, told)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        report.verified = list(pool.map(lambda subject: _verified(subject, results), found))
    return report


def recover(journal: Journal, report: Report) -> None:
    """Removes what a run left that was killed; what cannot be removed stays in the journal. Raises OSError."""
    left = journal.spots()
    then = f"; they are listed in {shown(journal.path)}, and the next run tries it again"
    removed = _clear(left, _again, report, then)
    journal.remove(removed)
    if removed:
        report.notes.append(f"Removed what an earlier run left: the probes in {listed(sorted(map(_words, removed)))}.")


def _results(
    found: Sequence[Subject], lives: Lives, journal: Journal, ways: Ways, report: Report, told: Told
) -> dict[Hashable, Result]:
    """What came back from each request, by the subject's key of it; no probe is left, or the report says so."""
    asked = {subject.key(one): (subject, one) for subject in found for one in subject.tries}
    where = {
        (one.target.storage, str(one.folder)) for subject, one in asked.values() if subject.probed(one, ways.endpoints)
    }
    spots = {lives[storage].spot(folder): (storage, folder) for storage, folder in sorted(where)}
    progress = _Progress(told, 2 * len(spots) + len(asked))
    # All of them before the first is made, so that nothing lies anywhere that no journal knows.
    journal.add(spots)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        put = {pool.submit(lives[storage].put, folder): (storage, folder) for storage, folder in spots.values()}
        missing = {at: error for done, at in progress.each(put) if (error := done.exception())}
        made = {
            pool.submit(_attempt, subject, one, ways, missing.get((one.target.storage, str(one.folder)))): key
            for key, (subject, one) in asked.items()
        }
        return {key: done.result() for done, key in progress.each(made)}
    finally:
        pool.shutdown(cancel_futures=True)
        journal.remove(_clear(list(spots), lambda spot: lives[spots[spot][0]], report, AGAIN, progress))


def _attempt(subject: Subject, one: Try, ways: Ways, missing: BaseException | None) -> Result:
    who = subject.who(one)
    if not one.target.bucket:
        return Result(Came.UNTRIED, message=str(one.at))
    if reason := who.unavailable(ways.endpoints):
        return _simulated(subject.live, who, one, ways, reason)
    if isinstance(missing, NoProbe):
        return Result(Came.UNTRIED, message=str(missing))
    if missing:
        return Result(Came.FAILED, message=str(missing))
    return subject.live.attempt(who, one, ways)


def _simulated(live: Live, who: Identity, one: Try, ways: Ways, reason: str) -> Result:
    """What the cloud's own simulator says of a vendor's principal, as which nobody can come from here."""
    if not isinstance(who, Vendor):
        return Result(Came.UNTRIED, message=reason)
    try:
        return Result(Came.UNTRIED, message=reason, simulated=live.simulate(who.arn, one, ways))
    except CannotAsk as silent:
        return Result(Came.UNTRIED, message=f"{reason}; {silent}")


def _again(spot: Spot) -> Live:
    if spot.kind not in kinds():
        raise CannotAsk(f"probes in {_words(spot)}: there is no kind of storage {spot.kind}")
    return explained(kinds()[spot.kind].live_at)(spot)


def _clear(
    spots: Sequence[Spot],
    live: Callable[[Spot], Live],
    report: Report,
    then: str,
    progress: _Progress | None = None,
) -> list[Spot]:
    """Those in which nothing is left; what cannot be removed is told."""
    removed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        clearing = {pool.submit(_clear_one, live, spot): spot for spot in spots}
        for done, spot in progress.each(clearing) if progress else clearing.items():
            try:
                done.result()
                removed.append(spot)
            except (CannotAsk, Failed) as error:
                report.problems.append(f"{error}{then}")
    return removed


def _clear_one(live: Callable[[Spot], Live], spot: Spot) -> None:
    live(spot).clear(spot.folder)


def _verified(subject: Subject, results: Mapping[Hashable, Result]) -> Verified:
    own = {one: results[subject.key(one)] for one in subject.tries}
    lit = light(subject.grant.name, subject.principal, own)
    causes = {one.cause: one for one in reversed(lit) if one.colour is Colour.RED}
    said = {cause: subject.live.advice(one.result, one.one, subject.planned.documents) for cause, one in causes.items()}
    return Verified(subject.grant, subject.planned, subject.principal, tuple(lit), said)


def _words(spot: Spot) -> str:
    return f"{spot.bucket}/{spot.folder}"


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
