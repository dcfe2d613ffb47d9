"""What a try means: green, red, amber or grey, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from drawbridge.access import Principal, listed
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try


class Colour(Enum):
    """The worst comes last."""

    GREEN = "green"
    AMBER = "amber"
    GREY = "grey"
    RED = "red"


@dataclass(frozen=True)
class Lit:
    """A try with what came back and its light; `reason` says what is to be said about any light but green.

    `simulated` is what the cloud's policy simulator said, where it was asked in the place of a try.
    """

    one: Try
    result: Result
    colour: Colour
    reason: str = ""
    simulated: Result | None = None

    @property
    def let_in(self) -> bool:
        """Whether it was let in, or would be."""
        return (self.simulated or self.result).came is Came.LET_IN


@dataclass(frozen=True)
class Simulation:
    """What the simulator said, by try; or why it said nothing."""

    said: Mapping[Try, Result]
    silent: str = ""


def light(grant: str, principal: Principal, results: Mapping[Try, Result], simulation: Simulation) -> list[Lit]:
    """A light for each try of one grant in one storage."""
    return [_lit(grant, principal, one, result, results, simulation) for one, result in results.items()]


def _lit(
    grant: str,
    principal: Principal,
    one: Try,
    result: Result,
    results: Mapping[Try, Result],
    simulation: Simulation,
) -> Lit:
    if result.came is Came.UNTRIED:
        return _untried(principal, one, result, simulation)
    if one.expected == (result.came is Came.LET_IN) and result.came in (Came.LET_IN, Came.REFUSED):
        if not one.expected and (missing := _without_twin(one, results)):
            return Lit(one, result, Colour.GREY, f"a refusal to {one.words} counts for nothing, since {missing}")
        if one.expected and (accepted := _accepted(grant, one)):
            reason = f"{listed(accepted)}: wider than a folder, which {grant} accepts"
            return Lit(one, result, Colour.AMBER, reason)
        return Lit(one, result, Colour.GREEN)
    if result.came is Came.TURNED_AWAY and not one.expected and any(other.expected for other in results):
        return Lit(one, result, Colour.GREY, f"a refusal to {one.words} counts for nothing, since nobody let it in")
    return Lit(one, result, Colour.RED, f"{_sentence(principal, one, result.came)}: {result}")


def _untried(principal: Principal, one: Try, result: Result, simulation: Simulation) -> Lit:
    said = simulation.said.get(one)
    if said is None:
        silent = f"; {simulation.silent}" if simulation.silent else ""
        return Lit(one, result, Colour.GREY, f"cannot be tried from here, since {result.message}{silent}")
    if (said.came is Came.LET_IN) != one.expected:
        return Lit(one, result, Colour.RED, f"{_sentence(principal, one, said.came)}: {said}", said)
    reason = (
        f"cannot be tried from here, since {result.message}; IAM's policy simulator, asked about the live policy, says "
        "what it should"
    )
    return Lit(one, result, Colour.GREY, reason, said)


def _without_twin(one: Try, results: Mapping[Try, Result]) -> str:
    """Why a refusal says nothing: what has to be let in with the same identity was not; "" where it was.

    For nobody, the owner's own probes are what is known to be there.
    """
    if one.who == "nobody":
        return ""
    asked = [other for other in results if other.expected]
    same = [other for other in asked if {other.check, one.check} <= {"write", "overwrite"} or other.check == one.check]
    twins = same or asked
    if any(results[other].came is Came.LET_IN for other in twins):
        return ""
    return f"{twins[0].words} was not let in either" if twins else "nothing is asked for"


def _accepted(grant: str, one: Try) -> Sequence[str]:
    """The words by which a grant accepts all that asks for a try; none if something narrower asks too."""
    own = [access for access in one.asked if access.grant == grant]
    return sorted({access.accepted for access in own}) if own and all(access.accepted for access in own) else ()


def _sentence(principal: Principal, one: Try, came: Came) -> str:
    who = {"": principal.words, "nobody": "whoever does not sign"}.get(one.who, f"{principal.words} with {one.who}")
    can = {Came.LET_IN: "can", Came.REFUSED: "cannot"}.get(came, "could not be seen to")
    where = "" if one.check == "come" else f" in {one.place.bucket}"
    why = (
        f"{listed(sorted({access.grant for access in one.asked}))} asks for it" if one.asked else "no grant asks for it"
    )
    what = "come" if one.check == "come" else one.words
    return f"{who} {can} {what}{where}, and {why}"
