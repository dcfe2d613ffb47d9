"""What a bucket that is there already lacks for its grants, each with the command that mends it.

Nothing is changed: an existing bucket is used as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from drawbridge.access import Access
from drawbridge.problems import Finding

if TYPE_CHECKING:
    from drawbridge.resources.store import Store
    from drawbridge.storage.aws import AwsBucket
    from drawbridge.storage.s3 import S3Bucket


def lacking(storage: S3Bucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """What every S3 store can be asked: whether the bucket is there, whose, and where; whether it keeps versions."""
    bucket = storage.bucket
    match at.whose(bucket):
        case "nobody":
            yield Finding(("existing",), f"there is no bucket {bucket}; leave existing out, and it is made")
        case "other":
            yield Finding(
                ("bucket",),
                f"{bucket} belongs to another account than the credentials, or they may not look at it; "
                "use those of its owner",
            )
        case "caller":
            if (region := at.region(bucket)) != storage.region:
                yield Finding(("region",), f"is {storage.region}, but the bucket lies in {region}; write {region}")
            if _writes(accesses) and at.call("get_bucket_versioning", bucket).get("Status") != "Enabled":
                yield Finding(
                    (),
                    "keeps no old versions, so what a platform overwrites is gone; to keep them: "
                    f"{_command(storage, 'put-bucket-versioning', '--versioning-configuration Status=Enabled')}",
                    "warning",
                )


def lacking_on_aws(storage: AwsBucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """Who owns what others write, and a public policy that Block Public Access holds fast."""
    bucket = storage.bucket
    if at.whose(bucket) != "caller":
        return
    owners = at.get("get_bucket_ownership_controls", bucket) or {"OwnershipControls": {"Rules": []}}
    rules = [rule["ObjectOwnership"] for rule in owners["OwnershipControls"]["Rules"]]
    if _writes(accesses) and rules != ["BucketOwnerEnforced"]:
        enforced = "--ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'"
        yield Finding(
            (),
            "does not own what other accounts write into it (object ownership "
            f"{' '.join(rules) or 'ObjectWriter'}); to own it, without ACLs: "
            f"{_command(storage, 'put-bucket-ownership-controls', enforced)}",
            "warning",
        )
    policy = at.get("get_bucket_policy_status", bucket)
    block = at.get("get_public_access_block", bucket) or {"PublicAccessBlockConfiguration": {}}
    if policy and policy["PolicyStatus"]["IsPublic"]:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        effects = {
            "BlockPublicPolicy": "refuses every change of such a policy",
            "RestrictPublicBuckets": "keeps all other accounts out while it is there",
        }
        on = [name for name in effects if block["PublicAccessBlockConfiguration"].get(name)]
        if on:
            yield Finding(
                (),
                f"has a policy that lets everybody in, and {on[0]} {effects[on[0]]}; take that statement out: "
                f"{_command(storage, 'get-bucket-policy')}",
            )


def unusable_key(storage: AwsBucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """A key that the platform could not use: AWS's own, one that is not enabled, or not the one that is named."""
    if storage.kms_key:
        key = _key(at, storage.kms_key)
        if key.get("KeyManager") == "AWS":
            yield Finding(
                ("kms_key",), "is AWS's own key, which cannot be shared with another account; bring a key of your own"
            )
        elif key.get("KeyState") != "Enabled":
            command = "cancel-key-deletion" if key.get("KeyState") == "PendingDeletion" else "enable-key"
            yield Finding(
                ("kms_key",),
                f"is {key.get('KeyState', 'not there')}; "
                f"to mend it: aws kms {command} --key-id {storage.kms_key}{storage.options()}",
            )
    if storage.existing and at.whose(storage.bucket) == "caller":
        yield from _other_encryption(storage, at, accesses)


def _other_encryption(storage: AwsBucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """Where the bucket's default encryption is not what storage.yaml says."""
    answer = at.get("get_bucket_encryption", storage.bucket)
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else [{}]
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    if not default.get("SSEAlgorithm", "").startswith("aws:kms"):
        if storage.kms_key:
            yield Finding(
                ("kms_key",),
                "is not the bucket's default encryption, so new objects are not encrypted with it",
                "warning",
            )
        return
    given = default.get("KMSMasterKeyID")
    key = _key(at, given) if given and not given.endswith("alias/aws/s3") else {"KeyManager": "AWS"}
    who = ", ".join(sorted({access.principal.words for access in accesses}))
    if key.get("KeyManager") == "AWS":
        configuration = (
            '--server-side-encryption-configuration \'{"Rules":[{"ApplyServerSideEncryptionByDefault":'
            '{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"<the ARN of a key of yours>"},"BucketKeyEnabled":true}]}\''
        )
        yield Finding(
            (),
            f"is encrypted with AWS's own key aws/s3, which cannot be shared with {who}; use a key of your own, and "
            f"name it in kms_key: {_command(storage, 'put-bucket-encryption', configuration)}",
        )
    elif key.get("Arn", given) != storage.kms_key:
        at_key = ("kms_key",) if storage.kms_key else ()
        yield Finding(
            at_key,
            f"is encrypted with a KMS key that {who} may not use yet; write kms_key: {key.get('Arn', given)}",
        )
    elif storage.bucket_key and not rules[0].get("BucketKeyEnabled"):
        yield Finding(
            ("kms_key",),
            "is used without an S3 Bucket Key, so its use cannot be limited to this bucket; switch the Bucket Key on, "
            f"or say bucket_key: false, which lets {who} use the key for whatever it encrypts",
        )


def _key(at: Store, key: str) -> dict[str, Any]:
    """What KMS knows of a key by its ARN, id or alias; empty where there is none."""
    client = at.session.client("kms")
    try:
        return dict(client.describe_key(KeyId=key)["KeyMetadata"])
    except client.exceptions.NotFoundException:
        return {}


def _writes(accesses: Sequence[Access]) -> bool:
    return any("write" in access.verbs for access in accesses)


def _command(storage: S3Bucket, operation: str, arguments: str = "") -> str:
    return " ".join(filter(None, (f"aws s3api {operation} --bucket {storage.bucket}", arguments))) + storage.options()
