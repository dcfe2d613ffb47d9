"""A Python of its own for darwin-py, which wants an older rich than ours, made once per lock in the user's cache."""

import hashlib
import sys
from functools import cache
from pathlib import Path

from tools import uv
from tools.places import made_once
from tools.progress import Word, run

LOCK = Path(__file__).with_name("darwin-py.txt")


@cache
def darwin_py() -> Path:
    """The Python that has what the lock names; raises CommandFailed where it cannot be made."""
    wanted = hashlib.sha256(f"{sys.version}{sys.base_prefix}{LOCK.read_text()}".encode()).hexdigest()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return made_once(f"{LOCK.stem}-python{python}-{wanted[:12]}", _install) / "bin" / "python"


def _install(folder: Path) -> None:
    tool = uv.find()
    run(
        "Setting up darwin-py",
        [tool, "venv", "--quiet", "--no-project", "--allow-existing", "--python", sys.executable, folder],
    )
    packages: list[Word] = ["--require-hashes", "--only-binary", ":all:", LOCK]
    run("Installing darwin-py", [tool, "pip", "sync", "--quiet", "--python", folder, *packages])
