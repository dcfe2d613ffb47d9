"""Where things lie in the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
GRANTS = ROOT / "grants"
OUT = ROOT / "out"


def shown(path: Path) -> str:
    """A path as messages show it: from the repository's root where it lies inside."""
    path = Path(os.path.normpath(path.absolute()))  # without `..`, but a link keeps its own name
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
