"""One sandbox for all tests that need a cloud, in a copy of the checkout, beside what the user has running; a judge."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, settings

from drawbridge.proof.judge import Judge
from sandbox import raise_stack, servers
from sandbox.environment import PROFILES, credentials, environment
from sandbox.folder import ROOT, Folder
from tools.judge.install import install

# No test is timed: a slow machine is no failure.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

COPIED = ("infra", "sandbox", "policies", "grants", "schemas", "tools", "Pulumi.yaml")
# These begin first, so that no worker is left alone with one of them at the end.
LONG = (
    "tests/program/test_past",
    "tests/program/",
    "tests/sandbox/",
    "tests/resources/test_side_by_side",
    "tests/proof/test_prove",
    "tests/verify/",
    "tests/test_",
)
PROFILE_OF = {server: profile for profile, server in PROFILES.items()}  # those of one server have the same keys


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as cores: half of the time is spent in waiting for pauses between writing and reading again."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what takes long first."""

    def rank(item: pytest.Item) -> int:
        return next((number for number, place in enumerate(LONG) if item.nodeid.startswith(place)), len(LONG))

    items.sort(key=rank)


@dataclass
class Sandbox:
    """A copy of the checkout whose sandbox runs; `said` collects all output, for the secret search."""

    folder: Folder
    said: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The sandbox's environment, with the copy's package before the installed one."""
        return environment(self.folder) | {"PYTHONPATH": f"{self.folder.root / 'infra'}{os.pathsep}{self.folder.root}"}

    def run(self, *command: str, cwd: Path | None = None, code: int | None = 0) -> str:
        """Runs a command and returns all that it said; fails unless it ends with the code (None: any)."""
        done = subprocess.run(
            command,
            cwd=cwd or self.folder.project,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.said[f"{len(self.said)}: {' '.join(command)}"] = done.stdout
        assert code is None or done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def client(self, service: str, store: str, region: str = "eu-central-1", *, account: str = "") -> Any:
        """A client for a kind of storage with the keys of its administrator, who acts in any account that is named."""
        server = servers.SERVERS[store]
        running, keys = servers.find(self.folder, server), credentials(self.folder)
        assert running, f"{server} does not run"
        client = boto3.client(
            service,
            endpoint_url=running.url,
            verify=str(self.folder.ca),
            region_name=region,
            config=Config(request_checksum_calculation="when_required"),
            **keys[PROFILE_OF[server]],
        )

        def elsewhere(request: Any, **_: Any) -> None:
            request.headers["x-moto-account-id"] = account

        if account:
            client.meta.events.register("before-sign", elsewhere)
        return client

    def s3(self, store: str, region: str = "eu-central-1") -> Any:
        """S3 as the store's administrator."""
        return self.client("s3", store, region)

    def policy(self, store: str, bucket: str) -> dict[str, Any]:
        """A bucket's live policy."""
        return dict(json.loads(self.s3(store).get_bucket_policy(Bucket=bucket)["Policy"]))

    def put_policy(self, store: str, bucket: str, document: Mapping[str, Any]) -> None:
        """Writes a bucket's policy by hand."""
        self.s3(store).put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))

    def stack(self, name: str, **files: str) -> Stack:
        """A new stack with its own grants; a file's name is given without `.yaml`."""
        stack = Stack(self, name)
        stack.write(**files)
        self.run("pulumi", "stack", "init", name)
        return stack


@dataclass
class Stack:
    """One stack of the sandbox's project."""

    sandbox: Sandbox
    name: str

    @property
    def grants(self) -> Path:
        """Its folder of grants."""
        return self.sandbox.folder.root / "grants" / self.name

    def write(self, **files: str) -> None:
        """Replaces its files."""
        shutil.rmtree(self.grants, ignore_errors=True)
        self.grants.mkdir()
        for name, text in files.items():
            (self.grants / f"{name}.yaml").write_text(textwrap.dedent(text))

    def pulumi(self, *words: str, code: int | None = 0) -> str:
        """Runs a Pulumi command on it."""
        return self.sandbox.run("pulumi", *words, "--stack", self.name, code=code)

    def up(self, *words: str, code: int | None = 0) -> str:
        """`pulumi up`."""
        return self.pulumi("up", "--yes", "--skip-preview", *words, code=code)

    def preview(self, *words: str, code: int | None = 0) -> str:
        """`pulumi preview`."""
        return self.pulumi("preview", *words, code=code)

    def destroy(self) -> str:
        """`pulumi destroy`."""
        return self.pulumi("destroy", "--yes", "--skip-preview")


def copy_checkout(root: Path) -> Folder:
    """What a clone would hold, with the environment of this one."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            # Compiled modules stay valid, but for those that another process is just writing.
            shutil.copytree(source, root / name, symlinks=True, ignore=shutil.ignore_patterns("*.pyc.*"))
        else:
            shutil.copyfile(source, root / name)
    (root / ".venv").symlink_to(ROOT / ".venv")
    return Folder(root)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox, with its servers running."""
    folder = copy_checkout(tmp_path_factory.mktemp("checkout"))
    raise_stack.ready(folder)
    yield Sandbox(folder)
    servers.stop(folder)


@pytest.fixture
def second_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Another clone on the same machine, for a test that stops and starts its servers."""
    (tmp_path / "second").mkdir()
    folder = copy_checkout(tmp_path / "second")
    yield Sandbox(folder)
    servers.stop(folder)


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The running judge, installed first where it is missing."""
    with Judge([str(word) for word in install()]) as running:
        yield running
