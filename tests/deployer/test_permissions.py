"""Every permission in the data is needed and none is missing: each type lives with its own, and not without any one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from drawbridge.deployer import policy
from drawbridge.deployer.aws import NEEDS
from drawbridge.resources import parts
from drawbridge.resources.base import Failed
from tests.deployer.conftest import Deployer
from tests.deployer.lives import BOUNDARY, LIVES, POLICY, Life

# In the sandbox KMS is decided for nobody but the administrator.
UNDECIDED = ("kms:",)


@pytest.fixture(autouse=True)
def as_the_deployer(deployer: Deployer, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process reads the deployer's profile, and waits for nobody else who writes."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, deployer.env[name])
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setattr(parts, "PAUSE", (0, 0))
    if BOUNDARY not in [one["Arn"] for one in deployer.iam.list_policies(Scope="Local")["Policies"]]:
        deployer.iam.create_policy(PolicyName=BOUNDARY.rpartition("/")[2], PolicyDocument=POLICY)


def lived(life: Life, kind: str, capsys: Any, without: str = "") -> str:
    """What the deployer is told, with the permissions of one type alone and without one of them."""
    documents = policy.documents(life.deployed(kind))
    life.deployer.may([_decided(document) for document in documents], without)
    capsys.readouterr()
    try:
        LIVES[kind](life)
    except (ClientError, Failed) as error:
        return str(error)
    return str(capsys.readouterr().out)


def _decided(document: dict[str, Any]) -> dict[str, Any]:
    statements = [one for one in document["Statement"] if not one["Action"][0].startswith(UNDECIDED)]
    return {**document, "Statement": statements}


@pytest.mark.parametrize("kind", LIVES)
def test_a_type_needs_every_one_of_its_permissions_and_no_others(
    kind: str, deployer: Deployer, tmp_path: Path, capsys: Any
) -> None:
    said = lived(Life(deployer, tmp_path), kind, capsys)
    assert "AccessDenied" not in said
    assert "403" not in said
    permissions = NEEDS[kind].permissions(kept=Life(deployer, tmp_path).deployed(kind)[-1].kept)
    told = {one: lived(Life(deployer, tmp_path), kind, capsys, one) for one in permissions}
    for permission, said in told.items():
        if permission.startswith(UNDECIDED):
            continue
        # The answer to a HEAD has no words: the provider then names the operation. BucketClaim, which asks before it
        # does, names the permission.
        expected = "HeadBucket" if (kind, permission) == ("aws:s3/bucket:Bucket", "s3:ListBucket") else permission
        assert expected in said, (permission, said)


def test_every_type_that_the_sandbox_decides_has_a_life() -> None:
    assert set(NEEDS) - set(LIVES) == {"aws:kms/grant:Grant", "key"}
    assert all(
        permission.startswith(UNDECIDED)
        for kind in set(NEEDS) - set(LIVES)
        for permission in NEEDS[kind].permissions(kept=False)
    )
