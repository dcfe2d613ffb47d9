"""A bucket on AWS: pulumi-aws makes it and its protections, all of which stay when the stack goes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from drawbridge import tokens
from drawbridge.access import Access, CorsRule
from drawbridge.deployer.deployed import Deployed
from drawbridge.problems import Finding
from drawbridge.storage import kms
from drawbridge.storage.interface import Documents
from drawbridge.storage.s3 import S3Bucket

if TYPE_CHECKING:
    from drawbridge.plan import PlannedStorage
    from drawbridge.program import Run
    from drawbridge.resources.store import Store


# Keys of the aws provider's configuration that are understood, with the provider's argument. Region, profile and roles
# are shared with boto3; the others do not touch who acts where.
ARGUMENTS = {
    "region": "region",
    "profile": "profile",
    "assumeRoles": "assume_roles",
    "allowedAccountIds": "allowed_account_ids",
    "defaultTags": "default_tags",
    "forbiddenAccountIds": "forbidden_account_ids",
    "ignoreTags": "ignore_tags",
    "maxRetries": "max_retries",
    "retryMode": "retry_mode",
    "skipCredentialsValidation": "skip_credentials_validation",
    "skipMetadataApiCheck": "skip_metadata_api_check",
    "skipRegionValidation": "skip_region_validation",
}
TEXTS = {"region", "profile", "retryMode"}  # the others are JSON


# Of the partition aws: others have other ARNs, and no platform's principal is known there. As botocore lists them.
Region = Literal[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
]

# What `make` declares, and the clean-up rules, all of which stay.
MADE = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "drawbridge:BucketLifecycle",
)


class AwsBucket(S3Bucket):
    """`kind: aws`; the stack's aws provider says which account."""

    name: ClassVar[str] = "aws"
    title: ClassVar[str] = "AWS account"
    users: ClassVar[str] = "aws"
    kind: Literal["aws"]
    region: Region = Field(description="AWS's code of the region that the bucket lies in")
    kms_key: kms.Key | None = Field(None, description="the ARN of the KMS key that objects are encrypted with")
    bucket_key: bool = Field(True, description="an S3 Bucket Key, which limits who may use the KMS key to this bucket")

    def connection(self) -> dict[str, Any]:
        """The region and the account; profile and assumed roles are those of the stack's aws provider."""
        return {"kind": self.name, "region": self.region, "account": str(tokens.AWS_ACCOUNT)}

    def check(self) -> Iterator[Finding]:
        """A key that cannot belong to the bucket, too."""
        yield from super().check()
        if self.kms_key and (region := kms.region(self.kms_key)) != self.region:
            yield Finding(("kms_key",), f"lies in {region}, and S3 takes only a key of the bucket's own {self.region}")
        if "bucket_key" in self.model_fields_set and not self.kms_key:
            yield Finding(("bucket_key",), "has no meaning without kms_key; leave it out")

    def documents(self, accesses: Sequence[Access], cors: Sequence[CorsRule], sid_suffix: str) -> Documents:
        """With what lets each principal use the key."""
        found = super().documents(accesses, cors, sid_suffix)
        if not self.kms_key:
            return found
        # With a Bucket Key, S3 names the bucket to KMS, else each object:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
        context = {"aws:s3:arn": self.arn} if self.bucket_key else {}
        return replace(found, key_grants=tuple(kms.key_grants(self.kms_key, accesses, context)))

    def identity_statements(self, accesses: Sequence[Access]) -> list[dict[str, Any]]:
        """With the key, through S3 in the bucket's region alone."""
        found = super().identity_statements(accesses)
        operations = kms.operations(accesses, kms.OF_IDENTITIES) if self.kms_key else []
        if operations:
            actions = [f"kms:{operation}" for operation in operations]
            key = {"sid": "Key", "actions": actions, "resources": self.kms_key, "via_service": self.via_service}
            found.append({**key, "listable": [], "addresses": [], "vpcs": []})
        return found

    def key_sentences(self, documents: Documents) -> list[str]:
        """One for each KMS grant."""
        return [kms.sentence(grant) for grant in documents.key_grants]

    def store(self) -> Store:
        """AWS in the account that the aws provider's profile and roles lead to."""
        from drawbridge.resources.store import caller_account, store

        connection = {**self.connection(), **_provider()}
        del connection["account"]
        return store({**connection, "account": caller_account(connection)})

    def options(self) -> str:
        """The region and the profile."""
        profile = _provider()["profile"]
        return f" --region {self.region}{f' --profile {shlex.quote(profile)}' if profile else ''}"

    def lacks(self, planned: PlannedStorage) -> Iterator[Finding]:
        """Also what only AWS has: owners of objects, Block Public Access, the encryption with a KMS key."""
        from drawbridge.storage import existing

        yield from super().lacks(planned)
        yield from existing.lacking_on_aws(self, self.store(), planned.accesses)

    def inspect(self, planned: PlannedStorage) -> Iterator[Finding]:
        """Also whether the KMS key can be used, and principals be let use it."""
        yield from super().inspect(planned)
        if self.kms_key and planned.accesses:
            from drawbridge.storage import existing

            yield from existing.unusable_key(self, self.store(), planned.documents.key_grants)

    def reach(self) -> Any:
        """The aws provider's own profile and roles, and the account that it acts in."""
        import pulumi_aws as aws

        connection = {**self.connection(), **_provider()}
        account = aws.get_caller_identity_output().account_id
        return account.apply(lambda known: tokens.resolve(connection, {tokens.AWS_ACCOUNT.name: known}))

    def make(self, run: Run) -> list[Any]:
        """The bucket, then each protection, one after the other: AWS refuses changes to one bucket side by side."""
        import pulumi
        import pulumi_aws as aws

        from drawbridge.resources.claim import BucketClaim
        from drawbridge.resources.store import OURS

        kept = pulumi.ResourceOptions(retain_on_delete=True, provider=_provider_in(self.region))
        ours = self._ours_already(run.maker)
        adopt = ours and self.store().tags(self.bucket).get(OURS) != run.maker
        claimed = {"connection": self.reach(), "bucket": self.bucket, "maker": run.maker, "adopt": adopt}
        claim = BucketClaim(self.resource, claimed)
        # A bucket that a former destroy left behind is imported; one that is in the state already is not touched.
        # Tags are set once: as a whole input, they would take away those that others give it.
        first = pulumi.ResourceOptions(
            import_=self.bucket if ours else None,
            depends_on=[claim],
            ignore_changes=["tags", "tagsAll"],
        )
        bucket = aws.s3.Bucket(
            self.resource,
            bucket=self.bucket,
            region=self.region,
            tags=run.tags,
            opts=pulumi.ResourceOptions.merge(kept, first),
        )
        made: list[Any] = [bucket]

        def protect(resource: Any, **properties: Any) -> None:
            after = pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=made[-1:]))
            made.append(resource(self.resource, bucket=bucket.bucket, region=self.region, opts=after, **properties))

        protect(
            aws.s3.BucketPublicAccessBlock,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        protect(aws.s3.BucketOwnershipControls, rule={"object_ownership": "BucketOwnerEnforced"})
        protect(aws.s3.BucketServerSideEncryptionConfiguration, rules=[self._encryption()])
        status = "Enabled" if self.versioning else "Suspended"
        protect(aws.s3.BucketVersioning, versioning_configuration={"status": status})
        return made

    def provision(self, planned: PlannedStorage, run: Run) -> list[Any]:
        """Then a KMS grant for each principal, which ends with the last grant that needs it."""
        import pulumi
        import pulumi_aws as aws

        # Grant tokens are good for minutes only, and can do no more than the grant; yet they are nobody's business.
        options = pulumi.ResourceOptions(additional_secret_outputs=["grantToken"])
        return super().provision(planned, run) + [
            aws.kms.Grant(
                f"{self.resource}-{kms.grant_name(grant['principal'])}",
                # By its name, KMS gives back the grant that a run left which died before it could be kept in the state.
                name=re.sub(r"\.", "-", f"drawbridge-{self.bucket}-{kms.grant_name(grant['principal'])}"),
                key_id=grant["key"],
                grantee_principal=grant["principal"],
                operations=grant["operations"],
                constraints=[{"encryption_context_subset": grant["context"]}] if grant["context"] else None,
                region=self.region,
                opts=options,
            )
            for grant in planned.documents.key_grants
        ]

    def deployed(self, planned: PlannedStorage) -> Iterator[Deployed]:
        """The bucket with its protections, or what an existing one is asked; what is ours in its documents; keys."""
        bucket, documents = {"bucket": self.arn}, planned.documents
        if self.existing and planned.accesses:
            any_key = f"arn:aws:kms:{self.region}:{tokens.AWS_ACCOUNT}:key/*"  # its own, which nobody has named
            yield Deployed("existing bucket", {**bucket, "key": self.kms_key or any_key})
            if any("write" in access.verbs for access in planned.accesses):
                yield Deployed("existing bucket, written to", bucket)
        for kind in () if self.existing else ("drawbridge:BucketClaim", *MADE):
            yield Deployed(kind, bucket, kept=True)
        if documents.statements or not self.existing:
            yield Deployed("drawbridge:BucketStatements", bucket)
        if documents.cors:
            yield Deployed("drawbridge:BucketCors", bucket)
        key = {"key": self.kms_key} if self.kms_key else {}
        through_s3 = {"kms:ViaService": self.via_service}
        for folder in planned.folders:
            yield Deployed("drawbridge:Placeholder", {**bucket, "object": f"{self.arn}/{folder}", **key}, through_s3)
        if key and planned.accesses:
            yield Deployed("key", key)
        for grant in documents.key_grants:
            limits = {"kms:GranteePrincipal": grant["principal"], "kms:GrantOperations": grant["operations"]}
            if grant["context"]:
                limits["kms:GrantConstraintType"] = "EncryptionContextSubset"
            yield Deployed("aws:kms/grant:Grant", key, limits)

    @property
    def via_service(self) -> str:
        """How KMS knows S3 in the bucket's region."""
        return f"s3.{self.region}.amazonaws.com"

    def _encryption(self) -> dict[str, Any]:
        """S3's own keys, or the KMS key with or without a Bucket Key."""
        if not self.kms_key:
            return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
        by_default = {"sse_algorithm": "aws:kms", "kms_master_key_id": self.kms_key}
        return {"apply_server_side_encryption_by_default": by_default, "bucket_key_enabled": self.bucket_key}

    def _ours_already(self, maker: str) -> bool:
        """Whether the bucket is there and this stack made it; BucketClaim speaks about all others."""
        from drawbridge.resources.claim import NotOurs, ours

        try:
            return ours(self.store(), self.bucket, self.region, maker)
        except NotOurs:
            return False


@cache
def _provider_in(region: str) -> Any:
    """A provider whose own region it is, since an import looks for a bucket there alone; None for the stack's own.

    https://github.com/hashicorp/terraform-provider-aws/issues/42853
    """
    import pulumi_aws as aws

    given = _configuration()
    if given.get("region") == region:
        return None
    arguments: dict[str, Any] = {ARGUMENTS[key]: value for key, value in given.items()}
    return aws.Provider(f"aws-{region}", **{**arguments, "region": region})


def _provider() -> dict[str, Any]:
    """The aws provider's profile and roles, for boto3 to act as the same principal; raises Failed."""
    from drawbridge.resources.base import Failed

    given = _configuration()
    roles = given.get("assumeRoles") or []
    for role in roles:
        if unknown := sorted(set(role) - {"roleArn", "sessionName"}):
            raise Failed(
                f"aws:assumeRoles: {', '.join(unknown)} cannot be used, since boto3 cannot share it; "
                "put the role into a profile and name that instead (aws:profile)"
            )
    return {"profile": given.get("profile") or "", "assume_roles": roles}


def _configuration() -> dict[str, Any]:
    """The aws provider's configuration, by key; raises Failed.

    What boto3 could follow only with a key or an id in the state is refused: both read a profile.
    """
    import pulumi
    from pulumi.runtime.config import get_config_env

    from drawbridge.resources.base import Failed

    given = {key.removeprefix("aws:") for key in get_config_env() if key.startswith("aws:")}
    if unknown := sorted(given - set(ARGUMENTS)):
        raise Failed(
            f"aws:{', aws:'.join(unknown)} cannot be used, since boto3 cannot share it; "
            "put it into a profile and name that instead (aws:profile)"
        )
    config = pulumi.Config("aws")
    return {key: config.get(key) if key in TEXTS else config.get_object(key) for key in sorted(given)}


STORAGE = AwsBucket
