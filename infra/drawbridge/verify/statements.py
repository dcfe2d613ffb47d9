"""Statements of a live policy against the planned ones: which are gone, changed or not ours, and how to say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drawbridge.access import listed
from drawbridge.documents import POLICY, compact, parts_of, same
from drawbridge.problems import short

REFRESH = "`pulumi up --refresh` puts ours back"
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """A planned statement and the live one that stands in its place; None where there is none."""

    ours: Statement | None
    theirs: Statement | None

    @property
    def name(self) -> str:
        """How people find it. A statement without a name is not shown: there may be a secret in it."""
        sid = (self.ours or self.theirs or {}).get("Sid")
        return f"the statement {sid}" if sid else "a statement without a name"


def compare(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Pair]:
    """Those that differ, whole documents against each other."""
    planned, live = parts_of(POLICY, dict(wanted)), parts_of(POLICY, dict(found))
    ours, theirs = _without(planned, live), _without(live, planned)
    for one in ours:
        there = next((other for other in theirs if other.get("Sid") == one["Sid"]), None)
        theirs = [other for other in theirs if other is not there]
        yield Pair(one, there)
    yield from (Pair(None, one) for one in theirs)


def changes(ours: Statement, theirs: Statement, secret: Sequence[str] = ()) -> Iterator[str]:
    """What a live statement has more and less than ours; of keys that are `secret`, nothing."""
    for key in sorted({*ours, *theirs} - {"Sid", *secret}):
        here, there = (_flat(one[key]) if key in one else [] for one in (ours, theirs))
        more, less = ([one for one in some if one not in others] for some, others in ((there, here), (here, there)))
        if more or less:
            told = [f"{word} {short(listed(one))}" for word, one in (("more:", more), ("less:", less)) if one]
            yield f"{key} {', '.join(told)}"


def name_of(part: Statement) -> str:
    """Its Sid, or what it is."""
    return str(part["Sid"]) if part.get("Sid") else short(compact(part))


def actions(part: Statement) -> str:
    """What it lets somebody do, or does not."""
    return _either(part, "Action")


def resources(part: Statement) -> str:
    """On what."""
    return _either(part, "Resource")


def principals(part: Statement) -> str:
    """Whom it is about."""
    given = part.get("Principal", part.get("NotPrincipal"))
    names = listed_of(list(given.values()) if isinstance(given, Mapping) else given)
    every = [name for one in names for name in listed_of(one)]
    words = short(listed(sorted({"everybody" if one == "*" else str(one) for one in every})))
    return words if "Principal" in part else f"everybody but {words}"


def listed_of(value: Any) -> list[Any]:
    """A value, or several."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _either(part: Statement, key: str) -> str:
    if key in part:
        return short(listed([str(one) for one in listed_of(part[key])]))
    return f"everything but {short(listed([str(one) for one in listed_of(part.get(f'Not{key}', []))]))}"


def _without(some: Sequence[Statement], others: Sequence[Statement]) -> list[Statement]:
    return [one for one in some if not any(same(one, other) for other in others)]


def _flat(value: Any) -> list[str]:
    """The values of a key, one by one: `StringLike s3:prefix berlin/*` of a condition."""
    if isinstance(value, Mapping):
        return [f"{key} {one}" for key, item in value.items() for one in _flat(item)]
    return [str(one) for one in listed_of(value)]
