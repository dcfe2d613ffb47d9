"""Keeps out/<stack>/<grant>/: the settings of the stack's grants, as whole files that only their owner can read."""

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from drawbridge import private
from drawbridge.paths import OUT


def folder(stack: str, grant: str) -> Path:
    """Where the settings of a grant lie; raises OSError for a stack whose name leads elsewhere."""
    return of(stack) / grant


def of(stack: str) -> Path:
    """Where everything of a stack lies; raises OSError for a name that leads elsewhere."""
    if stack in ("", ".", "..") or "/" in stack:
        raise OSError(None, f"{stack!r} is no name for a folder", stack)
    return OUT / stack


def write(stack: str, grant: str, files: Mapping[str, str]) -> Path:
    """Writes the files and returns their folder; a file is never seen half-written or open to others.

    Raises OSError, also where one of the folders is a link.
    """
    target = folder(stack, grant)
    private.folders(OUT, OUT / stack, target)
    for name, content in files.items():
        private.write(target / name, content)
    return target


def forget(stack: str, grants: Collection[str]) -> None:
    """Removes the settings of grants that the stack no longer has; follows no link. Raises OSError."""
    ours = of(stack)
    if ours.is_symlink() or OUT.is_symlink() or not ours.is_dir():
        return
    for path in ours.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name not in grants:
            shutil.rmtree(path)
