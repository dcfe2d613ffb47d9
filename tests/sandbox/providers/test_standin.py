"""Stand-ins fail loudly: an unknown type, property, function or key of configuration is named."""

from __future__ import annotations

import asyncio
import json
import textwrap
from typing import Any

import pytest
from pulumi.provider.experimental import provider as api
from pulumi.provider.experimental.property_value import PropertyValue

import sandbox.providers.aws
from drawbridge.registry import plugins
from sandbox.providers.aws.provider import Aws
from sandbox.providers.standin import Unknown
from tests.conftest import Sandbox

STANDIN = Aws("aws", plugins(sandbox.providers.aws, "RESOURCE"), plugins(sandbox.providers.aws, "FUNCTION"))
BUCKET = "aws:s3/bucket:Bucket"


def urn(kind: str) -> str:
    return f"urn:pulumi:stack::project::{kind}::name"


def values(**plain: Any) -> dict[str, PropertyValue]:
    return {name: PropertyValue(value) for name, value in plain.items()}


def test_knows_the_types_that_the_program_uses() -> None:
    assert sorted(STANDIN.types) == [
        "aws:iam/accessKey:AccessKey",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/user:User",
        "aws:iam/userPolicy:UserPolicy",
        "aws:kms/grant:Grant",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
    ]


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(Unknown, match="does not know the resource type aws:s3/bucketPolicy:BucketPolicy"):
        asyncio.run(STANDIN.check(api.CheckRequest(urn("aws:s3/bucketPolicy:BucketPolicy"), {}, {}, b"")))


def test_every_unknown_property_is_named() -> None:
    given = values(bucket="b", acl="private", policy="{}")
    answer = asyncio.run(STANDIN.check(api.CheckRequest(urn(BUCKET), {}, given, b"")))
    assert [failure.property for failure in answer.failures or []] == ["acl", "policy"]
    assert "does not know the property acl" in (answer.failures or [])[0].reason


def test_an_unknown_function_is_named() -> None:
    with pytest.raises(Unknown, match="does not know the function aws:index/getRegion:getRegion"):
        asyncio.run(STANDIN.invoke(api.InvokeRequest("aws:index/getRegion:getRegion", {})))


def test_unknown_configuration_is_named() -> None:
    given = {"aws:config:profile": "p", "aws:config:region": "r", "aws:config:endpoints": "[]"}
    with pytest.raises(Unknown, match="does not know the configuration endpoints"):
        asyncio.run(STANDIN.configure(api.ConfigureRequest(given, {}, True, True)))


@pytest.mark.parametrize(
    ("old", "new", "changed", "replaced"),
    [
        ({"bucket": "a"}, {"bucket": "a"}, [], []),
        ({"bucket": "a"}, {"bucket": "b"}, ["bucket"], ["bucket"]),
        ({"bucket": "a", "region": "r"}, {"bucket": "a"}, [], []),
        ({"bucket": "a", "tags": {"k": PropertyValue("v")}}, {"bucket": "a"}, ["tags"], []),
        ({"bucket": "a"}, {"bucket": "a", "tags": {"k": PropertyValue("v")}}, ["tags"], []),
    ],
)
def test_diff(old: dict[str, Any], new: dict[str, Any], changed: list[str], replaced: list[str]) -> None:
    answer = asyncio.run(STANDIN.diff(api.DiffRequest(urn(BUCKET), "a", values(**old), values(**new), [])))
    assert (answer.diffs, answer.replaces, answer.changes) == (changed, replaced, bool(changed))


def test_in_the_engine_too_an_unknown_property_stops_everything_with_its_name(sandbox: Sandbox) -> None:
    """A program of its own, under the sandbox's project: the engine, not a mock, carries the refusal to the user."""
    root = sandbox.folder.root / "elsewhere"
    (root / "infra").mkdir(parents=True)
    project = (sandbox.folder.project / "Pulumi.yaml").read_text()
    project = project.replace("../infra", "infra").replace("./providers", str(sandbox.folder.project / "providers"))
    (root / "Pulumi.yaml").write_text(project.replace("../.venv", str(sandbox.folder.root / ".venv")))
    program = """
        import pulumi_aws as aws
        aws.s3.Bucket("b", bucket="unknown-property", object_lock_enabled=True)
        """
    (root / "infra" / "__main__.py").write_text(textwrap.dedent(program))
    sandbox.run("pulumi", "stack", "init", "elsewhere", cwd=root)
    said = sandbox.run("pulumi", "preview", "--stack", "elsewhere", "--json", cwd=root, code=None)
    assert "does not know the property objectLockEnabled" in json.dumps(said)
