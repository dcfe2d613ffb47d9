"""An access key of a user of an IAM that speaks AWS's protocol; its secret is told once, and kept in the state."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult

from drawbridge.resources.base import DynamicResource, Operations, Properties
from drawbridge.resources.user import client


class AccessKeyOperations(Operations):
    """Properties: `connection` (see Store) and `user`; outputs: `access_key`, and `secret_key`, a secret."""

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """A key belongs to one user."""
        moved = ["user"] if _olds.get("user") != _news["user"] else []
        return DiffResult(bool(moved), moved)

    def create(self, props: Properties) -> CreateResult:
        """Makes it."""
        made = client(props).create_access_key(UserName=props["user"])["AccessKey"]
        told = {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"]}
        return CreateResult(made["AccessKeyId"], {**props, **told})

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Whether it is there, and active."""
        iam = client(props)
        try:
            keys = iam.list_access_keys(UserName=props["user"])["AccessKeyMetadata"]
        except iam.exceptions.NoSuchEntityException:
            keys = []
        alive = any(key["AccessKeyId"] == id_ and key["Status"] == "Active" for key in keys)
        return ReadResult(id_ if alive else "", props)

    def delete(self, _id: str, _props: Properties) -> None:
        """Deletes it, unless it is gone with its user."""
        iam = client(_props)
        try:
            iam.delete_access_key(UserName=_props["user"], AccessKeyId=_id)
        except iam.exceptions.NoSuchEntityException:
            return


class AccessKey(DynamicResource, name="AccessKey", operations=AccessKeyOperations, secret_outputs=("secret_key",)):
    """A key; see AccessKeyOperations for the properties."""

    access_key: pulumi.Output[str]
    secret_key: pulumi.Output[str]

    def __init__(self, name: str, properties: Properties, options: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"access_key": None, "secret_key": None, **properties}, options)
