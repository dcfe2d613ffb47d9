"""A folder that has to exist though nothing lies in it yet: an object of no bytes under its name, which stays."""

from __future__ import annotations

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Operations, Properties
from drawbridge.resources.claim import moved
from drawbridge.resources.store import NoBucket, Store, store


class PlaceholderOperations(Operations):
    """`connection` (see Store), `bucket` and `folder`; what lies under the folder's own name is never overwritten."""

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another bucket or folder is another placeholder; the old one stays where it is."""
        gone = moved(_olds, _news) or _olds["folder"] != _news["folder"]
        return DiffResult(gone or _olds["connection"] != _news["connection"], ["folder"] if gone else [])

    def create(self, props: Properties) -> CreateResult:
        """Puts it, unless the folder is there already."""
        at: Store = store(props["connection"])
        if not _there(at, props):
            at.call("put_object", props["bucket"], Key=props["folder"], Body=b"")
        return CreateResult(f"{props['bucket']}/{props['folder']}", props)

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Whether the folder is there still."""
        try:
            there = _there(store(props["connection"]), props)
        except NoBucket:
            there = False
        return ReadResult(id_ if there else "", props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Another way to the same bucket."""
        return UpdateResult(_news)

    def delete(self, _id: str, _props: Properties) -> None:
        """Nothing: what lies in the folder by now outlives the grant."""


def _there(at: Store, props: Properties) -> bool:
    """Whether anything has a name that begins with the folder."""
    found = at.call("list_objects_v2", props["bucket"], Prefix=props["folder"], MaxKeys=1)
    return bool(found.get("KeyCount"))


class Placeholder(DynamicResource, name="Placeholder", operations=PlaceholderOperations, secret_outputs=()):
    """A folder that is there."""
