"""What the resource types of IAM share: who is gone, tags, and policies that stand inside a role or user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.providers.standin import Gone, Properties, ResourceType


@contextmanager
def gone_when_missing(iam: Any) -> Iterator[None]:
    """Turns IAM's error for what is not there into Gone."""
    try:
        yield
    except iam.exceptions.NoSuchEntityException as error:
        raise Gone(str(error)) from None


def compact(document: Any) -> str:
    """A policy as the program writes it; IAM gives back data."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def as_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags as IAM takes them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def as_mapping(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """Tags as the provider has them."""
    return {tag["Key"]: tag["Value"] for tag in tags or []}


class Principal(ResourceType):
    """A role or a user; its id is its name."""

    kind: str

    def call(self, cloud: Any, operation: str, name: str, **more: Any) -> Any:
        """An operation about one of them, such as get_role."""
        return getattr(cloud.client("iam"), operation.format(self.kind.lower()))(**{f"{self.kind}Name": name}, **more)

    def common(self, cloud: Any, identity: str) -> tuple[dict[str, Any], Properties]:
        """What IAM says of it, and what both kinds have; raises Gone."""
        with gone_when_missing(cloud.client("iam")):
            found = self.call(cloud, "get_{}", identity)[self.kind]
        tags = as_mapping(found.get("Tags"))
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return found, {
            "name": identity,
            "path": found["Path"],
            "arn": found["Arn"],
            "uniqueId": found[f"{self.kind}Id"],
            "tagsAll": tags,
            **({"tags": tags} if tags else {}),
            **({"permissionsBoundary": boundary} if boundary else {}),
        }

    def bring(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Its tags and its boundary, each only where it is another one, as the real provider does."""
        live = self.common(cloud, identity)[1]
        wanted, there = inputs.get("tags") or {}, live.get("tags", {})
        if dropped := sorted(set(there) - set(wanted)):
            self.call(cloud, "untag_{}", identity, TagKeys=dropped)
        if changed := {key: value for key, value in wanted.items() if there.get(key) != value}:
            self.call(cloud, "tag_{}", identity, Tags=as_list(changed))
        boundary = inputs.get("permissionsBoundary")
        if boundary and boundary != live.get("permissionsBoundary"):
            self.call(cloud, "put_{}_permissions_boundary", identity, PermissionsBoundary=boundary)
        elif not boundary and live.get("permissionsBoundary"):
            self.call(cloud, "delete_{}_permissions_boundary", identity)


class InlinePolicy(ResourceType):
    """A policy inside a role or user; its id is `owner:name`, as the provider's."""

    kind: str
    replace: frozenset[str] = frozenset({"name", "role", "user"})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Puts it."""
        owner = inputs[self.kind]
        put = getattr(cloud.client("iam"), f"put_{self.kind}_policy")
        put(**{f"{self.kind.title()}Name": owner}, PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
        return f"{owner}:{inputs['name']}"

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The policy as it is."""
        del region
        owner, name = identity.rsplit(":", 1)
        iam = cloud.client("iam")
        with gone_when_missing(iam):
            get = getattr(iam, f"get_{self.kind}_policy")
            found = get(**{f"{self.kind.title()}Name": owner}, PolicyName=name)
        return {self.kind: owner, "name": name, "policy": compact(found["PolicyDocument"])}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Puts it again."""
        del identity
        self.create(cloud, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Takes it away."""
        del inputs
        owner, name = identity.rsplit(":", 1)
        delete = getattr(cloud.client("iam"), f"delete_{self.kind}_policy")
        delete(**{f"{self.kind.title()}Name": owner}, PolicyName=name)
