"""What a bucket that is there already lacks for its grants, each with the command that mends it.

Nothing is changed: an existing bucket is used as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drawbridge.access import Access
from drawbridge.documents import POLICY, compact, parts_of
from drawbridge.problems import Finding

WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}

if TYPE_CHECKING:
    from drawbridge.resources.store import Store
    from drawbridge.storage.aws import AwsBucket
    from drawbridge.storage.s3 import S3Bucket


def elsewhere(storage: S3Bucket, at: Store) -> Iterator[Finding]:
    """A bucket that is not there, is another's, or lies in another region."""
    bucket = storage.bucket
    match at.whose(bucket):
        case "nobody":
            yield Finding(
                ("bucket",),
                f"there is no bucket {bucket}; mend its name, or the profile, or, if the stack is to make it, leave "
                "existing: true out",
            )
        case "other":
            yield Finding(
                ("bucket",),
                f"{bucket} belongs to another account than the credentials, or they may not look at it; "
                "use those of its owner, which need s3:ListBucket",
            )
        case "caller":
            if (region := at.region(bucket)) != storage.region:
                yield Finding(("region",), f"is {storage.region}, but the bucket lies in {region}; write {region}")


def lacking(storage: S3Bucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """What every S3 store can be asked: whether it keeps versions, and whether its policy keeps the platform out."""
    bucket = storage.bucket
    if _writes(accesses) and at.call("get_bucket_versioning", bucket).get("Status") != "Enabled":
        yield Finding(
            (),
            "keeps no old versions, so what a platform overwrites is gone; to keep them: "
            f"{_command(storage, 'put-bucket-versioning', '--versioning-configuration Status=Enabled')}",
            "warning",
        )
    answer = at.get("get_bucket_policy", bucket)
    for statement in parts_of(POLICY, json.loads(answer["Policy"]) if answer else None):
        if statement.get("Effect") == "Deny" and statement.get("Condition") != WITHOUT_TLS and _for_all(statement):
            yield Finding(
                (),
                "has a statement in its policy that refuses everybody something, and may keep the platform out: "
                f"{compact(statement)}; except it there: {_command(storage, 'get-bucket-policy')}",
                "warning",
            )


def lacking_on_aws(storage: AwsBucket, at: Store, accesses: Sequence[Access]) -> Iterator[Finding]:
    """Who owns what others write, a public policy that Block Public Access holds fast, another encryption."""
    bucket = storage.bucket
    foreign = _foreign(accesses)
    owners = at.get("get_bucket_ownership_controls", bucket) or {"OwnershipControls": {"Rules": []}}
    rules = [rule["ObjectOwnership"] for rule in owners["OwnershipControls"]["Rules"]]
    if _writes(foreign) and rules != ["BucketOwnerEnforced"]:
        enforced = "--ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'"
        yield Finding(
            (),
            "does not own what other accounts write into it (object ownership "
            f"{' '.join(rules) or 'ObjectWriter'}); to own it, without ACLs: "
            f"{_command(storage, 'put-bucket-ownership-controls', enforced)}",
            "warning",
        )
    policy = at.get("get_bucket_policy_status", bucket)
    if foreign and policy and policy["PolicyStatus"]["IsPublic"]:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
        effects = {
            "BlockPublicPolicy": "refuses every change of such a policy",
            "RestrictPublicBuckets": "keeps all other accounts out while it is there",
        }
        blocks = at.blocks_public(bucket)
        on = [name for name in effects if blocks.get(name)]
        if on:
            yield Finding(
                (),
                f"has a policy that lets everybody in, and {on[0]} (of the bucket or its account) {effects[on[0]]}; "
                f"look for that statement with {_command(storage, 'get-bucket-policy')}, and put the policy again "
                f"without it: {_command(storage, 'put-bucket-policy', '--policy file://policy.json')}",
            )
    yield from _other_encryption(storage, at, accesses)


def unusable_key(storage: AwsBucket, at: Store, grants: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """A key that the platform could not use: AWS's own, one that is not enabled, or that may not be granted."""
    key = _key(at, storage.kms_key or "")
    if key.get("KeyManager") == "AWS":
        yield Finding(("kms_key",), "is AWS's own key, which cannot be shared with another account; bring one of yours")
    elif key.get("KeyState") != "Enabled":
        command = "cancel-key-deletion" if key.get("KeyState") == "PendingDeletion" else "enable-key"
        yield Finding(
            ("kms_key",),
            f"is {key.get('KeyState', 'not there')}; "
            f"to mend it: aws kms {command} --key-id {storage.kms_key}{storage.options()}",
        )
    elif key.get("KeySpec") != "SYMMETRIC_DEFAULT" or key.get("KeyUsage") not in (None, "ENCRYPT_DECRYPT"):
        yield Finding(
            ("kms_key",),
            f"is for {key.get('KeyUsage')} with {key.get('KeySpec')}, and S3 encrypts only with a key for "
            "ENCRYPT_DECRYPT with SYMMETRIC_DEFAULT; name one",
        )
    else:
        yield from _not_grantable(storage, at, grants)


def _not_grantable(storage: AwsBucket, at: Store, grants: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the key's policy does not let the caller do; KMS is asked without anything being made."""
    client = at.session.client("kms")
    for grant in grants:
        constraints = {"EncryptionContextSubset": grant["context"]} if grant["context"] else None
        try:
            client.create_grant(
                KeyId=grant["key"],
                GranteePrincipal=grant["principal"],
                Operations=grant["operations"],
                DryRun=True,
                **({"Constraints": constraints} if constraints else {}),
            )
        except client.exceptions.DryRunOperationException:
            continue
        except client.exceptions.ClientError as error:
            yield Finding(
                ("kms_key",),
                f"cannot be granted to {grant['principal']}: {error.response['Error']['Message']}; the key's policy "
                "has to allow kms:CreateGrant, kms:ListGrants and kms:RevokeGrant to whoever runs Pulumi: "
                f"aws kms get-key-policy --key-id {storage.kms_key} --policy-name default{storage.options()}",
            )


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
    foreign = _foreign(accesses)
    if key.get("KeyManager") == "AWS":
        if not foreign:  # whoever may use the bucket in its own account may use this key through it
            return
        who = ", ".join(sorted({access.principal.words for access in foreign}))
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
    elif foreign and storage.bucket_key and not rules[0].get("BucketKeyEnabled"):
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


def _for_all(statement: Mapping[str, Any]) -> bool:
    """Whether a statement speaks of everybody, or of everybody but some."""
    return "NotPrincipal" in statement or statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})


def _foreign(accesses: Sequence[Access]) -> list[Access]:
    """Those of principals of other accounts."""
    return [access for access in accesses if not access.principal.ours]


def _writes(accesses: Sequence[Access]) -> bool:
    return any("write" in access.verbs for access in accesses)


def _command(storage: S3Bucket, operation: str, arguments: str = "") -> str:
    return " ".join(filter(None, (f"aws s3api {operation} --bucket {storage.bucket}", arguments))) + storage.options()
