"""Finds uv, which makes the Python environment, or brings the pinned one from PyPI."""

import shutil
import sys
from pathlib import Path

from tools.places import ROOT, made_once
from tools.progress import Word, run

LOCK = ROOT / "tools" / "uv.txt"


def version() -> str:
    """The pinned version, from the lock file."""
    return LOCK.read_text().split("uv==", 1)[1].split()[0]


def find() -> Path:
    """The user's own uv, else the cached one, else a new one; raises CommandFailed."""
    own = shutil.which("uv")
    if own:
        return Path(own)
    return made_once(f"uv-{version()}", _install) / "bin" / "uv"


def _install(folder: Path) -> None:
    run("Setting up uv", [sys.executable, "-m", "venv", folder])
    pip: list[Word] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("Installing uv", [*pip, "--require-hashes", "--only-binary", ":all:", "-r", LOCK])
