"""A bucket that is there already: used as it is, never made, never re-configured."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from drawbridge.documents import same
from tests.conftest import Sandbox
from tests.program.stacks import FOREIGN_RULE, STORES, entry, foreign, grant, sids

REGIONS = {"aws": "eu-central-1", "wasabi": "eu-central-2"}
SETTINGS = (
    "get_bucket_tagging",
    "get_bucket_versioning",
    "get_bucket_lifecycle_configuration",
    "get_bucket_encryption",
    "get_public_access_block",
    "get_bucket_ownership_controls",
)


def made_by_hand(sandbox: Sandbox, store: str, bucket: str) -> Any:
    """A bucket with data, and with a policy and a CORS rule of its owner."""
    s3 = sandbox.s3(store, REGIONS[store])
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGIONS[store]})
    s3.put_object(Bucket=bucket, Key="scans/one.png", Body=b"data")
    sandbox.put_policy(store, bucket, {"Version": "2012-10-17", "Statement": [foreign(bucket)]})
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [FOREIGN_RULE]})
    return s3


def configuration(s3: Any, bucket: str) -> dict[str, Any]:
    """All settings of a bucket but policy and CORS."""
    found: dict[str, Any] = {}
    for operation in SETTINGS:
        try:
            answer = getattr(s3, operation)(Bucket=bucket)
        except ClientError as error:
            found[operation] = error.response["Error"]["Code"]
        else:
            found[operation] = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    return found


@pytest.mark.parametrize("store", STORES)
def test_statements_come_and_go_and_nothing_else_changes(sandbox: Sandbox, store: str) -> None:
    bucket = f"existing-{store}"
    s3 = made_by_hand(sandbox, store, bucket)
    before, policy = configuration(s3, bucket), sandbox.policy(store, bucket)
    stack = sandbox.stack(bucket, storage=entry(store, bucket, ", existing: true"), grant=grant(store))

    said = stack.preview()
    assert f"warning: grants/{bucket}/storage.yaml:1:1 {store}: keeps no old versions" in said
    assert ("does not own what other accounts write into it" in said) == (store == "aws")
    assert sandbox.policy(store, bucket) == policy

    stack.up()
    assert sids(sandbox.policy(store, bucket)) == ["AuditorsRead", "DarwinAccess", "DarwinWrite"]
    assert configuration(s3, bucket) == before
    stack.preview("--refresh", "--expect-no-changes")

    stack.destroy()
    assert same(sandbox.policy(store, bucket), policy)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [FOREIGN_RULE]
    assert configuration(s3, bucket) == before
    assert s3.get_object(Bucket=bucket, Key="scans/one.png")["Body"].read() == b"data"


@pytest.mark.parametrize("store", STORES)
def test_without_the_word_it_is_refused_at_preview_which_says_the_word(sandbox: Sandbox, store: str) -> None:
    bucket = f"unsaid-{store}"
    made_by_hand(sandbox, store, bucket)
    stack = sandbox.stack(bucket, storage=entry(store, bucket), grant=grant(store))
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert f"bucket {bucket} exists in this account already and was not made by Drawbridge" in said
        assert "say existing: true" in said
        assert "Traceback" not in said
    assert sids(sandbox.policy(store, bucket)) == ["AuditorsRead"]
    stack.write(storage=entry(store, bucket, ", existing: true"), grant=grant(store))
    stack.up()
    assert "DarwinAccess" in sids(sandbox.policy(store, bucket))


def test_what_stops_several_is_told_at_once_at_preview(sandbox: Sandbox) -> None:
    made_by_hand(sandbox, "aws", "elsewhere-aws")
    storage = "\n".join(
        [
            entry("aws", "elsewhere-aws", ", existing: true").replace("eu-central-1", "us-west-2"),
            entry("wasabi", "nowhere-wasabi", ", existing: true"),
            entry("wasabi", "keyless-wasabi", ", existing: true")
            .replace("wasabi:", "keyless:", 1)
            .replace("profile: wasabi", "profile: nobody"),
        ]
    )
    grants = {name: grant(name, name) for name in ("aws", "wasabi", "keyless")}
    stack = sandbox.stack("several", storage=storage, **grants)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "grants/several/storage.yaml:1:49 aws.region: is us-west-2, but the bucket lies in eu-central-1" in said
        column = storage.splitlines()[1].index("nowhere") + 1
        assert f"grants/several/storage.yaml:2:{column} wasabi.bucket: there is no bucket nowhere-wasabi" in said
        column = storage.splitlines()[2].index("nobody") + 1
        assert f"grants/several/storage.yaml:3:{column} keyless.profile: cannot be asked: The config profile" in said
        assert "Traceback" not in said


def test_access_can_be_ended_beside_a_storage_in_trouble_and_on_it(sandbox: Sandbox) -> None:
    made_by_hand(sandbox, "aws", "ill")
    made_by_hand(sandbox, "wasabi", "well")
    made_by_hand(sandbox, "wasabi", "gone")
    storage = "\n".join(
        [
            entry("aws", "ill", ", existing: true"),
            entry("wasabi", "well", ", existing: true"),
            entry("wasabi", "gone", ", existing: true").replace("wasabi:", "gone:", 1),
        ]
    )
    reads = ("access: read-only", "prefixes: [scans/]", "integration: reads")
    grants = {"stays": grant("aws", "stays"), "goes": grant("aws", "goes", *reads), "there": grant("wasabi", "there")}
    grants["lost"] = grant("gone", "lost", *reads)
    stack = sandbox.stack("trouble", storage=storage, **grants)
    stack.up()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    sandbox.s3("aws").put_bucket_encryption(Bucket="ill", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3 = sandbox.s3("wasabi")
    s3.delete_object(Bucket="gone", Key="scans/one.png")
    s3.delete_bucket(Bucket="gone")

    wider = grants["stays"].replace("[scans/]", "[scans/, more/]")
    stack.write(storage=storage, **{**grants, "stays": wider})
    assert "is encrypted with AWS's own key aws/s3" in stack.preview(code=1), "nothing more is let in"

    stack.write(storage=storage, stays=grants["stays"].replace("[scans/]", "[scans/one/]"), lost=grants["lost"])
    said = stack.up()
    assert "is encrypted with AWS's own key aws/s3" in said
    assert "there is no bucket gone" in said
    assert sids(sandbox.policy("wasabi", "well")) == ["AuditorsRead"]
    assert "ill/scans/one/*" in json.dumps(sandbox.policy("aws", "ill"))
    assert "ill/scans/*" not in json.dumps(sandbox.policy("aws", "ill"))
    stack.write(storage=storage)
    stack.up()
    assert sids(sandbox.policy("aws", "ill")) == ["AuditorsRead"]


def test_a_grant_can_be_revoked_when_the_bucket_is_gone(sandbox: Sandbox) -> None:
    s3 = made_by_hand(sandbox, "wasabi", "vanished")
    storage = entry("wasabi", "vanished", ", existing: true")
    stack = sandbox.stack("vanished", storage=storage, grant=grant("wasabi"))
    stack.up()
    s3.delete_object(Bucket="vanished", Key="scans/one.png")
    s3.delete_bucket(Bucket="vanished")
    assert "there is no bucket vanished" in stack.preview()
    stack.write(storage=storage)
    stack.up()


@pytest.mark.parametrize("store", STORES)
def test_a_bucket_that_we_made_can_become_an_existing_one(sandbox: Sandbox, store: str) -> None:
    bucket = f"let-go-{store}"
    stack = sandbox.stack(bucket, storage=entry(store, bucket, ", tls_only: true"), grant=grant(store))
    stack.up()
    before = configuration(sandbox.s3(store), bucket)
    stack.write(storage=entry(store, bucket, ", existing: true"), grant=grant(store))
    stack.up()
    assert configuration(sandbox.s3(store), bucket) == before
    assert sids(sandbox.policy(store, bucket)) == ["DarwinAccess", "DarwinWrite", "DrawbridgeTlsOnly"]
    stack.write(storage=entry(store, bucket, ", tls_only: true"), grant=grant(store))
    stack.up()
    stack.preview("--refresh", "--expect-no-changes")


def test_a_policy_that_would_be_too_large_with_what_is_there_is_told_at_preview(sandbox: Sandbox) -> None:
    made_by_hand(sandbox, "aws", "full-aws")
    big = [f"arn:aws:s3:::full-aws/{'x' * 500}{number}" for number in range(38)]
    document = {"Version": "2012-10-17", "Statement": [{**foreign("full-aws"), "Resource": big}]}
    sandbox.put_policy("aws", "full-aws", document)
    stack = sandbox.stack("full", storage=entry("aws", "full-aws", ", existing: true"), grant=grant("aws"))
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "full-aws: the bucket policy would have 20," in said
        assert "bytes, and 20,480 are allowed; 1 of its parts are of others" in said
    assert sandbox.policy("aws", "full-aws") == document


class TestKeys:
    """A bucket encrypted with a KMS key that is brought: V7's principal gets a KMS grant, which ends with the grant."""

    @pytest.fixture
    def kms(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, sandbox.env[name])
        monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
        return boto3.Session(profile_name="sandbox", region_name="eu-central-1").client("kms")

    def grants(self, kms: Any, key: str) -> list[dict[str, Any]]:
        return list(kms.list_grants(KeyId=key)["Grants"])

    @pytest.mark.parametrize("existing", [False, True])
    def test_the_key_is_let_in_on_and_let_go(self, sandbox: Sandbox, kms: Any, existing: bool) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        bucket = f"keyed-{existing}".lower()
        s3 = sandbox.s3("aws")
        if existing:
            made_by_hand(sandbox, "aws", bucket)
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
            rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        storage = entry("aws", bucket, f", kms_key: '{key}'" + (", existing: true" if existing else ""))
        stack = sandbox.stack(bucket, storage=storage, grant=grant("aws"))
        stack.up()
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
        assert rules[0]["BucketKeyEnabled"] is True
        (made,) = self.grants(kms, key)
        assert made["GranteePrincipal"] == "arn:aws:iam::258327614892:role/external_s3"
        assert sorted(made["Operations"]) == ["Decrypt", "GenerateDataKey"]
        assert made["Constraints"] == {"EncryptionContextSubset": {"aws:s3:arn": f"arn:aws:s3:::{bucket}"}}
        stack.preview("--refresh", "--expect-no-changes")
        assert made["GrantId"] not in json.dumps(sandbox.said), "the token and the id are nobody's business"

        read_only = grant("aws", "grant", "access: read-only", "prefixes: [scans/]")
        stack.write(storage=storage, grant=read_only)
        stack.up()
        assert [one["Operations"] for one in self.grants(kms, key)] == [["Decrypt"]]
        stack.write(storage=storage)
        stack.up()
        assert self.grants(kms, key) == []

    def test_a_run_that_died_after_the_grant_was_made_leaves_no_second_one(self, sandbox: Sandbox, kms: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["Arn"]
        storage = entry("aws", "twice", f", kms_key: '{key}'")
        stack = sandbox.stack("twice", storage=storage, grant=grant("aws"))
        stack.up()
        state = json.loads(stack.pulumi("stack", "export"))
        kept = [one for one in state["deployment"]["resources"] if one["type"] != "aws:kms/grant:Grant"]
        forgotten = sandbox.folder.state / "forgotten.json"
        forgotten.write_text(json.dumps({**state, "deployment": {**state["deployment"], "resources": kept}}))
        stack.pulumi("stack", "import", "--file", str(forgotten))
        stack.up()
        assert len(self.grants(kms, key)) == 1
        stack.write(storage=storage)
        stack.up()
        assert self.grants(kms, key) == []

    def test_a_key_of_awss_own_is_refused_at_preview(self, sandbox: Sandbox) -> None:
        made_by_hand(sandbox, "aws", "unshared")
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        sandbox.s3("aws").put_bucket_encryption(Bucket="unshared", ServerSideEncryptionConfiguration={"Rules": [rule]})
        stack = sandbox.stack("unshared", storage=entry("aws", "unshared", ", existing: true"), grant=grant("aws"))
        said = stack.preview(code=1)
        assert "grants/unshared/storage.yaml:1:1 aws: is encrypted with AWS's own key aws/s3" in said
