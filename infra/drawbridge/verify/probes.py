"""The probes of one run: in the journal before they are made, and out of it once they are removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from drawbridge.paths import shown
from drawbridge.resources.base import explained
from drawbridge.storage import kinds
from drawbridge.verify.journal import Journal
from drawbridge.verify.live import AT_ONCE, CannotAsk, Live, Spot
from drawbridge.verify.tries import THERE

Each = Callable[[Mapping[Future[Any], Spot]], Iterable[tuple[Future[Any], Spot]]]
"""Gives futures back as they are done, and counts them."""


class Probes:
    """Those that a run needs, by where they lie.

    `missing` are those that could not be put, with the reason; `gone` are those that were not there any more at the
    end; `problems` say what could not be removed.
    """

    def __init__(self, journal: Journal, spots: Mapping[Spot, Live]) -> None:
        self._journal, self._spots = journal, spots
        self.missing: dict[Spot, BaseException] = {}
        self.gone: set[Spot] = set()
        self.problems: list[str] = []

    def put(self, pool: ThreadPoolExecutor, each: Each) -> None:
        """Puts all; raises journal.NoJournal and OSError."""
        # All of them before the first is made, so that nothing lies anywhere that no journal knows.
        self._journal.add(self._spots)
        put = {pool.submit(live.put, spot.probes): spot for spot, live in self._spots.items()}
        self.missing = {spot: error for done, spot in each(put) if (error := done.exception())}

    def clear(self, each: Each, late: Collection[Spot] = ()) -> None:
        """Removes all; to those of `late` something may still come, so they stay in the journal."""
        found, self.problems = _clear(self._spots.__getitem__, self._spots, each)
        self.gone = {spot for spot, names in found.items() if THERE not in names}
        self._journal.remove(found.keys() - set(late))


def recover(journal: Journal) -> tuple[list[str], list[str]]:
    """Removes what a run left that was killed; returns where, and what could not be. Raises NoJournal and OSError."""
    found, problems = _clear(_again, journal.spots(), lambda futures: futures.items())
    journal.remove(found)
    where = sorted(f"{spot.bucket}/{spot.probes}" for spot, names in found.items() if names)
    return where, [f"{problem} (it is listed in {shown(journal.path)})" for problem in problems]


def _again(spot: Spot) -> Live:
    if spot.kind not in kinds():
        raise CannotAsk(f"there is no kind of storage {spot.kind}")
    return explained(kinds()[spot.kind].live_at)(spot)


def _clear(live: Callable[[Spot], Live], spots: Iterable[Spot], each: Each) -> tuple[dict[Spot, set[str]], list[str]]:
    """The names that were found in each that is clear now, and what could not be cleared."""
    found: dict[Spot, set[str]] = {}
    problems = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done, spot in each({pool.submit(_clear_one, live, spot): spot for spot in spots}):
            try:
                found[spot] = done.result()
            except Exception as error:  # a journal that somebody changed can bring anything about
                words = str(error) if isinstance(error, CannotAsk) else f"{type(error).__name__}: {error}"
                problems.append(f"the probes in {spot.bucket}/{spot.probes} may still be there: {words}")
    return found, problems


def _clear_one(live: Callable[[Spot], Live], spot: Spot) -> set[str]:
    return live(spot).clear(spot.probes)
