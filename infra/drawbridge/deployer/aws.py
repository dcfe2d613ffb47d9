"""Which permissions deploying takes on AWS: for each resource type, by what is done to it, with the source.

Of pulumi-aws's types, what terraform-provider-aws 6 calls in the file named, and of ours what boto3 is asked for there.
Permissions are called as in https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html, which
often is not as the operation: GetBucketReplication needs s3:GetReplicationConfiguration. GetCallerIdentity needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_S3, _IAM, _KMS = (f"terraform-provider-aws, internal/service/{service}" for service in ("s3", "iam", "kms"))
_OURS = "infra/drawbridge"
ANYTHING = "*"


@dataclass(frozen=True)
class Needs:
    """The permissions of one resource type, each named once: where an earlier step needs it, later ones have it."""

    source: str
    create: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()

    def permissions(self, *, kept: bool) -> list[str]:
        """All of them; what is kept is never deleted."""
        return sorted({*self.create, *self.read, *self.update, *(() if kept else self.delete)})


# Since 6.23 the provider first tries to tag with s3:TagResource and to read tags with s3:ListTagsForResource, and where
# these are denied goes on with the permissions here, which BucketClaim needs anyway. (Note at the top of
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket.) The program ignores changes of
# a bucket's tags, so nothing is ever updated.
_BUCKET = Needs(
    f"{_S3}/bucket.go",
    create=("s3:CreateBucket", "s3:PutBucketTagging"),
    read=(
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
    ),
    delete=("s3:DeleteBucket",),
)
# Whether it is ours, and whether anything was ever put into it or set on it.
_CLAIM = Needs(
    f"{_OURS}/resources/claim.py",
    create=(
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketNotification",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
        "s3:PutBucketTagging",
    ),
)
NEEDS: Mapping[str, Needs] = {
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Needs(
        f"{_S3}/bucket_public_access_block.go",
        create=("s3:PutBucketPublicAccessBlock",),
        read=("s3:GetBucketPublicAccessBlock",),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Needs(
        f"{_S3}/bucket_ownership_controls.go",
        create=("s3:PutBucketOwnershipControls",),
        read=("s3:GetBucketOwnershipControls",),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Needs(
        f"{_S3}/bucket_server_side_encryption_configuration.go",
        create=("s3:PutEncryptionConfiguration",),
        read=("s3:GetEncryptionConfiguration",),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Needs(
        f"{_S3}/bucket_versioning.go",
        create=("s3:PutBucketVersioning",),
        read=("s3:GetBucketVersioning",),
    ),
    "aws:kms/grant:Grant": Needs(
        f"{_KMS}/grant.go",
        create=("kms:CreateGrant",),
        read=("kms:ListGrants",),
        delete=("kms:RevokeGrant",),
    ),
    # A tag given on creation needs the permission to tag as well:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html. Taking a boundary away is nowhere here: that
    # is not for whom it binds.
    "aws:iam/role:Role": Needs(
        f"{_IAM}/role.go",
        create=("iam:CreateRole", "iam:TagRole"),
        read=("iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"),
        update=("iam:PutRolePermissionsBoundary", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"),
        # With force_detach_policies, what somebody else gave it goes first.
        delete=("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:ListInstanceProfilesForRole"),
    ),
    "aws:iam/rolePolicy:RolePolicy": Needs(
        f"{_IAM}/role_policy.go",
        create=("iam:PutRolePolicy",),
        read=("iam:GetRolePolicy",),
        delete=("iam:DeleteRolePolicy",),
    ),
    "aws:iam/user:User": Needs(
        f"{_IAM}/user.go",
        create=("iam:CreateUser", "iam:TagUser"),
        read=("iam:GetUser",),
        update=("iam:PutUserPermissionsBoundary", "iam:UntagUser", "iam:UpdateUser"),
        # With force_destroy, all that it can come with ends. A virtual MFA device is taken from it and left: to delete
        # it too (iam:DeleteVirtualMFADevice) would take a permission on every device of the account.
        delete=(
            "iam:DeactivateMFADevice",
            "iam:DeleteAccessKey",
            "iam:DeleteLoginProfile",
            "iam:DeleteSSHPublicKey",
            "iam:DeleteServiceSpecificCredential",
            "iam:DeleteSigningCertificate",
            "iam:DeleteUser",
            "iam:DeleteUserPolicy",
            "iam:DetachUserPolicy",
            "iam:ListAccessKeys",
            "iam:ListAttachedUserPolicies",
            "iam:ListGroupsForUser",
            "iam:ListMFADevices",
            "iam:ListSSHPublicKeys",
            "iam:ListServiceSpecificCredentials",
            "iam:ListSigningCertificates",
            "iam:ListUserPolicies",
            "iam:ListVirtualMFADevices",
        ),
    ),
    "aws:iam/userPolicy:UserPolicy": Needs(
        f"{_IAM}/user_policy.go",
        create=("iam:PutUserPolicy",),
        read=("iam:GetUserPolicy",),
        delete=("iam:DeleteUserPolicy",),
    ),
    "aws:iam/accessKey:AccessKey": Needs(
        f"{_IAM}/access_key.go",
        create=("iam:CreateAccessKey",),
        read=("iam:ListAccessKeys",),
        update=("iam:UpdateAccessKey",),
        delete=("iam:DeleteAccessKey",),
    ),
    "drawbridge:UserKeys": Needs(f"{_OURS}/resources/user_keys.py", read=("iam:ListAccessKeys",)),
    "drawbridge:BucketClaim": _CLAIM,
    "drawbridge:BucketStatements": Needs(
        f"{_OURS}/resources/statements.py",
        create=("s3:GetBucketPolicy", "s3:PutBucketPolicy"),
        update=("s3:DeleteBucketPolicy",),
    ),
    # S3 takes these documents away with the permission to put them.
    "drawbridge:BucketCors": Needs(f"{_OURS}/resources/cors.py", create=("s3:GetBucketCORS", "s3:PutBucketCORS")),
    "drawbridge:BucketLifecycle": Needs(
        f"{_OURS}/resources/lifecycle.py", create=("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration")
    ),
    "drawbridge:Placeholder": Needs(
        f"{_OURS}/resources/placeholder.py", create=("s3:ListBucket", "s3:PutObject", "kms:GenerateDataKey")
    ),
    # Questions of every preview, no resources; what a run that broke off has left is ended.
    "role name": Needs(f"{_OURS}/resources/identity_claim.py", read=("iam:GetRole",)),
    "user name": Needs(
        f"{_OURS}/resources/identity_claim.py, user_keys.py", read=("iam:GetUser", "iam:ListAccessKeys")
    ),
    "claimed role": Needs(
        f"{_OURS}/resources/identity_claim.py",
        read=("iam:GetRole",),
        delete=("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListRolePolicies"),
    ),
    "claimed user": Needs(
        f"{_OURS}/resources/identity_claim.py",
        read=("iam:GetUser",),
        delete=(
            "iam:DeleteAccessKey",
            "iam:DeleteUser",
            "iam:DeleteUserPolicy",
            "iam:ListAccessKeys",
            "iam:ListUserPolicies",
        ),
    ),
    "existing bucket": Needs(
        f"{_OURS}/storage/existing.py",
        read=(
            "kms:DescribeKey",
            "s3:GetAccountPublicAccessBlock",
            "s3:GetBucketLocation",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPolicyStatus",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetEncryptionConfiguration",
            "s3:ListBucket",
        ),
    ),
    "existing bucket, written to": Needs(f"{_OURS}/storage/existing.py", read=("s3:GetBucketVersioning",)),
    "key": Needs(f"{_OURS}/storage/existing.py", read=("kms:DescribeKey",)),
}

_ABOUT = {
    "iam:ListVirtualMFADevices": ANYTHING,
    "s3:GetAccountPublicAccessBlock": ANYTHING,
    "s3:PutObject": "object",
}
_SERVICES = {"s3": "bucket", "iam": "identity", "kms": "key"}
# Condition keys that a permission knows and that limit it where a resource says to what. (The same reference.)
_BOUNDARY, _SERVICE = ("iam:PermissionsBoundary",), ("kms:ViaService",)
LIMITS: Mapping[str, tuple[str, ...]] = {
    "iam:CreateRole": _BOUNDARY,
    "iam:CreateUser": _BOUNDARY,
    "iam:PutRolePermissionsBoundary": _BOUNDARY,
    "iam:PutUserPermissionsBoundary": _BOUNDARY,
    "iam:PutRolePolicy": _BOUNDARY,
    "iam:PutUserPolicy": _BOUNDARY,
    "iam:PassRole": ("iam:PassedToService",),
    "kms:CreateGrant": ("kms:GrantConstraintType", "kms:GranteePrincipal", "kms:GrantOperations"),
    "kms:GenerateDataKey": _SERVICE,
}
# Without a value for its limit such a permission is not needed, and never given.
ONLY_LIMITED = {"iam:PassRole", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"}
LISTS = {"kms:GrantOperations"}  # condition keys that a request has several values of


def about(permission: str) -> str:
    """What a permission is asked on: bucket, object, identity or key; `*` for what is about the account."""
    return _ABOUT.get(permission) or _SERVICES[permission.partition(":")[0]]
