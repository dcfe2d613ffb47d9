"""Which keys of a user of AWS's IAM the state knows: any other is told, since only its user's end would end it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties, explained, say
from drawbridge.resources.store import store

if TYPE_CHECKING:
    import pulumi


class UserKeysOperations(Operations):
    """Properties: `connection` (see Store), `user` (its name), and `keys`, the ids of those that this stack gave it."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Tells of strangers at each run; what the state had until now is none, and ends with this run."""
        _tell_strangers(news, [*_olds.get("keys", []), *news.get("keys", [])])
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Other keys, or another user."""
        return DiffResult(any(_olds.get(key) != _news.get(key) for key in ("connection", "user", "keys")))

    def create(self, props: Properties) -> CreateResult:
        """Nothing in the cloud."""
        return CreateResult("keys", props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Nothing in the cloud."""
        return UpdateResult(_news)

    def read(self, id_: str, props: Properties) -> ReadResult:
        """Tells of strangers at a refresh too."""
        _tell_strangers(props, props["keys"])
        return ReadResult(id_, props)


class UserKeys(DynamicResource, name="UserKeys", operations=UserKeysOperations, secret_outputs=()):
    """Comes after the keys of a user."""


def _tell_strangers(props: Properties, known: list[str]) -> None:
    user = props["user"]
    for key in sorted(set(_alive(store(props["connection"]).session.client("iam"), user)) - set(known)):
        say(
            f"user {user} has the key {key}, which is not in this stack's state: a run that broke off has left it, or "
            f"somebody made it by hand. It works until the user goes, or until you end it: {_END.format(user, key)}"
        )


_END = "aws iam delete-access-key --user-name {} --access-key-id {}"


def room(reach: Callable[[], Any], user: str, most: int) -> pulumi.ResourceHookBinding:
    """Hooks of a key: where a user has as many as it can have, IAM would not say what is to be done."""
    import pulumi

    @explained
    def prove() -> None:
        keys = _alive(reach(), user)
        if len(keys) >= most:
            raise Failed(
                f"user {user} has {' and '.join(keys)} already, and a user has at most {most} keys; end one that the "
                f"platform does not use: {_END.format(user, '<its id>')}"
            )

    async def before_create(_: Any) -> None:
        await asyncio.to_thread(prove)

    return pulumi.ResourceHookBinding(before_create=[pulumi.ResourceHook(f"{user}-keys", before_create)])


def _alive(iam: Any, user: str) -> list[str]:
    """The ids of the keys that a user has, if there is one."""
    try:
        found = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    except iam.exceptions.NoSuchEntityException:
        return []
    return [key["AccessKeyId"] for key in found]
