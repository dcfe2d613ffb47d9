"""An external id: what a platform gives to assume a role; made once, or given, and kept in the state as a secret."""

from __future__ import annotations

import secrets

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult

from drawbridge.resources.base import DynamicResource, Operations, Properties

BYTES = 24
"""32 characters of A-Z, a-z, 0-9, - and _, all of which IAM and the platforms take."""


ANOTHER = (
    "this generation has another external id already, which the platform comes with; take it out with "
    "`pulumi config rm`, and hand it in as the next generation"
)


class ExternalIdOperations(Operations):
    """Nothing in any cloud: the value is the resource. Properties: `given`, if the stack's configuration has one."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """No generation gets another value: the platform would be shut out at once."""
        given, before = news.get("given"), _olds.get("given")
        changed = bool(_olds and given and given != before)
        return CheckResult(news, [CheckFailure("given", ANOTHER)] if changed else [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """It stays, also where the configuration no longer has it."""
        return DiffResult(False)

    def create(self, props: Properties) -> CreateResult:
        """Takes what is given, or makes one up."""
        return CreateResult("external-id", {**props, "value": props.get("given") or secrets.token_urlsafe(BYTES)})


class ExternalId(
    DynamicResource, name="ExternalId", operations=ExternalIdOperations, secret_outputs=("value", "given")
):
    """`value` is the id."""

    value: pulumi.Output[str]

    def __init__(self, name: str, properties: Properties, options: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, {"value": None, **properties}, options)
