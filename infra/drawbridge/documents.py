"""Documents with many owners: adds, replaces and removes only our own parts of a bucket's policy, CORS or clean-up.

A part is known by its key (a statement by `Sid`, a rule by `ID`). What others wrote keeps its place and content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """Which list of a document holds the parts, which key names one, and what a new document starts with.

    A store takes at most so many bytes (of JSON without spaces) and so many parts; 0 is no limit of its own.
    """

    words: str
    parts: str
    key: str
    fresh: tuple[tuple[str, str], ...] = ()
    most_bytes: int = 0
    most_parts: int = 0

    def too_large(self, document: Document | None) -> str:
        """What is too large about a document, in words; "" if a store takes it."""
        size, count = len(compact(document).encode()), len(parts_of(self, document))
        for found, most, unit in ((size, self.most_bytes, "bytes"), (count, self.most_parts, "rules")):
            if most and found > most:
                return f"{self.words} would have {found:,} {unit}, and {most:,} are allowed"
        return ""


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
POLICY = Shape("the bucket policy", "Statement", "Sid", (("Version", "2012-10-17"),), most_bytes=20 * 1024)
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
CORS = Shape("the CORS document", "CORSRules", "ID", most_parts=100)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
LIFECYCLE = Shape("the lifecycle configuration", "Rules", "ID", most_parts=1000)


TAKEN = "Remove or rename it there, or give ours another name with drawbridge:sid_suffix."
CHANGED = "It was changed by hand: `pulumi up --refresh` puts ours back in its place."


class PartTaken(Exception):
    """A part under one of our keys has a content that is not ours; the message shows both.

    `was_ours` says whether the key is in our state, so that the content must have been changed since.
    """

    def __init__(self, shape: Shape, theirs: Document, ours: Document, *, was_ours: bool) -> None:
        advice = CHANGED if was_ours else TAKEN
        super().__init__(
            f"{shape.key} {ours[shape.key]} is there already, with another content.\n"
            f"there:  {_text(whole(theirs))}\n"
            f"wanted: {_text(whole(ours))}\n"
            f"{advice}"
        )


def normal(value: Any) -> Any:
    """A form in which equal documents are equal: a list of one is its item, and the order of a list does not matter."""
    if isinstance(value, Mapping):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = sorted((normal(item) for item in value), key=_text)
        return items[0] if len(items) == 1 else items
    return whole(value)


def whole(value: Any) -> Any:
    """Data with whole numbers as such: Pulumi hands each number over as a float."""
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same JSON."""
    return _text(normal(one)) == _text(normal(other))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def compact(value: Any) -> str:
    """JSON without spaces, as it is written and measured."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def parts_of(shape: Shape, document: Document | None) -> list[Document]:
    """The parts of a live document; a policy may hold a single statement that is not in a list."""
    parts = (document or {}).get(shape.parts, [])
    return [parts] if isinstance(parts, dict) else list(parts)


def mine(shape: Shape, document: Document | None, keys: Iterable[str]) -> list[Document]:
    """The live parts under our keys."""
    wanted = set(keys)
    return [part for part in parts_of(shape, document) if part.get(shape.key) in wanted]


def taken_over(
    shape: Shape, document: Document | None, ours: Sequence[Document], owned: Sequence[Document]
) -> list[str]:
    """Our keys that are there already with our content and were not ours.

    Ours is what stands in the state, content included: a part under one of our keys that is neither as we left it nor
    as we want it raises PartTaken, and so do two parts under one key, unless a refresh has taken both in.
    """
    wanted, former = _by_key(shape, ours), {part[shape.key] for part in owned}
    found, seen = [], set()
    for live in mine(shape, document, {*wanted, *former}):
        key = live[shape.key]
        as_left = any(same(live, part) for part in owned)
        as_wanted = key in wanted and same(live, wanted[key]) and key not in seen
        if not as_left and not as_wanted:
            expected = wanted.get(key) or next(part for part in owned if part[shape.key] == key)
            raise PartTaken(shape, live, expected, was_ours=key in former)
        seen.add(key)
        if key not in former:
            found.append(key)
    return found


def within(new: Any, old: Any) -> bool:
    """Whether a statement lets nobody do more than another: the same, or fewer actions, resources or prefixes.

    Knows what our own statements have: lists, a `*` at the end, conditions that narrow.
    """
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        kept = all(key in new and within(new[key], old[key]) for key in old)
        return kept and set(new) - set(old) <= {"Condition"}
    if isinstance(new, list) or isinstance(old, list):
        items, others = ([value] if not isinstance(value, list) else value for value in (new, old))
        return all(any(within(item, other) for other in others) for item in items)
    if isinstance(new, str) and isinstance(old, str) and old.endswith("*"):
        return new.startswith(old[:-1])
    return same(new, old)


def grows(shape: Shape, wanted: Sequence[Document], owned: Sequence[Document]) -> bool:
    """Whether parts let in more than those that we own do."""
    return not all(any(part[shape.key] == one[shape.key] and within(part, one) for one in owned) for part in wanted)


def with_parts(
    shape: Shape, document: Document | None, ours: Sequence[Document], owned: Sequence[Document]
) -> Document | None:
    """The document with our parts as wanted, those we owned before and no longer want left out; None when it is empty.

    Raises PartTaken.
    """
    taken_over(shape, document, ours, owned)
    wanted = _by_key(shape, ours)
    replaced = {*wanted, *_by_key(shape, owned)}
    kept = []
    for part in parts_of(shape, document):
        key = part.get(shape.key)
        if key in wanted:
            ours_now = wanted.pop(key)
            kept.append(part if same(part, ours_now) else ours_now)
        elif key not in replaced:
            kept.append(part)
    return _holding(shape, document, [*kept, *wanted.values()])


def without_parts(shape: Shape, document: Document | None, owned: Sequence[Document]) -> Document | None:
    """The document without our parts; None when nothing is left in it. Raises PartTaken."""
    return with_parts(shape, document, [], owned)


def lost(shape: Shape, before: Document | None, after: Document | None, ours: Iterable[str]) -> list[Document]:
    """The parts of others that a document had and has no more."""
    keys, left = set(ours), [normal(part) for part in parts_of(shape, after)]
    found = [part for part in parts_of(shape, before) if part.get(shape.key) not in keys]
    return [part for part in found if normal(part) not in left]


def _by_key(shape: Shape, parts: Sequence[Document]) -> dict[str, Document]:
    return {part[shape.key]: part for part in parts}


def _holding(shape: Shape, document: Document | None, parts: list[Document]) -> Document | None:
    return {**(document or dict(shape.fresh)), shape.parts: parts} if parts else None
