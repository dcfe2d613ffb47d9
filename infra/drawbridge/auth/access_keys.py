"""The platform is given an access key of a user of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drawbridge.access import Access, Principal
from drawbridge.auth import aws_iam
from drawbridge.auth.interface import IdentityAuth, Made, PlannedIdentity, Wanted
from drawbridge.auth.users import users
from drawbridge.auth.users.interface import Users, key_names
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam
from drawbridge.problems import Finding
from drawbridge.verify.identity import Identity, Keys

if TYPE_CHECKING:
    from drawbridge.program import Run


class AccessKeys(IdentityAuth):
    """`access-keys`: a generation is a key; the newest is handed over, and all alive work."""

    name = "access-keys"

    def iam(self, wanted: Wanted) -> str | None:
        """Where the store has its users."""
        return _users(wanted).iam

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """The user."""
        return _users(wanted).principal(wanted, iam)

    def check(self, wanted: Wanted, iam: Iam) -> Iterator[Finding]:
        """Its name, and how many keys it has."""
        if not _users(wanted).handed_in:
            yield from aws_iam.too_long(wanted, iam)
        most = self.most(wanted)
        if most and len(wanted.generations) > most:
            yield Finding(
                (*wanted.at, "generations"),
                f"has {len(wanted.generations)} generations, and a user has at most {most} keys; end an old one first",
            )

    def most(self, wanted: Wanted) -> int | None:
        """As many as a user has keys."""
        return _users(wanted).most_keys

    def plan(self, wanted: Wanted, accesses: Sequence[Access], iam: Iam) -> PlannedIdentity:
        """What the user may."""
        made = _users(wanted)
        policy = aws_iam.policy(made.largest, wanted, accesses, made.denied)
        handed_in = key_names(wanted) if made.handed_in else ()
        return PlannedIdentity(wanted, self.principal(wanted, iam), policy, handed_in=handed_in)

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """The user, its policy, and a key per generation."""
        return _users(planned.wanted).provision(planned, policy, iam, run)

    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """The user, its policy and its keys, where they are AWS's."""
        return _users(planned.wanted).deployed(planned, iam)

    def comes(self, planned: PlannedIdentity, values: Mapping[str, str]) -> Identity:
        """With the newest key."""
        wanted = planned.wanted
        access_key, secret_key = (
            values[wanted.token(what, wanted.newest).name] for what in ("access_key", "secret_key")
        )
        return Keys(access_key, secret_key)


def _users(wanted: Wanted) -> Users:
    return users()[wanted.kind.users]


AUTH = AccessKeys()
