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


def pulumi(folder: Folder, *words: str) -> int:
    """Runs a Pulumi command on the sandbox's stack, in the user's own terminal; returns its exit code."""
    return run(folder, ["pulumi", *words, "--stack", STACK])


def run(folder: Folder, command: Sequence[str]) -> int:
    """Runs any command inside the sandbox's project and environment; returns its exit code."""
    return subprocess.run(command, cwd=folder.project, env=environment(folder), check=False).returncode


def select(folder: Folder) -> bool:
    """Makes the stack where there is none; whether there was one."""
    stacks = folder.state / "backend" / ".pulumi" / "stacks"
    if any(stacks.rglob(f"{STACK}.json")):
        return True
    command = ["pulumi", "stack", "init", STACK]
    subprocess.run(command, cwd=folder.project, env=environment(folder), check=True, stdout=subprocess.DEVNULL)
    return False


def before(folder: Folder) -> dict[str, str]:
    """The servers that the last `up` ran against, by name; empty where there was none."""
    return dict(json.loads(folder.raised.read_text())) if folder.raised.exists() else {}
