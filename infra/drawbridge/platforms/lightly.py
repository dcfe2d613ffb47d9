"""Lightly: two datasources, one that it lists and reads, one that it also writes to, each with a way in of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge.access import Access, Verb
from drawbridge.auth.interface import Wanted
from drawbridge.model import Model, Prefix
from drawbridge.platforms import lightly_settings
from drawbridge.platforms.interface import Context, Grant, Platform, Settings
from drawbridge.problems import Finding, Path
from drawbridge.storage.s3 import S3Bucket
from drawbridge.verify.tries import Light

ACCOUNT = "916419735646"  # docs.lightly.ai, "AWS S3", delegated access
LONGEST_SESSION = 43200  # 12 hours; with less, Lightly cannot reach the data (the same page)
# lightly 1.5.26, openapi_generated/swagger_client/models/s3_region.py
REGIONS = frozenset(
    [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "af-south-1",
        "ap-east-1",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ca-central-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-central-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "me-south-1",
        "me-central-1",
        "sa-east-1",
    ]
)
LIST, OBJECTS = "LightlyList", "LightlyObjects"
SHORTEST_DATASET = 3  # lightly 1.5.26, openapi_generated/swagger_client/models/dataset_create_request.py
_DATASET = r"[a-zA-Z0-9][a-zA-Z0-9 _-]{2,}"


def _generations(value: list[int]) -> list[int]:
    if not value or any(one < 1 for one in value) or value != sorted(set(value)):
        raise ValueError("must be numbers from 1 on, each greater than the one before, such as [1] or [1, 2]")
    return value


Generations = Annotated[
    list[int],
    AfterValidator(_generations),
    WithJsonSchema({"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "uniqueItems": True}),
]
Auth = Literal["assume-role", "access-keys"]


class Datasource(Model):
    """One datasource of a Lightly dataset."""

    storage: str = Field(description="an entry of storage.yaml")
    prefix: Prefix = Field(description="the folder; Lightly sees nothing outside of it")
    auth: Auth = Field(description="assume-role on aws, or access-keys")
    generations: Generations = Field(
        [1], description="the external ids or keys that are alive; the last is handed over"
    )
    list_scope: Literal["prefix", "bucket"] = Field("prefix", description="what Lightly may list")


class LightlyDatasource(Datasource):
    """The datasource that Lightly writes to."""

    delete: bool = Field(True, description="whether Lightly may delete what it wrote")


class LightlyGrant(Grant):
    """`platform: lightly`."""

    platform: Literal["lightly"]
    input: Datasource = Field(description="what Lightly lists and reads")
    lightly: LightlyDatasource = Field(description="where Lightly keeps thumbnails, frames, predictions and metadata")
    dataset: str | None = Field(
        None, pattern=f"^{_DATASET}$", description="the name in Lightly; the grant's unless given"
    )
    dataset_type: Literal["images", "videos"] = Field("images", description="what the input holds")
    accept: list[Literal["list-bucket", "writes-over-input"]] = Field(
        [], description="what is wider than a folder, and accepted"
    )

    @classmethod
    def uses(cls, data: Mapping[str, object]) -> dict[Path, object]:
        """Two storages, or twice the same."""
        found: dict[Path, object] = {}
        for use in ("input", "lightly"):
            part = data.get(use)
            found[(use, "storage")] = part.get("storage") if isinstance(part, dict) else None
        return found

    @property
    def datasources(self) -> dict[str, Datasource]:
        """Both, by what they are for."""
        return {"input": self.input, "lightly": self.lightly}


class Lightly(Platform):
    """Lightly on S3."""

    name = "lightly"
    title = "Lightly"
    grant = LightlyGrant
    auth = MappingProxyType({"aws": ("assume-role", "access-keys")})
    statements = ()
    lights: Mapping[Light, str] = MappingProxyType(
        {"list": "can_list", "read": "can_read", "write": "can_write", "overwrite": "can_overwrite"}
    )

    def check(self, grant: Grant, context: Context) -> Iterator[Finding]:
        """Regions and ways in that Lightly does not know, originals within its reach, width that is not accepted."""
        grant = _typed(grant)
        if grant.dataset is None and len(grant.name) < SHORTEST_DATASET:
            yield Finding(("name",), f"has less than {SHORTEST_DATASET} characters, as Lightly asks for; add dataset")
        for use, one in grant.datasources.items():
            storage = _bucket(one, context)
            if one.auth not in self.auth[storage.name]:
                allowed = ", ".join(self.auth[storage.name])
                yield Finding((use, "auth"), f"is no way into {one.storage} ({storage.name}); possible: {allowed}")
            if storage.region not in REGIONS:
                yield Finding((use, "storage"), f"lies in {storage.region}, which Lightly's form does not know")
            if one.list_scope == "bucket" and "list-bucket" not in grant.accept:
                yield Finding(
                    (use, "list_scope"),
                    "lets Lightly list the names of everything in the bucket; leave it out, or add "
                    "accept: [list-bucket]",
                )
        same = _bucket(grant.input, context).place == _bucket(grant.lightly, context).place
        if same and grant.input.prefix.startswith(grant.lightly.prefix) and "writes-over-input" not in grant.accept:
            yield Finding(
                ("lightly", "prefix"),
                f"holds {grant.input.prefix}, so Lightly could write over and delete the originals; name another "
                "folder, or add accept: [writes-over-input]",
            )
        elif same and grant.lightly.prefix.startswith(grant.input.prefix):
            yield Finding(
                ("lightly", "prefix"),
                f"lies inside {grant.input.prefix}, so Lightly takes its own thumbnails for input; name another folder",
                "warning",
            )

    def identities(self, grant: Grant, context: Context) -> list[Wanted]:
        """One for each datasource."""
        return [_wanted(_typed(grant), use, context) for use in _typed(grant).datasources]

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
        delete: tuple[Verb, ...] = ("delete",) if grant.lightly.delete else ()
        verbs: dict[str, tuple[Verb, ...]] = {"input": ("read",), "lightly": ("read", "write", *delete)}
        found = []
        for use, one in grant.datasources.items():
            principal = context.principal(_wanted(grant, use, context))
            for statement, may in ((LIST, ("list",)), (OBJECTS, verbs[use])):
                wide = statement == LIST and one.list_scope == "bucket"
                prefixes, accepted = ("",) if wide else (one.prefix,), "list-bucket" if wide else ""
                found.append(
                    Access(grant.name, one.storage, one.auth, principal, "", statement, may, prefixes, accepted)
                )
        return found

    def settings(self, grant: Grant, context: Context) -> Settings:
        """A payload of Lightly's REST API for each datasource, and a script for its client."""
        grant = _typed(grant)
        return lightly_settings.settings(
            grant.name,
            grant.dataset or grant.name,
            grant.dataset_type,
            {
                use: lightly_settings.Source(
                    _wanted(grant, use, context),
                    one.prefix,
                    _bucket(one, context),
                    one.list_scope,
                    delete=grant.lightly.delete,
                )
                for use, one in grant.datasources.items()
            },
        )

    def cors(self, grant: Grant, context: Context) -> dict[str, object]:  # type: ignore[override]
        """None: no document of Lightly's asks for rules."""
        del grant, context
        return {}


def _typed(grant: Grant) -> LightlyGrant:
    assert isinstance(grant, LightlyGrant)  # noqa: S101  the loader matches models by their platform
    return grant


def _bucket(datasource: Datasource, context: Context) -> S3Bucket:
    storage = context.storages[datasource.storage]
    assert isinstance(storage, S3Bucket)  # noqa: S101  the loader matches kinds by `auth`
    return storage


def _wanted(grant: LightlyGrant, use: str, context: Context) -> Wanted:
    one = grant.datasources[use]
    return Wanted(
        f"{grant.name}-{use}",
        one.auth,
        _bucket(one, context),
        tuple(one.generations),
        trusted=ACCOUNT,
        longest_session=LONGEST_SESSION,
    )


PLATFORM = Lightly()
