"""Where things lie in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
GRANTS = ROOT / "grants"
OUT = ROOT / "out"


def shown(path: Path) -> str:
    """A path as messages show it: from the repository's root where it lies inside."""
    path = path.absolute()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
