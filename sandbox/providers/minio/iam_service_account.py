"""minio:index/iamServiceAccount:IamServiceAccount."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import compact, gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType


class IamServiceAccount(ResourceType):
    """A key that may what its user may; its id is that of the key."""

    name = "minio:index/iamServiceAccount:IamServiceAccount"
    inputs = frozenset({"targetUser", "disableUser", "updateSecret", "policy"})
    defaults = MappingProxyType({"disableUser": False, "updateSecret": False})
    replace = frozenset({"targetUser"})

    def create(self, cloud: Any, inputs: Properties) -> tuple[str, Properties]:
        """Makes it."""
        if "policy" in inputs:
            raise NotImplementedError("the sandbox's stand-in gives a service account no policy of its own")
        made = cloud.iam.create_access_key(UserName=inputs["targetUser"])["AccessKey"]
        return made["AccessKeyId"], {"secretKey": made["SecretAccessKey"]}

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Whose it is, with the user's policy, which the real provider takes for the account's own.

        The real one fails where the account is gone, and must be mended by hand: a sandbox forgets with each start.
        """
        del region
        with gone_when_missing(cloud.iam):
            user = cloud.iam.get_access_key_last_used(AccessKeyId=identity)["UserName"]
            keys = cloud.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        if identity not in [key["AccessKeyId"] for key in keys]:
            raise Gone(identity)
        found = {"targetUser": user, "accessKey": identity, "status": "on"}
        for policy in cloud.iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            version = cloud.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = cloud.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            found["policy"] = compact(document)
        return found

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Nothing that the program gives can change without another account."""
        raise NotImplementedError(f"the sandbox's stand-in does not change {identity} ({', '.join(inputs)})")

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it, unless it is gone with its user."""
        with suppress(Gone), gone_when_missing(cloud.iam):
            cloud.iam.delete_access_key(UserName=inputs["targetUser"], AccessKeyId=identity)


RESOURCE = IamServiceAccount()
