"""aws:kms/grant:Grant."""

from __future__ import annotations

from typing import Any

from sandbox.providers.standin import Gone, Properties, ResourceType


class Grant(ResourceType):
    """Lets a principal use a key; everything about it is decided when it is made."""

    name = "aws:kms/grant:Grant"
    inputs = frozenset({"keyId", "granteePrincipal", "name", "operations", "constraints", "region"})
    computed = frozenset({"region"})
    replace = inputs

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Makes the grant, or finds the equal one of that name, as KMS does; the id is the key's and its own."""
        context = [one["encryptionContextSubset"] for one in inputs.get("constraints") or []]
        wanted = {
            "Name": inputs["name"],
            "GranteePrincipal": inputs["granteePrincipal"],
            "Operations": inputs["operations"],
            **({"Constraints": {"EncryptionContextSubset": context[0]}} if context else {}),
        }
        kms = cloud.client("kms", inputs.get("region"))
        for one in kms.list_grants(KeyId=inputs["keyId"])["Grants"]:
            if all(one.get(key) == value for key, value in wanted.items()):
                return f"{inputs['keyId']}:{one['GrantId']}"
        answer = kms.create_grant(KeyId=inputs["keyId"], **wanted)
        return f"{inputs['keyId']}:{answer['GrantId']}"

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The grant as KMS lists it."""
        key, grant = identity.rsplit(":", 1)
        kms = cloud.client("kms", region)
        try:
            found = [one for one in kms.list_grants(KeyId=key)["Grants"] if one["GrantId"] == grant]
        except kms.exceptions.NotFoundException as error:
            raise Gone(str(error)) from None
        if not found:
            raise Gone(identity)
        context = found[0].get("Constraints", {}).get("EncryptionContextSubset")
        return {
            "keyId": key,
            "granteePrincipal": found[0]["GranteePrincipal"],
            "name": found[0]["Name"],
            "operations": found[0]["Operations"],
            "region": region or cloud.region,
            "grantId": grant,
            **({"constraints": [{"encryptionContextSubset": context}]} if context else {}),
        }

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Never asked for, since every input replaces."""
        raise NotImplementedError(f"{identity}: a KMS grant cannot be changed")

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Revokes it."""
        key, grant = identity.rsplit(":", 1)
        cloud.client("kms", inputs.get("region")).revoke_grant(KeyId=key, GrantId=grant)


RESOURCE = Grant()
