"""aws:iam/accessKey:AccessKey."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType


class AccessKey(ResourceType):
    """A key of a user; its secret is told once."""

    name = "aws:iam/accessKey:AccessKey"
    inputs = frozenset({"user", "status"})
    defaults = MappingProxyType({"status": "Active"})
    replace = frozenset({"user"})

    def create(self, cloud: Any, inputs: Properties) -> tuple[str, Properties]:
        """Makes it."""
        made = cloud.client("iam").create_access_key(UserName=inputs["user"])["AccessKey"]
        return made["AccessKeyId"], {"secret": made["SecretAccessKey"]}

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Whose it is, and whether it is active; asked so only where the key is imported."""
        del region
        iam = cloud.client("iam")
        with gone_when_missing(iam):
            user = iam.get_access_key_last_used(AccessKeyId=identity)["UserName"]
        return self.known(cloud, identity, {"user": user})

    def known(self, cloud: Any, identity: str, properties: Properties) -> Properties:
        """Whether it is active."""
        user, iam = properties["user"], cloud.client("iam")
        with gone_when_missing(iam):
            found = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        for key in found:
            if key["AccessKeyId"] == identity:
                return {"user": user, "status": key["Status"]}
        raise Gone(identity)

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Switches it on or off."""
        iam = cloud.client("iam")
        iam.update_access_key(UserName=inputs["user"], AccessKeyId=identity, Status=inputs["status"])

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it."""
        cloud.client("iam").delete_access_key(UserName=inputs["user"], AccessKeyId=identity)


RESOURCE = AccessKey()
