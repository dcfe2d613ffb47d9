"""Comes to the sandbox's stores with what a stack handed out, as the platform does, once or all the time."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox import servers
from sandbox.environment import credentials
from tests.conftest import Sandbox, Stack

AT_ONCE = Config(retries={"max_attempts": 1})


def values(stack: Stack) -> dict[str, str]:
    """What the stack's identities hand over, by the names of their tokens; kept out of what is searched for secrets."""
    command = ["pulumi", "stack", "output", "values", "--json", "--show-secrets", "--stack", stack.name]
    told = subprocess.run(
        command, cwd=stack.sandbox.folder.project, env=stack.sandbox.env, capture_output=True, check=True
    )
    return dict(json.loads(told.stdout))


def settings(stack: Stack, grant: str, file: str) -> dict[str, str]:
    """A file of JSON that the platform's operator was given."""
    path = stack.sandbox.folder.root / "out" / stack.name / grant / file
    assert path.stat().st_mode & 0o777 == 0o600
    return dict(json.loads(path.read_text()))


@dataclass
class Comer:
    """Whoever lists a folder of a bucket of a server."""

    sandbox: Sandbox
    server: str
    bucket: str
    folder: str

    def with_key(self, access_key: str, secret_key: str, token: str | None = None) -> str:
        """With an access key: "" when let in, else the store's word for why not."""
        try:
            client = self._client("s3", access_key, secret_key, token)
            client.list_objects_v2(Bucket=self.bucket, Prefix=self.folder)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def through_role(self, role: str, external_id: str) -> str:
        """Through a role with an external id, as Lightly's user: "" when let in, else the word for why not."""
        keys = credentials(self.sandbox.folder)["lightly-aws"]
        try:
            sts = self._client("sts", keys["aws_access_key_id"], keys["aws_secret_access_key"])
            given = sts.assume_role(
                RoleArn=role, RoleSessionName="test", ExternalId=external_id, DurationSeconds=43200
            )["Credentials"]
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return self.with_key(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def _client(self, service: str, access_key: str, secret_key: str, token: str | None = None) -> boto3.client:
        running = servers.find(self.sandbox.folder, servers.SERVERS[self.server])
        assert running, f"{self.server} does not run"
        return boto3.client(
            service,
            endpoint_url=running.url,
            verify=str(self.sandbox.folder.ca),
            region_name="eu-central-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            aws_session_token=token,
            config=AT_ONCE,
        )


@dataclass
class Watched:
    """What came of coming again and again."""

    times: int = 0
    refused: list[str] = field(default_factory=list)


@contextmanager
def all_the_time(ways: Mapping[str, Callable[[], str]]) -> Iterator[Watched]:
    """Comes in each way, over and over, for as long as the block takes."""
    watched, stop = Watched(), threading.Event()

    def come() -> None:
        while not stop.wait(0.05):
            for name, way in ways.items():
                if why := way():
                    watched.refused.append(f"{name}: {why}")
            watched.times += 1

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield watched
    finally:
        stop.set()
        thread.join()
