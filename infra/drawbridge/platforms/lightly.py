"""Lightly: two datasources, one that it lists and reads, one that it also writes to, each with a way in of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from drawbridge.access import Access, CorsRule, Verb
from drawbridge.auth.interface import Wanted
from drawbridge.groups import grouped
from drawbridge.platforms import lightly_settings
from drawbridge.platforms.interface import Context, Grant, Platform, Settings
from drawbridge.platforms.lightly_grant import Datasource, LightlyDatasource, LightlyGrant, Local
from drawbridge.platforms.lightly_settings import Source
from drawbridge.problems import Finding
from drawbridge.storage.interface import Storage
from drawbridge.storage.s3 import S3Bucket
from drawbridge.verify.tries import Light

ACCOUNT = "916419735646"  # docs.lightly.ai, "AWS S3", delegated access
LONGEST_SESSION = 43200  # 12 hours; with less, Lightly cannot reach the data (the same page)
# lightly 1.5.26, openapi_generated/swagger_client/models/s3_region.py
REGIONS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ca-central-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "me-central-1",
        "me-south-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ]
)
OBS = "obs"  # the one store that Lightly documents obs:// for


class Lightly(Platform):
    """Lightly on S3."""

    name = "lightly"
    title = "Lightly"
    grant = LightlyGrant
    auth = MappingProxyType(
        {"aws": ("assume-role", "access-keys"), **dict.fromkeys(("wasabi", "minio", OBS, "s3"), ("access-keys",))}
    )
    statements = ()
    lights: Mapping[Light, str] = MappingProxyType(
        {"list": "can_list", "read": "can_read", "write": "can_write", "overwrite": "can_overwrite"}
    )

    def check(self, grant: Grant, context: Context) -> Iterator[Finding]:
        """Regions and ways in that Lightly does not know, originals within its reach, width that is not accepted."""
        grant = _typed(grant)
        for use, one in grant.datasources.items():
            yield from _datasource(self.auth, use, one, context)
        yield from _obs(grant, context)
        yield from _network(grant, context)
        if grant.input and grant.lightly:
            yield from _over_the_input(grant, grant.input, grant.lightly, context)
            if grant.shared_credentials:
                yield from _shared(grant.input, grant.lightly, context)

    def identities(self, grant: Grant, context: Context) -> list[Wanted]:
        """One for each datasource, or one for both."""
        grant = _typed(grant)
        found = {one.name: one for one in (_wanted(grant, use, context) for use in grant.datasources)}
        return list(found.values())

    def placeholders(self, grant: Grant, context: Context) -> dict[str, list[str]]:
        """Lightly's resource_path has to exist."""
        del context
        found: dict[str, list[str]] = {}
        for one in _typed(grant).datasources.values():
            found.setdefault(one.storage, []).append(one.prefix)
        return found

    def accesses(self, grant: Grant, context: Context) -> list[Access]:
        """List and read for the input; write, and delete unless that is off, for the other too."""
        grant = _typed(grant)
        return [access for use, one in grant.datasources.items() for access in _accesses(grant, use, one, context)]

    def settings(self, grant: Grant, context: Context) -> Settings:
        """A payload of Lightly's REST API for each datasource, a script for its client, and a sheet."""
        grant = _typed(grant)
        dataset = grant.dataset or grant.name
        if grant.local:
            served = f"http://{grant.local.host}:{grant.local.port}"
            sources: dict[str, Source | lightly_settings.Local] = {
                use: lightly_settings.Local("", served) for use in lightly_settings.PURPOSES
            }
            return lightly_settings.settings(
                grant.name, dataset, grant.dataset_type, sources, serve=_serve(grant.local)
            )
        sources = {
            use: Source(
                _wanted(grant, use, context),
                one.prefix,
                _bucket(one, context),
                one.list_scope,
                delete=not isinstance(one, LightlyDatasource) or one.delete,
                bypass=bool(grant.network),
                endpoint=_bucket(one, context).address,
            )
            for use, one in grant.datasources.items()
        }
        return lightly_settings.settings(grant.name, dataset, grant.dataset_type, sources)

    def together(self, grants: Mapping[str, Grant], storages: Mapping[str, Storage]) -> Iterator[tuple[str, Finding]]:
        """Two grants for one dataset: each script would set its own datasources."""
        del storages
        own = sorted(map(_typed, grants.values()), key=lambda grant: bool(grant.dataset))
        for alike in grouped(own, lambda grant: grant.dataset or grant.name).values():
            for grant in alike[1:]:
                message = f"is also the dataset of {alike[0].name}, and a dataset has two datasources; name another"
                yield grant.name, Finding(("dataset",) if grant.dataset else ("name",), message)

    def cors(self, grant: Grant, context: Context) -> dict[str, CorsRule]:
        """None: no document of Lightly's asks for rules."""
        del grant, context
        return {}


def _typed(grant: Grant) -> LightlyGrant:
    assert isinstance(grant, LightlyGrant)  # noqa: S101  the loader matches models by their platform
    return grant


def _serve(local: Local) -> str:
    """The command of Lightly's client that shows folders of the worker's machine to the browser.

    lightly 1.5.26, cli/serve_cli.py.
    """
    mounts = f"input_mount={local.input_mount} lightly_mount={local.lightly_mount}"
    return f"lightly-serve {mounts} host={local.host} port={local.port}"


