"""V7 Darwin: its own principal is let in by the bucket policy, to read, or to read and write back thumbnails."""

import json
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from drawbridge import templates
from drawbridge.access import Access, CorsRule, Principal, Verb
from drawbridge.model import Prefix
from drawbridge.platforms.interface import Grant, Platform, Settings
from drawbridge.problems import Finding
from drawbridge.storage.interface import Storage
from drawbridge.storage.s3 import S3Bucket

# Names as V7's own pages give them (docs.v7labs.com, "Wasabi S3 Configuration" and "AWS S3 Configuration").
PRINCIPALS = {
    "aws": Principal("arn:aws:iam::258327614892:role/external_s3", "role external_s3 of account 258327614892"),
    "wasabi": Principal("arn:aws:iam::100000274636:user/darwin", "user darwin of account 100000274636"),
}
PROVIDERS = {"aws": "AWS S3", "wasabi": "Wasabi"}  # as V7's form calls them
DOCUMENT, READ, WRITE = "PolicyForExternalAccess", "DarwinAccess", "DarwinWrite"
BLANK_PREFIX = "data/"  # where V7 writes when the form's S3 Prefix is blank
# The browser loads objects straight from the bucket. Wasabi has a CORS default that allows it; setting rules there
# would replace the default (docs.wasabi.com, "Cross-Origin Resource Sharing").
CORS = CorsRule("DarwinBrowser", ("https://darwin.v7labs.com",), ("GET", "PUT"), ("*",))
CORS_BY_DEFAULT = {"aws": True, "wasabi": False}


class V7Grant(Grant):
    """`platform: v7`."""

    platform: Literal["v7"]
    storage: str = Field(description="an entry of storage.yaml")
    access: Literal["read-only", "read-write"] = Field(description="read-only, or read-write for thumbnails and frames")
    prefixes: list[Prefix] = Field([], description="the folders that V7 reads; none is the whole bucket")
    write_prefix: Prefix | None = Field(None, description="the folder that V7 writes to; data/ unless given")
    accept: list[Literal["whole-bucket"]] = Field([], description="what is wider than a prefix, and accepted")
    cors: bool | None = Field(None, description="CORS for V7's page; unless given, yes on aws and no on wasabi")

    def uses(self) -> dict[tuple[str | int, ...], str]:
        """One storage."""
        return {("storage",): self.storage}

    @property
    def writes(self) -> bool:
        """Whether V7 may write."""
        return self.access == "read-write"

    @property
    def reads_everything(self) -> bool:
        """Whether no prefix limits what is read."""
        return not self.prefixes

    @property
    def write_location(self) -> str:
        """Where V7 writes; "" is anywhere, as in V7's own policy for a whole bucket."""
        if self.write_prefix:
            return self.write_prefix
        return "" if self.reads_everything else BLANK_PREFIX


class V7(Platform):
    """V7 Darwin on S3."""

    name = "v7"
    title = "V7 Darwin"
    grant = V7Grant
    auth = dict.fromkeys(PRINCIPALS, "bucket-policy")

    def check(self, grant: Grant, storages: Mapping[str, Storage]) -> Iterator[Finding]:
        """Names that V7 cannot reach, keys that contradict each other, and width that is not accepted."""
        grant, storage = _typed(grant, storages)
        if "." in storage.bucket:
            yield Finding(
                ("storage",),
                f"has the bucket {storage.bucket}, and V7 cannot reach a name with dots (virtual-host-style HTTPS); "
                "use another bucket",
            )
        if grant.write_prefix and not grant.writes:
            yield Finding(("write_prefix",), "has no meaning with access: read-only; leave it out, or use read-write")
        if grant.reads_everything and "whole-bucket" not in grant.accept:
            yield Finding(
                (),
                f"lets V7 {'read and write' if grant.writes and not grant.write_prefix else 'read'} the whole bucket, "
                "since it has no prefixes; "
                "add prefixes: [studies/], or accept: [whole-bucket]",
            )
        if grant.prefixes and "whole-bucket" in grant.accept:
            at = ("accept", grant.accept.index("whole-bucket"))
            yield Finding(at, "is not needed, since prefixes limit the grant; leave it out", "warning")
        for prefix in grant.prefixes if grant.writes else []:
            if grant.write_location.startswith(prefix):
                yield Finding(
                    ("write_prefix",) if grant.write_prefix else ("prefixes", grant.prefixes.index(prefix)),
                    f"V7 writes to {grant.write_location}, inside {prefix}, which it reads: if new objects there are "
                    "registered automatically, its own thumbnails are registered again and again",
                    "warning",
                )

    def accesses(self, grant: Grant, storages: Mapping[str, Storage]) -> list[Access]:
        """V7's own statement, or, with prefixes, one for reading and one for writing back."""
        grant, storage = _typed(grant, storages)

        def access(statement: str, verbs: tuple[Verb, ...], *prefixes: str) -> Access:
            principal, auth = PRINCIPALS[storage.name], self.auth[storage.name]
            return Access(grant.name, grant.storage, auth, principal, DOCUMENT, statement, verbs, prefixes)

        if not grant.writes:
            return [access(READ, ("read",), *(sorted(grant.prefixes) or [""]))]
        if grant.write_location == "":
            return [access(READ, ("read", "write"), "")]
        read = sorted({*grant.prefixes, grant.write_location}) if grant.prefixes else [""]
        return [access(READ, ("read",), *read), access(WRITE, ("write",), grant.write_location)]

    def cors(self, grant: Grant, storages: Mapping[str, Storage]) -> dict[str, CorsRule]:
        """One rule, where the storage needs it or the grant asks for it."""
        grant, storage = _typed(grant, storages)
        wanted = CORS_BY_DEFAULT[storage.name] if grant.cors is None else grant.cors
        return {grant.storage: CORS} if wanted else {}

    def settings(self, grant: Grant, storages: Mapping[str, Storage]) -> Settings:
        """The fields of V7's form "New Storage Integration", as a sheet to read and as JSON."""
        grant, storage = _typed(grant, storages)
        fields = {
            "Storage provider": PROVIDERS[storage.name],
            "Name": storage.bucket,
            "S3 Bucket": storage.bucket,
            # With its last slash: V7's pages do not say whether it adds one, and without it a key such as
            # darwin-thumbnail.png would lie outside what is granted.
            "S3 Prefix": (grant.write_prefix or "") if grant.writes else "",
            "S3 Region": storage.region,
        }
        sheet = templates.text(
            "v7-storage-integration.md.j2",
            grant=grant,
            fields=fields,
            principal=PRINCIPALS[storage.name],
            accesses=self.accesses(grant, storages),
            writes_to=grant.write_prefix or BLANK_PREFIX,
        )
        return Settings(
            files={
                "v7-storage-integration.md": sheet,
                "v7-storage-integration.json": json.dumps(fields, indent=2, ensure_ascii=False) + "\n",
            },
            hint="Settings > Storage > New Storage Integration in V7 Darwin",
        )


def _typed(grant: Grant, storages: Mapping[str, Storage]) -> tuple[V7Grant, S3Bucket]:
    """The grant and its storage as what they are: the loader matches models and kinds by `grant` and `auth`."""
    assert isinstance(grant, V7Grant)  # noqa: S101
    storage = storages[grant.storage]
    assert isinstance(storage, S3Bucket)  # noqa: S101
    return grant, storage


PLATFORM = V7()
