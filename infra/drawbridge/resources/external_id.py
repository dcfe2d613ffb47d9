"""An external id: what a platform has to give when it assumes a role; made once, and kept in the state as a secret."""

from __future__ import annotations

import secrets

import pulumi
from pulumi.dynamic import CreateResult

from drawbridge.resources.base import DynamicResource, Operations, Properties

BYTES = 24
"""32 characters of A-Z, a-z, 0-9, - and _, all of which IAM and the platforms take."""


class ExternalIdOperations(Operations):
    """Nothing in any cloud: the value is the resource."""

    def create(self, props: Properties) -> CreateResult:
        """Makes one up."""
        del props
        value = secrets.token_urlsafe(BYTES)
        return CreateResult("external-id", {"value": value})


class ExternalId(DynamicResource, name="ExternalId", operations=ExternalIdOperations, secret_outputs=("value",)):
    """`value` is the id."""

    value: pulumi.Output[str]

    def __init__(self, name: str, properties: Properties, options: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"value": None, **properties}, options)
