"""Keeps out/<stack>/<grant>/: the settings of the stack's grants, as whole files that only their owner can read."""

import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from drawbridge.paths import OUT


def folder(stack: str, grant: str) -> Path:
    """Where the settings of a grant lie; raises OSError for a stack whose name leads elsewhere."""
    return _of(stack) / grant


def _of(stack: str) -> Path:
    if stack in ("", ".", "..") or "/" in stack:
        raise OSError(None, f"{stack!r} is no name for a folder", stack)
    return OUT / stack


def write(stack: str, grant: str, files: Mapping[str, str]) -> Path:
    """Writes the files and returns their folder; a file is never seen half-written or open to others.

    Raises OSError, also where one of the folders is a link.
    """
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
    """Removes the settings of grants that the stack no longer has; follows no link. Raises OSError."""
    ours = _of(stack)
    if ours.is_symlink() or OUT.is_symlink() or not ours.is_dir():
        return
    for path in ours.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name not in grants:
            shutil.rmtree(path)
