"""V7 Darwin: its own principal is let in by the bucket policy, to read, or to read and write back thumbnails."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from drawbridge.access import Access, CorsRule, Principal, Verb, listed
from drawbridge.auth.interface import Wanted
from drawbridge.groups import grouped
from drawbridge.platforms import v7_settings
from drawbridge.platforms.interface import Context, Grant, Platform, Settings
from drawbridge.platforms.v7_grant import V7Grant
from drawbridge.problems import Finding, Path
from drawbridge.storage.interface import Storage
from drawbridge.storage.s3 import S3Bucket

# As V7's own pages give them (docs.v7labs.com, "Wasabi S3 Configuration" and "AWS S3 Configuration").
PRINCIPALS = {
    "aws": "arn:aws:iam::258327614892:role/external_s3",
    "wasabi": "arn:aws:iam::100000274636:user/darwin",
}
DOCUMENT, READ, WRITE, LIST = "PolicyForExternalAccess", "DarwinAccess", "DarwinWrite", "DarwinList"
UPLOAD = "DarwinUpload"  # in the policy of a user of ours
# The browser loads objects straight from the bucket. Wasabi has a CORS default that allows it; setting rules there
# would replace the default (docs.wasabi.com, "Cross-Origin Resource Sharing").
CORS = CorsRule("DarwinBrowser", ("https://darwin.v7labs.com",), ("GET", "PUT"), ("*",))
CORS_BY_DEFAULT = {"aws": True, "wasabi": False}


class V7(Platform):
    """V7 Darwin on S3."""

    name = "v7"
    title = "V7 Darwin"
    grant = V7Grant
    auth = dict.fromkeys(PRINCIPALS, ("bucket-policy",))
    refused = MappingProxyType({"minio": "MinIO's bucket policies know no named principal"})
    statements = (READ, WRITE, LIST)

    def check(self, grant: Grant, context: Context) -> Iterator[Finding]:
        """Names that V7 cannot reach, keys that contradict each other or another grant, width that is not accepted."""
        grant, storage = _typed(grant, context)
        if "." in storage.bucket:
            yield Finding(
                ("storage",),
                f"has the bucket {storage.bucket}, and V7 cannot reach a name with dots (virtual-host-style HTTPS); "
                "use another bucket",
            )
        yield from _without_meaning(grant)
        yield from _width(grant)
        neighbours = _neighbours(grant, context)
        yield from _beside(grant, neighbours, storage)
        for writer in {one.location: one for one in [*neighbours, grant] if one.writes}.values():
            yield from _registered_again(grant, writer)
        yield from _unusual_name(grant)

    def accesses(self, grant: Grant, context: Context) -> list[Access]:
        """V7's own, and what the uploader may."""
        grant, _ = _typed(grant, context)
        own = self._own(grant, context)
        if not grant.uploader:
            return own
        wanted = _uploader(grant, context)
        principal, prefixes = context.principal(wanted), (grant.uploader.prefix,)
        return [*own, Access(grant.name, grant.storage, wanted.auth, principal, "", UPLOAD, ("write",), prefixes)]

    def identities(self, grant: Grant, context: Context) -> list[Wanted]:
        """The uploader; V7 itself comes as its own principal."""
        grant, _ = _typed(grant, context)
        return [_uploader(grant, context)] if grant.uploader else []

    def _own(self, grant: V7Grant, context: Context) -> list[Access]:
        """V7's own statement, or one for reading and one for writing back; another to list for MIRAX."""
        grant, storage = _typed(grant, context)

        def access(statement: str, verbs: tuple[Verb, ...], prefixes: list[str]) -> Access:
            principal, auth = Principal.of(_principal(grant, storage)), self.auth[storage.name][0]
            wide = ("list-bucket" if grant.prefixes else "whole-bucket") if "" in prefixes else ""
            return Access(grant.name, grant.storage, auth, principal, DOCUMENT, statement, verbs, tuple(prefixes), wide)

        # One statement for both, as on V7's page, can only be a bucket's sole grant: beside others the union of what is
        # read and the union of what is written stand apart.
        if grant.writes_everywhere and not _neighbours(grant, context):
            found = [access(READ, ("read", "write"), grant.readable)]
        else:
            found = [access(READ, ("read",), grant.readable)]
            found += [access(WRITE, ("write",), grant.writable)] if grant.writes else []
        return found + ([access(LIST, ("list",), grant.listable)] if grant.listable else [])

    def together(self, grants: Mapping[str, Grant], storages: Mapping[str, Storage]) -> Iterator[tuple[str, Finding]]:
        """Integrations of one name."""
        own = [grant for grant in grants.values() if isinstance(grant, V7Grant)]
        called = {grant.name: _integration_name(grant, storages[grant.storage]) for grant in own}
        for alike in grouped(own, lambda grant: v7_settings.slug(called[grant.name])).values():
            for grant in alike if len(alike) > 1 else ():
                other = alike[0] if grant is not alike[0] else alike[1]
                more = f" and {len(alike) - 2} more" if len(alike) > 2 else ""
                said = (
                    f"the integrations of {grant.name} and {other.name}{more} would be called {called[grant.name]} in "
                    "V7; unless they belong to different teams there, give each its own, such as integration: "
                    f"{grant.name}"
                )
                yield grant.name, Finding(("integration",) if grant.integration else (), said, "warning")

    def cors(self, grant: Grant, context: Context) -> dict[str, CorsRule]:
        """One rule, where the storage needs it or the grant asks for it."""
        grant, storage = _typed(grant, context)
        wanted = CORS_BY_DEFAULT[storage.name] if grant.cors is None else grant.cors
        return {grant.storage: CORS} if wanted else {}

    def settings(self, grant: Grant, context: Context) -> Settings:
        """The fields of V7's form "New Storage Integration", and scripts that register items."""
        grant, storage = _typed(grant, context)
        return v7_settings.settings(
            grant.name,
            kind=storage.name,
            bucket=storage.bucket,
            region=storage.region,
            endpoint=storage.address,
            integration=_integration_name(grant, storage),
            writes_to=grant.location if grant.writes else "",
            # With its last slash: V7's pages do not say whether it adds one, and without it a key such as
            # darwin-thumbnail.png would lie outside what is granted.
            form_prefix=grant.write_prefix or "" if grant.writes else "",
            accesses=self._own(grant, context),
            others={one.name: self._own(one, context) for one in _neighbours(grant, context)},
            uploader=_uploader(grant, context) if grant.uploader else None,
            uploads_to=grant.uploader.prefix if grant.uploader else "",
        )


