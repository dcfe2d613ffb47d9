"""Users of a store without an interface for them: their keys are handed in as secrets of the stack's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawbridge.access import Principal
from drawbridge.auth.interface import Made, PlannedIdentity, Wanted
from drawbridge.auth.users.interface import Users, key_names
from drawbridge.iam import Iam
from drawbridge.tokens import Token

if TYPE_CHECKING:
    from drawbridge.program import Run


class HandedIn(Users):
    """Nothing is made: the policy to attach is one of the settings."""

    name = "handed-in"
    handed_in = True

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """Whoever the key belongs to, which only the store knows."""
        del iam
        account = Token.of(wanted.kind.name, "account")
        words = f"the user whose key is handed in for {wanted.name}"
        return Principal(f"arn:aws:iam::{account}:user/{wanted.name}", words, ours=True)

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """The keys as they are in the configuration."""
        del policy, iam
        return Made([], {name: run.handed_in[name] for name in key_names(planned.wanted)})


USERS = HandedIn()
