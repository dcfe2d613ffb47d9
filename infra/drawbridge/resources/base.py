"""What all dynamic resources share: they name their secret outputs, and their errors are for people."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import pulumi
from pulumi.dynamic import Resource, ResourceProvider

from drawbridge.problems import visible

Properties = dict[str, Any]
Result = TypeVar("Result")


class Failed(Exception):
    """The operation cannot be done; the message is for the person who runs Pulumi.

    What others wrote can be part of it, so it is made visible: nothing in it acts on a terminal.
    """

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(map(visible, message.split("\n"))))


def say(text: str) -> None:
    """What a provider process prints is shown by Pulumi among its diagnostics."""
    print("\n".join(map(visible, text.split("\n"))), flush=True)  # noqa: T201


class DynamicResource(Resource):
    """A dynamic resource whose class says which outputs are secret, if only by an empty tuple.

    Without `additional_secret_outputs` Pulumi keeps a secret that was made in `create` in clear, in state and on
    screen, so a class that does not say fails when it is defined.
    """

    secret_outputs: ClassVar[tuple[str, ...]]
    operations: ClassVar[type[Operations]]

    def __init_subclass__(
        cls, *, name: str, operations: type[Operations], secret_outputs: tuple[str, ...], **options: Any
    ) -> None:
        super().__init_subclass__(module="drawbridge", name=name, **options)
        cls.operations, cls.secret_outputs = operations, secret_outputs

    def __init__(self, name: str, properties: Mapping[str, Any], options: pulumi.ResourceOptions | None = None) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(self.secret_outputs))
        super().__init__(self.operations(), name, dict(properties), pulumi.ResourceOptions.merge(options, secret))


class Operations(ResourceProvider):
    """The operations of a dynamic resource; each of them fails with one message.

    The class is found again by its module, so the state holds a name and no code; it must stay importable.
    """

    serialize_as_secret_always = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("check", "diff", "create", "read", "update", "delete"):
            if name in vars(cls):
                setattr(cls, name, explained(vars(cls)[name]))


def explained(operation: Callable[..., Result]) -> Callable[..., Result]:
    """The operation with the errors of AWS's libraries as Failed, in one line, without a traceback through them."""

    @functools.wraps(operation)
    def run(*arguments: Any) -> Result:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return operation(*arguments)
        except (BotoCoreError, ClientError, Boto3Error) as error:
            raise Failed(str(error)) from None

    return run
