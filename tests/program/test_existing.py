"""A bucket that is there already: used as it is, never made, never re-configured."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from drawbridge.documents import same
from tests.conftest import Sandbox, Stack
from tests.program.stacks import FOREIGN_RULE, STORES, entry, foreign, grant, sids

AWS_OWN_KEY: dict[str, Any] = {
    "ServerSideEncryptionConfiguration": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
    }
}
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


def test_statements_come_and_go_and_nothing_else_changes(sandbox: Sandbox) -> None:
    """Without the word it is refused at preview, which says the word; with it, it is used."""
    buckets = {store: f"existing-{store}" for store in STORES}
    s3 = {store: made_by_hand(sandbox, store, bucket) for store, bucket in buckets.items()}
    before = {store: configuration(s3[store], bucket) for store, bucket in buckets.items()}
    policies = {store: sandbox.policy(store, bucket) for store, bucket in buckets.items()}
    grants = {store: grant(store, store) for store in STORES}
    stack = sandbox.stack("existing", storage="{}")

    for store, bucket in buckets.items():
        stack.write(storage=entry(store, bucket), grant=grants[store])
        for said in (stack.preview(code=1), stack.up(code=1)):
            assert f"bucket {bucket} exists in this account already and was not made by Drawbridge" in said
            assert "say existing: true" in said
            assert "Traceback" not in said
        assert sandbox.policy(store, bucket) == policies[store]

    storage = [entry(store, bucket, ", existing: true") for store, bucket in buckets.items()]
    stack.write(storage="\n".join(storage), **grants)
    said = stack.preview()
    for line, store in enumerate(STORES, 1):
        at = f"warning: grants/existing/storage.yaml:{line}:1 {store}: "
        assert f"{at}keeps no old versions" in said
        assert (f"{at}does not own what other accounts write into it" in said) == (store == "aws")
        assert sandbox.policy(store, buckets[store]) == policies[store]

    stack.up()
    for store, bucket in buckets.items():
        assert sids(sandbox.policy(store, bucket)) == ["AuditorsRead", "DarwinAccess", "DarwinWrite"]
        assert configuration(s3[store], bucket) == before[store]
    stack.preview("--refresh", "--expect-no-changes")

    stack.destroy()
    for store, bucket in buckets.items():
        assert same(sandbox.policy(store, bucket), policies[store])
        assert s3[store].get_bucket_cors(Bucket=bucket)["CORSRules"] == [FOREIGN_RULE]
        assert configuration(s3[store], bucket) == before[store]
        assert s3[store].get_object(Bucket=bucket, Key="scans/one.png")["Body"].read() == b"data"


def test_what_stops_several_is_told_at_once_at_preview(sandbox: Sandbox) -> None:
    made_by_hand(sandbox, "aws", "elsewhere-aws")
    made_by_hand(sandbox, "aws", "unshared").put_bucket_encryption(Bucket="unshared", **AWS_OWN_KEY)
    storage = "\n".join(
        [
            entry("aws", "elsewhere-aws", ", existing: true").replace("eu-central-1", "us-west-2"),
            entry("wasabi", "nowhere-wasabi", ", existing: true"),
            entry("wasabi", "keyless-wasabi", ", existing: true", name="keyless").replace(
                "profile: wasabi", "profile: nobody"
            ),
            entry("aws", "unshared", ", existing: true", name="unshared"),
        ]
    )
    grants = {name: grant(name, name) for name in ("aws", "wasabi", "keyless", "unshared")}
    stack = sandbox.stack("several", storage=storage, **grants)
    for said in (stack.preview(code=1), stack.up(code=1)):
        assert "grants/several/storage.yaml:1:49 aws.region: is us-west-2, but the bucket lies in eu-central-1" in said
        column = storage.splitlines()[1].index("nowhere") + 1
        assert f"grants/several/storage.yaml:2:{column} wasabi.bucket: there is no bucket nowhere-wasabi" in said
        column = storage.splitlines()[2].index("nobody") + 1
        assert f"grants/several/storage.yaml:3:{column} keyless.profile: cannot be asked: The config profile" in said
        assert "grants/several/storage.yaml:4:1 unshared: is encrypted with AWS's own key aws/s3" in said
        assert "Traceback" not in said


def test_access_can_be_ended_beside_a_storage_in_trouble_and_on_it(sandbox: Sandbox) -> None:
    made_by_hand(sandbox, "aws", "ill")
    made_by_hand(sandbox, "wasabi", "well")
    made_by_hand(sandbox, "wasabi", "gone")
    storage = "\n".join(
        [
            entry("aws", "ill", ", existing: true"),
            entry("wasabi", "well", ", existing: true"),
            entry("wasabi", "gone", ", existing: true", name="gone"),
        ]
    )
    reads = ("access: read-only", "prefixes: [scans/]", "integration: reads")
    grants = {"stays": grant("aws", "stays"), "goes": grant("aws", "goes", *reads), "there": grant("wasabi", "there")}
    grants["lost"] = grant("gone", "lost", *reads)
    stack = sandbox.stack("trouble", storage=storage, **grants)
    stack.up()
    sandbox.s3("aws").put_bucket_encryption(Bucket="ill", **AWS_OWN_KEY)
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
    stack.up()  # of the bucket that is gone, too
    assert sids(sandbox.policy("aws", "ill")) == ["AuditorsRead"]


def test_buckets_that_we_made_can_become_existing_ones_and_ours_again(sandbox: Sandbox) -> None:
    grants = {store: grant(store, store) for store in STORES}
    ours = "\n".join(entry(store, f"let-go-{store}", ", tls_only: true") for store in STORES)
    stack = sandbox.stack("let-go", storage=ours, **grants)
    stack.up()
    before = {store: configuration(sandbox.s3(store), f"let-go-{store}") for store in STORES}
    storage = "\n".join(entry(store, f"let-go-{store}", ", existing: true") for store in STORES)
    stack.write(storage=storage, **grants)
    stack.up()
    for store in STORES:
        assert configuration(sandbox.s3(store), f"let-go-{store}") == before[store]
        assert sids(sandbox.policy(store, f"let-go-{store}")) == ["DarwinAccess", "DarwinWrite", "DrawbridgeTlsOnly"]
    stack.write(storage=ours, **grants)
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

    def test_keys_are_let_in_on_and_let_go(self, sandbox: Sandbox, kms: Any) -> None:
        """One of a bucket of our own, one of a bucket that is there, and one whose KMS grant the state forgot."""
        keys = {bucket: kms.create_key()["KeyMetadata"]["Arn"] for bucket in ("keyed", "keyed-there", "forgotten")}
        s3 = made_by_hand(sandbox, "aws", "keyed-there")
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys["keyed-there"]}
        rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
        s3.put_bucket_encryption(Bucket="keyed-there", ServerSideEncryptionConfiguration={"Rules": [rule]})
        storage = "\n".join(
            entry("aws", bucket, f", kms_key: '{key}', existing: {str(bucket == 'keyed-there').lower()}", name=bucket)
            for bucket, key in keys.items()
        )
        stack = sandbox.stack("keys", storage=storage, **{bucket: grant(bucket, bucket) for bucket in keys})
        stack.up()
        for bucket, key in keys.items():
            rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
            assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
            assert rules[0]["BucketKeyEnabled"] is True
            (made,) = self.grants(kms, key)
            assert made["GranteePrincipal"] == "arn:aws:iam::258327614892:role/external_s3"
            assert sorted(made["Operations"]) == ["Decrypt", "GenerateDataKey"]
            assert made["Constraints"] == {"EncryptionContextSubset": {"aws:s3:arn": f"arn:aws:s3:::{bucket}"}}
            assert made["GrantId"] not in json.dumps(sandbox.said), "the token and the id are nobody's business"
        stack.preview("--refresh", "--expect-no-changes")
        assert made["GrantId"] not in json.dumps(sandbox.said)

        self.forget(stack, "forgotten")
        narrower = {bucket: grant(bucket, bucket, "access: read-only", "prefixes: [scans/]") for bucket in keys}
        stack.write(storage=storage, **{**narrower, "forgotten": grant("forgotten", "forgotten")})
        stack.up()
        found = {bucket: [one["Operations"] for one in self.grants(kms, key)] for bucket, key in keys.items()}
        assert found["keyed"] == found["keyed-there"] == [["Decrypt"]]
        assert len(found["forgotten"]) == 1, "a run that died after the grant was made leaves no second one"

        stack.write(storage=storage)
        stack.up()
        assert [self.grants(kms, key) for key in keys.values()] == [[], [], []]

    def forget(self, stack: Stack, bucket: str) -> None:
        """The state as it is when a run dies after a KMS grant was made and before it was kept."""
        state = json.loads(stack.pulumi("stack", "export"))
        made = [one for one in state["deployment"]["resources"] if one["type"] == "aws:kms/grant:Grant"]
        lost = [one["urn"] for one in made if f"aws-{bucket}-" in one["urn"]]
        assert (len(made), len(lost)) == (3, 1)
        kept = [one for one in state["deployment"]["resources"] if one["urn"] not in lost]
        forgotten = stack.sandbox.folder.state / "forgotten.json"
        forgotten.write_text(json.dumps({**state, "deployment": {**state["deployment"], "resources": kept}}))
        stack.pulumi("stack", "import", "--file", str(forgotten))
