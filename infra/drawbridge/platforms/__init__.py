"""The platforms: one file each, found by its constant PLATFORM."""

import sys
from functools import cache

from drawbridge.platforms.interface import Platform
from drawbridge.registry import plugins


@cache
def platforms() -> dict[str, Platform]:
    """Every platform, by the word that `platform:` takes."""
    return plugins(sys.modules[__name__], "PLATFORM")
