"""What an existing bucket lacks for its grants: told with the command that mends it, which mends it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from drawbridge.plan import PlannedStorage
from tests.files import plan
from tests.resources.conftest import *  # noqa: F403 (the live stores)

REGIONS = {"aws": "eu-central-1", "wasabi": "eu-central-2"}


@pytest.fixture(autouse=True)
def configuration(profiles: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's aws provider acts with the sandbox's profile."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:profile": "sandbox", "aws:region": "eu-central-1"}))


@pytest.fixture
def planned(tmp_path: Path, kind: str, bucket: str) -> Any:
    """The bucket as an existing storage of a plan with a grant that writes, and what is added to its entry."""

    def make(more: str = "", access: str = "read-write", region: str = "") -> PlannedStorage:
        profile = ", profile: wasabi" if kind == "wasabi" else ""
        where = region or REGIONS[kind]
        storage = f"s: {{kind: {kind}, bucket: {bucket}, region: {where}, existing: true{profile}{more}}}"
        grant = f"name: g\nplatform: v7\nstorage: s\naccess: {access}\nprefixes: [a/]"
        return plan(tmp_path, storage, g=grant).storages["s"]

    return make


def told(planned: PlannedStorage) -> list[str]:
    """What the inspection finds, with its place."""
    found = [planned.problem(finding) for finding in planned.storage.inspect(planned)]
    return [str(problem)[len(problem.file) - len("storage.yaml") :] for problem in found]


def advised(said: str) -> list[str]:
    """The words of the command in a message."""
    return shlex.split(said[said.index("aws s3api ") :])


def make_good(s3: Any, kind: str, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if kind == "aws":
        rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)


def test_a_good_one_is_used_without_a_word(kind: str, s3: Any, bucket: str, planned: Any) -> None:
    make_good(s3, kind, bucket)
    assert told(planned()) == []


def test_versions_and_owners_matter_only_where_something_is_written(planned: Any) -> None:
    assert told(planned(access="read-only")) == []


def test_no_versions_are_a_warning_with_the_command(kind: str, s3: Any, bucket: str, planned: Any) -> None:
    make_good(s3, kind, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    (said,) = told(planned())
    assert "storage.yaml:1:1 warning: s: keeps no old versions" in said
    words = advised(said)
    assert words[:4] == ["aws", "s3api", "put-bucket-versioning", "--bucket"]
    assert "Status=Enabled" in words
    assert ("--endpoint-url" in words) == (kind == "wasabi")
    assert words[words.index("--profile") + 1] == ("wasabi" if kind == "wasabi" else "sandbox")


def test_one_that_is_not_there_in_another_region_or_anothers(
    kind: str, s3: Any, bucket: str, planned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_good(s3, kind, bucket)
    (said,) = told(planned(region="us-west-2"))
    column = len(f"s: {{kind: {kind}, bucket: {bucket}, region: ") + 1
    assert said.startswith(f"storage.yaml:1:{column} s.region: is us-west-2, but the bucket lies in {REGIONS[kind]}")
    with monkeypatch.context() as patched:
        patched.setattr("drawbridge.resources.store.Store.whose", lambda *_: "other")
        (said,) = told(planned())
        assert "s.bucket: " in said
        assert "belongs to another account than the credentials" in said
    s3.delete_bucket(Bucket=bucket)
    (said,) = told(planned())
    assert (
        f"s.bucket: there is no bucket {bucket}; mend its name, or the profile, or, if the stack is to make it" in said
    )


def test_without_a_grant_nothing_is_asked(tmp_path: Path) -> None:
    storage = "s: {kind: wasabi, bucket: nowhere-at-all, region: eu-central-2, existing: true, profile: nobody}"
    planned = plan(tmp_path, storage).storages["s"]
    assert list(planned.storage.inspect(planned)) == []


def let_everybody_in(s3: Any, bucket: str) -> None:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))


def raising(error: Exception) -> Any:
    def fail(**_: Any) -> None:
        raise error

    return fail


class TestOnAws:
    """Owners, Block Public Access and KMS."""

    @pytest.fixture
    def kind(self) -> str:
        return "aws"

    @pytest.fixture
    def kms(self) -> Any:
        session = boto3.Session(profile_name="sandbox", region_name="eu-central-1")
        return session.client("kms")

    @pytest.fixture(autouse=True)
    def good(self, s3: Any, bucket: str) -> None:
        make_good(s3, "aws", bucket)

    @pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred", ""])
    def test_foreign_owners_are_a_warning(self, s3: Any, bucket: str, planned: Any, ownership: str) -> None:
        s3.delete_bucket_ownership_controls(Bucket=bucket)
        if ownership:
            rules = {"Rules": [{"ObjectOwnership": ownership}]}
            s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
        (said,) = told(planned())
        assert (
            f"warning: s: does not own what other accounts write into it (object ownership {ownership or 'ObjectWriter'})"
            in said
        )
        assert "Rules=[{ObjectOwnership=BucketOwnerEnforced}]" in advised(said)

    @pytest.mark.parametrize(
        ("switch", "said"),
        [
            (
                "BlockPublicPolicy",
                "BlockPublicPolicy (of the bucket or its account) refuses every change of such a policy",
            ),
            (
                "RestrictPublicBuckets",
                "RestrictPublicBuckets (of the bucket or its account) keeps all other accounts out while it is there",
            ),
            ("BlockPublicAcls", ""),
        ],
    )
    def test_a_public_policy_under_block_public_access_is_an_error(
        self, s3: Any, bucket: str, planned: Any, switch: str, said: str
    ) -> None:
        let_everybody_in(s3, bucket)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={switch: True})
        found = told(planned())
        assert len(found) == bool(said)
        assert said in "".join(found)

    def test_the_accounts_block_counts_as_well(self, s3: Any, bucket: str, planned: Any) -> None:
        session = boto3.Session(profile_name="sandbox", region_name="eu-central-1")
        let_everybody_in(s3, bucket)
        assert told(planned()) == []
        control = session.client("s3control")
        control.meta.events.register(
            "before-call.s3-control",
            lambda params, **_: params.update(url=params["url"].replace("//111122223333.", "//")),
        )
        block = {
            "BlockPublicPolicy": True,
            "BlockPublicAcls": False,
            "IgnorePublicAcls": False,
            "RestrictPublicBuckets": False,
        }
        control.put_public_access_block(AccountId="111122223333", PublicAccessBlockConfiguration=block)
        try:
            assert "BlockPublicPolicy (of the bucket or its account) refuses" in "".join(told(planned()))
        finally:
            control.delete_public_access_block(AccountId="111122223333")

    def test_a_statement_that_refuses_everybody_is_a_warning(self, s3: Any, bucket: str, planned: Any) -> None:
        deny = {"Sid": "OurVpc", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}  # fmt: skip
        tls = {**deny, "Sid": "Tls", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls, deny]}))
        (said,) = told(planned())
        assert "warning: s: has a statement in its policy that refuses everybody something" in said
        assert '"OurVpc"' in said

    def test_a_key_that_may_not_be_granted_or_cannot_encrypt_is_told(
        self, s3: Any, kms: Any, bucket: str, planned: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signs = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        assert "is for SIGN_VERIFY with RSA_2048, and S3 encrypts only" in "".join(
            told(planned(f", kms_key: '{signs}'"))
        )
        key = kms.create_key()["KeyMetadata"]["Arn"]
        self.encrypt(s3, bucket, key)
        make = planned(f", kms_key: '{key}'")
        assert told(make) == []
        assert kms.list_grants(KeyId=key)["Grants"] == [], "asking makes nothing"
        client = boto3.Session(profile_name="sandbox", region_name="eu-central-1").client("kms")
        refusal = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform kms:CreateGrant"}}
        monkeypatch.setattr(client, "create_grant", raising(ClientError(refusal, "CreateGrant")))
        monkeypatch.setattr(client, "describe_key", kms.describe_key)
        monkeypatch.setattr(make.storage.store().session, "client", lambda *_, **__: client)
        (said,) = told(make)
        assert "cannot be granted to arn:aws:iam::258327614892:role/external_s3: not authorized" in said
        assert "kms:CreateGrant, kms:ListGrants and kms:RevokeGrant" in said

    def encrypt(self, s3: Any, bucket: str, key: str | None, *, limited: bool = True) -> None:
        default = {"SSEAlgorithm": "aws:kms", **({"KMSMasterKeyID": key} if key else {})}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": limited}
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def test_the_right_key_is_used_without_a_word(self, s3: Any, kms: Any, bucket: str, planned: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        for name in (key, key.rsplit("/", 1)[-1]):
            self.encrypt(s3, bucket, name)
            assert told(planned(f", kms_key: '{key}'")) == []

    def test_a_key_that_is_not_named_or_another_is_an_error_that_names_it(
        self, s3: Any, kms: Any, bucket: str, planned: Any
    ) -> None:
        key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        self.encrypt(s3, bucket, key)
        for more in ("", f", kms_key: '{other}'"):
            (said,) = told(planned(more))
            assert f"may not use yet; write kms_key: {key}" in said
            assert "warning" not in said

    @pytest.mark.parametrize("key", [None, "alias/aws/s3"])
    def test_awss_own_key_is_refused(self, s3: Any, bucket: str, planned: Any, key: str | None) -> None:
        self.encrypt(s3, bucket, key)
        (said,) = told(planned())
        assert "own key aws/s3, which cannot be shared with role external_s3 of account 258327614892" in said
        assert advised(said)[2] == "put-bucket-encryption"

    def test_without_a_bucket_key_the_grant_must_say_so(self, s3: Any, kms: Any, bucket: str, planned: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        self.encrypt(s3, bucket, key, limited=False)
        (said,) = told(planned(f", kms_key: '{key}'"))
        assert "say bucket_key: false" in said
        assert told(planned(f", kms_key: '{key}', bucket_key: false")) == []

    def test_a_key_that_is_not_enabled_is_told_with_the_command(
        self, s3: Any, kms: Any, bucket: str, planned: Any
    ) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        self.encrypt(s3, bucket, key)
        kms.disable_key(KeyId=key.rsplit("/", 1)[-1])
        (said,) = told(planned(f", kms_key: '{key}'"))
        assert f"is Disabled; to mend it: aws kms enable-key --key-id {key} --region eu-central-1" in said
        kms.schedule_key_deletion(KeyId=key.rsplit("/", 1)[-1])
        (said,) = told(planned(f", kms_key: '{key}'"))
        assert "is PendingDeletion; to mend it: aws kms cancel-key-deletion" in said

    def test_a_key_beside_another_encryption_is_a_warning(self, kms: Any, planned: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        (said,) = told(planned(f", kms_key: '{key}'"))
        assert "warning: s.kms_key: is not the bucket's default encryption" in said
