"""Writes a grant's settings into out/<stack>/<grant>/: whole files, readable by their owner only."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from drawbridge.paths import OUT


def folder(stack: str, grant: str) -> Path:
    """Where the settings of a grant lie."""
    return OUT / stack / grant


def write(stack: str, grant: str, files: Mapping[str, str]) -> Path:
    """Writes the files and returns their folder; a file is never seen half-written or open to others."""
    target = folder(stack, grant)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in (OUT, OUT / stack, target):
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
