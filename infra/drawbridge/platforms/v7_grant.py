"""What a V7 grant's file has."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge.model import Arn, Generations, Model, Prefix
from drawbridge.platforms.interface import Grant
from drawbridge.problems import Path, hidden
from drawbridge.yamlfile import UNSEEN

BLANK_PREFIX = "data/"  # where V7 writes when the form's S3 Prefix is blank
_INTEGRATION = r"(?! )[^\\`|<>]{1,255}(?<! )"


def _integration(value: str) -> str:
    if any(map(hidden, set(value))):
        raise ValueError(UNSEEN)
    if not re.fullmatch(_INTEGRATION, value):
        raise ValueError("must be 1 to 255 characters without \\ ` | < >, and no space at either end")
    return value


Integration = Annotated[
    str, AfterValidator(_integration), WithJsonSchema({"type": "string", "pattern": f"^{_INTEGRATION}$"})
]


class Uploader(Model):
    """A user of the customer's own, for whoever makes thumbnails and frames where V7 only reads."""

    prefix: Prefix = Field(description="the folder that thumbnails and frames are put into")
    generations: Generations = Field([1], description="the keys that are alive; the last is handed over")


class V7Grant(Grant):
    """`platform: v7`."""

    platform: Literal["v7"]
    storage: str = Field(description="an entry of storage.yaml")
    access: Literal["read-only", "read-write"] = Field(description="read-only, or read-write for thumbnails and frames")
    prefixes: list[Prefix] = Field(
        [], max_length=500, description="the folders that V7 reads; none is the whole bucket"
    )
    write_prefix: Prefix | None = Field(None, description="the folder that V7 writes to; data/ unless given")
    write: Literal["location", "everywhere"] = Field(
        "location", description="where V7 may write: to its write location alone, or wherever it reads"
    )
    mirax: bool = Field(False, description="MIRAX slides (.mrxs), for which V7 lists the files beside each")
    list_scope: Literal["prefix", "bucket"] = Field("prefix", description="what V7 may list for MIRAX")
    accept: list[Literal["whole-bucket", "list-bucket"]] = Field(
        [], description="what is wider than a prefix, and accepted"
    )
    auto_registration: bool | None = Field(
        None, description="whether new objects under the prefixes are registered automatically"
    )
    cors: bool | None = Field(None, description="CORS for V7's page; unless given, yes on aws and no on wasabi")
    principal: Arn | None = Field(None, description="who V7 comes as; its documented role or user unless given")
    integration: Integration | None = Field(None, description="the name in V7; the bucket's name unless given")

    uploader: Uploader | None = Field(
        None, description="a user who may put thumbnails and frames, where V7 itself writes nothing"
    )

    @classmethod
    def uses(cls, data: Mapping[str, object]) -> dict[Path, object]:
        """One storage."""
        return {("storage",): data.get("storage")}

    @property
    def writes(self) -> bool:
        """Whether V7 may write."""
        return self.access == "read-write"

    @property
    def location(self) -> str:
        """Where V7 puts thumbnails and frames."""
        return self.write_prefix or BLANK_PREFIX

    @property
    def readable(self) -> list[str]:
        """What V7 may read; "" is everything."""
        own = [self.location] if self.writes else []
        return sorted({*self.prefixes, *own}) if self.prefixes else [""]

    @property
    def writes_everywhere(self) -> bool:
        """Whether V7 may write wherever it reads, as in its own policy; so too where nothing narrows the grant."""
        narrowed = self.prefixes or self.write_prefix or "write" in self.model_fields_set
        return self.writes and (self.write == "everywhere" or not narrowed)

    @property
    def writable(self) -> list[str]:
        """What V7 may write."""
        if not self.writes:
            return []
        return self.readable if self.writes_everywhere else [self.location]

    @property
    def listable(self) -> list[str]:
        """What V7 may list."""
        if not self.mirax:
            return []
        return sorted(self.prefixes) if self.prefixes and self.list_scope == "prefix" else [""]
