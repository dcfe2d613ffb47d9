"""Decisions that AWS documents, made with boto3: lists, objects, conditions and the policies of buckets."""

from __future__ import annotations

import pytest

from tests.sandbox.guard.cast import OK, OTHER, OWNER, Cast, Outcome, allow, deny, outcome, policy, to, trust
from tests.sandbox.guard.decisions import DENIED, DOCS, HEAD_DENIED, ROOT, Group, check, rows

HEAD_MISSING: Outcome = (404, "404")
MALFORMED: Outcome = (400, "MalformedPolicy")
MALFORMED_IAM: Outcome = (400, "MalformedPolicyDocument")


def lists(cast: Cast) -> None:
    arn = "arn:aws:s3:::listed"
    prefixes = {"StringLike": {"s3:prefix": ["studies/", "studies/*"]}}
    cast.user("l-ann", allow("s3:ListBucket", arn, Condition=prefixes), allow("s3:GetObject", f"{arn}/studies/*"))
    cast.user("l-bob", allow("s3:ListBucket", arn))
    cast.user("l-carl", allow("s3:ListBucket", f"{arn}/*"))
    cast.user("l-dora", allow("s3:ListBucket", arn, Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}}))
    cast.user("l-emil", allow("s3:ListBucket", arn, Condition={"StringEquals": {"s3:delimiter": "/"}}))
    cast.user("l-finn", allow("s3:ListBucketVersions", arn), allow("s3:ListAllMyBuckets"))
    cast.bucket("listed", objects=("studies/1", "other/1"))


def missing(cast: Cast) -> None:
    arn = "arn:aws:s3:::missed"
    cast.bucket("missed")
    cast.user("m-ann", allow("s3:GetObject", f"{arn}/*"))
    cast.user("m-bob", allow("s3:GetObject", f"{arn}/*"), allow("s3:ListBucket", arn))
    cast.user("m-carl", allow("s3:ListBucket", arn))


def versions(cast: Cast) -> None:
    arn = "arn:aws:s3:::versioned"
    cast.bucket("versioned", objects=())
    s3 = cast.admin().s3
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="versioned", Key="a", Body=b"1")
    cast.user("v-ann", allow(["s3:GetObject", "s3:DeleteObject"], f"{arn}/*"))
    cast.user("v-bob", allow(["s3:GetObjectVersion", "s3:DeleteObjectVersion"], f"{arn}/*"))


def version(cast: Cast) -> str:
    return str(cast.admin().s3.list_object_versions(Bucket="versioned")["Versions"][0]["VersionId"])


def copies(cast: Cast) -> None:
    cast.bucket("copy-from", objects=("a", "tagged"))
    cast.bucket("copy-to")
    tags = {"TagSet": [{"Key": "k", "Value": "v"}]}
    cast.admin().s3.put_object_tagging(Bucket="copy-from", Key="tagged", Tagging=tags)
    cast.user(
        "c-ann", allow("s3:PutObject", "arn:aws:s3:::copy-to/*"), allow("s3:GetObject", "arn:aws:s3:::copy-from/*")
    )
    cast.user("c-bob", allow("s3:PutObject", "arn:aws:s3:::copy-to/*"))
    cast.user("c-carl", allow("s3:GetObject", "arn:aws:s3:::copy-from/*"))
    cast.user("c-dora", allow(["s3:PutObject", "s3:PutObjectTagging"], "arn:aws:s3:::copy-to/*"))


def copy(cast: Cast, name: str, key: str = "a") -> Outcome:
    source = {"Bucket": "copy-from", "Key": key}
    return outcome(lambda: cast[name].s3.copy_object(Bucket="copy-to", Key="b", CopySource=source))


def part_copy(cast: Cast, name: str) -> Outcome:
    def call() -> None:
        s3 = cast[name].s3
        upload = s3.create_multipart_upload(Bucket="copy-to", Key="parts")["UploadId"]
        about = {"Bucket": "copy-to", "Key": "parts", "UploadId": upload}
        s3.upload_part_copy(**about, PartNumber=1, CopySource={"Bucket": "copy-from", "Key": "a"})

    return outcome(call)


