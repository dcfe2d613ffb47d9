"""Somebody plays the owner of stores without an interface for users: keys come before `up`, and end after it."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.hand_in import Owner
from tests.conftest import Sandbox, Stack
from tests.program.credentials import Comer

STORAGE = """
    raw: {kind: obs, bucket: handed-raw, endpoint: "https://obs.eu-de.otc.t-systems.com", region: eu-de, profile: obs}
    work: {kind: s3, bucket: handed-work, endpoint: "https://s3.example.com", profile: s3}
    """
GRANT = """
    name: handed
    platform: lightly
    input: {{storage: raw, prefix: berlin/, auth: access-keys}}
    lightly: {{storage: work, prefix: berlin/, auth: access-keys, generations: {generations}}}
    """
INPUT, LIGHTLY = "handed-input", "handed-lightly"


class Handed:
    """A stack whose keys are handed in, on buckets that are there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stack: Stack = sandbox.stack("handed", storage=STORAGE, grant=GRANT.format(generations="[1]"))
        # This process is that of another checkout, and would look for the stack's grants there.
        self.stack.pulumi("config", "set", "drawbridge:grants", str(self.stack.grants))
        for bucket, region in (("handed-raw", "eu-de"), ("handed-work", "eu-central-1")):
            sandbox.s3("s3", region).create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region}
            )

    def alive(self, generations: str) -> None:
        """These are alive from now on."""
        self.stack.write(storage=STORAGE, grant=GRANT.format(generations=generations))

    def owner(self) -> Owner:
        return Owner(self.sandbox.folder, self.stack.name)

    def config(self) -> dict[str, object]:
        """Our keys of the stack's configuration, as the file has them."""
        file = self.sandbox.folder.state / "config" / "Pulumi.handed.yaml"
        found = yaml.safe_load(file.read_text())["config"]
        return {key.removeprefix("drawbridge:"): found[key] for key in found if key.startswith("drawbridge:handed-")}

    def keys(self, user: str, generation: int) -> tuple[str, str]:
        """A key as the stack is given it; what is asked for here is not searched for secrets."""
        names = [f"drawbridge:{user}.{what}.{generation}" for what in ("access_key", "secret_key")]
        command = ["pulumi", "config", "get", "--stack", self.stack.name]
        access, secret = (
            subprocess.run(
                [*command, name],
                cwd=self.sandbox.folder.project,
                env=self.sandbox.env,
                text=True,
                capture_output=True,
                check=True,
            ).stdout.strip()
            for name in names
        )
        return access, secret

    def come(self, bucket: str, key: tuple[str, str], folder: str = "berlin/") -> str:
        """What came of listing with a key."""
        return Comer(self.sandbox, "s3", bucket, folder).with_key(*key)


def names(user: str, *generations: int) -> set[str]:
    return {f"{user}.{what}.{number}" for number in generations for what in ("access_key", "secret_key")}


def test_keys_are_handed_in_and_end(sandbox: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    handed = Handed(sandbox)
    said = handed.owner().make()
    assert said.endswith("made: key 1 of handed-input, key 1 of handed-lightly.")
    config = handed.config()
    assert set(config) == names(INPUT, 1) | names(LIGHTLY, 1)
    assert all(isinstance(value, dict) == (".secret_key." in name) for name, value in config.items())
    assert [handed.owner().make(), handed.owner().end()] == ["", ""], "a second run changes nothing"
    assert handed.config() == config
    one, read = handed.keys(LIGHTLY, 1), handed.keys(INPUT, 1)
    assert [handed.come("handed-work", one), handed.come("handed-raw", read)] == ["", ""]
    assert handed.come("handed-work", one, "munich/") == handed.come("handed-work", read) == "AccessDenied"

    handed.alive("[1, 2]")
    assert handed.owner().make().endswith("made: key 2 of handed-lightly.")
    assert handed.owner().end() == ""
    two = handed.keys(LIGHTLY, 2)
    assert [handed.come("handed-work", key) for key in (one, two)] == ["", ""]

    handed.alive("[2]")
    assert handed.owner().make() == ""
    assert [handed.come("handed-work", key) for key in (one, two)] == ["", ""], "until the stack has handed over"
    assert handed.owner().end().endswith("ended: a key of handed-lightly.")
    assert [handed.come("handed-work", key) for key in (one, two)] == ["InvalidAccessKeyId", ""]
    assert set(handed.config()) == names(INPUT, 1) | names(LIGHTLY, 2)

    the_policy_is_the_emitted_one_also_after_a_change(handed)
    a_server_that_forgot_is_told_again(handed)

    read = handed.keys(INPUT, 1)
    handed.stack.write(storage=STORAGE, grant="name: handed")
    assert [handed.owner().make(), handed.owner().end()] == ["", ""], "a mistake in a file ends nobody's access"
    assert handed.come("handed-raw", read) == ""
    handed.stack.write(storage=STORAGE)
    assert handed.owner().make() == ""
    assert "user handed-input" in handed.owner().end()
    assert handed.come("handed-raw", read) == "InvalidAccessKeyId"
    assert handed.config() == {}
    with pytest.raises(ClientError, match="NoSuchEntity"):
        sandbox.client("iam", "s3").get_user(UserName=INPUT)
    told = capfd.readouterr()
    assert two[1] not in told.out + told.err


def the_policy_is_the_emitted_one_also_after_a_change(handed: Handed) -> None:
    handed.stack.write(storage=STORAGE, grant=GRANT.format(generations="[2]").replace("berlin/", "munich/"))
    assert handed.owner().make() == ""
    two = handed.keys(LIGHTLY, 2)
    assert [handed.come("handed-work", two, folder) for folder in ("munich/", "berlin/")] == ["", "AccessDenied"]
    handed.alive("[2]")


def a_server_that_forgot_is_told_again(handed: Handed) -> None:
    before, iam = handed.keys(LIGHTLY, 2), handed.sandbox.client("iam", "s3")
    iam.delete_access_key(UserName=LIGHTLY, AccessKeyId=before[0])
    iam.delete_user_policy(UserName=LIGHTLY, PolicyName="emitted")
    iam.delete_user(UserName=LIGHTLY)
    assert handed.owner().make().endswith("made: key 2 of handed-lightly.")
    after = handed.keys(LIGHTLY, 2)
    assert before != after
    assert handed.come("handed-work", after) == ""


def test_no_value_is_an_argument(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    started: list[list[str]] = []

    def run(command: list[str], **given: object) -> None:
        started.append(command)
        assert json.dumps(command).count("AKIA") == 0
        assert given["input"]

    stack = sandbox.stack("quiet", storage=STORAGE, grant=GRANT.format(generations="[1]").replace("handed", "quiet"))
    stack.pulumi("config", "set", "drawbridge:grants", str(stack.grants))
    monkeypatch.setattr(subprocess, "run", run)
    Owner(sandbox.folder, "quiet").make()
    assert len(started) == 4
