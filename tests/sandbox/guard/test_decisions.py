"""Requests whose decisions AWS documents, made with boto3 against the running sandbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.sandbox.guard.cast import OK, OTHER, OWNER, REGION, Cast, Outcome, allow, deny, outcome, policy, to, trust

DENIED: Outcome = (403, "AccessDenied")
HEAD_DENIED: Outcome = (403, "403")
HEAD_MISSING: Outcome = (404, "404")
MALFORMED: Outcome = (400, "MalformedPolicy")
MALFORMED_IAM: Outcome = (400, "MalformedPolicyDocument")
ROOT = f"arn:aws:iam::{OTHER}:root"
DOCS = "https://docs.aws.amazon.com"


class Group(NamedTuple):
    """What AWS says, what is set up for it, and what then is decided."""

    url: str
    set_up: Callable[[Cast], None]
    rows: dict[str, tuple[Callable[[Cast], Outcome], Outcome]]


def one_account(cast: Cast) -> None:
    cast.user("own-ann", allow(["s3:GetObject", "s3:ListBucket"]), deny("s3:GetObject", "arn:aws:s3:::own/secret"))
    named = cast.user("own-bob")
    cast.user("own-carl")
    arn = "arn:aws:s3:::own"
    statements = [
        to(named.arn, "s3:GetObject", f"{arn}/*"),
        to(f"arn:aws:iam::{OWNER}:root", "s3:PutObject", f"{arn}/*"),
        deny("s3:GetObject", f"{arn}/closed", Principal="*"),
    ]
    cast.bucket("own", *statements, objects=("a", "secret", "closed"))
    cast.user("own-dora", {"Effect": "Allow", "NotAction": "s3:DeleteObject", "Resource": "*"})


def across(cast: Cast) -> None:
    all_of_s3 = allow("s3:*")
    named = cast.user("x-ann", all_of_s3, account=OTHER)
    cast.user("x-bob", all_of_s3, account=OTHER)
    without = cast.user("x-carl", account=OTHER)
    arn = "arn:aws:s3:::across"
    cast.bucket(
        "across",
        to(named.arn, ["s3:GetObject", "s3:PutObject"], f"{arn}/*"),
        to(without.arn, "s3:GetObject", f"{arn}/*"),
        deny("s3:PutObject", f"{arn}/closed/*", NotPrincipal={"AWS": f"arn:aws:iam::{OWNER}:root"}),
    )
    cast.bucket("across-account", to(ROOT, "s3:GetObject", "arn:aws:s3:::across-account/*"))
    cast.bucket("others", account=OTHER)
    cast.user("x-dora", all_of_s3)


def boundaries(cast: Cast) -> None:
    arn = "arn:aws:s3:::bounded"
    limit = cast.managed("reads", allow("s3:GetObject"))
    cast.user("b-ann", allow("s3:*"), boundary=limit)
    cast.user("b-bob", boundary=limit)
    named = cast.user("b-carl", boundary=limit)
    cast.user("b-dora", allow("s3:*"))
    cast.admin().iam.put_user_permissions_boundary(UserName="b-dora", PermissionsBoundary=limit)
    cast.user("b-emil", allow("s3:*"), boundary=limit)
    cast.admin().iam.delete_user_permissions_boundary(UserName="b-emil")
    cast.bucket("bounded", to(named.arn, "s3:PutObject", f"{arn}/*"))


def groups(cast: Cast) -> None:
    cast.bucket("grouped")
    for name in ("g-ann", "g-bob"):
        cast.user(name)
    iam = cast.admin().iam
    for group in ("readers", "writers"):
        iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject")))
    iam.attach_group_policy(GroupName="writers", PolicyArn=cast.managed("g-writes", allow("s3:PutObject")))
    iam.attach_user_policy(UserName="g-bob", PolicyArn=cast.managed("g-reads", allow("s3:GetObject")))
    iam.add_user_to_group(GroupName="readers", UserName="g-ann")
    iam.add_user_to_group(GroupName="writers", UserName="g-ann")


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


def roles(cast: Cast) -> None:
    all_of_s3 = allow("s3:*")
    cast.bucket("assumed")
    ann = cast.user("s-ann", allow("sts:AssumeRole"))
    bob = cast.user("s-bob")
    cast.user("s-far", allow("sts:AssumeRole"), account=OTHER)
    cast.user("s-far-without", account=OTHER)
    cast.role("s-reader", trust(ann.arn), allow("s3:GetObject"))
    cast.role("s-all", trust(ann.arn), all_of_s3, MaxSessionDuration=7200)
    cast.role(
        "s-bounded", trust(ann.arn), all_of_s3, PermissionsBoundary=cast.managed("s-reads", allow("s3:GetObject"))
    )
    cast.role("s-names-bob", trust(bob.arn), all_of_s3)
    cast.role("s-account", trust(f"arn:aws:iam::{OWNER}:root"), all_of_s3)
    secret = {"StringEquals": {"sts:ExternalId": "a-secret-id"}}
    cast.role("s-far-role", trust(ROOT, Condition=secret), all_of_s3)
    cast.role("s-chained", trust(f"arn:aws:iam::{OWNER}:role/s-all"), all_of_s3, MaxSessionDuration=7200)
    cast.admin().iam.put_role_policy(
        RoleName="s-all", PolicyName="chain", PolicyDocument=policy(allow("sts:AssumeRole"))
    )
    cast.role("s-gone", trust(ann.arn), all_of_s3)
    cast.known["s-gone"] = ann.assume(f"arn:aws:iam::{OWNER}:role/s-gone")
    iam = cast.admin().iam
    iam.delete_role_policy(RoleName="s-gone", PolicyName="own")
    iam.delete_role(RoleName="s-gone")


def taking(cast: Cast, name: str, role: str, **more: object) -> Outcome:
    caller = cast[name]
    arn = role if role.startswith("arn") else f"arn:aws:iam::{OWNER}:role/{role}"
    return outcome(lambda: caller.sts.assume_role(RoleArn=arn, RoleSessionName="one", **more))


def as_role(cast: Cast, role: str, *, write: bool = False) -> Outcome:
    session = cast["s-ann"].assume(f"arn:aws:iam::{OWNER}:role/{role}")
    return session.put("assumed", "b") if write else session.get("assumed", "a")


def narrowed(cast: Cast, *statements: dict[str, object], write: bool = False) -> Outcome:
    session = cast["s-ann"].assume(f"arn:aws:iam::{OWNER}:role/s-all", Policy=policy(*statements))
    return session.put("assumed", "b") if write else session.get("assumed", "a")


def invalid(cast: Cast) -> None:
    cast.bucket("invalid")
    cast.user("i-ann", path="/team/")


def role_trusting(cast: Cast, name: str, principal: str) -> Outcome:
    return outcome(lambda: cast.role(name, trust(principal)))


def users(cast: Cast) -> None:
    cast.user("u-ann", allow("iam:*", f"arn:aws:iam::{OWNER}:user/u-*"), allow("iam:ListUsers"))
    cast.user("u-bob")
    cast.user("u-carl", allow(["iam:GetUser", "iam:ListAccessKeys"], f"arn:aws:iam::{OWNER}:user/${{aws:username}}"))


def iam_call(cast: Cast, name: str, method: str, **more: object) -> Outcome:
    return outcome(lambda: getattr(cast[name].iam, method)(**more))


INVALID = "arn:aws:s3:::invalid/*"
GROUPS: dict[str, Group] = {
    "one account": Group(f"{DOCS}/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html", one_account, {
        "its own policy is enough": (lambda c: c["own-ann"].get("own", "a"), OK),
        "the bucket's policy is enough": (lambda c: c["own-bob"].get("own", "a"), OK),
        "neither": (lambda c: c["own-carl"].get("own", "a"), DENIED),
        "the account named is not the user named": (lambda c: c["own-carl"].put("own", "b"), DENIED),
        "an explicit deny of its own": (lambda c: c["own-ann"].get("own", "secret"), DENIED),
        "an explicit deny of the bucket": (lambda c: c["own-bob"].get("own", "closed"), DENIED),
        "everything but one action": (lambda c: c["own-dora"].put("own", "b"), OK),
        "that action": (lambda c: outcome(lambda: c["own-dora"].s3.delete_object(Bucket="own", Key="a")), DENIED),
        "HeadBucket is s3:ListBucket": (lambda c: outcome(lambda: c["own-ann"].s3.head_bucket(Bucket="own")), OK),
        "HeadBucket without it": (lambda c: outcome(lambda: c["own-bob"].s3.head_bucket(Bucket="own")), HEAD_DENIED),
        "a bucket that is not there": (lambda c: c["own-carl"].get("no-such-bucket", "a"), (404, "NoSuchBucket")),
        "nobody": (lambda c: c.nobody.get("own", "a"), DENIED),
    }),
    "across accounts": Group(f"{DOCS}/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html", across, {
        "both sides allow": (lambda c: c["x-ann"].get("across", "a"), OK),
        "the bucket's side does not": (lambda c: c["x-bob"].get("across", "a"), DENIED),
        "its own side does not": (lambda c: c["x-carl"].get("across", "a"), DENIED),
        "the account is named, and it lets": (lambda c: c["x-bob"].get("across-account", "a"), OK),
        "the account is named, and it does not let": (lambda c: c["x-carl"].get("across-account", "a"), DENIED),
        "a deny of all but others": (lambda c: c["x-ann"].put("across", "closed/1"), DENIED),
        "beside it": (lambda c: c["x-ann"].put("across", "open/1"), OK),
        "all of S3 is not another's bucket": (lambda c: c["x-dora"].get("others", "a"), DENIED),
        "nor is it root's": (lambda c: c.admin().get("others", "a"), DENIED),
        "the expected owner": (lambda c: c["x-ann"].get("across", "a", ExpectedBucketOwner=OWNER), OK),
        "another one": (lambda c: c["x-ann"].get("across", "a", ExpectedBucketOwner=OTHER), DENIED),
        "a bucket of that name": (lambda c: outcome(lambda: c["x-bob"].s3.create_bucket(Bucket="across", CreateBucketConfiguration={"LocationConstraint": REGION})), (409, "BucketAlreadyExists")),
        "one's own again": (lambda c: outcome(lambda: c["x-dora"].s3.create_bucket(Bucket="across", CreateBucketConfiguration={"LocationConstraint": REGION})), (409, "BucketAlreadyOwnedByYou")),
        "bucket settings": (lambda c: outcome(lambda: c["x-ann"].s3.get_bucket_policy(Bucket="across")), DENIED),
    }),
    "boundaries": Group(f"{DOCS}/IAM/latest/UserGuide/access_policies_boundaries.html", boundaries, {
        "inside": (lambda c: c["b-ann"].get("bounded", "a"), OK),
        "outside": (lambda c: c["b-ann"].put("bounded", "b"), DENIED),
        "a boundary gives nothing": (lambda c: c["b-bob"].get("bounded", "a"), DENIED),
        "a bucket's policy that names the user goes past it": (lambda c: c["b-carl"].put("bounded", "b"), OK),
        "set later": (lambda c: c["b-dora"].put("bounded", "b"), DENIED),
        "taken away": (lambda c: c["b-emil"].put("bounded", "b"), OK),
    }),
    "groups and managed policies": Group(f"{DOCS}/IAM/latest/UserGuide/access_policies_managed-vs-inline.html", groups, {
        "a group's own policy": (lambda c: c["g-ann"].get("grouped", "a"), OK),
        "a group's managed policy": (lambda c: c["g-ann"].put("grouped", "b"), OK),
        "a user's managed policy": (lambda c: c["g-bob"].get("grouped", "a"), OK),
        "not in the group": (lambda c: c["g-bob"].put("grouped", "b"), DENIED),
    }),
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
    "roles": Group(f"{DOCS}/IAM/latest/UserGuide/id_roles_manage-assume.html", roles, {
        "trusted": (lambda c: taking(c, "s-ann", "s-reader"), OK),
        "trusted by name, without a policy of one's own": (lambda c: taking(c, "s-bob", "s-names-bob"), OK),
        "the account trusted, with a policy of one's own": (lambda c: taking(c, "s-ann", "s-account"), OK),
        "the account trusted, without": (lambda c: taking(c, "s-bob", "s-account"), DENIED),
        "not trusted": (lambda c: taking(c, "s-ann", "s-names-bob"), DENIED),
        "root": (lambda c: outcome(lambda: c.admin().sts.assume_role(RoleArn=f"arn:aws:iam::{OWNER}:role/s-account", RoleSessionName="one")), DENIED),
        "a role that was never there": (lambda c: taking(c, "s-ann", "s-never"), DENIED),
        "from afar, with the external id": (lambda c: taking(c, "s-far", "s-far-role", ExternalId="a-secret-id"), OK),
        "from afar, with another": (lambda c: taking(c, "s-far", "s-far-role", ExternalId="another"), DENIED),
        "from afar, with none": (lambda c: taking(c, "s-far", "s-far-role"), DENIED),
        "from afar, without a policy of one's own": (lambda c: taking(c, "s-far-without", "s-far-role", ExternalId="a-secret-id"), DENIED),
        "longer than the role allows": (lambda c: taking(c, "s-ann", "s-reader", DurationSeconds=7200), (400, "ValidationError")),
        "as long as the role allows": (lambda c: taking(c, "s-ann", "s-all", DurationSeconds=7200), OK),
        "chained, an hour": (lambda c: outcome(lambda: c["s-ann"].assume(f"arn:aws:iam::{OWNER}:role/s-all").assume(f"arn:aws:iam::{OWNER}:role/s-chained")), OK),
        "chained, more": (lambda c: outcome(lambda: c["s-ann"].assume(f"arn:aws:iam::{OWNER}:role/s-all").assume(f"arn:aws:iam::{OWNER}:role/s-chained", DurationSeconds=3601)), (400, "ValidationError")),
        "what the role may": (lambda c: as_role(c, "s-reader"), OK),
        "what it may not": (lambda c: as_role(c, "s-reader", write=True), DENIED),
        "inside its boundary": (lambda c: as_role(c, "s-bounded"), OK),
        "outside its boundary": (lambda c: as_role(c, "s-bounded", write=True), DENIED),
        "a session policy that lets": (lambda c: narrowed(c, allow("s3:GetObject")), OK),
        "a session policy that does not": (lambda c: narrowed(c, allow("s3:GetObject"), write=True), DENIED),
        "a session of a role that is gone": (lambda c: c["s-gone"].get("assumed", "a"), DENIED),
        "who one is needs no permission": (lambda c: outcome(lambda: c["s-bob"].sts.get_caller_identity()), OK),
        "other credentials": (lambda c: outcome(lambda: c["s-ann"].sts.get_session_token()), (501, "NotImplemented")),
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
    "IAM": Group(f"{DOCS}/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html", users, {
        "a user it may change": (lambda c: iam_call(c, "u-ann", "create_user", UserName="u-new"), OK),
        "one it may not": (lambda c: iam_call(c, "u-ann", "create_user", UserName="new"), DENIED),
        "an action on nothing in particular": (lambda c: iam_call(c, "u-ann", "list_users"), OK),
        "without it": (lambda c: iam_call(c, "u-bob", "list_users"), DENIED),
        "oneself, unnamed": (lambda c: iam_call(c, "u-carl", "list_access_keys"), OK),
        "another": (lambda c: iam_call(c, "u-carl", "list_access_keys", UserName="u-bob"), DENIED),
        "a boundary that is not there": (lambda c: outcome(lambda: c.admin().iam.create_user(UserName="u-dora", PermissionsBoundary=f"arn:aws:iam::{OWNER}:policy/never")), (404, "NoSuchEntity")),
        "which makes no user": (lambda c: outcome(lambda: c.admin().iam.get_user(UserName="u-dora")), (404, "NoSuchEntity")),
        "KMS is the administrator's alone": (lambda c: outcome(lambda: c["u-ann"].client("kms").list_keys()), (400, "AccessDeniedException")),
    }),
}  # fmt: skip


@pytest.mark.parametrize(("group", "row"), [(group, row) for group, about in GROUPS.items() for row in about.rows])
def test_is_decided_as_aws_documents(cast: Cast, group: str, row: str) -> None:
    cast.once(group, GROUPS[group].set_up)
    call, expected = GROUPS[group].rows[row]
    assert call(cast) == expected


def test_there_are_enough_of_them() -> None:
    assert sum(len(group.rows) for group in GROUPS.values()) >= 60
