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
    """A try with what came back and its light.

    `reason` says what is to be said about any light but green; those with the same `cause` need to be said only once.
    """

    one: Try
    result: Result
    colour: Colour
    reason: str = ""
    cause: str = ""


def light(grant: str, principal: Principal, results: Mapping[Try, Result]) -> list[Lit]:
    """A light for each try of one grant in one storage."""
    twins = _Twins(results)
    return [_lit(grant, principal, one, result, twins) for one, result in results.items()]


def _lit(grant: str, principal: Principal, one: Try, result: Result, twins: _Twins) -> Lit:
    if result.came is Came.UNTRIED and result.simulated is None:
        return Lit(one, result, Colour.GREY, f"cannot be tried from here, since {result.message}", result.message)
    said = result.simulated or result
    if said.came not in (Came.LET_IN, Came.REFUSED) or one.expected != said.let_in:
        if said.came is Came.TURNED_AWAY and not one.expected and twins.asked:
            return Lit(one, result, Colour.GREY, _for_nothing(one, "nobody let it in"), "turned away")
        if said.came is Came.REFUSED and (networks := _networks(one)):
            reason = (
                f"{one.words} is let in only from {listed(networks)}, and this machine is not known to be there: run "
                "verify inside"
            )
            return Lit(one, result, Colour.GREY, reason, f"only from {listed(networks)}")
        cause = f"{one.light} {one.check} {said.code}"
        heard = f"{said.message} says {said.code}" if result.simulated else said
        return Lit(one, result, Colour.RED, f"{_sentence(principal, one, said.came)}: {heard}", cause)
    if result.simulated:
        reason = f"cannot be tried from here, since {result.message}; {result.simulated.message} says what it should"
        return Lit(one, result, Colour.GREY, reason, result.message)
    if not one.expected and (missing := twins.missing(one)):
        return Lit(one, result, Colour.GREY, _for_nothing(one, missing), missing)
    if one.expected and (accepted := _accepted(grant, one)):
        reason = f"{listed(accepted)}: wider than a folder, which {grant} accepts"
        return Lit(one, result, Colour.AMBER, reason, reason)
    return Lit(one, result, Colour.GREEN)


class _Twins:
    """What was let in, beside which a refusal with the same identity counts."""

    def __init__(self, results: Mapping[Try, Result]) -> None:
        self.asked = [one for one in results if one.expected]
        self._let_in = {one.verb for one in self.asked if results[one].let_in}
        self._verbs = {one.verb: one for one in reversed(self.asked)}

    def missing(self, one: Try) -> str:
        """Why a refusal says nothing; "" where the same verb, or any if that is asked for nowhere, was let in.

        For nobody, the owner's own probes are what is known to be there.
        """
        if one.who == "nobody" or one.verb in self._let_in or (one.verb not in self._verbs and self._let_in):
            return ""
        twin = self._verbs.get(one.verb) or next(iter(self.asked), None)
        return f"{twin.words} was not let in either" if twin else "nothing is asked for"


def _for_nothing(one: Try, why: str) -> str:
    return f"a refusal to {one.words} counts for nothing, since {why}"


def _networks(one: Try) -> Sequence[str]:
    """Those that a try has to come from; none if something that asks for it is open to everywhere."""
    asked = [access.networks for access in one.asked]
    return list(dict.fromkeys(network for networks in asked for network in networks)) if all(asked) else []


def _accepted(grant: str, one: Try) -> Sequence[str]:
    """The words by which a grant accepts all that asks for a try; none if something narrower asks too."""
    own = [access for access in one.asked if access.grant == grant]
    return sorted({access.accepted for access in own}) if own and all(access.accepted for access in own) else ()


def _sentence(principal: Principal, one: Try, came: Came) -> str:
    who = {"": principal.words, "nobody": "whoever does not sign"}.get(one.who, f"{principal.words} with {one.who}")
    can = {Came.LET_IN: "can", Came.REFUSED: "cannot"}.get(came, "could not be seen to")
    what = "come" if one.check == "come" else f"{one.words} in {one.target.bucket}"
    grants = listed(sorted({access.grant for access in one.asked})) if one.asked else "no grant"
    return f"{who} {can} {what}, and {grants} asks for it"
