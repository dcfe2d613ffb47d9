"""Runs the real Pulumi over the sandbox's stack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from sandbox import tls
from sandbox.environment import environment, write_profiles
from sandbox.folder import Folder
from sandbox.servers import start

STACK = "sandbox"


def ready(folder: Folder) -> dict[str, str]:
    """Everything that a command in the sandbox needs; returns the instance ids of the servers."""
    with folder.lock():
        folder.prepare()
        tls.ensure(folder)
        servers = start(folder, environment(folder))
        write_profiles(folder, servers)
    return {name: server.instance for name, server in servers.items()}


def run(folder: Folder, command: Sequence[str]) -> int:
    """Runs any command inside the sandbox's project and environment; returns its exit code."""
    return subprocess.run(command, cwd=folder.project, env=environment(folder), check=False).returncode


def exists(folder: Folder, stack: str) -> bool:
    """Whether the backend knows the stack."""
    return any((folder.state / "backend" / ".pulumi" / "stacks").rglob(f"{stack}.json"))


def select(folder: Folder, stack: str) -> None:
    """Makes the stack the selected one, and makes it where there is none."""
    command = ["pulumi", "stack", "select" if exists(folder, stack) else "init", stack]
    subprocess.run(command, cwd=folder.project, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def before(folder: Folder, stack: str) -> dict[str, str]:
    """The servers that a stack's last `up` ran against, by name; empty where there was none."""
    path = folder.raised(stack)
    return dict(json.loads(path.read_text())) if path.exists() else {}
