"""Whose a role or user of a wanted name is on AWS: nobody's, what a run of this stack left, or one to be left alone.

It is asked just before one is made, at preview too. Only the engine knows whether the state has it, so this is a hook
of the engine's; an import would not do, since what a broken-off run left has another external id in its trust policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from drawbridge.resources.base import Failed, explained
from drawbridge.resources.store import OURS

if TYPE_CHECKING:
    import pulumi

Kind = Literal["role", "user"]


@dataclass(frozen=True)
class IdentityClaim:
    """The name of a role or user of `maker`; `reach` gives a client of IAM, `refused` puts a message in its place."""

    kind: Kind
    name: str
    maker: str
    reach: Callable[[], Any]
    refused: Callable[[str], str]

    def options(self) -> pulumi.ResourceOptions:
        """For the resource that makes it: its name is free by then, and another name is another one.

        pulumi-aws would rename a user in place, which its id and its keys in the state do not follow.
        """
        import pulumi

        asked = pulumi.ResourceHookOptions(on_dry_run=True)
        hook = pulumi.ResourceHook(f"{self.kind}-{self.name}-claim", self._before_create, asked)
        return pulumi.ResourceOptions(
            delete_before_replace=True,
            replace_on_changes=["name"],
            hooks=pulumi.ResourceHookBinding(before_create=[hook]),
        )

    async def _before_create(self, _: Any) -> None:
        import pulumi

        if await asyncio.to_thread(self.is_left) and not pulumi.runtime.is_dry_run():
            pulumi.log.warn(await asyncio.to_thread(self.end))

    @explained
    def is_left(self) -> bool:
        """Whether a run of this stack left one; raises Failed for any other."""
        iam = self.reach()
        try:
            found = self._call(iam, "get_{}")[self.kind.title()]
        except iam.exceptions.NoSuchEntityException:
            return False
        made_by = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}.get(OURS)
        if made_by != self.maker:
            by = f"was made by the stack {made_by}" if made_by else "was not made by Drawbridge"
            message = (
                f"{self.kind} {self.name} exists in this account already and {by}; delete it, or set "
                "drawbridge:iam_name_prefix so that ours is called otherwise"
            )
            raise Failed(self.refused(message))
        return True

    @explained
    def end(self) -> str:
        """Ends it, its keys first, which nobody was handed, and says so."""
        iam = self.reach()
        keys = self._call(iam, "list_access_keys")["AccessKeyMetadata"] if self.kind == "user" else []
        for key in keys:
            self._call(iam, "delete_access_key", AccessKeyId=key["AccessKeyId"])
        for policy in self._call(iam, "list_{}_policies")["PolicyNames"]:
            self._call(iam, "delete_{}_policy", PolicyName=policy)
        self._call(iam, "delete_{}")
        ended = f", and its keys have ended: {', '.join(key['AccessKeyId'] for key in keys)}" if keys else ""
        return f"{self.kind} {self.name} was left by a run that broke off, and is made anew{ended}"

    def _call(self, iam: Any, operation: str, **more: Any) -> Any:
        return getattr(iam, operation.format(self.kind))(**{f"{self.kind.title()}Name": self.name}, **more)
