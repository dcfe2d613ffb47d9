"""The platform is given an access key of a user of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from drawbridge.access import Access, Principal
from drawbridge.auth import aws_iam
from drawbridge.auth.interface import IdentityAuth, Made, PlannedIdentity, Wanted
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam
from drawbridge.problems import Finding
from drawbridge.verify.identity import Identity, Keys

if TYPE_CHECKING:
    from drawbridge.program import Run

MOST_KEYS = 2  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html


class AccessKeys(IdentityAuth):
    """`access-keys`: a generation is a key; the newest is handed over, and all alive work."""

    name = "access-keys"

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """The user."""
        return aws_iam.principal("user", wanted, iam)

    def check(self, wanted: Wanted, iam: Iam) -> Iterator[Finding]:
        """Its name, and how many keys it has."""
        yield from aws_iam.too_long(wanted, iam)
        if len(wanted.generations) > MOST_KEYS:
            yield Finding(("generations",), f"has {len(wanted.generations)}, and a user has at most {MOST_KEYS} keys")

    def plan(self, wanted: Wanted, accesses: Sequence[Access], iam: Iam) -> PlannedIdentity:
        """What the user may."""
        return PlannedIdentity(wanted, self.principal(wanted, iam), aws_iam.policy("user", wanted, accesses))

    def provision(self, planned: PlannedIdentity, iam: Iam, run: Run) -> Made:
        """The user, its policy, and a key per generation."""
        import pulumi
        import pulumi_aws as aws

        wanted = planned.wanted
        user = aws.iam.User(wanted.name, name=iam.name(wanted.name), **aws_iam.common(iam, run))
        policy = aws.iam.UserPolicy(
            wanted.name, name=aws_iam.POLICY, user=user.name, policy=aws_iam.resolved(planned.policy, {})
        )
        secret = pulumi.ResourceOptions(additional_secret_outputs=["secret", "sesSmtpPasswordV4"])
        keys = {
            generation: aws.iam.AccessKey(f"{wanted.name}-{generation}", user=user.name, opts=secret)
            for generation in wanted.generations
        }
        values = {wanted.token("access_key", number).name: key.id for number, key in keys.items()}
        values |= {wanted.token("secret_key", number).name: key.secret for number, key in keys.items()}
        return Made([policy, *keys.values()], values)

    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """The user, its policy and its keys."""
        return aws_iam.deployed(
            planned, iam, "aws:iam/user:User", "aws:iam/userPolicy:UserPolicy", "aws:iam/accessKey:AccessKey"
        )

    def comes(self, planned: PlannedIdentity, values: Mapping[str, str]) -> Identity:
        """With the newest key."""
        wanted, newest = planned.wanted, planned.wanted.generations[-1]
        access_key, secret_key = (values[wanted.token(what, newest).name] for what in ("access_key", "secret_key"))
        return Keys(access_key, secret_key)


AUTH = AccessKeys()
