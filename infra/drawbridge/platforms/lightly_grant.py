"""What a Lightly grant's file has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from drawbridge.model import Generations, Model, Prefix
from drawbridge.platforms.interface import Grant
from drawbridge.problems import Path

# lightly 1.5.26, openapi_generated/swagger_client/models/dataset_create_request.py
DATASET = r"[a-zA-Z0-9][a-zA-Z0-9 _-]{2,}"
DATASET_RULE = "must be at least 3 letters, digits, spaces, _ and -, with a letter or digit first, as Lightly takes it"
_VPC = r"vpc-[0-9a-f]{8,17}"
_FOLDER = r"/(?:[A-Za-z0-9][A-Za-z0-9._-]*/?)+"
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}"


def wrong_dataset(name: str) -> bool:
    """Whether Lightly would refuse a dataset of that name."""
    return not re.fullmatch(DATASET, name)


def _dataset(value: str) -> str:
    if wrong_dataset(value):
        raise ValueError(DATASET_RULE)
    return value


def _address(value: str) -> str:
    """An address or a network in CIDR, as aws:SourceIp takes it, written plainly and narrower than everything."""
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError("must be a network such as 203.0.113.0/24, with no bit set beside its mask") from error
    if network.prefixlen == 0:
        raise ValueError("is everybody's address; leave network out, or name yours")
    return value


def _vpc(value: str) -> str:
    if not re.fullmatch(_VPC, value):
        raise ValueError("must be the id of a VPC, such as vpc-0a1b2c3d4e5f60718")
    return value


def _folder(value: str) -> str:
    if not re.fullmatch(_FOLDER, value):
        raise ValueError("must be a folder of the worker's machine, such as /data/berlin, without spaces")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(_HOST, value):
        raise ValueError("must be a host name or an address, such as localhost")
    return value


Dataset = Annotated[str, AfterValidator(_dataset), WithJsonSchema({"type": "string", "pattern": f"^{DATASET}$"})]
Address = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "examples": ["203.0.113.0/24"]})]
Vpc = Annotated[str, AfterValidator(_vpc), WithJsonSchema({"type": "string", "pattern": f"^{_VPC}$"})]
Folder = Annotated[str, AfterValidator(_folder), WithJsonSchema({"type": "string", "pattern": f"^{_FOLDER}$"})]
Host = Annotated[str, AfterValidator(_host), WithJsonSchema({"type": "string", "pattern": f"^{_HOST}$"})]
Accept = Literal["list-bucket", "writes-over-input"]


class Datasource(Model):
    """One datasource of a Lightly dataset."""

    storage: str = Field(description="an entry of storage.yaml")
    prefix: Prefix = Field(description="the folder; Lightly sees nothing outside of it")
    auth: Literal["assume-role", "access-keys"] = Field(description="assume-role on aws, or access-keys")
    generations: Generations = Field(
        [1], description="the external ids or keys that are alive; the last is handed over"
    )
    list_scope: Literal["prefix", "bucket"] = Field("prefix", description="what Lightly may list")


class LightlyDatasource(Datasource):
    """The datasource that Lightly writes to."""

    delete: bool = Field(True, description="whether Lightly may delete what it wrote")


class Network(Model):
    """Where requests for objects have to come from; each of the two is enough."""

    source_ip: list[Address] = Field([], max_length=50, description="public addresses or networks in CIDR")
    source_vpc: list[Vpc] = Field([], max_length=50, description="VPCs with an endpoint for S3")

    @property
    def ways(self) -> dict[str, tuple[str, ...]]:
        """Those that are given, by a word for each."""
        return {word: tuple(found) for word, found in (("Ip", self.source_ip), ("Vpc", self.source_vpc)) if found}


class Local(Model):
    """Data on the worker's machine, which its own server shows to the browser; no cloud is involved."""

    input_mount: Folder = Field(description="the folder with the images or videos")
    lightly_mount: Folder = Field(description="the folder where Lightly keeps what it makes")
    host: Host = Field("localhost", description="where lightly-serve listens")
    port: int = Field(3456, ge=1, le=65535, description="on which port")


class LightlyGrant(Grant):
    """`platform: lightly`."""

    platform: Literal["lightly"]
    input: Datasource | None = Field(None, description="what Lightly lists and reads")
    lightly: LightlyDatasource | None = Field(
        None, description="where Lightly keeps thumbnails, frames, predictions and metadata"
    )
    local: Local | None = Field(None, description="folders of the worker's machine, in the place of input and lightly")
    shared_credentials: bool = Field(False, description="one role or user for both datasources")
    network: Network | None = Field(None, description="networks that objects are read and written from; lists are not")
    dataset: Dataset | None = Field(None, description="the name in Lightly; the grant's unless given")
    dataset_type: Literal["images", "videos"] = Field("images", description="what the input holds")
    accept: list[Accept] = Field([], description="what is wider than a folder, and accepted")

    @classmethod
    def uses(cls, data: Mapping[str, object]) -> dict[Path, object]:
        """Two storages, or twice the same; none for local data."""
        parts = {use: data[use] for use in ("input", "lightly") if use in data}
        return {(use, "storage"): part.get("storage") for use, part in parts.items() if isinstance(part, dict)}

    @property
    def datasources(self) -> dict[str, Datasource]:
        """Those in a storage, by what they are for."""
        both: dict[str, Datasource | None] = {"input": self.input, "lightly": self.lightly}
        return {use: one for use, one in both.items() if one}
