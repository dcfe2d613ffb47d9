"""Files and folders that only their owner can read; no link is followed, no file is seen half-written."""

import os
import tempfile
from pathlib import Path


def folders(*folders: Path) -> None:
    """Makes each where it is missing, and closes it to others; raises OSError, also where one is a link."""
    for part in folders:
        if part.is_symlink():
            raise OSError(None, f"{part} is a link, which is not followed", str(part))
        part.mkdir(exist_ok=True, mode=0o700)
        part.chmod(0o700)


def write(path: Path, content: str) -> None:
    """Replaces a file as a whole, on the disk when this returns; raises OSError."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> bytes:
    """A file's content; raises OSError, also where it is a link."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read()
