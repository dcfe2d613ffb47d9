"""Plays the owner of stores without an interface for users: gives them the emitted policies, hands their keys in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import yaml

from drawbridge import tokens
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.config import PREFIX, from_values
from drawbridge.documents import compact
from drawbridge.plan import Plan, make_plan
from drawbridge.problems import Invalid
from sandbox.environment import credentials, environment
from sandbox.folder import Folder
from sandbox.servers import SERVERS, find

STORE = "s3"
POLICY = "emitted"


class Owner:
    """The owner of every such store, as far as one stack needs them; they say what they did."""

    def __init__(self, folder: Folder, stack: str) -> None:
        self._folder, self._stack = folder, stack
        self._config = _config(folder.state / "config" / f"Pulumi.{stack}.yaml")
        for name in [
            name for name, value in self._config.items() if ".access_key." in name and not isinstance(value, str)
        ]:
            self._config[name] = self._given(name)
        self._plan = self._planned()
        identities = self._plan.identities if self._plan else {}
        self._wanted = {name: planned for name, planned in identities.items() if planned.handed_in}

    def make(self) -> str:
        """Before `pulumi up`: users with their policies, and a key for each generation that has none that works."""
        return _said("made", [one for planned in self._wanted.values() for one in self._made(planned)])

    def end(self) -> str:
        """After `pulumi up` has handed the others over: keys of generations that are gone, and users of nobody."""
        return _said("ended", list(self._ended()) if self._plan else [])

    def _planned(self) -> Plan | None:
        """None of files with mistakes, which `pulumi up` tells: nobody's access ends by one."""
        secret = [key for key, value in self._config.items() if not isinstance(value, str)]
        try:
            return make_plan(from_values(self._stack, {**self._config, **dict.fromkeys(secret, "")}, secret))
        except Invalid:
            return None

    def _made(self, planned: PlannedIdentity) -> Iterator[str]:
        wanted, iam = planned.wanted, self._iam
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=wanted.name, Path=self._path)
        policy = compact(tokens.resolve(dict(planned.policy), {}))
        iam.put_user_policy(UserName=wanted.name, PolicyName=POLICY, PolicyDocument=policy)
        there = _keys(iam, wanted.name)
        for generation in wanted.generations:
            access, secret = (wanted.token(what, generation).name for what in ("access_key", "secret_key"))
            if self._config.get(access) not in there or secret not in self._config:
                made = iam.create_access_key(UserName=wanted.name)["AccessKey"]
                self._pulumi("set", "--plaintext", access, value=made["AccessKeyId"])
                self._pulumi("set", "--secret", secret, value=made["SecretAccessKey"])
                self._config |= {access: made["AccessKeyId"], secret: {}}
                yield f"key {generation} of {wanted.name}"

    def _ended(self) -> Iterator[str]:
        iam = self._iam
        for user in iam.list_users(PathPrefix=self._path)["Users"]:
            name = user["UserName"]
            planned = self._wanted.get(name)
            kept = planned.handed_in if planned else ()
            for key in _keys(iam, name) - {self._config[one] for one in kept if ".access_key." in one}:
                iam.delete_access_key(UserName=name, AccessKeyId=key)
                yield f"a key of {name}"
            for one in [one for one in self._config if one.startswith(f"{name}.") and one not in kept]:
                self._pulumi("rm", one)
            if not planned:
                iam.delete_user_policy(UserName=name, PolicyName=POLICY)
                iam.delete_user(UserName=name)
                yield f"user {name}"

    @property
    def _path(self) -> str:
        """By which the stack's users are known."""
        return f"/{self._stack}/"

    @cached_property
    def _iam(self) -> Any:
        """All these stores are one server."""
        running, keys = find(self._folder, SERVERS[STORE]), credentials(self._folder)[STORE]
        assert running, f"{SERVERS[STORE]} does not run"  # noqa: S101  it was started before
        session = boto3.Session(**keys, region_name="us-east-1")
        return session.client("iam", endpoint_url=running.url, verify=str(self._folder.ca))

    def _given(self, name: str) -> str:
        """An access key's id that was handed in as a secret."""
        command = ["pulumi", "config", "get", f"{PREFIX}{name}", "--stack", self._stack]
        found = subprocess.run(
            command,
            cwd=self._folder.project,
            env=environment(self._folder),
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )
        return found.stdout.strip()

    def _pulumi(self, *words: str, value: str | None = None) -> None:
        """Changes the stack's configuration; a value goes by stdin, since everybody sees arguments."""
        *options, name = words
        subprocess.run(
            ["pulumi", "config", *options, f"{PREFIX}{name}", "--stack", self._stack],
            cwd=self._folder.project,
            env=environment(self._folder),
            input=value,
            text=True,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _config(path: Path) -> dict[str, Any]:
    """Our keys of a stack's configuration, without their namespace; what is encrypted is a mapping."""
    found: Mapping[str, Any] = yaml.safe_load(path.read_text()) if path.exists() else {}
    given = (found or {}).get("config") or {}
    return {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}


def _keys(iam: Any, user: str) -> set[str]:
    return {key["AccessKeyId"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}


def _said(what: str, done: list[str]) -> str:
    return f"As the owner of stores without an interface for users, {what}: {', '.join(done)}." if done else ""
