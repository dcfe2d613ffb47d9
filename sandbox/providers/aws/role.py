"""aws:iam/role:Role."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import Principal, as_list, compact
from sandbox.providers.standin import Properties


class Role(Principal):
    """A role with its trust policy; what it may are resources of their own."""

    name, kind = "aws:iam/role:Role", "Role"
    inputs = frozenset(
        {"name", "path", "assumeRolePolicy", "maxSessionDuration", "permissionsBoundary", "tags", "forceDetachPolicies"}
    )
    replace = frozenset({"name", "path"})
    defaults = MappingProxyType({"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False})

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Makes it."""
        boundary = {"PermissionsBoundary": inputs["permissionsBoundary"]} if inputs.get("permissionsBoundary") else {}
        cloud.client("iam").create_role(
            RoleName=inputs["name"],
            Path=inputs["path"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            Tags=as_list(inputs.get("tags")),
            **boundary,
        )
        return str(inputs["name"])

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The role as it is."""
        del region
        found, common = self.common(cloud, identity)
        # The real provider also reads what stands in the role and what is attached to it.
        for name in self.call(cloud, "list_{}_policies", identity)["PolicyNames"]:
            self.call(cloud, "get_{}_policy", identity, PolicyName=name)
        self.call(cloud, "list_attached_{}_policies", identity)
        return {
            **common,
            "assumeRolePolicy": compact(found["AssumeRolePolicyDocument"]),
            "maxSessionDuration": found["MaxSessionDuration"],
        }

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Brings trust policy, longest session, tags and boundary to the new inputs."""
        live, trust, longest = (
            self.read(cloud, identity, None),
            inputs["assumeRolePolicy"],
            inputs["maxSessionDuration"],
        )
        if trust != live["assumeRolePolicy"]:
            self.call(cloud, "update_assume_{}_policy", identity, PolicyDocument=trust)
        if longest != live["maxSessionDuration"]:
            self.call(cloud, "update_{}", identity, MaxSessionDuration=longest)
        self.bring(cloud, identity, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it, with forceDetachPolicies after its policies; as internal/service/iam/role.go, deleteRole."""
        self.call(cloud, "list_instance_profiles_for_{}", identity)
        if inputs.get("forceDetachPolicies"):
            for policy in self.call(cloud, "list_attached_{}_policies", identity)["AttachedPolicies"]:
                self.call(cloud, "detach_{}_policy", identity, PolicyArn=policy["PolicyArn"])
            for name in self.call(cloud, "list_{}_policies", identity)["PolicyNames"]:
                self.call(cloud, "delete_{}_policy", identity, PolicyName=name)
        self.call(cloud, "delete_{}", identity)


RESOURCE = Role()
