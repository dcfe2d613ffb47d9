"""Tries one way after the other to get the Pulumi CLI, and says in one line why a way did not work."""

import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools.engine import build, installer
from tools.places import VENV, cache, made_once
from tools.progress import CommandFailed, say

VERSION = "3.250.0"
LANGUAGE_HOST = "pulumi-language-python"


class Unavailable(Exception):
    """This way does not lead to an engine; the message is the reason, in one line."""


class NoEngine(Exception):
    """No way led to an engine; the message says what was tried and what to do by hand."""


def own() -> Path:
    """The folder of the user's own CLI, if it is new enough and knows Python."""
    found = _on_path()
    if not found:
        raise Unavailable("there is no pulumi on PATH")
    version = cli_version(found)
    if version < _numbers(VERSION):
        shown = ".".join(map(str, version)) or "unknown"
        raise Unavailable(f"{found} is version {shown}, and {VERSION} or newer is needed")
    if not (found.parent / LANGUAGE_HOST).exists() and not shutil.which(LANGUAGE_HOST):
        raise Unavailable(f"{found} has no {LANGUAGE_HOST} beside it")
    return found.parent


def installed() -> Path:
    """A cached CLI from Pulumi's installer, which is run when there is none."""
    return _made("installed", lambda folder: installer.install(VERSION, folder))


def built() -> Path:
    """A cached CLI from source, which is built when there is none."""
    return _made(f"built-{build.fingerprint()}", lambda folder: build.build(VERSION, folder))


WAYS: dict[str, Callable[[], Path]] = {
    "your own": own,
    "Pulumi's installer": installed,
    "built from source": built,
}


def find() -> tuple[Path, bool]:
    """The folder with a working CLI, and whether it is the user's own; raises NoEngine."""
    # What an earlier run left in the cache comes before anything that asks the network.
    ready = [folder for name in ("installed", f"built-{build.fingerprint()}") if _works(folder := _cached(name))]
    tried = []
    for name, way in WAYS.items():
        try:
            if way is not own and ready:
                return ready[0], False
            return way(), way is own
        except (Unavailable, CommandFailed) as error:
            reason = " ".join(str(error).split())
            tried.append(f"  {name}: {reason[:400]}")
            if not ready and not (way is own and not _on_path()):
                say(f"Pulumi, {name}: not this way, {reason[:160]}")
    raise NoEngine(
        f"Pulumi {VERSION} could not be set up. What was tried:\n" + "\n".join(tried) + "\n"
        f"Install Pulumi {VERSION} or newer with its Python language host by hand "
        "(https://www.pulumi.com/docs/install/), see that `pulumi version` works, and run this again."
    )


def cli_version(cli: Path) -> tuple[int, ...]:
    """The version a CLI gives for itself; empty when it cannot be run."""
    try:
        said = subprocess.run([cli, "version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return _numbers(said)


def _numbers(text: str) -> tuple[int, ...]:
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, match.groups())) if match else ()


def _on_path() -> Path | None:
    """The user's pulumi; our own link in the virtual environment is not theirs."""
    found = shutil.which("pulumi")
    return Path(found) if found and Path(found).parent.resolve() != (VENV / "bin").resolve() else None


def _cached(name: str) -> Path:
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return cache() / f"pulumi-{VERSION}-{machine}-{name}"


def _works(folder: Path) -> bool:
    return (folder / "complete").exists()


def _made(name: str, make: Callable[[Path], None]) -> Path:
    def checked(folder: Path) -> None:
        make(folder)
        if cli_version(folder / "pulumi") != _numbers(VERSION) or not (folder / LANGUAGE_HOST).exists():
            raise Unavailable(f"what came is not Pulumi {VERSION} with {LANGUAGE_HOST}")

    return made_once(_cached(name).name, checked)
