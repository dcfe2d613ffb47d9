"""aws:iam/user:User."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import Any

from sandbox.providers.aws.iam import Principal, as_list
from sandbox.providers.standin import Properties


class User(Principal):
    """A user; its keys and what it may are resources of their own, and with forceDestroy end with it all the same."""

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
        """Moves it to its path, and brings tags and boundary to the new inputs."""
        if inputs["name"] != identity:
            raise NotImplementedError("a user of another name keeps its id in the state: it has to be another resource")
        if inputs["path"] != self.read(cloud, identity, None)["path"]:
            self.call(cloud, "update_{}", identity, NewUserName=identity, NewPath=inputs["path"])
        self.bring(cloud, identity, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Deletes it, with forceDestroy after all that it has."""
        if self.call(cloud, "list_groups_for_{}", identity)["Groups"]:
            raise NotImplementedError("the sandbox's stand-in does not take a user out of its groups")
        if inputs.get("forceDestroy"):
            self._empty(cloud, identity)
        self.call(cloud, "delete_{}", identity)

    def _empty(self, cloud: Any, identity: str) -> None:
        """As the real provider does, in its order: internal/service/iam/user.go, resourceUserDelete."""
        iam = cloud.client("iam")
        for name in self.call(cloud, "list_{}_policies", identity)["PolicyNames"]:
            self.call(cloud, "delete_{}_policy", identity, PolicyName=name)
        for policy in self.call(cloud, "list_attached_{}_policies", identity)["AttachedPolicies"]:
            self.call(cloud, "detach_{}_policy", identity, PolicyArn=policy["PolicyArn"])
        for key in self.call(cloud, "list_access_keys", identity)["AccessKeyMetadata"]:
            self.call(cloud, "delete_access_key", identity, AccessKeyId=key["AccessKeyId"])
        for key in self.call(cloud, "list_ssh_public_keys", identity)["SSHPublicKeys"]:
            self.call(cloud, "delete_ssh_public_key", identity, SSHPublicKeyId=key["SSHPublicKeyId"])
        devices = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
        for serial in [one["SerialNumber"] for one in devices if one.get("User", {}).get("UserName") == identity]:
            self.call(cloud, "deactivate_mfa_device", identity, SerialNumber=serial)
            iam.delete_virtual_mfa_device(SerialNumber=serial)
        for device in self.call(cloud, "list_mfa_devices", identity)["MFADevices"]:
            self.call(cloud, "deactivate_mfa_device", identity, SerialNumber=device["SerialNumber"])
        with suppress(iam.exceptions.NoSuchEntityException):
            self.call(cloud, "delete_login_profile", identity)
        for certificate in self.call(cloud, "list_signing_certificates", identity)["Certificates"]:
            self.call(cloud, "delete_signing_certificate", identity, CertificateId=certificate["CertificateId"])
        for one in self.call(cloud, "list_service_specific_credentials", identity)["ServiceSpecificCredentials"]:
            number = one["ServiceSpecificCredentialId"]
            self.call(cloud, "delete_service_specific_credential", identity, ServiceSpecificCredentialId=number)


RESOURCE = User()
