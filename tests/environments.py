"""Pythons of their own for packages that do not fit beside ours, each made once per lock in the user's cache."""

import hashlib
import sys
from functools import cache
from pathlib import Path

from tools import uv
from tools.places import made_once
from tools.progress import Word, run


@cache
def python_with(lock: Path) -> Path:
    """The Python that has what a lock names; raises CommandFailed where it cannot be made."""

    def install(folder: Path) -> None:
        tool, name = uv.find(), lock.stem
        venv: list[Word] = [tool, "venv", "--quiet", "--no-project", "--allow-existing"]
        run(f"Setting up {name}", [*venv, "--python", sys.executable, folder])
        packages: list[Word] = ["--require-hashes", "--only-binary", ":all:", lock]
        run(f"Installing {name}", [tool, "pip", "sync", "--quiet", "--python", folder, *packages])

    wanted = hashlib.sha256(f"{sys.version}{sys.base_prefix}{lock.read_text()}".encode()).hexdigest()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return made_once(f"{lock.stem}-python{python}-{wanted[:12]}", install) / "bin" / "python"