def _typed(grant: Grant, context: Context) -> tuple[V7Grant, S3Bucket]:
    """The grant and its storage as what they are: the loader matches models and kinds by `grant` and `auth`."""
    assert isinstance(grant, V7Grant)  # noqa: S101
    storage = context.storages[grant.storage]
    assert isinstance(storage, S3Bucket)  # noqa: S101
    return grant, storage


def _uploader(grant: V7Grant, context: Context) -> Wanted:
    """The user who puts thumbnails and frames where V7 only reads."""
    assert grant.uploader  # noqa: S101  the caller has looked
    storage, generations = context.storages[grant.storage], tuple(grant.uploader.generations)
    return Wanted(f"{grant.name}-uploader", "access-keys", {grant.storage: storage}, ("uploader",), generations)


def _neighbours(grant: V7Grant, context: Context) -> list[V7Grant]:
    """The other V7 grants on the same bucket."""
    return [one for one in context.others.values() if isinstance(one, V7Grant) and one.storage == grant.storage]


def _principal(grant: V7Grant, storage: S3Bucket) -> str:
    return grant.principal or PRINCIPALS[storage.name]


def _integration_name(grant: V7Grant, storage: Storage) -> str:
    return grant.integration or storage.bucket


def _without_meaning(grant: V7Grant) -> Iterator[Finding]:
    """Keys that say nothing beside the others."""
    if not grant.writes:
        for key in sorted({"write_prefix", "write"} & grant.model_fields_set):
            yield Finding((key,), "has no meaning with access: read-only; leave it out, or use read-write")
    elif grant.uploader:
        yield Finding(("uploader",), "has no meaning with access: read-write, since V7 writes itself; leave it out")
    if grant.uploader and not grant.uploader.prefix.startswith(tuple(grant.readable)):
        yield Finding(
            ("uploader", "prefix"),
            f"is not what V7 reads, so it could show none of it; name a folder in {listed(grant.readable)}, or add "
            f"{grant.uploader.prefix} to prefixes",
        )
    if "list_scope" in grant.model_fields_set and not grant.mirax:
        yield Finding(("list_scope",), "has no meaning without mirax: true, since V7 lists nothing else; leave it out")


