"""What a Lightly grant's file has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema

from drawbridge.model import Generations, Model, Prefix
from drawbridge.platforms.interface import Grant
from drawbridge.problems import Finding, Path

# lightly 1.5.26, openapi_generated/swagger_client/models/dataset_create_request.py
DATASET = r"[a-zA-Z0-9][a-zA-Z0-9 _-]{2,}"
DATASET_RULE = "must be at least 3 letters, digits, spaces, _ and -, with a letter or digit first, as Lightly takes it"
_VPC = r"vpc-[0-9a-f]{8,17}"
_FOLDER = r"(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)+/?"
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}"
# RFC 1918, 6598, 4193 and 4291.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
_WIDEST = {4: 8, 6: 16}  # nobody has more, and 0.0.0.0/1 with 128.0.0.0/1 would be everybody


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def wrong_dataset(name: str) -> bool:
    """Whether Lightly would refuse a dataset of that name."""
    return not re.fullmatch(DATASET, name)


def _dataset(value: str) -> str:
    if wrong_dataset(value):
        raise ValueError(DATASET_RULE)
    return value


def _address(value: str) -> str:
    """An address or a network in CIDR, as aws:SourceIp takes it, written plainly and not wider than anybody's."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise ValueError("must be a public address or network, such as 203.0.113.0/24") from error
    widest = _WIDEST[network.version]
    if network.prefixlen < widest:
        raise ValueError(f"is wider than /{widest}, and so not yours alone; name your own addresses")
    if any(_overlap(network, ipaddress.ip_network(one)) for one in _PRIVATE):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
        raise ValueError("is private, and S3 sees public addresses; write the public one, or the VPC in source_vpc")
    plain = str(network) if "/" in value else str(network.network_address)
    if value != plain:
        raise ValueError(f"must be a network in its plain form; write {plain}")
    return value


def _overlap(one: _Network, other: _Network) -> bool:
    return one.version == other.version and one.overlaps(other)


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
Address = Annotated[
    str,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f.:]+(?:/[1-9][0-9]{0,2})?$", "examples": ["203.0.113.0/24"]}),
]
Vpc = Annotated[str, AfterValidator(_vpc), WithJsonSchema({"type": "string", "pattern": f"^{_VPC}$"})]
Folder = Annotated[str, AfterValidator(_folder), WithJsonSchema({"type": "string", "pattern": f"^{_FOLDER}$"})]
Host = Annotated[str, AfterValidator(_host), WithJsonSchema({"type": "string", "pattern": f"^{_HOST}$"})]
Accept = Literal["list-bucket", "writes-over-input"]
_OF_A_CLOUD = ("input", "lightly", "shared_credentials", "network", "accept")


def _given(**keys: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of what has some keys, each with a schema of its own."""
    return {"required": sorted(keys), "properties": keys}


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

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [_given(source_ip={"minItems": 1}), _given(source_vpc={"minItems": 1})]}
    )
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

    model_config = ConfigDict(
        json_schema_extra={
            "if": _given(local={"type": "object"}),
            "then": {"properties": dict.fromkeys(_OF_A_CLOUD, False)},
            "else": _given(input={"type": "object"}, lightly={"type": "object"}),
            "anyOf": [_given(dataset={"type": "string"}), {"properties": {"name": {"minLength": 3}}}],
        }
    )
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

    def check(self) -> Iterator[Finding]:
        """That there are both datasources and what they need of each other, or local data and nothing of a cloud."""
        if wrong_dataset(self.dataset or self.name):
            message = "is too short for the dataset's name in Lightly, which has 3 characters at least; add dataset"
            yield Finding(("name",), message)
        if self.local:
            for key in _OF_A_CLOUD:
                if key in self.model_fields_set:
                    yield Finding((key,), "has no meaning beside local, which needs no cloud; leave one of them out")
            return
        for use in ("input", "lightly"):
            if use not in self.datasources:
                message = "is missing: Lightly has two datasources, input and lightly; or, without a cloud, give local"
                yield Finding((use,), message)
        if self.network and not self.network.ways:
            yield Finding(("network",), "names no network; give source_ip: [203.0.113.0/24] or source_vpc: [vpc-…]")
        for use, one in self.datasources.items():
            if one.list_scope == "bucket" and "list-bucket" not in self.accept:
                yield Finding(
                    (use, "list_scope"),
                    "lets Lightly list the names of everything in the bucket; leave it out, or add "
                    "accept: [list-bucket]",
                )
        if self.shared_credentials and self.input and self.lightly:
            for key in ("auth", "generations"):
                own, its = getattr(self.input, key), getattr(self.lightly, key)
                if own != its:
                    yield Finding(("lightly", key), f"must be {own} as the input's, since they share their credentials")

    @property
    def datasources(self) -> dict[str, Datasource]:
        """Those in a storage, by what they are for."""
        both: dict[str, Datasource | None] = {"input": self.input, "lightly": self.lightly}
        return {use: one for use, one in both.items() if one}
