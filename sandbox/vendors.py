"""The platforms' own principals, which exist in the sandbox as they do in the world: adding a vendor is one row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vendor:
    """A platform's principal on one of the servers, and the AWS profile with which one acts as it."""

    server: str
    arn: str
    profile: str

    @property
    def account(self) -> str:
        """The platform's own account."""
        return self.arn.split(":")[4]

    @property
    def kind(self) -> str:
        """`role` or `user`."""
        return self.arn.split(":")[5].partition("/")[0]

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def path(self) -> str:
        """What stands before the name in IAM's own words: at least a slash."""
        return self.arn.partition(f":{self.kind}")[2].removesuffix(self.name)

    @property
    def source(self) -> str:
        """The profile that has the keys: of a role, that of a user who takes it on."""
        return f"{self.profile}-source" if self.kind == "role" else self.profile

    @property
    def user(self) -> str:
        """The user whose keys they are."""
        return f"{self.name}-source" if self.kind == "role" else self.name


VENDORS = (
    Vendor("aws", "arn:aws:iam::258327614892:role/external_s3", "v7-aws"),
    Vendor("wasabi", "arn:aws:iam::100000274636:user/darwin", "v7-wasabi"),
    Vendor("aws", "arn:aws:iam::916419735646:user/lightly", "lightly-aws"),
)
