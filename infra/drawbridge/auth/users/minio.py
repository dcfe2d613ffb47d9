"""Users of a MinIO server, made by pulumi-minio: the server and its administrator's keys come from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawbridge.auth.interface import Made, PlannedIdentity
from drawbridge.auth.users.interface import Users
from drawbridge.iam import Iam
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.program import Run


class MinioUsers(Users):
    """A user, a policy of its own, and a service account per generation, which may what the user may."""

    name = "minio"
    largest = 20480  # github.com/minio/pkg, policy/policy.go: a policy has at most 20 KiB
    # Without it every key makes more keys for its user, which would live on when it has ended:
    # github.com/minio/minio, cmd/admin-handlers-users.go, commonAddServiceAccount (DenyOnly)
    denied = ("admin:*",)

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """The user, its policy, and a service account per generation."""
        import pulumi

        from drawbridge.resources.extras import needed
        from drawbridge.resources.minio_claim import MinioClaim

        minio = needed("pulumi_minio", "minio")
        del run
        wanted = planned.wanted
        name = iam.name(wanted.name)
        storage = next(iter(wanted.storages.values()))
        assert isinstance(storage, S3Bucket)  # noqa: S101  whose kind asks for these users
        claim = MinioClaim(f"{wanted.name}-claim", {"user": name, "connection": storage.connection()})
        claimed = pulumi.ResourceOptions(depends_on=[claim])
        # The user itself never signs: only its service accounts do.
        user = minio.IamUser(wanted.name, name=name, opts=claimed)
        may = minio.IamPolicy(wanted.name, name=name, policy=policy, opts=claimed)
        attached = minio.IamUserPolicyAttachment(wanted.name, user_name=user.name, policy_name=may.name)
        after = pulumi.ResourceOptions(
            depends_on=[attached],
            # The provider reads the user's policy as the account's own, and would take it away with each `up`:
            # github.com/aminueza/terraform-provider-minio v1.20.1, minio/resource_minio_service_account.go
            ignore_changes=["policy"],
        )
        keys = {
            number: minio.IamServiceAccount(f"{wanted.name}-{number}", target_user=user.name, opts=after)
            for number in wanted.generations
        }
        values = {wanted.token("access_key", number).name: key.access_key for number, key in keys.items()}
        values |= {wanted.token("secret_key", number).name: key.secret_key for number, key in keys.items()}
        return Made([attached, *keys.values()], values)


USERS = MinioUsers()
