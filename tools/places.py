"""Where the set-up keeps things: in the checkout what belongs to it, in the user's cache what clones share."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.progress import say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def cache() -> Path:
    """The folder that all clones of one user share; made anew whenever it is gone."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "drawbridge"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def locked(what: str) -> Iterator[None]:
    """Held by the one set-up of this user that is at something shared; says so when another one is."""
    with (cache() / f"{what}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another set-up is at it ({what}): waiting …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, made by whoever comes first; a half-made one is never left, nor used."""
    target = cache() / name
    stamp = target / "complete"
    if not stamp.exists():
        with locked(name):
            if not stamp.exists():
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir()
                try:
                    make(target)
                except BaseException:
                    shutil.rmtree(target, ignore_errors=True)
                    raise
                stamp.touch()
    return target
