"""Runs the real Pulumi over the sandbox's stack."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import tls
from sandbox.environment import environment, write_keys, write_profiles
from sandbox.folder import Folder
from sandbox.servers import NotStarted, start
from tools.judge.install import install
from tools.progress import CommandFailed, Word

STACK = "sandbox"
# Pulumi's own rule, but for a dot or a hyphen at the beginning: both make another thing of a folder or an option.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def ready(folder: Folder) -> dict[str, str]:
    """Everything that a command in the sandbox needs; returns the instance ids of the servers."""
    with folder.lock():
        folder.prepare()
        tls.ensure(folder)
        write_keys(folder)
        servers = start(folder, environment(folder), _judge())
        write_profiles(folder, servers)
    return {name: server.instance for name, server in servers.items()}


def _judge() -> list[Word]:
    """What starts the judge, which the servers decide with; installs it where it is missing."""
    try:
        return install()
    except CommandFailed as error:
        raise NotStarted(
            f"the servers decide every request with the judge, which cannot be installed:\n{error}"
        ) from None


def run(folder: Folder, command: Sequence[str]) -> int:
    """Runs any command inside the sandbox's project and environment; returns its exit code."""
    return subprocess.run(command, cwd=folder.project, env=environment(folder), check=False).returncode


def unknown(folder: Folder, stack: str) -> str:
    """Why a stack cannot be raised, with those that can; "" if it can. Its configuration may name another folder."""
    grants = folder.root / "grants"
    if _NAME.fullmatch(stack) and ((grants / stack).is_dir() or exists(folder, stack)):
        return ""
    found = sorted(path.name for path in grants.iterdir() if path.is_dir()) if grants.is_dir() else []
    there = f"there are: {', '.join(found)}" if found else "there is none"
    if not _NAME.fullmatch(stack):
        return f"{stack!r} is no name of a stack, which is that of a folder of grants/; {there}"
    return f"grants/{stack}/ does not exist, and so no stack {stack}; {there}"


def exists(folder: Folder, stack: str) -> bool:
    """Whether the backend knows the stack."""
    return any((folder.state / "backend" / ".pulumi" / "stacks").rglob(f"{stack}.json"))


def select(folder: Folder, stack: str) -> None:
    """Makes the stack the selected one, and makes it where there is none."""
    command = ["pulumi", "stack", "select" if exists(folder, stack) else "init", stack]
    subprocess.run(command, cwd=folder.project, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def any_exists(folder: Folder) -> bool:
    """Whether the backend knows any stack; one that was made or raised is selected."""
    return any((folder.state / "backend" / ".pulumi" / "stacks").rglob("*.json"))


def before(folder: Folder, stack: str) -> dict[str, str]:
    """The servers that a stack's last successful `up` ran against, by name; empty where there was none."""
    return _raised(folder.raised(stack))


def unused(folder: Folder, instances: Mapping[str, str]) -> list[str]:
    """The servers, of those that run, against which no `up` of any stack was successful."""
    every = folder.raised("*")
    used = [_raised(path) for path in every.parent.glob(every.name)]
    return [name for name, instance in instances.items() if all(one.get(name) != instance for one in used)]


def _raised(path: Path) -> dict[str, str]:
    return dict(json.loads(path.read_text())) if path.exists() else {}
