"""Keeps out/<stack>/<grant>/: the settings of the stack's grants, as whole files that only their owner can read."""

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from drawbridge.paths import OUT


def folder(stack: str, grant: str) -> Path:
    """Where the settings of a grant lie."""
    return OUT / stack / grant


def write(stack: str, grant: str, files: Mapping[str, str]) -> Path:
    """Writes the files and returns their folder; a file is never seen half-written or open to others."""
    target = folder(stack, grant)
    for part in (OUT, OUT / stack, target):
        if part.is_symlink():
            raise OSError(None, f"{part} is a link, which is not followed", str(part))
        part.mkdir(exist_ok=True, mode=0o700)
        part.chmod(0o700)
    for name, content in files.items():
        handle, temporary = tempfile.mkstemp(dir=target, prefix=f".{name}.")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            Path(temporary).replace(target / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return target


def forget(stack: str, grants: Collection[str]) -> None:
    """Removes the settings of grants that the stack no longer has."""
    for path in (OUT / stack).iterdir() if (OUT / stack).is_dir() else ():
        if path.is_dir() and path.name not in grants:
            shutil.rmtree(path)