def conditions(cast: Cast) -> None:
    arn = "arn:aws:s3:::conditional"
    secure = deny("s3:*", [arn, f"{arn}/*"], Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    cast.bucket("conditional", secure, objects=("a", "home/d-ann/x", "home/d-bob/x"))
    here = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    there = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    cast.user("d-ann", allow("s3:GetObject", f"{arn}/home/${{aws:username}}/*"), allow("s3:GetObject", f"{arn}/a"))
    cast.user("d-bob", allow("s3:GetObject", f"{arn}/*", Condition=here))
    cast.user("d-carl", allow("s3:GetObject", f"{arn}/*", Condition=there))
    encrypted = {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    cast.user("d-dora", allow("s3:PutObject", f"{arn}/*", Condition=encrypted))
    cast.user("d-emil", allow("s3:GetObject", f"{arn}/*", Condition={"StringLike": {"aws:UserAgent": "tool*"}}))
    cast.user(
        "d-finn",
        allow("s3:GetObject", f"{arn}/*", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    )


def plain(cast: Cast, name: str) -> Outcome:
    return cast.caller(cast[name].keys, plain=True).get("conditional", "a")


def public(cast: Cast) -> None:
    for name in ("open", "restricted", "unblocked"):
        cast.bucket(name, to("*", "s3:GetObject", f"arn:aws:s3:::{name}/*"))
    block = {"RestrictPublicBuckets": True}
    cast.admin().s3.put_public_access_block(Bucket="restricted", PublicAccessBlockConfiguration=block)
    cast.bucket("blocked")
    block = {"BlockPublicPolicy": True}
    cast.admin().s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration=block)
    cast.user("p-ann", allow("s3:*"), account=OTHER)
    cast.user("p-bob")
    cast.user("p-carl")


def put_policy(cast: Cast, bucket: str, *statements: dict[str, object]) -> Outcome:
    return outcome(lambda: cast.admin().s3.put_bucket_policy(Bucket=bucket, Policy=policy(*statements)))


def root(cast: Cast) -> None:
    cast.bucket("rooted", deny("s3:*", ["arn:aws:s3:::rooted", "arn:aws:s3:::rooted/*"], Principal="*"))
    cast.user("r-ann", allow("s3:*"))


def replace_roots_policy(cast: Cast) -> Outcome:
    return put_policy(cast, "rooted", deny("s3:*", "arn:aws:s3:::rooted/*", Principal="*"))


def batches(cast: Cast) -> None:
    arn = "arn:aws:s3:::batch"
    cast.bucket("batch", objects=("mine/1", "mine/2", "theirs/1"))
    cast.user("e-ann", allow("s3:DeleteObject", f"{arn}/mine/*"))


def several(cast: Cast, *keys: str) -> Outcome:
    """The deletion's own outcome, then which keys were refused."""
    objects = {"Objects": [{"Key": key} for key in keys]}
    answer = cast["e-ann"].s3.delete_objects(Bucket="batch", Delete=objects)
    refused = [f"{one['Key']} {one['Code']}" for one in answer.get("Errors", [])]
    assert sorted(one["Key"] for one in answer.get("Deleted", [])) == sorted(
        set(keys) - {one.split()[0] for one in refused}
    )
    return answer["ResponseMetadata"]["HTTPStatusCode"], ", ".join(refused)


def invalid(cast: Cast) -> None:
    cast.bucket("invalid")
    cast.user("i-ann", path="/team/")


def role_trusting(cast: Cast, name: str, principal: str) -> Outcome:
    return outcome(lambda: cast.role(name, trust(principal)))


INVALID = "arn:aws:s3:::invalid/*"
GROUPS: dict[str, Group] = {
    "lists": Group(f"{DOCS}/AmazonS3/latest/userguide/amazon-s3-policy-keys.html", lists, {
        "the folder": (lambda c: c["l-ann"].list("listed", Prefix="studies/"), OK),
        "below it": (lambda c: c["l-ann"].list("listed", Prefix="studies/2026"), OK),
        "its bare name": (lambda c: c["l-ann"].list("listed", Prefix="studies"), DENIED),
        "another folder": (lambda c: c["l-ann"].list("listed", Prefix="other/"), DENIED),
        "everything": (lambda c: c["l-ann"].list("listed"), DENIED),
        "an empty prefix": (lambda c: c["l-ann"].list("listed", Prefix=""), DENIED),
        "the older form": (lambda c: outcome(lambda: c["l-ann"].s3.list_objects(Bucket="listed", Prefix="studies/")), OK),
        "the older form, everything": (lambda c: outcome(lambda: c["l-ann"].s3.list_objects(Bucket="listed")), DENIED),
        "HeadBucket gives no prefix": (lambda c: outcome(lambda: c["l-ann"].s3.head_bucket(Bucket="listed")), HEAD_DENIED),
        "versions are another permission": (lambda c: outcome(lambda: c["l-bob"].s3.list_object_versions(Bucket="listed")), DENIED),
        "with that permission": (lambda c: outcome(lambda: c["l-finn"].s3.list_object_versions(Bucket="listed")), OK),
        "uploads are another permission": (lambda c: outcome(lambda: c["l-bob"].s3.list_multipart_uploads(Bucket="listed")), DENIED),
        "on objects instead of the bucket": (lambda c: c["l-carl"].list("listed"), DENIED),
        "few enough keys": (lambda c: c["l-dora"].list("listed", MaxKeys=10), OK),
        "too many keys": (lambda c: c["l-dora"].list("listed", MaxKeys=11), DENIED),
        "no number of keys": (lambda c: c["l-dora"].list("listed"), DENIED),
        "the delimiter": (lambda c: c["l-emil"].list("listed", Delimiter="/"), OK),
        "no delimiter": (lambda c: c["l-emil"].list("listed"), DENIED),
        "all buckets": (lambda c: outcome(lambda: c["l-finn"].s3.list_buckets()), OK),
        "all buckets without it": (lambda c: outcome(lambda: c["l-bob"].s3.list_buckets()), DENIED),
    }),
    "what is not there": Group(f"{DOCS}/AmazonS3/latest/API/API_GetObject.html", missing, {
        "GET without list": (lambda c: c["m-ann"].get("missed", "b"), DENIED),
        "GET with list": (lambda c: c["m-bob"].get("missed", "b"), (404, "NoSuchKey")),
        "HEAD without list": (lambda c: c["m-ann"].head("missed", "b"), HEAD_DENIED),
        "HEAD with list": (lambda c: c["m-bob"].head("missed", "b"), HEAD_MISSING),
        "list alone, not there": (lambda c: c["m-carl"].head("missed", "b"), HEAD_DENIED),
        "what is there": (lambda c: c["m-ann"].head("missed", "a"), OK),
    }),
    "versions": Group(f"{DOCS}/AmazonS3/latest/userguide/using-with-s3-policy-actions.html", versions, {
        "the newest": (lambda c: c["v-ann"].get("versioned", "a"), OK),
        "a version by its id": (lambda c: c["v-ann"].get("versioned", "a", VersionId=version(c)), DENIED),
        "with its permission": (lambda c: c["v-bob"].get("versioned", "a", VersionId=version(c)), OK),
        "which is not that for the newest": (lambda c: c["v-bob"].get("versioned", "a"), DENIED),
        "deleting a version": (lambda c: outcome(lambda: c["v-ann"].s3.delete_object(Bucket="versioned", Key="a", VersionId=version(c))), DENIED),
        "deleting, which leaves a marker": (lambda c: outcome(lambda: c["v-ann"].s3.delete_object(Bucket="versioned", Key="a")), OK),
    }),
    "copies": Group(f"{DOCS}/AmazonS3/latest/API/API_CopyObject.html", copies, {
        "both": (lambda c: copy(c, "c-ann"), OK),
        "not the source": (lambda c: copy(c, "c-bob"), DENIED),
        "not the target": (lambda c: copy(c, "c-carl"), DENIED),
        "tags go along and need more": (lambda c: copy(c, "c-ann", "tagged"), DENIED),
        "a part, both": (lambda c: part_copy(c, "c-ann"), OK),
        "a part, not the source": (lambda c: part_copy(c, "c-bob"), DENIED),
        "tags of one's own": (lambda c: c["c-dora"].put("copy-to", "c", Tagging="k=v"), OK),
        "tags without their permission": (lambda c: c["c-bob"].put("copy-to", "c", Tagging="k=v"), DENIED),
    }),
    "conditions": Group(f"{DOCS}/IAM/latest/UserGuide/reference_policies_condition-keys.html", conditions, {
        "over TLS": (lambda c: c["d-ann"].get("conditional", "a"), OK),
        "without TLS": (lambda c: plain(c, "d-ann"), DENIED),
        "one's own folder": (lambda c: c["d-ann"].get("conditional", "home/d-ann/x"), OK),
        "another's": (lambda c: c["d-ann"].get("conditional", "home/d-bob/x"), DENIED),
        "from here": (lambda c: c["d-bob"].get("conditional", "a"), OK),
        "from elsewhere": (lambda c: c["d-carl"].get("conditional", "a"), DENIED),
        "encrypted as asked": (lambda c: c["d-dora"].put("conditional", "b", ServerSideEncryption="AES256"), OK),
        "not encrypted": (lambda c: c["d-dora"].put("conditional", "b"), DENIED),
        "another client": (lambda c: c["d-emil"].get("conditional", "a"), DENIED),
        "too late": (lambda c: c["d-finn"].get("conditional", "a"), DENIED),
    }),
    "public": Group(f"{DOCS}/AmazonS3/latest/userguide/access-control-block-public-access.html", public, {
        "nobody, let in": (lambda c: c.nobody.get("open", "a"), OK),
        "nobody, to write": (lambda c: c.nobody.put("open", "b"), DENIED),
        "nobody, restricted": (lambda c: c.nobody.get("restricted", "a"), DENIED),
        "another account, let in": (lambda c: c["p-ann"].get("open", "a"), OK),
        "another account, restricted": (lambda c: c["p-ann"].get("restricted", "a"), DENIED),
        "the same account, restricted": (lambda c: c["p-bob"].get("restricted", "a"), OK),
        "a public policy, blocked": (lambda c: put_policy(c, "blocked", to("*", "s3:GetObject", "arn:aws:s3:::blocked/*")), DENIED),
        "a policy that is not public, not blocked": (lambda c: put_policy(c, "blocked", to(ROOT, "s3:GetObject", "arn:aws:s3:::blocked/*")), OK),
        "everybody of one network is not public": (lambda c: put_policy(c, "blocked", to("*", "s3:GetObject", "arn:aws:s3:::blocked/*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})), OK),
        "everybody with TLS is": (lambda c: put_policy(c, "blocked", to("*", "s3:GetObject", "arn:aws:s3:::blocked/*", Condition={"Bool": {"aws:SecureTransport": "true"}})), DENIED),
    }),
    "root": Group(f"{DOCS}/AmazonS3/latest/API/API_PutBucketPolicy.html", root, {
        "its policy denies root": (lambda c: c.admin().get("rooted", "a"), DENIED),
        "but not the policy itself": (lambda c: outcome(lambda: c.admin().s3.get_bucket_policy(Bucket="rooted")), OK),
        "a user may not": (lambda c: outcome(lambda: c["r-ann"].s3.get_bucket_policy(Bucket="rooted")), DENIED),
        "root replaces it": (replace_roots_policy, OK),
        "root deletes it": (lambda c: outcome(lambda: c.admin().s3.delete_bucket_policy(Bucket="rooted")), OK),
    }),
    "several deletions at once": Group(f"{DOCS}/AmazonS3/latest/API/API_DeleteObjects.html", batches, {
        "in part": (lambda c: several(c, "mine/1", "theirs/1"), (200, "theirs/1 AccessDenied")),
        "none": (lambda c: several(c, "theirs/1"), (200, "theirs/1 AccessDenied")),
        "all": (lambda c: several(c, "mine/2", "mine/never"), OK),
    }),
    "policies that cannot be": Group(f"{DOCS}/IAM/latest/UserGuide/reference_policies_elements_principal.html", invalid, {
        "a user that is not there": (lambda c: put_policy(c, "invalid", to(f"arn:aws:iam::{OWNER}:user/never", "s3:GetObject", INVALID)), MALFORMED),
        "a role that is not there": (lambda c: put_policy(c, "invalid", to(f"arn:aws:iam::{OTHER}:role/never", "s3:GetObject", INVALID)), MALFORMED),
        "a user without its path": (lambda c: put_policy(c, "invalid", to(f"arn:aws:iam::{OWNER}:user/i-ann", "s3:GetObject", INVALID)), MALFORMED),
        "a user with its path": (lambda c: put_policy(c, "invalid", to(f"arn:aws:iam::{OWNER}:user/team/i-ann", "s3:GetObject", INVALID)), OK),
        "any account": (lambda c: put_policy(c, "invalid", to("123456789012", "s3:GetObject", INVALID)), OK),
        "a pattern": (lambda c: put_policy(c, "invalid", to(f"arn:aws:iam::{OWNER}:user/*", "s3:GetObject", INVALID)), MALFORMED),
        "V7, which is there": (lambda c: put_policy(c, "invalid", to("arn:aws:iam::258327614892:role/external_s3", "s3:GetObject", INVALID)), OK),
        "another bucket": (lambda c: put_policy(c, "invalid", to(ROOT, "s3:GetObject", "arn:aws:s3:::another/*")), MALFORMED),
        "no document": (lambda c: outcome(lambda: c.admin().s3.put_bucket_policy(Bucket="invalid", Policy="[]")), MALFORMED),
        "no action": (lambda c: put_policy(c, "invalid", {"Effect": "Allow", "Principal": "*", "Resource": INVALID}), MALFORMED),
        "a condition key that is not known here": (lambda c: put_policy(c, "invalid", to(ROOT, "s3:GetObject", INVALID, Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}})), (501, "NotImplemented")),
        "a role that trusts nobody there is": (lambda c: role_trusting(c, "i-role", f"arn:aws:iam::{OWNER}:user/never"), MALFORMED_IAM),
        "a role that trusts an account": (lambda c: role_trusting(c, "i-role", ROOT), OK),
        "a trust that is changed to nobody": (lambda c: outcome(lambda: c.admin().iam.update_assume_role_policy(RoleName="i-role", PolicyDocument=trust(f"arn:aws:iam::{OWNER}:user/never"))), MALFORMED_IAM),
    }),
}  # fmt: skip


@pytest.mark.parametrize(("group", "row"), rows(GROUPS))
def test_is_decided_as_aws_documents(cast: Cast, group: str, row: str) -> None:
    check(cast, GROUPS, group, row)
