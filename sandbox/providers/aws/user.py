"""aws:iam/user:User."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import Principal, as_list
from sandbox.providers.standin import Properties


class User(Principal):
    """A user; its keys and what it may are resources of their own."""

    name, kind = "aws:iam/user:User", "User"
    inputs = frozenset({"name", "path", "permissionsBoundary", "tags", "forceDestroy"})
    defaults = MappingProxyType({"path": "/", "forceDestroy": False})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Makes it."""
        boundary = {"PermissionsBoundary": inputs["permissionsBoundary"]} if inputs.get("permissionsBoundary") else {}
        tags = as_list(inputs.get("tags"))
        cloud.client("iam").create_user(UserName=inputs["name"], Path=inputs["path"], Tags=tags, **boundary)
        return str(inputs["name"])

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The user as it is."""
        del region
        return self.common(cloud, identity)[1]

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Brings tags and boundary to the new inputs."""
        self.bring(cloud, identity, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it; its keys and policies are gone by then."""
        if inputs.get("forceDestroy"):
            raise NotImplementedError("the sandbox's stand-in does not take what a user has with it (forceDestroy)")
        self.call(cloud, "list_groups_for_{}", identity)
        self.call(cloud, "delete_{}", identity)


RESOURCE = User()
