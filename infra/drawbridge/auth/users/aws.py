"""Users of AWS's IAM, made by pulumi-aws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from drawbridge.access import Principal
from drawbridge.auth import aws_iam
from drawbridge.auth.interface import Made, PlannedIdentity, Wanted
from drawbridge.auth.users.interface import Users
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam

if TYPE_CHECKING:
    from drawbridge.program import Run


class AwsUsers(Users):
    """One user with one inline policy."""

    name = "aws"
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space does not count
    largest = 2048
    most_keys = 2
    iam = ""

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """With its path."""
        return aws_iam.principal("user", wanted, iam)

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """The user, its policy, and a key per generation; with the user every key of it ends, whoever made it."""
        import pulumi
        import pulumi_aws as aws

        from drawbridge.resources.user_keys import UserKeys, room

        wanted, name = planned.wanted, iam.name(planned.wanted.name)
        user = aws.iam.User(
            wanted.name,
            name=name,
            force_destroy=True,
            opts=aws_iam.claim("user", planned, iam, run).options(),
            **aws_iam.common(iam, run),
        )
        may = aws.iam.UserPolicy(wanted.name, name=aws_iam.POLICY, user=user.name, policy=policy)
        options = pulumi.ResourceOptions(
            additional_secret_outputs=["secret", "sesSmtpPasswordV4"],
            depends_on=[may],
            hooks=room(lambda: aws_iam.client(wanted), name, self.most_keys),
        )
        keys = {
            generation: aws.iam.AccessKey(f"{wanted.name}-{generation}", user=user.name, opts=options)
            for generation in wanted.generations
        }
        ids = [key.id for key in keys.values()]
        UserKeys(wanted.name, {"connection": aws_iam.at(wanted).reach(), "user": name, "keys": ids})
        values = {wanted.token("access_key", number).name: key.id for number, key in keys.items()}
        values |= {wanted.token("secret_key", number).name: key.secret for number, key in keys.items()}
        return Made([may, *keys.values()], values)

    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """The user, its policy and its keys."""
        return aws_iam.deployed(
            "user",
            planned,
            iam,
            "aws:iam/user:User",
            "aws:iam/userPolicy:UserPolicy",
            "aws:iam/accessKey:AccessKey",
            "drawbridge:UserKeys",
        )


USERS = AwsUsers()
