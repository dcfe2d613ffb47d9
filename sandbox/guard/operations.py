"""Every operation of S3 that the sandbox can decide: method, level and sub-resource, and the permission it needs.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and, for what an operation needs,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.guard.answers import unknown

SERVICE, BUCKET, OBJECT = "service", "bucket", "object"


@dataclass(frozen=True)
class Operation:
    """`version` is the permission where a version is named; `parameters` are what may be given besides."""

    permission: str
    version: str = ""
    parameters: frozenset[str] = frozenset()


def _is(permission: str, *parameters: str, version: str = "") -> Operation:
    return Operation(f"s3:{permission}", f"s3:{version}" if version else "", frozenset(parameters))


_LIST = ("prefix", "delimiter", "max-keys", "encoding-type")
_SHOWN = [f"response-{name}" for name in ("content-type", "content-language", "expires", "cache-control",
                                          "content-disposition", "content-encoding")]  # fmt: skip
_READ = _is("GetObject", "versionId", "partNumber", *_SHOWN, version="GetObjectVersion")
_MADE = _is("PutObject")

TABLE: dict[tuple[str, str, str], Operation] = {
    (SERVICE, "GET", ""): _is("ListAllMyBuckets", "prefix", "bucket-region", "max-buckets", "continuation-token"),
    (BUCKET, "HEAD", ""): _is("ListBucket"),
    (BUCKET, "GET", ""): _is("ListBucket", *_LIST, "marker"),
    (BUCKET, "GET", "list-type"): _is("ListBucket", *_LIST, "continuation-token", "start-after", "fetch-owner"),
    (BUCKET, "GET", "versions"): _is("ListBucketVersions", *_LIST, "key-marker", "version-id-marker"),
    (BUCKET, "GET", "uploads"): _is(
        "ListBucketMultipartUploads", "prefix", "delimiter", "max-uploads", "encoding-type", "key-marker",
        "upload-id-marker",
    ),
    (BUCKET, "PUT", ""): _is("CreateBucket"),
    (BUCKET, "DELETE", ""): _is("DeleteBucket"),
    (BUCKET, "POST", "delete"): _is("DeleteObject", version="DeleteObjectVersion"),
    (BUCKET, "GET", "location"): _is("GetBucketLocation"),
    (BUCKET, "GET", "policy"): _is("GetBucketPolicy"),
    (BUCKET, "PUT", "policy"): _is("PutBucketPolicy"),
    (BUCKET, "DELETE", "policy"): _is("DeleteBucketPolicy"),
    (BUCKET, "GET", "policyStatus"): _is("GetBucketPolicyStatus"),
    (BUCKET, "GET", "acl"): _is("GetBucketAcl"),
    (BUCKET, "PUT", "acl"): _is("PutBucketAcl"),
    (BUCKET, "GET", "lifecycle"): _is("GetLifecycleConfiguration"),
    (BUCKET, "PUT", "lifecycle"): _is("PutLifecycleConfiguration"),
    (BUCKET, "DELETE", "lifecycle"): _is("PutLifecycleConfiguration"),
    (BUCKET, "GET", "versioning"): _is("GetBucketVersioning"),
    (BUCKET, "PUT", "versioning"): _is("PutBucketVersioning"),
    (BUCKET, "GET", "website"): _is("GetBucketWebsite"),
    (BUCKET, "PUT", "website"): _is("PutBucketWebsite"),
    (BUCKET, "DELETE", "website"): _is("DeleteBucketWebsite"),
    (BUCKET, "GET", "tagging"): _is("GetBucketTagging"),
    (BUCKET, "PUT", "tagging"): _is("PutBucketTagging"),
    (BUCKET, "DELETE", "tagging"): _is("PutBucketTagging"),
    (BUCKET, "GET", "logging"): _is("GetBucketLogging"),
    (BUCKET, "PUT", "logging"): _is("PutBucketLogging"),
    (BUCKET, "GET", "cors"): _is("GetBucketCORS"),
    (BUCKET, "PUT", "cors"): _is("PutBucketCORS"),
    (BUCKET, "DELETE", "cors"): _is("PutBucketCORS"),
    (BUCKET, "GET", "notification"): _is("GetBucketNotification"),
    (BUCKET, "PUT", "notification"): _is("PutBucketNotification"),
    (BUCKET, "GET", "accelerate"): _is("GetAccelerateConfiguration"),
    (BUCKET, "PUT", "accelerate"): _is("PutAccelerateConfiguration"),
    (BUCKET, "GET", "requestPayment"): _is("GetBucketRequestPayment"),
    (BUCKET, "GET", "encryption"): _is("GetEncryptionConfiguration"),
    (BUCKET, "PUT", "encryption"): _is("PutEncryptionConfiguration"),
    (BUCKET, "DELETE", "encryption"): _is("PutEncryptionConfiguration"),
    (BUCKET, "GET", "publicAccessBlock"): _is("GetBucketPublicAccessBlock"),
    (BUCKET, "PUT", "publicAccessBlock"): _is("PutBucketPublicAccessBlock"),
    (BUCKET, "DELETE", "publicAccessBlock"): _is("PutBucketPublicAccessBlock"),
    (BUCKET, "GET", "ownershipControls"): _is("GetBucketOwnershipControls"),
    (BUCKET, "PUT", "ownershipControls"): _is("PutBucketOwnershipControls"),
    (BUCKET, "DELETE", "ownershipControls"): _is("PutBucketOwnershipControls"),
    (BUCKET, "GET", "replication"): _is("GetReplicationConfiguration"),
    (BUCKET, "GET", "object-lock"): _is("GetBucketObjectLockConfiguration"),
    (BUCKET, "PUT", "object-lock"): _is("PutBucketObjectLockConfiguration"),
    (BUCKET, "GET", "inventory"): _is("GetInventoryConfiguration", "id", "continuation-token"),
    (BUCKET, "PUT", "inventory"): _is("PutInventoryConfiguration", "id"),
    (OBJECT, "GET", ""): _READ,
    (OBJECT, "HEAD", ""): _READ,
    (OBJECT, "GET", "acl"): _is("GetObjectAcl", "versionId", version="GetObjectVersionAcl"),
    (OBJECT, "GET", "tagging"): _is("GetObjectTagging", "versionId", version="GetObjectVersionTagging"),
    (OBJECT, "GET", "legal-hold"): _is("GetObjectLegalHold", "versionId", version="GetObjectLegalHold"),
    (OBJECT, "GET", "attributes"): _is("GetObjectAttributes", "versionId", version="GetObjectVersionAttributes"),
    (OBJECT, "GET", "uploadId"): _is("ListMultipartUploadParts", "max-parts", "part-number-marker"),
    (OBJECT, "PUT", ""): _MADE,
    (OBJECT, "PUT", "uploadId"): _is("PutObject", "partNumber"),
    (OBJECT, "PUT", "tagging"): _is("PutObjectTagging", "versionId", version="PutObjectVersionTagging"),
    (OBJECT, "PUT", "retention"): _is("PutObjectRetention", "versionId", version="PutObjectRetention"),
    (OBJECT, "PUT", "legal-hold"): _is("PutObjectLegalHold", "versionId", version="PutObjectLegalHold"),
    (OBJECT, "POST", "uploads"): _MADE,
    (OBJECT, "POST", "uploadId"): _MADE,
    (OBJECT, "POST", "restore"): _is("RestoreObject", "versionId", version="RestoreObject"),
    (OBJECT, "POST", "select"): _is("GetObject", "select-type"),
    (OBJECT, "DELETE", ""): _is("DeleteObject", "versionId", version="DeleteObjectVersion"),
    (OBJECT, "DELETE", "uploadId"): _is("AbortMultipartUpload"),
    (OBJECT, "DELETE", "tagging"): _is("DeleteObjectTagging", "versionId", version="DeleteObjectVersionTagging"),
}  # fmt: skip
_SUB_RESOURCES = {sub_resource for _, _, sub_resource in TABLE} - {""}
HARMLESS = {"x-id"}  # a note of the newer SDKs to themselves

# Headers that change nothing in who may do what, and those that are told to the judge or need a permission of their
# own; any other x-amz- header may change the decision in a way that is not known here.
HEADERS = {
    "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-user-agent", "x-amz-sdk-checksum-algorithm",
    "x-amz-trailer", "x-amz-decoded-content-length", "x-amz-expected-bucket-owner", "x-amz-account-id",
    "x-amz-source-expected-bucket-owner", "x-amz-copy-source", "x-amz-copy-source-range",
    "x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match", "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-unmodified-since", "x-amz-metadata-directive", "x-amz-tagging", "x-amz-tagging-directive",
    "x-amz-acl", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled", "x-amz-storage-class", "x-amz-website-redirect-location",
    "x-amz-object-ownership", "x-amz-bucket-object-lock-enabled", "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold", "x-amz-bypass-governance-retention",
    "x-amz-object-attributes", "x-amz-optional-object-attributes", "x-amz-mp-object-size", "x-amz-max-parts",
    "x-amz-part-number-marker", "x-amz-transition-default-minimum-object-size",
}  # fmt: skip


def find(level: str, method: str, parameters: Iterable[str]) -> tuple[str, Operation]:
    """The sub-resource and the operation that a request names; refuses what is not in the table, with its name."""
    given = set(parameters) - HARMLESS
    subs = sorted(given & _SUB_RESOURCES)
    if len(subs) > 1:
        raise unknown(f"{' and '.join(subs)} in one request")
    sub_resource = subs[0] if subs else ""
    operation = TABLE.get((level, method, sub_resource))
    if not operation:
        stranger = next(iter(sorted(given - {sub_resource})), "") if not subs else sub_resource
        raise unknown(f"{method} {level}{f'?{stranger}' if stranger else ''} of S3")
    if strangers := sorted(given - operation.parameters - {sub_resource}):
        raise unknown(f"the parameter {strangers[0]} of {method} {level}{f'?{sub_resource}' if sub_resource else ''}")
    return sub_resource, operation


def check_headers(headers: Iterable[str]) -> None:
    """Refuses a header of S3 that is not known."""
    for name in headers:
        known = name in HEADERS or name.startswith(("x-amz-meta-", "x-amz-checksum-"))
        if name.startswith("x-amz-") and not known:
            raise unknown(f"the header {name}")
