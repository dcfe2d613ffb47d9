"""minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sandbox.providers.aws.iam import gone_when_missing
from sandbox.providers.standin import Gone, Properties, ResourceType


class IamUserPolicyAttachment(ResourceType):
    """That a user has a policy; its id is `user/policy`."""

    name = "minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment"
    inputs = frozenset({"userName", "policyName"})
    replace = frozenset({"userName", "policyName"})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Gives it to the user."""
        cloud.iam.attach_user_policy(UserName=inputs["userName"], PolicyArn=cloud.policy(inputs["policyName"]))
        return f"{inputs['userName']}/{inputs['policyName']}"

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """Whether the user has it; the real provider fails where the user is gone, and must be mended by hand."""
        del region
        user, policy = identity.split("/")
        with gone_when_missing(cloud.iam):
            found = cloud.iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
        if policy not in [one["PolicyName"] for one in found]:
            raise Gone(identity)
        return {"userName": user, "policyName": policy}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Another user or policy is another attachment."""
        raise NotImplementedError(f"{identity} cannot become {inputs}")

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Takes it from the user, unless it is gone with them."""
        del inputs
        user, policy = identity.split("/")
        with suppress(Gone), gone_when_missing(cloud.iam):
            cloud.iam.detach_user_policy(UserName=user, PolicyArn=cloud.policy(policy))


RESOURCE = IamUserPolicyAttachment()
