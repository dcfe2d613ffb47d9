"""What of the aws provider's configuration boto3 can share, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drawbridge.resources.base import Failed
from drawbridge.storage.aws import _provider


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Any:
    def given(**values: str) -> dict[str, Any]:
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({f"aws:{key}": value for key, value in values.items()}))
        return _provider()

    return given


def test_profile_and_roles_are_shared(config: Any) -> None:
    roles = [{"roleArn": "arn:aws:iam::111122223333:role/deploy", "sessionName": "ci"}]
    found = config(region="eu-central-1", profile="prod", assumeRoles=json.dumps(roles), maxRetries="3")
    assert found == {"profile": "prod", "assume_roles": roles}
    assert config() == {"profile": "", "assume_roles": []}


@pytest.mark.parametrize("key", ["accessKey", "secretKey", "token", "endpoints", "customCaBundle", "sharedConfigFiles"])
def test_what_would_make_two_principals_or_reach_the_state_is_refused(config: Any, key: str) -> None:
    with pytest.raises(Failed, match=f"^aws:{key} cannot be used, since boto3 cannot share it") as failed:
        config(region="eu-central-1", **{key: "planted-value"})
    assert "planted-value" not in str(failed.value)


def test_an_external_id_belongs_into_a_profile(config: Any) -> None:
    with pytest.raises(Failed, match="aws:assumeRoles: externalId cannot be used"):
        config(assumeRoles='[{"roleArn": "arn", "externalId": "planted-value"}]')
