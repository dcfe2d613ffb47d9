"""Documents with many owners: adds, replaces and removes only our own parts of a bucket policy or CORS document.

A part is known by its key (a statement by `Sid`, a CORS rule by `ID`). What others wrote keeps its place and content.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """Which list of a document holds the parts, which key names one, and what a new document starts with."""

    parts: str
    key: str
    fresh: tuple[tuple[str, str], ...] = ()


POLICY = Shape("Statement", "Sid", (("Version", "2012-10-17"),))
CORS = Shape("CORSRules", "ID")


class PartTaken(Exception):
    """Somebody else's part has our key and another content; the message shows both."""

    def __init__(self, shape: Shape, theirs: Document, ours: Document) -> None:
        super().__init__(
            f"{shape.key} {ours[shape.key]} is there already, with another content.\n"
            f"there:  {_text(theirs)}\n"
            f"wanted: {_text(ours)}\n"
            f"Remove or rename it there, or give ours another name with drawbridge:sid_suffix."
        )


def normal(value: Any) -> Any:
    """A form in which equal documents are equal: a list of one is its item, and the order of a list does not matter."""
    if isinstance(value, Mapping):
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = sorted((normal(item) for item in value), key=_text)
        return items[0] if len(items) == 1 else items
    return int(value) if isinstance(value, float) and value.is_integer() else value


def same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same JSON."""
    return _text(normal(one)) == _text(normal(other))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def parts_of(shape: Shape, document: Document | None) -> list[Document]:
    """The parts of a live document; a policy may hold a single statement that is not in a list."""
    parts = (document or {}).get(shape.parts, [])
    return [parts] if isinstance(parts, dict) else list(parts)


def mine(shape: Shape, document: Document | None, keys: Iterable[str]) -> list[Document]:
    """The live parts under our keys."""
    wanted = set(keys)
    return [part for part in parts_of(shape, document) if part.get(shape.key) in wanted]


def taken_over(shape: Shape, document: Document | None, ours: Sequence[Document], owned: Collection[str]) -> list[str]:
    """Our keys that are there already and were not ours; raises PartTaken where the content differs."""
    keys = set(owned)
    found = []
    for part in ours:
        for live in mine(shape, document, [part[shape.key]]):
            if part[shape.key] in keys:
                continue
            if not same(live, part):
                raise PartTaken(shape, live, part)
            found.append(part[shape.key])
    return found


def with_parts(
    shape: Shape, document: Document | None, ours: Sequence[Document], owned: Collection[str]
) -> Document | None:
    """The document with our parts as wanted, those we owned before and no longer want left out; None when it is empty.

    Raises PartTaken.
    """
    taken_over(shape, document, ours, owned)
    wanted = {part[shape.key]: part for part in ours}
    replaced = {*wanted, *owned}
    kept = []
    for part in parts_of(shape, document):
        key = part.get(shape.key)
        if key in wanted:
            ours_now = wanted.pop(key)
            kept.append(part if same(part, ours_now) else ours_now)
        elif key not in replaced:
            kept.append(part)
    return _holding(shape, document, [*kept, *wanted.values()])


def without_parts(shape: Shape, document: Document | None, owned: Collection[str]) -> Document | None:
    """The document without our parts; None when nothing is left in it."""
    gone = set(owned)
    left = [part for part in parts_of(shape, document) if part.get(shape.key) not in gone]
    return _holding(shape, document, left)


def _holding(shape: Shape, document: Document | None, parts: list[Document]) -> Document | None:
    return {**(document or dict(shape.fresh)), shape.parts: parts} if parts else None
