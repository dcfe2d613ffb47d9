"""Users of Wasabi's IAM: dynamic resources over its endpoint, since it knows no boundaries and no tags of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawbridge.auth.interface import Made, PlannedIdentity
from drawbridge.auth.users.interface import Users
from drawbridge.iam import Iam
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.program import Run

ENDPOINT = "https://iam.wasabisys.com"  # docs.wasabi.com, "Service URLs for Wasabi's Storage Regions"


class WasabiUsers(Users):
    """One user with one inline policy; neither path, boundary nor tags of the stack's settings."""

    name = "wasabi"
    largest = 2048  # Wasabi documents no limit of its own: AWS's
    most_keys = 2  # docs.wasabi.com, "Creating a User Account and Access Key"
    iam = ENDPOINT

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """The user with its policy, and a key per generation."""
        import pulumi

        from drawbridge.resources.access_key import AccessKey
        from drawbridge.resources.user import User

        del run
        wanted = planned.wanted
        name = iam.name(wanted.name)
        storage = next(iter(wanted.storages.values()))
        assert isinstance(storage, S3Bucket)  # noqa: S101  whose kind asks for these users
        at = {"connection": {**storage.connection(), "iam": ENDPOINT}, "user": name}
        user = User(wanted.name, {**at, "policy": policy})
        after = pulumi.ResourceOptions(depends_on=[user])
        keys = {number: AccessKey(f"{wanted.name}-{number}", at, after) for number in wanted.generations}
        values = {wanted.token("access_key", number).name: key.access_key for number, key in keys.items()}
        values |= {wanted.token("secret_key", number).name: key.secret_key for number, key in keys.items()}
        return Made([user, *keys.values()], values)


USERS = WasabiUsers()