def _width(grant: V7Grant) -> Iterator[Finding]:
    """What is wider than a prefix and not accepted, and what is accepted for nothing."""
    whole, listed = not grant.prefixes, bool(grant.prefixes) and grant.mirax and grant.list_scope == "bucket"
    if whole and "whole-bucket" not in grant.accept:
        yield Finding(
            (),
            f"lets V7 {'read and write' if grant.writable == [''] else 'read'} the whole bucket, since it has no "
            "prefixes; add prefixes: [studies/], or accept: [whole-bucket]",
        )
    if listed and "list-bucket" not in grant.accept:
        yield Finding(
            ("list_scope",),
            "lets V7 list the names of everything in the bucket; leave it out, or add accept: [list-bucket]",
        )
    for number, word in enumerate(grant.accept):
        if not (whole if word == "whole-bucket" else listed):
            reason = "prefixes limit the grant" if word == "whole-bucket" else "no more is listed than is read"
            yield Finding(("accept", number), f"is not needed, since {reason}; leave it out", "warning")


def _beside(grant: V7Grant, neighbours: list[V7Grant], storage: S3Bucket) -> Iterator[Finding]:
    """What cannot stand beside the other V7 grants on the bucket, which share its statements."""
    if grant.write == "everywhere" and neighbours:
        yield Finding(
            ("write",),
            f"everywhere is for a bucket's only V7 grant, and {neighbours[0].name} lets V7 into {grant.storage} too; "
            "leave it out",
        )
    own = _principal(grant, storage)
    if other := next((one for one in neighbours if _principal(one, storage) != own), None):
        yield Finding(
            ("principal",),
            f"differs from that of {other.name}, and the V7 grants on one bucket share a statement; give both the same",
        )


def _registered_again(grant: V7Grant, writer: V7Grant) -> Iterator[Finding]:
    """V7's own thumbnails, where new objects are registered automatically: an endless loop.

    docs.v7labs.com, "Streaming files from AWS S3 into Darwin".
    """
    if grant.auto_registration is False:
        return
    for number, prefix in enumerate(grant.prefixes or [""]):
        if not writer.location.startswith(prefix) and not prefix.startswith(writer.location):
            continue
        at: Path = ("prefixes", number) if grant.prefixes else ()
        if writer is grant and grant.write_prefix:
            at = ("write_prefix",)
        elif grant.auto_registration and not grant.prefixes:
            at = ("auto_registration",)
        by = "" if writer is grant else f" by the grant {writer.name}"
        where = f"{'inside' if writer.location.startswith(prefix) else 'around'} {prefix or 'the bucket'}"
        writing = f"V7 writes to {writer.location}{by}, {where}"
        if grant.auto_registration:
            yield Finding(
                at,
                f"{writing}, where new objects are registered automatically, so that its own thumbnails would be "
                "registered again and again; let it read and write in folders apart",
            )
        else:
            yield Finding(
                at,
                f"{writing}, which it reads: if new objects there are registered automatically, its own thumbnails are "
                "registered again and again; if they are not, say auto_registration: false",
                "warning",
            )
        return  # one is enough: the folders are mended together


def _unusual_name(grant: V7Grant) -> Iterator[Finding]:
    """A name whose slug V7 does not document."""
    if grant.integration and not re.fullmatch(r"[A-Za-z0-9 -]+", grant.integration):
        yield Finding(
            ("integration",),
            "V7 says of slugs only that letters become small and spaces hyphens; look up what it makes of "
            f"{grant.integration}",
            "warning",
        )


PLATFORM = V7()
