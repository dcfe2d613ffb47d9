"""Lights of what is compared with the plan: only some names and verbs are tried, but documents can be read whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from drawbridge.auth import identity_auth
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.iam import Iam
from drawbridge.once import Once
from drawbridge.verify.iam import NOT_COMPARED
from drawbridge.verify.lights import Colour, Lit
from drawbridge.verify.live import Came, CannotAsk, Difference, Result
from drawbridge.verify.subjects import Subject
from drawbridge.verify.tries import Light, Target, Try


class Comparing:
    """The comparisons of one run; each identity is read once, wherever it is used."""

    def __init__(self, settings: Iam, values: Mapping[str, str]) -> None:
        self._settings, self._values = settings, values
        self._once = Once(keep_failures=True)

    def lights(self, subject: Subject) -> Iterator[Lit]:
        """Of the storage's policy and, for an identity of ours, of its own documents, keys, groups and boundary."""
        try:
            found = subject.live.differences(subject.principal, subject.planned.documents)
        except CannotAsk as reason:
            found = [Difference(str(reason), sure=False)]
        yield from _lit("policy", subject, found)
        if planned := subject.made:
            of_identity = self._once(planned.principal, lambda: self._of_identity(subject, planned))
            for light in ("policy", "external id") if planned.trust else ("policy",):
                yield from _lit(light, subject, [one for about, one in of_identity if about == light])

    def _of_identity(self, subject: Subject, planned: PlannedIdentity) -> list[tuple[Light, Difference]]:
        at = identity_auth(planned.wanted.auth).iam(planned.wanted)
        if at is None:
            reason = f"no IAM can be asked for {planned.principal.words}: what it may is tried, but {NOT_COMPARED}"
            return [("policy", Difference(reason, sure=False))]
        try:
            return subject.live.identity_differences(at, planned, self._values, self._settings)
        except CannotAsk as reason:
            return [(light, Difference(str(reason), sure=False)) for light in ("policy", "external id")]


def _lit(light: Light, subject: Subject, found: Iterable[Difference]) -> list[Lit]:
    """A light for each difference, or a green one."""
    one = Try(light, "compare", Target(subject.planned.name, subject.planned.storage.bucket))
    lit = [
        Lit(one, Result(Came.FAILED), Colour.RED, other.words, other.words)
        if other.sure
        else Lit(one, Result(Came.UNTRIED), Colour.GREY, other.words, other.words)
        for other in found
    ]
    return lit or [Lit(one, Result(Came.LET_IN), Colour.GREEN)]
