"""Dynamic resources that own only their parts of a bucket's policy or CORS document: read, merge, write, read back."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.documents import Document, PartTaken, Shape, mine, parts_of, same, taken_over, with_parts, without_parts
from drawbridge.resources.base import Failed, Operations, Properties
from drawbridge.resources.store import NoBucket, Store, store

TRIES = 6  # write and read back, with pauses of 0.2, 0.4, … 3.2 s between them
OUTPUTS = ("gave_id", "owner", "__provider")  # the properties that are no inputs
# The provider serves several resources at once, in threads of one process.
_LOCKS: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)


class Parts(Operations):
    """Owns the parts in the property `parts` (which may be empty) of the document on `bucket`.

    Further properties: `connection` (see Store) and, for a policy, `document_id`, which the document gets if it has
    none; the output `gave_id` says whether it did, since then the Id leaves with our parts. The output `owner` is the
    store's id of the account, so that a bucket is not taken for gone where it never was.
    """

    shape: Shape

    def load(self, store: Store, bucket: str) -> Document | None:
        """The live document; None when there is none. Raises NoBucket."""
        raise NotImplementedError

    def save(self, store: Store, bucket: str, document: Document | None) -> None:
        """Writes the whole document, or removes it."""
        raise NotImplementedError

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: a part of somebody else under one of our keys."""
        failures = []
        owned = _olds["parts"] if _olds and _olds.get("bucket") == news["bucket"] else []
        # A cloud is asked only where something is to be written.
        if _known(news) and not same(owned, news["parts"]):
            try:
                live = self.load(store(news["connection"]), news["bucket"])
                taken_over(self.shape, live, news["parts"], owned)
            except NoBucket:
                pass
            except PartTaken as taken:
                failures.append(CheckFailure("", str(taken)))
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another bucket is another resource; everything else is written in place."""
        moved = _olds["bucket"] != _news["bucket"] or _olds["connection"]["kind"] != _news["connection"]["kind"]
        compared = ("parts", "document_id", "connection")
        changed = any(not same(_olds.get(key), _news.get(key)) for key in compared)
        return DiffResult(moved or changed, ["bucket"] if moved else [])

    def create(self, props: Properties) -> CreateResult:
        """Adds our parts; takes over what is there already with equal content; refuses what differs."""
        return CreateResult(f"{props['bucket']}/{self.shape.parts}", self._put(props, owned=[], gave_id=False))

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Puts our parts as they are wanted now in the place of those we owned."""
        return UpdateResult(self._put(_news, _olds["parts"], bool(_olds.get("gave_id"))))

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Our parts as they are live; gone when none is left."""
        at = store(props["connection"])
        try:
            live = self.load(at, props["bucket"])
        except NoBucket:
            at.prove_same_owner(props.get("owner", ""))
            return ReadResult("", {})
        parts = mine(self.shape, live, self._keys(props))
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
            self._write(_props, change)
        except NoBucket:
            store(_props["connection"]).prove_same_owner(_props.get("owner", ""))
        except PartTaken as taken:
            raise Failed(str(taken)) from None

    def _keys(self, props: Properties) -> list[str]:
        return [part[self.shape.key] for part in props["parts"]]

    def _put(self, props: Properties, owned: list[Document], gave_id: bool) -> Properties:
        took_over: list[str] | None = None
        document_id = props.get("document_id")

        def change(live: Document | None) -> Document | None:
            nonlocal gave_id, took_over
            found = taken_over(self.shape, live, props["parts"], owned)
            took_over = found if took_over is None else took_over  # later tries find what the first one wrote
            wanted = with_parts(self.shape, live, props["parts"], owned)
            if not wanted or not document_id or "Id" in wanted:
                return wanted
            gave_id = True
            return {**wanted, "Id": document_id}

        try:
            self._write(props, change)
        except NoBucket as missing:
            raise Failed(str(missing)) from None
        except PartTaken as taken:
            raise Failed(str(taken)) from None
        for key in took_over or []:
            # What a provider process prints is shown by Pulumi among its diagnostics.
            print(f"{props['bucket']}: {key} was there already, with our content, and is now ours", flush=True)  # noqa: T201
        return {**props, "gave_id": gave_id, "owner": store(props["connection"]).owner()}

    def _write(self, props: Properties, change: Callable[[Document | None], Document | None]) -> None:
        """Reads, changes and writes until the live document is as wanted; S3 knows no conditional policy write."""
        bucket, at = props["bucket"], store(props["connection"])
        with _LOCKS[at.client.meta.endpoint_url, bucket]:
            for attempt in range(TRIES):
                live = self.load(at, bucket)
                wanted = change(live)
                if same(live, wanted):
                    return
                self.save(at, bucket, wanted)
                if same(found := self.load(at, bucket), wanted):
                    return
                if attempt < TRIES - 1:
                    time.sleep(0.2 * 2**attempt)
        missing = [part for part in parts_of(self.shape, wanted) if part not in parts_of(self.shape, found)]
        raise Failed(
            f"the {self.shape.parts} of {bucket} did not stay as written, {TRIES} times; "
            f"somebody else may be writing it. Missing: {missing}"
        )


def _known(value: Any) -> bool:
    """Whether nothing in the properties is still unknown, as it may be in a preview."""
    from pulumi.runtime import rpc

    if isinstance(value, dict):
        return all(map(_known, value.values()))
    if isinstance(value, list):
        return all(map(_known, value))
    return bool(value != rpc.UNKNOWN)