def _bucket(datasource: Datasource, context: Context) -> S3Bucket:
    storage = context.storages[datasource.storage]
    assert isinstance(storage, S3Bucket)  # noqa: S101  the loader matches kinds by `auth`
    return storage


def _wanted(grant: LightlyGrant, use: str, context: Context) -> Wanted:
    """Who comes to a datasource; where both share their credentials, what the input says holds."""
    whole = grant.datasources
    uses = list(whole) if grant.shared_credentials else [use]
    first = whole[uses[0]]
    return Wanted(
        grant.name if grant.shared_credentials else f"{grant.name}-{use}",
        first.auth,
        {whole[one].storage: _bucket(whole[one], context) for one in uses},
        (uses[0],),
        tuple(first.generations),
        trusted=ACCOUNT,
        longest_session=LONGEST_SESSION,
    )


def _accesses(grant: LightlyGrant, use: str, one: Datasource, context: Context) -> Iterator[Access]:
    principal = context.principal(_wanted(grant, use, context))
    wide = one.list_scope == "bucket"
    verbs: tuple[Verb, ...] = ("read",)
    if one is grant.lightly:
        verbs = ("read", "write", "delete") if grant.lightly.delete else ("read", "write")
    name = f"Lightly{use.removeprefix('lightly').title()}"

    def access(statement: str, verbs: tuple[Verb, ...], networks: tuple[str, ...] = ()) -> Access:
        everywhere = wide and verbs == ("list",)
        prefixes, accepted = (("",), "list-bucket") if everywhere else ((one.prefix,), "")
        return Access(
            grant.name, one.storage, one.auth, principal, "", name + statement, verbs, prefixes, accepted, networks
        )

    # Lightly's own cloud lists; with a network, content is for those inside alone (docs.lightly.ai, "AWS S3").
    yield access("List", ("list",))
    if not grant.network:
        yield access("Objects", verbs)
    for word, networks in grant.network.ways.items() if grant.network else ():
        yield access(f"ObjectsFrom{word}", verbs, networks)


def _datasource(ways: Mapping[str, tuple[str, ...]], use: str, one: Datasource, context: Context) -> Iterator[Finding]:
    storage = _bucket(one, context)
    if one.auth not in ways[storage.name]:
        allowed = ", ".join(ways[storage.name])
        yield Finding((use, "auth"), f"is no way into {one.storage} (kind {storage.name}); possible: {allowed}")
    if storage.name == "aws" and storage.region not in REGIONS:
        yield Finding((use, "storage"), f"lies in {storage.region}, which Lightly does not take; use another bucket")


def _obs(grant: LightlyGrant, context: Context) -> Iterator[Finding]:
    """A warning for each kind of store, where it is named first."""
    kinds = {_bucket(one, context).name: use for use, one in reversed(grant.datasources.items())}
    for kind, use in kinds.items():
        if kind not in ("aws", OBS):
            yield Finding(
                (use, "storage"),
                f"is reached through obs://, which Lightly documents for OBS alone and not for {kind}: try it before "
                "you rely on it",
                "warning",
            )


def _network(grant: LightlyGrant, context: Context) -> Iterator[Finding]:
    if not grant.network:
        return
    for use, one in grant.datasources.items():
        if _bucket(one, context).name != "aws":
            yield Finding(
                ("network",),
                f"cannot be promised for {one.storage}, the {use} datasource's storage: only AWS documents conditions "
                "on where a request comes from; leave it out",
            )


def _over_the_input(grant: LightlyGrant, one: Datasource, other: Datasource, context: Context) -> Iterator[Finding]:
    """Where Lightly could write over originals, the grant's or another's, or takes its own thumbnails for some."""
    inputs = {"the input": one}
    for beside in map(_typed, context.others.values()):
        inputs |= {f"the input of {beside.name}": beside.input} if beside.input else {}
    written, place = other.prefix, _bucket(other, context).place
    overlaps = {
        whose: found.prefix
        for whose, found in inputs.items()
        if _bucket(found, context).place == place
        and (found.prefix.startswith(written) or written.startswith(found.prefix))
    }
    for whose, read in overlaps.items() if "writes-over-input" not in grant.accept else ():
        where = "inside" if written.startswith(read) else "around"
        where = f"is {whose}'s own folder" if written == read else f"lies {where} {whose}'s {read}"
        yield Finding(
            ("lightly", "prefix"),
            f"{where}, so that Lightly could write over and delete originals; name another folder, or add "
            "accept: [writes-over-input]",
        )
        break  # one is enough: another folder has to lie outside of all
    needed = {
        "writes-over-input": bool(overlaps),
        "list-bucket": "bucket" in (one.list_scope, other.list_scope),
    }
    for number, word in enumerate(grant.accept):
        if not needed[word]:
            yield Finding(("accept", number), "is not needed, since nothing is as wide; leave it out", "warning")


def _shared(one: Datasource, other: Datasource, context: Context) -> Iterator[Finding]:
    """What two datasources cannot share."""
    if _bucket(one, context).whose != _bucket(other, context).whose:
        yield Finding(
            ("shared_credentials",),
            f"needs one account, and {one.storage} and {other.storage} do not belong to the same; leave it out",
        )


PLATFORM = Lightly()
