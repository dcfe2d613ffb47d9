"""What a way of making users has to know: who they will be, how large their policy may be, their resources."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from drawbridge.access import Principal
from drawbridge.auth.interface import Made, PlannedIdentity, Wanted
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam
from drawbridge.tokens import Token

if TYPE_CHECKING:
    from drawbridge.program import Run


class Users(ABC):
    """One way. `largest` is how many characters a policy may have, `most_keys` how many keys a user, if limited."""

    name: str
    largest: int | None = None
    most_keys: int | None = None
    denied: tuple[str, ...] = ()
    """Actions that the store lets every user do who is not denied them."""
    handed_in = False
    """Whether nothing is made: the stack's configuration holds the keys, and its author attaches the policy."""
    iam: str | None = None
    """Where `verify` asks what a live user may, in AWS's protocol: "" is AWS's own IAM, None that there is none."""

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """Who it will be; other stores than AWS have users of the same form, in an account of their own."""
        name, store = iam.name(wanted.name), wanted.kind.name
        account = Token.of(store, "account")
        return Principal(f"arn:aws:iam::{account}:user/{name}", f"user {name} of your {wanted.kind.title}", ours=True)

    @abstractmethod
    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """Declares the user, its policy (a text, as an Output), and a key per generation."""

    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """What of it is declared on AWS, for the deployer's policy."""
        del planned, iam
        return iter(())


def key_names(wanted: Wanted) -> tuple[str, ...]:
    """The names of the tokens of all its keys."""
    return tuple(
        wanted.token(what, generation).name
        for generation in wanted.generations
        for what in ("access_key", "secret_key")
    )
