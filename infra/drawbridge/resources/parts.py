"""Dynamic resources that own only their parts of one of a bucket's documents: read, merge, write, read back.

S3 knows no conditional write of such a document: who reads before another's write and writes after it overwrites it. So
whoever wrote waits, reads again, and writes again what is missing.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from time import monotonic
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.documents import (
    Document,
    PartTaken,
    Shape,
    compact,
    grows,
    lost,
    mine,
    parts_of,
    same,
    taken_over,
    whole,
    with_parts,
    without_parts,
)
from drawbridge.resources.base import Failed, Operations, Properties, say
from drawbridge.resources.store import NoBucket, Store, store

TRIES = 8  # writes
# What was written is read again after a pause that is some times as long as our own reading and writing, which is about
# what another writer needs; each time longer, and never the same for two that began together.
PAUSE, LONGER, AT_LEAST = (2, 4), 1.5, 0.15  # times, times, seconds
OUTPUTS = ("gave_id", "owner", "__provider")  # the properties that are no inputs
# The provider serves several resources at once, in threads of one process.
_LOCKS: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)


class Parts(Operations):
    """Owns the parts in the property `parts` (which may be empty) of the document on `bucket`.

    Further properties: `connection` (see Store) and, for a policy, `document_id`, which the document gets if it has
    none; the output `gave_id` says whether it did, since then the Id leaves with our parts. `reserved` are keys that
    only we give: what is live under one and not ours was left by a run that died, and is told. `kept` says that the
    parts stay when the stack goes, so that what is live under their keys is ours from before. `refuse` says why nothing
    more can be let in; it is never kept in the state. The output `owner` is the store's id of the account, so that a
    bucket is not taken for gone where it never was.
    """

    shape: Shape

    def load(self, store: Store, bucket: str) -> Document | None:
        """The live document; None when there is none. Raises NoBucket."""
        raise NotImplementedError

    def save(self, store: Store, bucket: str, document: Document | None) -> None:
        """Writes the whole document, or removes it."""
        raise NotImplementedError

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a part of somebody else under one of our keys, or a document that would be too large."""
        new = not _olds or _olds.get("bucket") != news["bucket"]
        owned = [] if new else _olds["parts"]
        if refuse := news.pop("refuse", ""):
            # Who is in stays in, and who is to go can go: only what lets in more is refused.
            refused = grows(self.shape, news["parts"], owned)
            return CheckResult(news, [CheckFailure("", refuse)] if refused else [])
        # A cloud is asked only where something is to be written.
        if _known(news) and not same(owned, news["parts"]):
            try:
                live = self.load(store(news["connection"]), news["bucket"])
                owned = self._from_before(live, news) if new else owned
                self._fits(with_parts(self.shape, live, news["parts"], owned), live, news)
            except NoBucket:
                pass
            except (PartTaken, Failed) as refused:
                return CheckResult(news, [CheckFailure("", str(Failed(str(refused))))])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another bucket is another resource; everything else is written in place."""
        moved = _olds["bucket"] != _news["bucket"] or _olds["connection"]["kind"] != _news["connection"]["kind"]
        compared = ("parts", "document_id", "connection", "reserved")
        changed = any(not same(_olds.get(key), _news.get(key)) for key in compared)
        return DiffResult(moved or changed, ["bucket"] if moved else [])

    def create(self, props: Properties) -> CreateResult:
        """Adds our parts; takes over what is there already with equal content; refuses what differs."""
        return CreateResult(f"{props['bucket']}/{self.shape.parts}", self._put(props, {}))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Puts our parts as they are wanted now in the place of those we owned."""
        return UpdateResult(self._put(_news, _olds))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Our parts as they are live; gone when none is left."""
        at = store(props["connection"])
        try:
            live = self.load(at, props["bucket"])
        except NoBucket:
            at.prove_same_owner(props.get("owner", ""))
            return ReadResult("", {})
        parts = mine(self.shape, live, self._keys(props))
        self._tell_unowned(props, live)
        if props["parts"] and not parts:
            return ReadResult("", {})
        # Parts that still mean what the state says keep its form, so that a store's spelling is no change.
        found = props["parts"] if same(parts, props["parts"]) else parts
        outs = {**props, "parts": found}
        # What is live is ours from now on: the next update or removal expects to meet it.
        return ReadResult(id_, outs, {key: value for key, value in outs.items() if key not in OUTPUTS})

    def delete(self, _id: str, _props: Properties) -> None:
        """Removes our parts only; nothing to do where the bucket is gone."""

        def change(live: Document | None) -> Document | None:
            left = without_parts(self.shape, live, _props["parts"])
            if left and _props.get("gave_id") and left.get("Id") == _props.get("document_id"):
                del left["Id"]
            return left

        try:
            self._write(_props, change, _props["parts"])
        except NoBucket:
            store(_props["connection"]).prove_same_owner(_props.get("owner", ""))
        except PartTaken as taken:
            raise Failed(str(taken)) from None

    def _keys(self, props: Properties) -> list[str]:
        return [part[self.shape.key] for part in props["parts"]]

    def _from_before(self, live: Document | None, props: Properties) -> list[Document]:
        """What a stack that went left of parts that are kept."""
        return mine(self.shape, live, self._keys(props)) if props.get("kept") else []

    def _tell_unowned(self, props: Properties, live: Document | None) -> None:
        """Says what is live under a name that only we give, and is not ours: access that nothing would end."""
        keys = set(props.get("reserved") or []) - set(self._keys(props))
        if found := mine(self.shape, live, keys):
            say(
                f"{props['bucket']}: {compact(found)} is in {self.shape.words}, and no grant of this stack has it. "
                "A run that was killed may have left it, or somebody pasted it; if nobody needs it, take it out"
            )

    def _put(self, props: Properties, olds: Properties) -> Properties:
        took_over: list[str] | None = None
        ours, before = whole(props["parts"]), olds.get("parts", [])
        document_id, gave_id = props.get("document_id"), bool(olds.get("gave_id"))

        def change(live: Document | None) -> Document | None:
            nonlocal gave_id, took_over
            owned = before if olds else self._from_before(live, props)
            found = taken_over(self.shape, live, ours, owned)
            took_over = found if took_over is None else took_over  # later tries find what the first one wrote
            wanted = with_parts(self.shape, live, ours, owned)
            if wanted and gave_id and not document_id and wanted.get("Id") == olds.get("document_id"):
                return {key: value for key, value in wanted.items() if key != "Id"}
            if wanted and document_id and "Id" not in wanted:
                gave_id = True
                return {**wanted, "Id": document_id}
            return wanted

        try:
            live = self._write(props, change, [*ours, *before])
        except NoBucket as missing:
            if not ours:
                return {**props, "gave_id": False, "owner": ""}
            raise Failed(str(missing)) from None
        except PartTaken as taken:
            raise Failed(str(taken)) from None
        self._tell_unowned(props, live)
        for key in took_over or []:
            say(f"{props['bucket']}: {key} was there already, with our content, and is now ours")
        return {**props, "gave_id": gave_id and bool(document_id), "owner": store(props["connection"]).owner()}

    def _write(
        self, props: Properties, change: Callable[[Document | None], Document | None], ours: list[Document]
    ) -> Document | None:
        """Reads, changes and writes until a reading that comes after a pause finds nothing left to change.

        Returns the live document; `ours` are all parts that are ours, or were.
        """
        bucket, at, before = props["bucket"], store(props["connection"]), None
        with _LOCKS[at.client.meta.endpoint_url, bucket]:
            for attempt in range(TRIES + 1):
                began = monotonic()
                live = self.load(at, bucket)
                wanted = change(live)
                before = live if attempt == 0 else before
                if same(live, wanted):
                    self._tell_lost(props, before, live, ours)
                    return live
                if attempt < TRIES:
                    self._fits(wanted, live, props)
                    self.save(at, bucket, wanted)
                    took = max(monotonic() - began, AT_LEAST)
                    time.sleep(took * random.uniform(*PAUSE) * LONGER**attempt)  # noqa: S311
        missing = [part for part in parts_of(self.shape, wanted) if part not in parts_of(self.shape, live)]
        raise Failed(
            f"{self.shape.words} of {bucket} did not stay as written, {TRIES} times; "
            f"somebody else may be writing it. Missing: {compact(missing)}"
        )

    def _fits(self, wanted: Document | None, live: Document | None, props: Properties) -> None:
        """Raises Failed where the whole document, with what others wrote, would be too large; nothing is written."""
        smaller = len(compact(wanted)) <= len(compact(live))
        if (too_large := self.shape.too_large(wanted)) and not smaller:
            theirs = len(parts_of(self.shape, live)) - len(mine(self.shape, live, self._keys(props)))
            raise Failed(f"{props['bucket']}: {too_large}; {theirs} of its parts are of others. Nothing was written")

    def _tell_lost(
        self, props: Properties, before: Document | None, after: Document | None, ours: list[Document]
    ) -> None:
        """Says what of others was there when the work began and is not any more: S3 cannot tell whose write it was."""
        if gone := lost(self.shape, before, after, [part[self.shape.key] for part in ours]):
            say(f"{props['bucket']}: while {self.shape.words} was written, somebody else took out {compact(gone)}")


def _known(value: Any) -> bool:
    """Whether nothing in the properties is still unknown, as it may be in a preview."""
    from pulumi.runtime import rpc

    if isinstance(value, dict):
        return all(map(_known, value.values()))
    if isinstance(value, list):
        return all(map(_known, value))
    return bool(value != rpc.UNKNOWN)
