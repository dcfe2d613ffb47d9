"""minio:index/iamUser:IamUser."""

from __future__ import annotations

import secrets
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType


class IamUser(ResourceType):
    """A user; its id is its name. The secret with which it could sign is told, and has no key here."""

    name = "minio:index/iamUser:IamUser"
    inputs = frozenset({"name", "forceDestroy", "disableUser", "updateSecret"})
    defaults = MappingProxyType({"forceDestroy": False, "disableUser": False, "updateSecret": False})
    replace = frozenset({"name"})

    def create(self, cloud: Any, inputs: Properties) -> tuple[str, Properties]:
        """Makes it; like MinIO, which gives a user that exists another secret, this takes one over."""
        with suppress(cloud.iam.exceptions.EntityAlreadyExistsException):
            cloud.iam.create_user(UserName=inputs["name"])
        return inputs["name"], {"secret": secrets.token_urlsafe(30)}

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Whether it is there."""
        del region
        with gone_when_missing(cloud.iam):
            cloud.iam.get_user(UserName=identity)
        return {"name": identity, "status": "enabled"}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Nothing that the program gives can change without another user."""
        raise NotImplementedError(f"the sandbox's stand-in does not change user {identity} ({', '.join(inputs)})")

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it with its service accounts and without its policies, as MinIO does."""
        del inputs
        with suppress(Gone), gone_when_missing(cloud.iam):
            for key in cloud.iam.list_access_keys(UserName=identity)["AccessKeyMetadata"]:
                cloud.iam.delete_access_key(UserName=identity, AccessKeyId=key["AccessKeyId"])
            for policy in cloud.iam.list_attached_user_policies(UserName=identity)["AttachedPolicies"]:
                cloud.iam.detach_user_policy(UserName=identity, PolicyArn=policy["PolicyArn"])
            cloud.iam.delete_user(UserName=identity)


RESOURCE = IamUser()
