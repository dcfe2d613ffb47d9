"""The policy as a document: whose resources, under which conditions, how large; and what the command says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from drawbridge import cli, tokens
from drawbridge.config import Config
from drawbridge.deployer import policy
from drawbridge.deployer.aws import LIMITS, NEEDS, Needs, about
from drawbridge.deployer.deployed import Deployed
from drawbridge.documents import compact
from drawbridge.iam import Iam
from drawbridge.plan import Plan, make_plan
from tests.files import folder, plan

GOLDEN = Path(__file__).parents[1] / "golden" / "deployer"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/9f1c"
BOUNDARY = "arn:aws:iam::111122223333:policy/boundary"
STORAGE = f"""
    scans: {{kind: aws, bucket: acme-scans, region: eu-central-1, kms_key: "{KEY}"}}
    raw: {{kind: aws, bucket: street-raw, region: eu-central-1, existing: true}}
    work: {{kind: aws, bucket: street-work, region: eu-central-1}}
    """
V7 = "name: scans-v7\nplatform: v7\nstorage: scans\naccess: read-write\nprefixes: [studies/]"
LIGHTLY = """
    name: street-lightly
    platform: lightly
    input: {storage: raw, prefix: berlin/, auth: assume-role}
    lightly: {storage: work, prefix: berlin/, auth: access-keys}
    """


def made(found: Plan) -> list[dict[str, Any]]:
    return policy.documents(policy.deployed(found))


def actions(documents: list[dict[str, Any]], resource: str) -> set[str]:
    """What may be done with a resource."""
    statements = [statement for document in documents for statement in document["Statement"]]
    return {action for one in statements if resource in one["Resource"] for action in one["Action"]}


@pytest.mark.parametrize("bounded", [False, True])
def test_the_golden_one(tmp_path: Path, bounded: bool) -> None:
    at = folder(tmp_path, STORAGE, v7=V7, lightly=LIGHTLY)
    iam = Iam("/platforms/", "acme-", BOUNDARY) if bounded else Iam()
    documents = tokens.resolve(made(make_plan(Config("stack", at, iam=iam))), {"aws.account": "111122223333"})
    golden = GOLDEN / f"{'bounded' if bounded else 'plain'}.json"
    assert documents == [json.loads(golden.read_text())]


def test_an_existing_bucket_is_never_made_nor_configured(tmp_path: Path) -> None:
    documents = made(plan(tmp_path, STORAGE, lightly=LIGHTLY))
    written = {
        one for one in actions(documents, "arn:aws:s3:::street-raw") if not one.startswith(("s3:Get", "s3:List"))
    }
    assert written == set()
    assert "s3:CreateBucket" in actions(documents, "arn:aws:s3:::street-work")


def test_an_existing_bucket_without_a_grant_needs_nothing(tmp_path: Path) -> None:
    assert actions(made(plan(tmp_path, STORAGE, v7=V7)), "arn:aws:s3:::street-raw") == set()


def test_nothing_that_is_kept_can_be_deleted(tmp_path: Path) -> None:
    text = compact(made(plan(tmp_path, STORAGE, v7=V7, lightly=LIGHTLY)))
    assert 's3:DeleteBucket"' not in text
    assert "s3:DeleteObject" not in text


def test_every_resource_is_one_of_the_plan(tmp_path: Path) -> None:
    documents = made(plan(tmp_path, STORAGE, v7=V7, lightly=LIGHTLY))
    wide = [
        (statement["Action"], resource)
        for statement in documents[0]["Statement"]
        for resource in statement["Resource"]
        if "*" in resource
    ]
    assert wide == [
        (["iam:ListVirtualMFADevices", "s3:GetAccountPublicAccessBlock"], "*"),
        # What an existing bucket is encrypted with is told by its configuration alone.
        (["kms:DescribeKey"], "arn:aws:kms:eu-central-1:<<aws.account>>:key/*"),
    ]


def test_passing_a_role_is_limited_to_a_service_and_never_given_without() -> None:
    needs = {"profile": Needs("source", create=("iam:PassRole",))}
    role = {"identity": "arn:aws:iam::111122223333:role/one"}
    assert policy.documents([Deployed("profile", role)], needs) == []
    (document,) = policy.documents([Deployed("profile", role, {"iam:PassedToService": "ec2.amazonaws.com"})], needs)
    assert document["Statement"] == [
        {
            "Sid": "RolesPassed",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": ["arn:aws:iam::111122223333:role/one"],
            "Condition": {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com"]}},
        }
    ]


def test_a_large_one_is_split_and_loses_nothing() -> None:
    buckets = [f"arn:aws:s3:::{number:02}-{'x' * 60}" for number in range(99)]
    found = [Deployed("aws:s3/bucket:Bucket", {"bucket": one}, kept=True) for one in buckets]
    documents = policy.documents(found)
    assert len(documents) > 1
    assert all(len(compact(tokens.longest(one))) <= policy.LARGEST for one in documents)
    wanted = set(NEEDS["aws:s3/bucket:Bucket"].permissions(kept=True))
    assert all(actions(documents, bucket) == wanted for bucket in buckets)
    sids = [statement["Sid"] for document in documents for statement in document["Statement"]]
    assert set(sids) == {"Buckets", "Buckets2"} or sids[0] == "Buckets"


def test_the_data_is_about_something_and_has_a_source() -> None:
    for kind, needs in NEEDS.items():
        assert needs.source, kind
        for permission in needs.permissions(kept=False):
            assert about(permission) in ("bucket", "object", "identity", "key", "*"), permission
    named = {permission for needs in NEEDS.values() for permission in needs.permissions(kept=False)}
    assert set(LIMITS) - named == {"iam:PassRole"}


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["deployer-policy", *words])


def test_the_command_prints_the_document_and_says_what_is_not_in_it(tmp_path: Path) -> None:
    storage = f"{STORAGE.rstrip()}\n    far: {{kind: wasabi, bucket: far, region: eu-central-2}}"
    at = folder(tmp_path / "prod", storage, v7=V7, lightly=LIGHTLY)
    found = run(str(at))
    assert found.exit_code == 0
    assert "arn:aws:iam::<<aws.account>>:user/street-lightly-lightly" in found.stdout
    assert json.loads(found.stdout)["Version"] == "2012-10-17"
    assert found.stderr == (
        "<<aws.account>> stands for the account's number; --account fills it in.\n"
        "Without drawbridge:iam_permissions_boundary whoever holds this can give the stack's roles and users any "
        "permission and come as them: guard it as an administrator's.\n"
        "It is for IAM's street-lightly-input and street-lightly-lightly, made by the stack or not: with "
        "drawbridge:iam_path or drawbridge:iam_name_prefix nobody who names a grant can aim it at somebody else's.\n"
        "Not in it: far (wasabi), which AWS's IAM knows nothing of; there the keys of the profile decide.\n"
    )
    found = run(str(at), "--account", "111122223333", "--json")
    (document,) = json.loads(found.stdout)["policies"]
    assert "<<" not in compact(document)
    assert "--account" not in found.stderr


def test_without_anything_on_aws_there_is_no_policy(tmp_path: Path) -> None:
    found = run(str(folder(tmp_path / "prod", "far: {kind: wasabi, bucket: far, region: eu-central-2}")))
    assert (found.exit_code, found.stdout) == (0, "")
    assert "nothing on AWS" in found.stderr


def test_many_buckets_give_several_documents(tmp_path: Path) -> None:
    storage = "\n".join(
        f"b{one}: {{kind: aws, bucket: {one:02}-{'x' * 60}, region: eu-central-1}}" for one in range(90)
    )
    at = folder(tmp_path / "prod", storage)
    found = run(str(at), "--json")
    count = len(json.loads(found.stdout)["policies"])
    assert f"{count} documents, since a managed policy has at most 6,144 characters" in found.stderr


def test_mistakes(tmp_path: Path) -> None:
    at = folder(tmp_path / "prod", STORAGE, v7=V7.replace("read-write", "all"))
    found = run(str(at))
    assert found.exit_code == 1
    assert "v7.yaml:4:9 access: must be one of" in found.stderr
    assert run(str(at), "--account", "123").exit_code == 2
    assert run(str(at), "--stack", "prod").exit_code == 2
