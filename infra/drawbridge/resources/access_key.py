"""An access key of a user of an IAM that speaks AWS's protocol; its secret is told once, and kept in the state."""

from __future__ import annotations

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Operations, Properties
from drawbridge.resources.store import store
from drawbridge.resources.user import client, moved

TOLD = ("access_key", "secret_key", "owner")


class AccessKeyOperations(Operations):
    """Properties: `connection` (see Store) and `user`.

    Outputs: `access_key`, `secret_key`, a secret, and `owner`, the account that the key belongs to.
    """

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """A key belongs to one user of one account."""
        gone = moved(_olds, _news)
        return DiffResult(bool(gone) or _olds.get("connection") != _news["connection"], gone)

    def create(self, props: Properties) -> CreateResult:
        """Makes it."""
        made = client(props["connection"]).create_access_key(UserName=props["user"])["AccessKey"]
        owner = store(props["connection"]).owner()
        told = {"access_key": made["AccessKeyId"], "secret_key": made["SecretAccessKey"], "owner": owner}
        return CreateResult(made["AccessKeyId"], {**props, **told})

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """The same key, reached another way."""
        client(_news["connection"], _olds)
        return UpdateResult({**_news, **{name: _olds.get(name, "") for name in TOLD}})

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Whether it is there, and active."""
        iam = client(props["connection"], props)
        try:
            keys = iam.list_access_keys(UserName=props["user"])["AccessKeyMetadata"]
        except iam.exceptions.NoSuchEntityException:
            keys = []
        alive = any(key["AccessKeyId"] == id_ and key["Status"] == "Active" for key in keys)
        return ReadResult(id_ if alive else "", props)

    def delete(self, _id: str, _props: Properties) -> None:
        """Deletes it, unless it is gone with its user."""
        iam = client(_props["connection"], _props)
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
