"""Stores that the operations of dynamic resources work on: the sandbox's own servers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conftest import Sandbox

CONNECTIONS: dict[str, dict[str, Any]] = {
    "aws": {
        "kind": "aws",
        "region": "eu-central-1",
        "profile": "sandbox",
        "account": "111122223333",
        "assume_roles": [],
    },
    "wasabi": {
        "kind": "wasabi",
        "region": "eu-central-2",
        "profile": "wasabi",
        "endpoint": "https://s3.eu-central-2.wasabisys.com",
    },
}


@pytest.fixture(autouse=True)
def profiles(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process reads the sandbox's AWS profiles."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, sandbox.env[name])
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture(params=list(CONNECTIONS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn."""
    return str(request.param)


@pytest.fixture
def s3(sandbox: Sandbox, kind: str) -> Any:
    """The store's administrator."""
    return sandbox.s3(kind, CONNECTIONS[kind]["region"])


@pytest.fixture
def name() -> str:
    """A bucket name that nobody has."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bucket(s3: Any, name: str, kind: str) -> str:
    """An empty bucket in the connection's region."""
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": CONNECTIONS[kind]["region"]})
    return name
