"""Somebody who may do what a policy says and no more: a user of the sandbox's AWS, with a profile of its own."""

from __future__ import annotations

import configparser
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from drawbridge import private
from sandbox import servers
from sandbox.providers.aws.provider import Cloud
from tests.conftest import Sandbox

ACCOUNT, REGION, PROFILE = "111122223333", "eu-central-1", "deployer"


@dataclass
class Deployer(Sandbox):
    """The same sandbox, with that user among its profiles."""

    home: Path = Path()
    user: str = ""
    given: int = 0

    @property
    def env(self) -> dict[str, str]:
        """The sandbox's environment, with the user's keys."""
        files = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
        return super().env | {name: str(self.home / file) for name, file in files.items()}

    @cached_property
    def iam(self) -> Any:
        """IAM as the administrator."""
        return self.client("iam", "aws")

    @cached_property
    def cloud(self) -> Cloud:
        """What the stand-in of the provider works with."""
        return Cloud(PROFILE, REGION)

    @cached_property
    def buckets(self) -> Any:
        """S3 as the administrator."""
        return self.s3("aws", REGION)

    def prepare(self) -> None:
        """Makes the user and its profile."""
        self.iam.create_user(UserName=self.user)
        key = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        running = servers.find(self.folder, "aws")
        assert running
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        config = {"region": REGION, "endpoint_url": running.url, "ca_bundle": str(self.folder.ca)}
        for file, section, values in (("config", f"profile {PROFILE}", config), ("credentials", PROFILE, keys)):
            parser = configparser.ConfigParser(interpolation=None)
            parser.read(self.folder.aws_config if file == "config" else self.folder.aws_credentials)
            parser[section] = values
            text = io.StringIO()
            parser.write(text)
            private.write(self.home / file, text.getvalue())

    def may(self, documents: Sequence[dict[str, Any]], without: str = "") -> None:
        """Gives the user these policies and no others, without one permission."""
        kept = [{**document, "Statement": found} for document in documents if (found := _without(document, without))]
        for left_over in range(len(kept), self.given):
            self.iam.delete_user_policy(UserName=self.user, PolicyName=str(left_over))
        self.given = len(kept)
        for number, document in enumerate(kept):
            text = json.dumps(document)
            self.iam.put_user_policy(UserName=self.user, PolicyName=str(number), PolicyDocument=text)


def _without(document: dict[str, Any], permission: str) -> list[dict[str, Any]]:
    """The statements that are left without one permission."""
    found = [
        {**one, "Action": [action for action in one["Action"] if action != permission]} for one in document["Statement"]
    ]
    return [one for one in found if one["Action"]]


@pytest.fixture(scope="session")
def deployer(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Deployer:
    """A user who may do nothing yet: one for all tests, since a process makes its clients for a profile once."""
    made = Deployer(sandbox.folder, sandbox.said, tmp_path_factory.mktemp("deployer"), "deployer")
    made.prepare()
    return made
