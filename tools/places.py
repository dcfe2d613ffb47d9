"""Where the set-up keeps things: in the checkout what belongs to it, in the user's cache what clones share."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def cache() -> Path:
    """The folder that all clones of one user share; made anew whenever it is gone."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "drawbridge"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
