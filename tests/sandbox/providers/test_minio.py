"""The stand-in for pulumi-minio: what it takes is the SDK's, what it does is what MinIO does."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
from typing import Any

import pytest
from pulumi.provider.experimental import provider as api
from pulumi.provider.experimental.property_value import PropertyValue

from drawbridge.registry import plugins
from sandbox.providers import minio
from sandbox.providers.minio.provider import NEEDED, Cloud, Minio
from sandbox.providers.standin import Gone, Unknown
from tests.conftest import Sandbox

TYPES = plugins(minio, "RESOURCE")
USER, POLICY, ATTACHED, ACCOUNT = (
    TYPES[f"minio:index/{name[0].lower()}{name[1:]}:{name}"]
    for name in ("IamUser", "IamPolicy", "IamUserPolicyAttachment", "IamServiceAccount")
)


def document(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::lab/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


@pytest.fixture
def cloud(sandbox: Sandbox) -> Cloud:
    return Cloud(sandbox.env)


def make(cloud: Cloud, user: str, action: str = "s3:GetObject") -> tuple[str, str]:
    """A user with a policy of the same name and a service account, whose key it returns."""
    USER.create(cloud, {"name": user})
    POLICY.create(cloud, {"name": user, "policy": document(action)})
    ATTACHED.create(cloud, {"userName": user, "policyName": user})
    identity, told = ACCOUNT.create(cloud, {"targetUser": user})
    return identity, told["secretKey"]


@pytest.mark.parametrize("name", TYPES)
def test_its_properties_are_the_sdks(name: str) -> None:
    sdk = getattr(importlib.import_module("pulumi_minio"), f"{name.rpartition(':')[2]}Args")
    known = set(inspect.signature(sdk).parameters)
    given = {"".join(f"_{one.lower()}" if one.isupper() else one for one in inp) for inp in TYPES[name].inputs}
    assert given <= known


def test_an_unknown_property_is_named() -> None:
    given = {"name": PropertyValue("a"), "tags": PropertyValue({})}
    urn = f"urn:pulumi:stack::project::{USER.name}::name"
    answer = asyncio.run(Minio("minio", TYPES, {}).check(api.CheckRequest(urn, {}, given, b"")))
    assert [failure.property for failure in answer.failures or []] == ["tags"]


def test_configuration_would_be_kept_in_the_state() -> None:
    given = {"minio:config:minioPassword": "p"}
    with pytest.raises(Unknown, match="does not know the configuration minioPassword"):
        asyncio.run(Minio("minio", TYPES, {}).configure(api.ConfigureRequest(given, {}, True, True)))


@pytest.mark.parametrize("name", NEEDED)
def test_what_the_environment_lacks_is_named(name: str) -> None:
    with pytest.raises(Unknown, match=f"needs {name} in the environment"):
        Cloud({one: "x" for one in NEEDED if one != name})


def test_a_policy_is_put_over_one_of_its_name_and_keeps_no_versions(cloud: Cloud) -> None:
    for action in ("s3:GetObject", "s3:PutObject"):
        assert POLICY.create(cloud, {"name": "twice", "policy": document(action)}) == "twice"
    for action in [f"s3:{verb}" for verb in ("GetObject", "PutObject", "DeleteObject", "ListBucket", "GetObject", "*")]:
        POLICY.update(cloud, "twice", {"name": "twice", "policy": document(action)})
    assert POLICY.read(cloud, "twice", None) == {"name": "twice", "policy": document("s3:*")}
    POLICY.delete(cloud, "twice", {})
    with pytest.raises(Gone):
        POLICY.read(cloud, "twice", None)


def test_an_account_is_read_with_its_users_policy_and_goes_with_the_user(cloud: Cloud) -> None:
    key, _ = make(cloud, "scanner")
    assert ACCOUNT.read(cloud, key, None) == {
        "targetUser": "scanner",
        "accessKey": key,
        "status": "on",
        "policy": document("s3:GetObject"),
    }
    USER.delete(cloud, "scanner", {})
    for kind, identity in ((USER, "scanner"), (ATTACHED, "scanner/scanner"), (ACCOUNT, key)):
        with pytest.raises(Gone):
            kind.read(cloud, identity, None)
    # What is gone already is no reason to fail.
    ACCOUNT.delete(cloud, key, {"targetUser": "scanner"})
    ATTACHED.delete(cloud, "scanner/scanner", {})
    USER.delete(cloud, "scanner", {})
    POLICY.delete(cloud, "scanner", {})


@pytest.mark.parametrize(("kind", "given"), [(USER, {"name": "a"}), (ACCOUNT, {"targetUser": "a"}), (ATTACHED, {})])
def test_what_it_cannot_change_it_does_not_pretend_to(cloud: Cloud, kind: Any, given: dict[str, str]) -> None:
    with pytest.raises(NotImplementedError):
        kind.update(cloud, "a", given)


def test_it_gives_an_account_no_policy_of_its_own(cloud: Cloud) -> None:
    with pytest.raises(NotImplementedError):
        ACCOUNT.create(cloud, {"targetUser": "a", "policy": "{}"})
