"""Starts and stops the sandbox's servers, and never touches a process that is not ours."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from sandbox.folder import Folder

START_LIMIT = 60  # seconds
STOP_LIMIT = 10
SAME_START = 2


class NotStarted(Exception):
    """A server did not come up; the message has the end of its log."""


@dataclass(frozen=True)
class Kind:
    """A server: the account that its administrator acts in, the kinds of storage that it serves, and the regions of
    the buckets that are there already."""

    name: str
    account: str
    regions: tuple[str, ...]
    stores: tuple[str, ...]


KINDS = (
    Kind("aws", "111122223333", ("eu-central-1",), ("aws",)),
    Kind("wasabi", "444455556666", ("eu-central-2",), ("wasabi",)),
    Kind("compatible", "777788889999", ("us-east-1", "eu-de"), ("minio", "obs", "s3")),
)
SERVERS = {store: kind.name for kind in KINDS for store in kind.stores}  # kind of storage -> server


@dataclass(frozen=True)
class Running:
    """A server that runs: where, and which instance it is."""

    name: str
    pid: int
    started: float
    port: int
    instance: str
    plain_port: int

    @property
    def url(self) -> str:
        """Its endpoint."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        """Its endpoint without TLS."""
        return f"http://127.0.0.1:{self.plain_port}"


def find(folder: Folder, name: str) -> Running | None:
    """The server if it runs; a pid that by its start time and command belongs to another process is not ours."""
    pid_file = folder.server(name)
    try:
        about = Running(**json.loads(pid_file.read_text()))
        process = psutil.Process(about.pid)
        # A step of the clock shifts what psutil says of a start by as much, so the command line has to agree too.
        same_start = abs(process.create_time() - about.started) < SAME_START
        alive = same_start and str(pid_file) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, TypeError, psutil.Error):
        return None
    return about if alive else None


def start(folder: Folder, env: Mapping[str, str], judge: Sequence[str | Path]) -> dict[str, Running]:
    """All servers, started where they do not run, each with a judge of its own, which the command starts.

    The caller holds the folder's lock, and has made the keys. Raises NotStarted.
    """
    starting = {kind.name: _launch(folder, kind, env, judge) for kind in KINDS if not find(folder, kind.name)}
    return {kind.name: _wait(folder, kind.name, starting.get(kind.name)) for kind in KINDS}


def stop(folder: Folder) -> list[str]:
    """Stops those that run, and returns their names."""
    with folder.lock():
        found = [running for kind in KINDS if (running := find(folder, kind.name))]
        for kind in KINDS:
            folder.server(kind.name).unlink(missing_ok=True)
        _end([running.pid for running in found])
    return [running.name for running in found]


def _launch(folder: Folder, kind: Kind, env: Mapping[str, str], judge: Sequence[str | Path]) -> subprocess.Popen[bytes]:
    folder.server(kind.name).unlink(missing_ok=True)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "sandbox.server",
        kind.name,
        folder.server(kind.name),
        folder.certificate,
        folder.aws_credentials,
        *judge,
    ]
    path = folder.log(kind.name)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with path.open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder.root,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # lives on when the terminal goes
        )


def _wait(folder: Folder, name: str, process: subprocess.Popen[bytes] | None) -> Running:
    limit = time.monotonic() + START_LIMIT
    while not (running := find(folder, name)):
        if process is None or process.poll() is not None or time.monotonic() > limit:
            end = folder.log(name).read_text(errors="replace").strip().splitlines()[-5:]
            raise NotStarted(f"the server {name} did not start:\n" + "\n".join(end))
        time.sleep(0.05)
    return running


def _end(pids: Sequence[int]) -> None:
    """Tells all of them before it waits for any."""
    processes = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.terminate()
            processes.append(process)
    _, alive = psutil.wait_procs(processes, STOP_LIMIT)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    if psutil.wait_procs(alive, STOP_LIMIT)[1]:
        raise psutil.TimeoutExpired(STOP_LIMIT)
