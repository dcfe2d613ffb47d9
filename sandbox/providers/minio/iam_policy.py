"""minio:index/iamPolicy:IamPolicy."""

from __future__ import annotations

from typing import Any

from sandbox.providers.aws.iam import compact, gone_when_missing
from sandbox.providers.standin import Properties, ResourceType


class IamPolicy(ResourceType):
    """A policy; its id is its name."""

    name = "minio:index/iamPolicy:IamPolicy"
    inputs = frozenset({"name", "policy"})
    replace = frozenset({"name"})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Puts it, over one of that name too, as MinIO does."""
        try:
            cloud.iam.create_policy(PolicyName=inputs["name"], PolicyDocument=inputs["policy"])
        except cloud.iam.exceptions.EntityAlreadyExistsException:
            self.update(cloud, inputs["name"], inputs)
        return str(inputs["name"])

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The policy as it is."""
        del region
        arn = cloud.policy(identity)
        with gone_when_missing(cloud.iam):
            version = cloud.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = cloud.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        return {"name": identity, "policy": compact(found["Document"])}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Puts it again; IAM would keep the old ones as versions."""
        arn = cloud.policy(identity)
        cloud.iam.create_policy_version(PolicyArn=arn, PolicyDocument=inputs["policy"], SetAsDefault=True)
        for version in cloud.iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                cloud.iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Removes it."""
        del inputs
        cloud.iam.delete_policy(PolicyArn=cloud.policy(identity))


RESOURCE = IamPolicy()
