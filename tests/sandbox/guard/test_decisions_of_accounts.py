"""Decisions that AWS documents, made with boto3: accounts, limits, groups, roles and the policies of IAM."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.sandbox.guard.cast import OK, OTHER, OWNER, REGION, Cast, Outcome, allow, deny, outcome, policy, to, trust
from tests.sandbox.guard.decisions import DENIED, DOCS, HEAD_DENIED, ROOT, Group, check, rows


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


def users(cast: Cast) -> None:
    cast.user("u-ann", allow("iam:*", f"arn:aws:iam::{OWNER}:user/u-*"), allow("iam:ListUsers"))
    cast.user("u-bob")
    everyone, limit = f"arn:aws:iam::{OWNER}:user/u-*", cast.managed("u-limit", allow("s3:GetObject"))
    within = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": limit}}}
    cast.user("u-emil", allow(["iam:CreateUser", "iam:CreateRole"], "*"))
    cast.user("u-fay", allow(["iam:CreateUser", "iam:TagUser"], everyone))
    cast.user("u-gil", allow("iam:PutUserPolicy", everyone, **within))
    cast.user("u-bounded", boundary=limit)
    cast.user("u-carl", allow(["iam:GetUser", "iam:ListAccessKeys"], f"arn:aws:iam::{OWNER}:user/${{aws:username}}"))


def iam_call(cast: Cast, name: str, method: str, **more: object) -> Outcome:
    return outcome(lambda: getattr(cast[name].iam, method)(**more))


TAGS = [{"Key": "a", "Value": "b"}]
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
    "IAM": Group(f"{DOCS}/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html", users, {
        "a user it may change": (lambda c: iam_call(c, "u-ann", "create_user", UserName="u-new"), OK),
        "one it may not": (lambda c: iam_call(c, "u-ann", "create_user", UserName="new"), DENIED),
        "an action on nothing in particular": (lambda c: iam_call(c, "u-ann", "list_users"), OK),
        "without it": (lambda c: iam_call(c, "u-bob", "list_users"), DENIED),
        "oneself, unnamed": (lambda c: iam_call(c, "u-carl", "list_access_keys"), OK),
        "another": (lambda c: iam_call(c, "u-carl", "list_access_keys", UserName="u-bob"), DENIED),
        "a boundary that is not there": (lambda c: outcome(lambda: c.admin().iam.create_user(UserName="u-dora", PermissionsBoundary=f"arn:aws:iam::{OWNER}:policy/never")), (404, "NoSuchEntity")),
        "which makes no user": (lambda c: outcome(lambda: c.admin().iam.get_user(UserName="u-dora")), (404, "NoSuchEntity")),
        "tags on creation need their own permission": (lambda c: iam_call(c, "u-emil", "create_user", UserName="u-tagged", Tags=TAGS), DENIED),
        "of a role too": (lambda c: iam_call(c, "u-emil", "create_role", RoleName="u-tagged", AssumeRolePolicyDocument=trust(ROOT), Tags=TAGS), DENIED),
        "which others have": (lambda c: iam_call(c, "u-fay", "create_user", UserName="u-tagged", Tags=TAGS), OK),
        "a policy for who has the boundary": (lambda c: iam_call(c, "u-gil", "put_user_policy", UserName="u-bounded", PolicyName="p", PolicyDocument=policy(allow("s3:*"))), OK),
        "and for nobody else": (lambda c: iam_call(c, "u-gil", "put_user_policy", UserName="u-bob", PolicyName="p", PolicyDocument=policy(allow("s3:*"))), DENIED),
        "KMS is the administrator's alone": (lambda c: outcome(lambda: c["u-ann"].client("kms").list_keys()), (400, "AccessDeniedException")),
    }),
}  # fmt: skip


@pytest.mark.parametrize(("group", "row"), rows(GROUPS))
def test_is_decided_as_aws_documents(cast: Cast, group: str, row: str) -> None:
    check(cast, GROUPS, group, row)


def test_s3_has_a_name_of_its_own_for_each_account(sandbox: Sandbox) -> None:
    owners = [sandbox.client("s3", "aws", account=account).list_buckets()["Owner"]["ID"] for account in (OWNER, OTHER)]
    assert owners[0] != owners[1]
    assert owners[0] == sandbox.s3("aws").list_buckets()["Owner"]["ID"]
